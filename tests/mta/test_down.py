"""The daemon is not there: killed, started again, started twice, stopped, each
with mail flowing.
"""

import os
import signal
import socket
import subprocess
import threading
import time

import bed
import process
from tap import ok, same


def submit(bed_, mta, port=587):
    """A message after login inside TLS; the last reply, whatever it is."""
    try:
        with bed_.connect(mta, port) as session:
            session.ehlo()
            session.starttls(version="TLSv1.3")
            session.ehlo()
            session.login()
            answer = session.message()
            session.quit()
            return answer.text
    except bed.client.Closed as e:
        # Sendmail, told to tempfail, may greet with 4xx and end.
        return e.args[0].splitlines()[-1].replace("S: ", "") if e.args[0] else ""


def killed(bed_, mta):
    """kill -9: submission answers 4xx; the next start finds its socket."""
    name = "%s: " % mta
    ok(submit(bed_, mta).startswith("250"), name + "mail is taken")
    with bed_.connect(mta, 587) as session:
        session.ehlo()
        session.starttls(version="TLSv1.3")
        session.ehlo()
        session.login()
        bed_.warden.kill()
        answer = session.mail()
        same(answer.code // 100, 4, name + "killed during a session: 4xx",
             *session.dialogue)
    said = submit(bed_, mta)
    ok(said[:1] == "4", name + "killed: a new session on 587 gets 4xx", said)
    ok(os.path.exists(bed_.warden.socket), name + "killed: the socket is left behind")
    since = bed_.syslog.size()
    bed_.warden.start()
    ok(bed_.syslog.wait(lambda r: r["event"] == "start", since),
       name + "started again, beside a stale socket")
    said = submit(bed_, mta)
    ok(said.startswith("250"), name + "mail is taken again", said)


def on_mx(bed_):
    """On port 25 Postfix was told to accept while the milter is down."""
    bed_.warden.kill()
    with bed_.connect("postfix", 25) as session:
        session.ehlo()
        same(session.message().code, 250,
             "postfix: killed: port 25 takes mail, as main.cf says", *session.dialogue)
        session.quit()
    bed_.warden.start()


def on_submission(bed_):
    """What the manual says that Sendmail's clients get, and its log has."""
    mta = bed_.mtas["sendmail"]
    bed_.warden.kill()
    for there, said in ((True, "error connecting to filter: Connection refused"),
                        (False, "local socket name %s unsafe" % bed_.warden.socket)):
        if not there:
            os.unlink(bed_.warden.socket)
        since = mta.size()
        with socket.create_connection(bed_.place.where("sendmail", 465, "4"), 45) as s:
            same(s.recv(100), b"", "sendmail: killed: 465 closes without a word")
        with bed_.connect("sendmail", 587) as session:
            session.ehlo()
            same(session.command("STARTTLS").code, 454,
                 "sendmail: killed: STARTTLS gets 454", *session.dialogue)
        text = process.settled(lambda: mta.said(since), lambda t: t.count(said) >= 2)
        same(text.count(said), 2, "sendmail: killed: %s" % said, text)
    bed_.warden.start()


def flowing(bed_, mta):
    """Killed and started five times under load: 250 or 4xx, never 5xx."""
    replies, end = [], threading.Event()

    def flow():
        while not end.is_set():
            replies.append(submit(bed_, mta)[:3])

    threads = [threading.Thread(target=flow) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        time.sleep(0.3)
        bed_.warden.kill()
        time.sleep(0.1)
        bed_.warden.start()
    time.sleep(0.3)
    end.set()
    for thread in threads:
        thread.join()
    odd = [r for r in replies if r != "250" and not r.startswith("4")]
    ok(replies and not odd, "%s: killed five times with mail flowing: 250 or 4xx" % mta,
       len(replies), *odd)
    ok(submit(bed_, mta).startswith("250"), "%s: and then all is well" % mta)


def twice(bed_):
    """A second instance does not take the socket from the first."""
    done = subprocess.run(bed_.warden.command(), capture_output=True, timeout=20,
                          stdin=subprocess.DEVNULL, check=False)
    same(done.returncode, 75, "a second instance ends with EX_TEMPFAIL", done.stderr)
    ok(submit(bed_, "postfix").startswith("250"), "and the first one serves on")


def stopped(bed_):
    """SIGTERM with sessions open: status 0, and the last words are logged."""
    sessions = [bed_.connect("postfix", 25) for _ in range(10)]
    for session in sessions:
        session.ehlo()
    since = bed_.syslog.size()
    status = bed_.warden.stop(signal.SIGTERM)
    same(status, 0, "SIGTERM: exit status 0")
    found = [r["event"] for r in bed_.syslog.wait(lambda r: r["event"] == "stop", since)]
    same(found, ["stop"], "SIGTERM: stop is logged")
    summary = [r for r in bed_.syslog.records(since) if r["event"] == "summary"]
    same(len(summary), 1, "SIGTERM: a last summary", *summary)
    for session in sessions:
        session.close()
    process.until(lambda: not process.listening(bed_.warden.socket), 10,
                  "nobody answers on the socket")
    bed_.warden.start()
    ok(submit(bed_, "postfix").startswith("250"), "and it starts again")


def test(bed_):
    for mta in bed_.mtas:
        for part in (killed, flowing):
            bed.tap.attempt(part, "%s %s" % (mta, part.__name__), bed_, mta)
    for part in (on_submission, on_mx, twice, stopped):
        bed.tap.attempt(part, part.__name__, bed_)


if __name__ == "__main__":
    bed.main(test)
