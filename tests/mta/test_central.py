"""Records of two mail servers on a central host, over real rsyslogds with the
configurations of packaging/rsyslog: the central host is away, is killed;
no record is lost, and tlswarden report counts each once.
"""

import collections
import glob
import json
import os
import shutil
import signal
import socket
import sys
import time

import certs
import namespace
import process
import rsyslog
import tap
import warden
from tap import ok, same

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "milter"))
from fakemta import Mta  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHIPPED = os.path.join(TOP, "packaging", "rsyslog")
WHOLE = "/var/log/tlswarden"
SENDER = """global(workDirectory="%(dir)s" localHostname="%(name)s")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="%(socket)s" RateLimit.Interval="0")
mail.* action(type="omfile" file="%(log)s" template="RSYSLOG_FileFormat")
include(file="%(shipped)s/tlswarden-forward.conf")
"""
CENTRAL = """global(workDirectory="%(dir)s" localHostname="logs.example.com")
include(file="%(shipped)s/tlswarden-central.conf")
*.* action(type="omfile" file="%(dir)s/other.log" template="RSYSLOG_FileFormat")
"""
HOSTS = "192.0.2.40 logs.example.com logs\n"
PATIENCE = 240       # seconds for what has no other bound than the tries of rsyslog
FLOOD = 3000        # more than the sender keeps in memory
IN_HAND = 17        # records sent and not confirmed, and the one to be sent next


class Rsyslogd:
    def __init__(self, directory, text, **names):
        os.makedirs(directory, exist_ok=True)
        self.directory = directory
        self.conf = namespace.write(os.path.join(directory, "rsyslog.conf"),
                                    text % dict(names, dir=directory, shipped=SHIPPED))
        self.program = None

    def start(self, ready):
        self.program = process.Program(
            "rsyslogd", ["rsyslogd", "-n", "-f", self.conf,
                         "-i", os.path.join(self.directory, "pid")],
            os.path.join(self.directory, "output"))
        process.until(lambda: ready() or not self.program.alive(), PATIENCE, "rsyslogd")
        if not self.program.alive():
            raise process.Failed("rsyslogd: " + self.program.said())

    def stop(self, number=signal.SIGTERM):
        if self.program:
            self.program.stop(number, PATIENCE)
            self.program = None

    def queued(self):
        return sorted(os.path.basename(p) for p in glob.glob(self.directory + "/tlswarden-forward*"))


class Sender(Rsyslogd):
    def __init__(self, name, path):
        self.name, self.socket = name, path
        self.log = "/run/bed/%s.log" % name
        super().__init__("/run/bed/" + name, SENDER, name=name, socket=path, log=self.log)

    def start(self, _=None):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        super().start(lambda: os.path.exists(self.socket))


class Central(Rsyslogd):
    def __init__(self):
        super().__init__("/run/bed/central", CENTRAL)

    def start(self, _=None):
        super().start(lambda: process.listening(("192.0.2.40", 20514)))


def records(paths):
    """Those of messages in files of syslog: (host, text), as often as there."""
    found = []
    for path in paths:
        if not os.path.exists(path):
            continue
        with open(path, encoding="ascii") as f:
            for line in f:
                if line.endswith("\n") and " v=1 event=message " in line:
                    head, _, text = line.rstrip("\n").partition(": ")
                    found.append((head.split(" ")[1], text))
    return found


def arrived():
    return records(sorted(glob.glob(WHOLE + "/*.log")))


def messages(guard, count, first=0):
    """Traffic through the daemon, which has it on record in syslog."""
    for n in range(first, first + count):
        m = Mta(guard.socket)
        m.tls(*(("TLSv1.3", "TLS_AES_256_GCM_SHA384", "256"), ("TLSv1", "AES128-SHA", "128"))
              [n % 10 == 0])
        m.connect(address="198.51.100.%d" % (n % 250 + 1))
        m.helo("client%d.example.net" % n)
        m.mail()
        m.quit()


class Second:
    """Another mail server: the same records under another host's name."""

    def __init__(self, sender):
        self.sender, self.written = sender, 0

    def copy(self, path, upto):
        """Hand on the records that the first one has on record since."""
        lines = [t for _, t in records([path])][self.written:upto]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(self.sender.socket)
            for text in lines:
                s.send(b"<22>Nov 20 09:14:02 tlswardend[9]: " + text.encode("ascii"))
        self.written += len(lines)
        settle(self.sender, self.written)


def furnish():
    namespace.append("/etc/hosts", HOSTS)
    os.makedirs("/etc/tlswarden", exist_ok=True)
    namespace.run("mount", "-t", "tmpfs", "-o", "mode=0755", "bed", "/var/log")
    authority = certs.Authority("/run/bed/certs")
    cert, key = authority.issue("logs", "/CN=logs.example.com",
                                ["logs.example.com", "mx1.example.com", "mx2.example.com"])
    for source, name in ((authority.cert, "ca"), (cert, "cert"), (key, "key")):
        shutil.copy(source, "/etc/tlswarden/log-%s.pem" % name)
    other = certs.Authority("/run/bed/strangers")
    return other.issue("logs", "/CN=logs.example.com", ["logs.example.com"])


def until(ready, what):
    """process.until, for what is read from whole files."""
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise process.Failed("%s: not within %d s" % (what, PATIENCE))
        time.sleep(0.2)


