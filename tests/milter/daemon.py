"""Runs the daemon in a directory of its own, as a user that is not root."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

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
        import socket
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(self.socket)
            return True
        except OSError:
            if self.process.poll() is not None:
                raise Timeout("exit %d" % self.process.returncode)
            return False
        finally:
            s.close()

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
        """Records not taken yet; gives stragglers a moment."""
        time.sleep(0.3)
        rest = self.records()[self.seen:]
        self.seen += len(rest)
        return rest

    def kill(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20 * PATIENCE)
            except subprocess.TimeoutExpired:
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
