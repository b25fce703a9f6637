#!/usr/bin/env python3
"""Memory that is refused in the middle of sessions.

Each request of those tried is refused alone, then with all that follow.  Whatever
becomes of the session: no message is taken that the policy refuses, none that it
takes is refused for good, the daemon goes on or ends with status 71, and the next
session gets its right answer.  FAULT_ALL=1 tries every request there is, which
takes ten minutes.
"""

import os
import signal

import fault
import daemon
from daemon import Daemon, wait_for
from fakemta import Closed, Mta, sendmail
from fault import ALL, DAEMON, Faults, Tally
from tap import test, same, holds

POLICY = """
set key-file "%s/key"
set log-user hashed
service submission port 587 2525 daemon ORIGINATING
list bad = { .bad.example, eve@example.net }
rule old
    if tls < TLSv1.2
    reject 554 5.7.0 "old"
rule clear
    if auth and not tls
    reject 530 5.7.0 "clear"
    alarm password-exposed
rule pattern
    if sender ~ /^(spam|eggs)@/
    reject 550 5.7.1 "pattern"
rule sender
    if sender in bad
    reject 550 5.7.1 "sender"
rule recipient
    if recipient = nobody@example.org
    reject 550 5.7.1 "recipient"
default accept
"""
# A fact that there was no memory for is not one that nobody told.
LENIENT = "set undecided accept\n"
TAKEN = "taken"


class Given:
    """A session: what the server knows, what the client says."""

    def __init__(self, answer, tls=None, port=587, sender="<ann@example.net>",
                 recipient="<bob@example.org>", login=True, before=None,
                 mta=None, more=""):
        self.answer, self.tls, self.port = answer, tls, port
        self.sender, self.recipient, self.login = sender, recipient, login
        self.before, self.mta, self.more = before, mta, more

    def run(self, address):
        """TAKEN, or how it ended: an answer, or None for a closed connection."""
        try:
            m = Mta(address).port(self.port, "SPECIAL")
            if self.mta:
                self.mta(m)
            return self.talk(m)
        except (Closed, OSError):
            return None

    def talk(self, m):
        stages = [m.connect, self.greet(m)]
        if self.before:
            stages += [lambda: m.mail(self.before), m.rcpt,
                       lambda: m.abort() or "c"]
        stages += [lambda: m.mail(self.sender), lambda: m.rcpt(self.recipient),
                   m.eom]
        for stage in stages:
            answer = stage()
            if answer == "a":
                break
            if answer != "c":
                m.quit()
                return answer
        m.quit()
        return TAKEN

    def greet(self, m):
        def helo():
            if self.tls:
                m.tls(*self.tls)
            answer = m.helo()
            if self.login:
                m.login()
            return answer
        return helo


NEW = ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "256")
GIVEN = {
    "old TLS": Given("554 5.7.0 old", ("TLSv1.1", "ECDHE-RSA-AES128-SHA", "128")),
    "a login in the clear": Given("530 5.7.0 clear"),
    "a login in the clear, Sendmail": Given("530 5.7.0 clear", mta=sendmail),
    "a login in the clear, an odd port": Given("530 5.7.0 clear", port=2525),
    "a sender by a pattern": Given("550 5.7.1 pattern", NEW, sender="<spam@x>"),
    "a sender of a list": Given("550 5.7.1 sender", NEW,
                                sender="<joe@very.bad.example>"),
    "a sender of a list, and nothing else": Given(
        "550 5.7.1 sender", NEW, sender="<eve@example.net>", more=LENIENT),
    "a recipient": Given("550 5.7.1 recipient", NEW,
                         recipient="<nobody@example.org>"),
    "a second message": Given("550 5.7.1 pattern", NEW, sender="<eggs@x>",
                              before="<ann@example.net>"),
    "port 25": Given("550 5.7.1 pattern", NEW, 25, "<spam@x>", login=False),
    "nothing": Given(TAKEN, NEW, before="<ann@example.net>"),
}
# what only the first session needs memory for is in these
FIRST = ("a login in the clear", "nothing")