def all_there(*senders):
    """Wait until what the senders have on record is on the central host."""
    def lacking():
        want = {(s.name, t) for s in senders for _, t in records([s.log])}
        return want - set(arrived())
    try:
        until(lambda: not lacking(), "records on the central host")
    except process.Failed:
        pass
    return sorted(lacking())


def settle(sender, count):
    until(lambda: len(records([sender.log])) >= count,
          "%d records in the local log" % count)


def test(first, second, central, guard):
    other = Second(second)
    messages(guard, 20)
    settle(first, 20)
    other.copy(first.log, 20)
    same(all_there(first, second), [], "all is well: every record of both is there")

    central.stop()
    messages(guard, 40, 20)
    settle(first, 60)
    same(len([1 for h, _ in arrived() if h == first.name]), len(records([first.log])) - 40,
         "the central host is away: nothing comes")
    central.start()
    same(all_there(first, second), [], "the central host is back: no record is lost")

    central.stop(signal.SIGKILL)
    messages(guard, FLOOD, 100)
    settle(first, 60 + FLOOD)
    ok(first.queued(), "more than the memory holds is on disk", first.queued())
    central.start()
    same(all_there(first, second), [], "and comes, all of it")

    killed(first, central, guard)
    other.copy(first.log, 10 ** 9)
    same(all_there(first, second), [], "the second server's come, too")
    reported(first, second)
    restarted(first, central, guard)


def restarted(first, central, guard):
    """The sender is restarted while the central host is away: what was under way
    when the connection broke may be lacking, and no more than the window holds and one.
    The sender's own log has it: both together are complete."""
    before = len(records([first.log]))
    central.stop()
    messages(guard, 60, 6000)
    settle(first, before + 60)
    first.stop()
    ok(first.queued(), "the sender stops: what waits is on disk", first.queued())
    first.start()
    messages(guard, 10, 6100)
    settle(first, before + 70)
    central.start()
    under_way = {t for _, t in records([first.log])[before:before + IN_HAND]}
    def lacking():
        return {t for _, t in records([first.log])} - {t for _, t in arrived()}
    try:
        until(lambda: lacking() <= under_way, "all but what was under way")
    except process.Failed:
        pass
    ok(lacking() <= under_way, "and comes after its restart, but for what was under way",
       *sorted(lacking() - under_way))
    same(by_host(sorted(glob.glob(WHOLE + "/*.log")) + [first.log])[first.name], before + 70,
         "with the sender's own log, the report is complete")


def killed(first, central, guard):
    """The central host is killed while records come, again and again."""
    for turn in range(4):
        messages(guard, 60, 5000 + 100 * turn)
        central.stop(signal.SIGKILL)
        messages(guard, 40, 5060 + 100 * turn)
        central.start()
    settle(first, 60 + FLOOD + 400)
    same(all_there(first), [], "killed while records come, four times: no record is lost")
    twice = [r for r, n in collections.Counter(arrived()).items() if n > 1]
    print("# %d of %d records came more than once" % (len(twice), len(arrived())))


def reported(first, second):
    """The merged files, by host: each record once, though it may stand there twice."""
    files = sorted(glob.glob(WHOLE + "/*.log"))
    want = {s.name: len(records([s.log])) for s in (first, second)}
    counted = by_host(files)
    same(counted, want, "tlswarden report --by host, of the central files")
    again = namespace.write("/run/bed/twice.log", "")
    with open(again, "w", encoding="ascii") as f:
        for path in files:
            with open(path, encoding="ascii") as g:
                for line in g:
                    f.write(line * 2)
    same(by_host([again]), want, "a record that came twice counts once")


def by_host(files):
    status, out, err = warden.tlswarden("report", "--by", "host", "--top", "0",
                                        "--format", "json", *files)
    if status not in (0, 1):
        raise process.Failed(err)
    return {row["host"]: row["messages"] for row in json.loads(out)["tables"]["by"]["rows"]}


def strangers(first, central, guard, pair):
    """One whose certificate another authority signed gets no record."""
    central.stop()
    for path, name in zip(pair, ("cert", "key")):
        shutil.copy(path, "/etc/tlswarden/log-%s.pem" % name)
    central.start()
    before = len(arrived())
    before_here = len(records([first.log]))
    messages(guard, 5, 9000)
    settle(first, before_here + 5)
    said = os.path.join(central.directory, "other.log")
    until(lambda: "elp" in read(said) or
          "elp" in read(os.path.join(first.directory, "output")),
          "a word about the connection")
    same(len(arrived()), before, "a central host with a stranger's certificate gets nothing")


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def main():
    namespace.enter()
    pair = furnish()
    first, second, central = (Sender("mx1.example.com", "/dev/log"),
                              Sender("mx2.example.com", "/run/bed/log2"), Central())
    guard = warden.Warden("/run/bed/warden", None)
    try:
        central.start()
        for sender in (first, second):
            sender.start()
        guard.start()
        tap.attempt(test, "records of two servers", first, second, central, guard)
        tap.attempt(strangers, "strangers", first, central, guard, pair)
    except Exception:
        tap.bail_out()
    finally:
        guard.stop()
        for program in (first, second, central):
            program.stop(signal.SIGKILL)
    sys.exit(tap.PLAN.done())


if __name__ == "__main__":
    main()
