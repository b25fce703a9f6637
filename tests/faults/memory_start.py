#!/usr/bin/env python3
"""Memory that is refused while the daemon starts, and while it reloads.

Each request of those tried is refused alone, then with all that follow.  The
daemon ends with a status of tlswardend(8) and a sentence, or it goes on; one that
goes on refuses what its policy refuses: the new one, or, where it said that the
reload failed, the old one.  FAULT_ALL=1 tries every request there is, which takes
a quarter of an hour.
"""

import os
import shutil
import signal
import subprocess
import time

import fault
from daemon import Directory, ROOT, USER, wait_for
from fakemta import Closed, Mta
from fault import DAEMON, FOREVER, Faults, Tally
from tap import test, same, holds

OSERR, UNAVAILABLE, SOFTWARE = 71, 69, 70
HOUR = 3600
# A bit of everything that asks for memory.
POLICY = """
set contact "https://mail.example.org/help"
set key-file "%(dir)s/key"
set log-user hashed
set metrics-file "%(dir)s/m.prom"
service special port 2525 daemon SPECIAL
list networks = { 192.0.2.0/24, 2001:db8::/32 }
list friends = file "friends"
list weak = ciphers "AES128-SHA:!TLSv1.3"
include "more"
rule weak
    if cipher in weak
    reject 554 5.7.0 "weak %(name)s"
rule sender
    if sender ~ /^(spam|eggs)@/ and client in networks
    reject 550 5.7.1 "sender"
default accept
expect reject by weak when service=submission auth=PLAIN user=ann tls=TLSv1.2
    cipher=AES128-SHA
expect reject by sender when sender=spam@example.net client=192.0.2.1
    service=mx tls=none helo=x
"""
MISTAKES = """
rule wrong
    if tls < TLSv1.9 or senderr = x
    accept
"""


