"""quickstart.py owns the show of quickstart.sh: one session of each kind in the
table of README.md, what the client got, what was logged, and what was expected.
"""

import os
import shutil
import signal
import sys
import tempfile
import textwrap

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.join(TOP, "tests", "mta"))

import bed               # noqa: E402  (found by the path above)
import namespace         # noqa: E402

# Session: what it is, port, TLS, cipher, login.
# Expected: verdict, rule, where it is said, reply, alarm.
# tls None: in the clear; on port 465 that is a server set up wrongly.
KINDS = (
    ("submission, login without TLS", 587, None, None, True,
     "reject", "auth-in-clear", "MAIL", "530 5.7.0", True),
    ("port 465 without TLS (server set up wrongly)", 465, None, None, True,
     "reject", "tls-required", "AUTH", "530 5.7.0", False),
    ("submission with TLS 1.0", 587, "TLSv1", None, True,
     "reject", "tls-too-old", "AUTH", "554 5.7.0", False),
    ("submission with TLS 1.1", 587, "TLSv1.1", None, True,
     "reject", "tls-too-old", "AUTH", "554 5.7.0", False),
    ("port 465 with TLS 1.1", 465, "TLSv1.1", None, True,
     "reject", "tls-too-old", "AUTH", "554 5.7.0", False),
    ("another server, with TLS 1.1", 25, "TLSv1.1", None, False,
     "reject", "tls-too-old", "MAIL", "554 5.7.0", False),
    ("submission, a cipher without encryption", 587, "TLSv1.2", "NULL-SHA256", True,
     "reject", "cipher-too-weak", "AUTH", "554 5.7.0", False),
    ("submission, a cipher without authentication", 587, "TLSv1.2",
     "ADH-AES128-SHA256", True,
     "reject", "cipher-too-weak", "AUTH", "554 5.7.0", False),
    ("port 25, login without TLS", 25, None, None, True,
     "reject", "auth-in-clear", "MAIL", "530 5.7.0", True),
    ("submission with TLS 1.3 and login", 587, "TLSv1.3", None, True,
     "accept", "default", "DATA", "250", False),
    ("port 465 with TLS 1.2 and login", 465, "TLSv1.2", None, True,
     "accept", "default", "DATA", "250", False),
    ("another server, with TLS 1.3", 25, "TLSv1.3", None, False,
     "accept", "default", "DATA", "250", False),
    ("another server, without TLS", 25, None, None, False,
     "accept", "default", "DATA", "250", False),
    ("a session that leaves without mail", 25, None, None, None,
     "accept", "default", "QUIT", "221", False),
)

USERS = ["user%d" % n for n in range(len(KINDS))]


def open_session(garden, port, tls, cipher):
    how = {"version": tls} if tls else None
    if cipher:
        how["ciphers"] = cipher + ":@SECLEVEL=0"
    if port == 465:
        session = garden.connect("postfix", 465, family="4" if tls else "broken", tls=how)
    else:
        session = garden.connect("postfix", port)
        session.ehlo()
        if tls:
            session.starttls(**how)
    session.ehlo()
    return session


def talk(session, login, user):
    """Until a reply is no success; what was said last, and its reply."""
    if login is None:
        return "QUIT", session.command("QUIT")
    steps = [("MAIL", session.mail), ("RCPT", session.rcpt), ("DATA", session.data)]
    if login:
        steps.insert(0, ("AUTH", lambda: session.login(user, bed.PASSWORD)))
    for word, step in steps:
        answer = step()
        if answer.code // 100 != 2:
            break
    session.command("QUIT")
    return word, answer


def show(garden, number, kind):
    (what, port, tls, cipher, login, verdict, rule, where, reply, alarm) = kind
    with open_session(garden, port, tls, cipher) as session:
        word, answer = talk(session, login, USERS[number])
    records = garden.account(session.source)
    # it comes behind the record
    alarms = garden.account(session.source, 1 if alarm else 0, events=("alarm",))
    record = records[0] if records else {}
    good = (len(records) == 1 and word == where and answer.text.startswith(reply)
            and (record.get("verdict"), record.get("rule")) == (verdict, rule)
            and len(alarms) == (1 if alarm else 0))
    print("%-4d %-46s %s" % (port, what, "as expected" if good else "NOT AS EXPECTED"))
    print("     client got   %s -> %s" % (word, answer.lines[-1]))
    for line in [r.line for r in records + alarms] or ["(nothing)"]:
        print(textwrap.fill(line, 100, initial_indent="     logged       ",
                            subsequent_indent="                  ",
                            break_on_hyphens=False))
    if not good:
        print("     expected     %s -> %s, verdict=%s rule=%s%s"
              % (where, reply, verdict, rule, ", an alarm" if alarm else ""))
        print(textwrap.indent("\n".join(session.dialogue), "     "))
    print()
    return good


def show_all(**keywords):
    with bed.Bed(mtas=("postfix",), users=USERS, log="stderr", **keywords) as garden:
        good = [show(garden, i, kind) for i, kind in enumerate(KINDS)]
    print("%d sessions, %d as expected" % (len(good), sum(good)))
    return 0 if all(good) else 1


def on_high_ports():
    """Without namespaces: the same policy, with services that name other ports."""
    with open(os.path.join(TOP, "packaging", "policy.conf"), encoding="utf-8") as f:
        policy = f.read()
    services = ("service submissions port 10465 10466 tls implicit\n"
                "service submission port 10587\nservice mx port 10025\n\n")
    root = tempfile.mkdtemp(prefix="tlswarden-bed.", dir="/run")
    os.chmod(root, 0o755)
    try:
        return show_all(place=bed.Shared(root), policy=services + policy)
    finally:
        shutil.rmtree(root)


def main():
    private = namespace.INSIDE in os.environ or (
        "--high-ports" not in sys.argv and namespace.possible())
    if private:
        bed.enter(("postfix",))
        print("Postfix, tlswardend and the clients are alone in a network namespace.\n")
        return show_all()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(2))
    print("Postfix listens on 127.0.0.1, ports %s, in place of 25, 587 and 465.\n"
          % ", ".join(str(p) for p in sorted(bed.Shared.ports.values())))
    return on_high_ports()


if __name__ == "__main__":
    sys.exit(main())
