"""Runs the daemon in a directory of its own, as a user that is not root."""

import os
import pwd
import shutil
import signal
import socket as sockets
import subprocess
import tempfile
import time

import fakemta
import logfmt

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("TOP_SRCDIR", os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("TOP_BUILDDIR", SOURCE)
PROGRAM = os.environ.get("TLSWARDEND") or os.path.join(BUILD, "milter", "tlswardend")
POLICY = os.path.join(SOURCE, "packaging", "policy.conf")
ROOT = os.geteuid() == 0
USER = "nobody"
# Under an analyser all is slower: so many times longer is waited.
PATIENCE = float(os.environ.get("TLSWARDEN_PATIENCE", "1"))
FENCE = "65001"         # the port of sessions that are there for their record alone


class Timeout(Exception):
    pass


def wait_for(condition, what, seconds=15):
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(what)
        time.sleep(0.02)


def touch(address):
    """Connect, and no more; true when somebody is there."""
    s = sockets.socket(sockets.AF_UNIX if isinstance(address, str) else sockets.AF_INET)
    s.settimeout(1)
    try:
        s.connect(address)
        return True
    except OSError:
        return False
    finally:
        s.close()


def ended(address, over, seconds=20):
    """Wait for a daemon that was told to stop until over() is true, and return that.
    libmilter looks every five seconds whether it is to stop, and when somebody
    connects: so we do."""
    return wait_for(lambda: over() or (touch(address), over())[1], "no end", seconds)


def as_user():
    """Options with which root is let run."""
    return ["-u", USER] if ROOT else []


class Directory:
    """A place for sockets, policies and logs, gone in the end."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="tw-", dir="/tmp")
        os.chmod(self.path, 0o755)
        self.own(self.path)

    def own(self, path):
        if ROOT:
            entry = pwd.getpwnam(USER)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def file(self, name, text=None):
        path = os.path.join(self.path, name)
        if text is not None:
            with open(path, "w") as f:
                f.write(text)
            os.chmod(path, 0o644)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Daemon:
    """A running tlswardend; `with' kills it, stop() lets it come to its end."""

    def __init__(self, policy=None, options=(), directory=None, log=True,
                 socket=None):
        self.mine = directory is None
        self.dir = directory or Directory()
        self.policy = self.dir.file("policy.conf",
                                    policy or open(POLICY).read())
        self.socket = socket or self.dir.file("socket")
        self.log = self.dir.file("log", "")
        self.seen = 0
        self.options = list(options)
        self.stderr = log
        try:
            self.start()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def arguments(self):
        a = [PROGRAM, "-c", self.policy, "-p", "unix:" + self.socket]
        return a + as_user() + (["-l", "stderr"] if self.stderr else []) + \
            self.options

    def start(self):
        self.output = open(self.log, "ab")
        self.process = subprocess.Popen(self.arguments(), stderr=self.output,
                                        stdin=subprocess.DEVNULL)
        if self.stderr:
            self.record(event="start")
        else:
            wait_for(self.answers, "the daemon does not listen")

    def answers(self):
        if touch(self.socket):
            return True
        if self.process.poll() is not None:
            raise Timeout("exit %d" % self.process.returncode)
        return False

    def text(self):
        with open(self.log, errors="surrogateescape") as f:
            return f.read()

    def forget(self):
        """What it said so far, which would be read again each time."""
        os.truncate(self.log, 0)
        self.seen = 0

    def records(self):
        """Every whole record that was written since the daemon was made, or since
        what it said was forgotten."""
        lines = self.text().split("\n")[:-1]
        return [logfmt.parse(line) for line in lines]

    def record(self, **want):
        """The next record, of those not taken yet, with these fields."""
        def find():
            if self.process.poll() is not None and want.get("event") not in (
                    "stop", "summary"):
                raise Timeout("exit %d: %s" % (self.process.returncode,
                                               self.text()))
            for i, r in enumerate(self.records()[self.seen:]):
                if all(r.get(k) == v for k, v in want.items()):
                    self.seen += i + 1
                    return r
        try:
            return wait_for(find, "")
        except Timeout as e:
            raise AssertionError("no record with %r%s in:\n%s" % (
                want, e, "\n".join(self.text().split("\n")[-6:])))

    def fresh(self):
        """Records not taken yet.  Whatever sessions that quit had to say stands
        before the record of one that begins after them."""
        begin = self.seen
        if self.process.poll() is None:
            m = fakemta.Mta(self.socket).port(FENCE)
            m.connect()
            m.quit()
            self.record(event="session", port=FENCE)
            return self.records()[begin:self.seen - 1]
        self.seen = len(self.records())
        return self.records()[begin:]

    def kill(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                ended(self.socket, lambda: self.process.poll() is not None)
            except Timeout:
                self.process.kill()
                self.process.wait()
                raise
        self.output.close()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        self.output.close()
        if self.mine:
            self.dir.remove()


def once(*options, timeout=20, **more):
    """Run to the end: exit status, stdout, stderr."""
    r = subprocess.run([PROGRAM] + list(options), timeout=timeout * PATIENCE,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, **more)
    return r.returncode, r.stdout.decode(), r.stderr.decode()