class Bed:
    def __init__(self):
        self.faults = Faults()
        os.environ.update(self.faults.environment)
        daemon.PROGRAM = DAEMON
        self.dir = daemon.Directory()
        self.policy = POLICY % self.dir.path
        self.daemon = Daemon(self.policy, directory=self.dir)

    def close(self):
        self.daemon.__exit__()
        self.dir.remove()

    def policy_of(self, given):
        self.alive()
        self.daemon.forget()
        self.dir.file("policy.conf", given.more + self.policy)
        self.daemon.kill(signal.SIGUSR1)
        same(self.daemon.record(event="reload")["result"], "ok")

    def anew(self):
        self.daemon.stop(signal.SIGKILL)
        self.daemon.forget()
        self.daemon.start()

    def learn(self, given, first):
        """The requests of the first session there is, or of another one."""
        self.policy_of(given)
        if first:
            self.anew()
        else:
            same(given.run(self.daemon.socket), given.answer)
        self.faults.settle(self.daemon.process)
        self.faults.learn()
        same(given.run(self.daemon.socket), given.answer)
        self.faults.settle(self.daemon.process)
        return self.faults.learnt()

    def alive(self):
        """Begin anew where it ended, as it may, with one status."""
        if self.daemon.process.poll() is None:
            return
        same(self.daemon.process.returncode, 71, self.daemon.text()[-600:])
        holds("out of memory, the daemon ends" in self.daemon.text(), "no word")
        self.daemon.output.close()
        self.daemon.forget()
        self.daemon.start()

    def after(self, given):
        """The fault is over; a daemon that is about to end may yet be there."""
        while True:
            self.alive()
            got = given.run(self.daemon.socket)
            if got is not None:
                return got
            wait_for(lambda: self.daemon.process.poll() is not None,
                     "the daemon neither answers nor ends")

    def attempt(self, given, first, last, seen):
        """Is anything refused?"""
        self.daemon.forget()
        self.faults.refuse(first, last)
        got = given.run(self.daemon.socket)
        if last > first:
            self.faults.over()
        self.faults.settle(self.daemon.process)
        self.faults.over()
        refused, calls = self.faults["refused"], self.faults["calls"]
        self.judge(given, got)
        process = self.daemon.process
        same(self.after(given), given.answer, "after it")
        what = "its answer" if got == given.answer else "%s" % (
            "closed" if got is None else "4xx" if got[0] in "t4" else got)
        if self.daemon.process is not process:
            what += " and status 71"
        seen.add(first, last, what, calls)
        return refused > 0

    def judge(self, given, got):
        if given.answer == TAKEN:
            holds(got in (None, TAKEN, "t") or got[0] == "4", "%r" % got)
        elif given.port == 25 and got == TAKEN:
            # where nobody can be put off, it says so; or that it could not
            wait_for(lambda: any(word in self.daemon.text() for word in (
                "let through unjudged", "undecided", "event=dropped")),
                "not a word of it")
        else:
            holds(got != TAKEN, "taken: " + self.daemon.text())


def sessions(name, first):
    def run(bed):
        given, refusals, seen = GIVEN[name], 0, Tally()
        calls = bed.learn(given, first)
        holds(len(calls) > 10, "%d ways" % len(calls))
        for call, last in seen.tries(calls, 10, 3):
            if first:
                bed.anew()
                bed.faults.settle(bed.daemon.process)
            try:
                refusals += bed.attempt(given, call, last, seen)
            except Exception as e:
                raise AssertionError("requests %d to %d: %s" % (call, last, e))
        seen.say()
        holds(refusals > (seen.alone + seen.more) / 2, "%d were refused" % refusals)
    run.__doc__ = "%s in which the policy refuses %s" % (
        "the first session, one" if first else "a session", name)
    test(run)


for what in GIVEN:
    sessions(what, first=False)
for what in GIVEN if ALL else FIRST:
    sessions(what, first=True)

if __name__ == "__main__":
    fault.main(Bed)
