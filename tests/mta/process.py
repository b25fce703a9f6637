"""process.py owns the processes a bed starts: each is our child, is waited for
until it serves, and is ended by its own id.  It knows nothing of mail.
"""

import os
import signal
import socket
import subprocess
import time


class Failed(Exception):
    """A program of the bed did not do what the tests stand on."""


def until(ready, timeout, what):
    """Wait until ready() is true, and return what it said.  A machine may stand still
    for a minute: more is waited than anybody should need."""
    end = time.monotonic() + timeout + 120
    while True:
        answer = ready()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failed("%s: not within %g s" % (what, timeout))
        time.sleep(0.02)


def settled(look, good, timeout=40):
    """Look until what is seen is good, and no longer than that: the last seen.
    For what programs write when they come to it."""
    end = time.monotonic() + timeout
    while True:
        seen = look()
        if good(seen) or time.monotonic() > end:
            return seen
        time.sleep(0.05)


def listening(address):
    """Does a server answer on (host, port), or on a socket's path?"""
    if isinstance(address, str):
        family, target = socket.AF_UNIX, address
    else:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        target = address
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(2)
        try:
            s.connect(target)
        except OSError:
            return False
    return True


class Program:
    """A program in the foreground; its output goes to a file of its own."""

    def __init__(self, name, command, log, env=None, cwd=None):
        self.name = name
        self.log = log
        self.out = open(log, "ab")
        self.child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.out,
            stderr=subprocess.STDOUT, env=env, cwd=cwd, start_new_session=True)
        self.pid = self.child.pid

    def alive(self):
        return self.child.poll() is None

    def serves(self, address, timeout=40):
        def ready():
            if not self.alive():
                raise Failed("%s ended with status %s:\n%s" % (
                    self.name, self.child.returncode, self.said()))
            return listening(address)
        until(ready, timeout, "%s on %s" % (self.name, address))

    def said(self):
        with open(self.log, encoding="utf-8", errors="backslashreplace") as f:
            return f.read()

    def send(self, number):
        os.kill(self.pid, number)

    def wait(self, timeout=40):
        """The exit status, negative for a signal."""
        return self.child.wait(timeout)

    def stop(self, number=signal.SIGTERM, timeout=40, milter=None):
        """Of a milter the socket: libmilter looks every five seconds whether it is
        to stop, and when somebody connects."""
        if self.alive():
            self.child.send_signal(number)
            try:
                until(lambda: not self.alive() or
                      (milter and listening(milter), not self.alive())[1], timeout, self.name)
            except Failed:
                self.child.kill()
                self.child.wait()
        self.out.close()
        return self.child.returncode