class Place:
    """A directory with a policy, and the daemon that is to start there."""

    def __init__(self):
        self.faults = Faults()
        self.dir = Directory()
        self.socket = self.dir.file("socket")
        # where the user can reach it, wherever it was built
        self.program = shutil.copy(DAEMON, self.dir.path)
        self.dir.file("friends", "example.org\n.example.net\n")
        self.dir.file("more", "rule more\n    if sender in friends and port = 26\n"
                      "    note\n")
        for name in ("friends", "more"):
            os.utime(self.dir.file(name), (HOUR, HOUR))
        self.write("one")

    def write(self, name, more=""):
        """Another policy, in one step.  It was written a while ago: one that was
        written just now is read twice, or not, as time will have it."""
        new = self.dir.file("new", POLICY % {"dir": self.dir.path, "name": name} + more)
        then = time.time() - HOUR
        os.utime(new, (then, then))
        os.rename(new, self.dir.file("policy.conf"))

    def start(self, *options):
        # without -u: glibc 2.36 crashes where it looks up a user without memory
        user = {"user": USER, "extra_groups": []} if ROOT else {}
        self.log = open(self.dir.file("log"), "ab")
        self.forget()
        self.process = subprocess.Popen(
            [self.program, "-c", self.dir.file("policy.conf"), "-p",
             "unix:" + self.socket, "-l", "stderr"] + list(options),
            env=dict(os.environ, **self.faults.environment), stderr=self.log,
            stdin=subprocess.DEVNULL, **user)

    def forget(self):
        """What it said so far, which would be read again at each try."""
        os.truncate(self.dir.file("log"), 0)

    def said(self):
        with open(self.dir.file("log"), errors="surrogateescape") as f:
            return f.read()

    def listens(self):
        """True when it answers, False when it ended: one of them it does."""
        def look():
            if self.process.poll() is not None:
                return "ended"
            try:
                self.answers = [self.refused(), self.accepted()]
                return "listens"
            except (Closed, OSError):
                return None
        return wait_for(look, "neither ended nor listening:\n" + self.said(),
                        30) == "listens"

    def until_over(self, last, done):
        """The fault goes on until the daemon is done, ended or asks no more."""
        seen = [0, 0]

        def look():
            calls = self.faults["calls"]
            seen[:] = [calls, seen[1] + 1 if calls == seen[0] else 0]
            return self.process.poll() is not None or done() or calls > last or \
                (self.faults["refused"] > 0 and seen[1] > 25)
        wait_for(look, "nothing happens:\n" + self.said(), 30)
        self.faults.over()

    def refused(self):
        """What a session gets that the policy refuses."""
        m = Mta(self.socket).tls("TLSv1.2", "AES128-SHA", "128").port(587)
        m.connect()
        answer = m.helo()
        m.quit()
        return answer

    def accepted(self):
        m = Mta(self.socket).tls().port(587)
        m.connect()
        answer = m.helo()
        m.quit()
        return answer

    def end(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def close(self):
        self.dir.remove()

    def gone(self, allowed):
        """It ended by itself, with a status that is documented, and said why."""
        said = self.said()
        holds(self.process.returncode in allowed,
              "status %d: %s" % (self.process.returncode, said))
        holds(said.strip(), "not a word, status %d" % self.process.returncode)


def attempt(place, first, last, seen):
    place.faults.refuse(first, last)
    place.start()
    try:
        place.until_over(last, lambda: "event=start" in place.said())
        if place.listens():
            same(place.answers, ["554 5.7.0 weak one", "c"], place.said())
            what = "listens"
        else:
            place.gone((OSERR, UNAVAILABLE, SOFTWARE))
            what = "status %d" % place.process.returncode
        seen.add(first, last, what, place.faults["calls"])
    except Exception as e:
        raise AssertionError("requests %d to %d: %s" % (first, last, e))
    finally:
        place.faults.over()
        place.end()


@test
def start(place):
    """every request for memory of a start, refused"""
    place.faults.learn()
    place.start()
    try:
        holds(place.listens(), place.said())
        calls = place.faults.learnt()
    finally:
        place.end()
    seen = Tally()
    for first, last in seen.tries(calls, 120, 30):
        attempt(place, first, last, seen)
    seen.say()
    holds(seen.became["status %d" % OSERR] > 0, "nothing was refused")


@test
def start_in_background(place):
    """with -b, who started it is told"""
    place.faults.refuse(200)
    user = {"user": USER, "extra_groups": []} if ROOT else {}
    r = subprocess.run(
        [place.program, "-b", "-c", place.dir.file("policy.conf"), "-p",
         "unix:" + place.socket], stderr=subprocess.PIPE,
        env=dict(os.environ, **place.faults.environment), timeout=60, **user)
    place.faults.over()
    same([r.returncode, b"out of memory" in r.stderr], [OSERR, True], r.stderr)


def reload(place, name, more=""):
    """True when it is over, False when the daemon ended instead."""
    place.forget()
    place.write(name, more)
    place.process.send_signal(signal.SIGUSR1)
    place.until_over(FOREVER, lambda: "event=reload" in place.said())
    return place.process.poll() is None


def in_force(said, old, new, more):
    """The policies of which one has to be in force by what was said."""
    if more or "event=reload result=failed" in said:
        return [old]
    return [new] if "event=reload result=ok" in said else [old, new]


def what_it_said(said):
    for result in ("ok", "failed"):
        if "event=reload result=" + result in said:
            return "reload " + result
    return "no word"


def attempt_reload(place, first, last, old, new, more, seen):
    """Is anything refused?"""
    place.faults.refuse(first, last)
    try:
        going = reload(place, new, more)
        refused = place.faults["refused"] > 0
        place.faults.over()
        if going and place.listens():
            allowed = in_force(place.said(), old, new, more)
            holds(place.answers[0] in ["554 5.7.0 weak " + n for n in allowed] and
                  place.answers[1] == "c", (place.answers, place.said()))
            what = what_it_said(place.said())
        else:
            place.gone((OSERR,))
            what = "status %d" % OSERR
        seen.add(first, last, what, place.faults["calls"])
        return refused
    except Exception as e:
        raise AssertionError("requests %d to %d: %s" % (first, last, e))
    finally:
        place.faults.over()


def begin(place, before):
    """A daemon that reloaded so often before: what only the first time needs
    memory for is tried, and what later ones do."""
    place.write("one")
    place.start()
    holds(place.listens(), place.said())
    for _ in range(before):
        holds(reload(place, "one") and place.listens(), place.said())
    # what those sessions ask for is no part of a reload
    place.faults.settle(place.process)


def reloads(place, singles, forever, before=0, more=""):
    begin(place, before)
    place.faults.learn()
    try:
        holds(reload(place, "two", more), place.said())
        calls = place.faults.learnt()
        old, new, refusals, seen = "one", "two", 0, Tally()
        place.end()
        begin(place, before)
        for first, last in seen.tries(calls, singles, forever):
            refusals += attempt_reload(place, first, last, old, new, more, seen)
            if place.process.poll() is None:
                # the fault is over: the policy that was to be read is read
                holds(reload(place, new), place.said())
                same(place.refused(), "554 5.7.0 weak " + new)
                place.faults.settle(place.process)
                old, new = new, old
            if before == 0 or place.process.poll() is not None:
                place.end()
                begin(place, before)
                old, new = "one", "two"
        seen.say()
        holds(refusals > (seen.alone + seen.more) / 2 and
              seen.became["status %d" % OSERR] > 0, "%d were refused" % refusals)
    finally:
        place.faults.over()
        place.end()


@test
def first_reload(place):
    """every request for memory of the first reload, refused"""
    reloads(place, 40, 10)


@test
def later_reload(place):
    """of a later one"""
    reloads(place, 40, 10, before=1)


@test
def reload_with_mistakes(place):
    """of one that fails: the old policy stays in force"""
    reloads(place, 30, 10, before=1, more=MISTAKES)


if __name__ == "__main__":
    fault.main(Place)
