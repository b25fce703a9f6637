#!/usr/bin/env python3
"""Memory that is refused to the command.

Each request of those tried is refused alone, then with all that follow.  The
command ends with the answer it gives without faults, or with status 2 and a
sentence.  FAULT_ALL=1 tries every request there is, which takes
a quarter of an hour.
"""

import gzip
import lzma
import os
import subprocess

import fault
import daemon
from fault import COMMAND, Faults, Tally
from tap import test, same, holds

FAILED = 2
POLICY = """
list weak = ciphers "AES128-SHA:!TLSv1.3"
list bad = { .bad.example, eve@example.net }
rule weak
    if cipher in weak or tls < TLSv1.2
    reject 554 5.7.0 "weak"
rule pattern
    if sender ~ /^(spam|eggs)@/ or sender in bad
    reject 550 5.7.1 "pattern"
rule same
    if tls < TLSv1.1 and senderr = x
    reject 550 5.7.1 "same"
"""
LOG = """
Nov 20 09:00:01 mx postfix/smtpd[{0}]: connect from c.example.net[192.0.2.{1}]
Nov 20 09:00:01 mx postfix/smtpd[{0}]: Anonymous TLS connection established from \
c.example.net[192.0.2.{1}]: TLSv1.{2} with cipher AES128-SHA (128/128 bits)
Nov 20 09:00:02 mx postfix/smtpd[{0}]: 4F1A2B3C{1}: client=c.example.net\
[192.0.2.{1}], sasl_method=PLAIN, sasl_username=ann{1}
Nov 20 09:00:02 mx postfix/qmgr[7]: 4F1A2B3C{1}: from=<spam@example.net>, size=9, \
nrcpt=1 (queue active)
Nov 20 09:00:03 mx postfix/smtpd[{0}]: disconnect from c.example.net[192.0.2.{1}]
Nov 20 09:00:04 mx tlswardend[9]: v=1 event=message id=5f0c9a2b77e1d30{2} \
verdict=accept rule=default stage=eom service=submission port=587 \
client=192.0.2.{1} helo=x tls=TLSv1.{2} cipher=AES128-SHA cipher_bits=128 \
outcome=encrypted auth=PLAIN user=ann sender=eve@example.net qid=4F1A2B3C{1}
"""


class Bed:
    def __init__(self):
        self.faults = Faults()
        self.dir = daemon.Directory()
        good = POLICY[:POLICY.index("rule same")]
        self.good = self.dir.file("good.conf", good)
        self.bad = self.dir.file("bad.conf", POLICY)
        text = "".join(LOG.format(n, n % 60 + 10, n % 3 + 1)
                       for n in range(100, 140)).lstrip("\n").replace("\n\n", "\n")
        self.log = self.dir.file("mail.log", text)
        self.gz, self.xz = self.dir.file("a.gz"), self.dir.file("b.xz")
        with gzip.open(self.gz, "wb") as f:
            f.write(text.encode())
        with lzma.open(self.xz, "wb") as f:
            f.write(text.encode())

    def run(self, arguments):
        r = subprocess.run([COMMAND] + arguments, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=60, env=dict(os.environ, TZ="UTC",
                                                **self.faults.environment))
        return r.returncode, r.stdout, r.stderr

    def attempt(self, arguments, right, first, last):
        self.faults.refuse(first, last)
        try:
            got = self.run(arguments)
        finally:
            self.faults.over()
        if got == right:
            return True
        what = "%r, requests %d to %d: %r, not %r" % (arguments, first, last, got,
                                                     right)
        holds(got[0] == FAILED and got[2].strip(), what)
        return False

    def close(self):
        self.dir.remove()


COMMANDS = {
    "check, of a policy without a mistake": lambda b: ["check", b.good],
    "check, of one with mistakes": lambda b: ["check", b.bad],
    "check -p": lambda b: ["check", "-p", b.good],
    "explain": lambda b: [
        "explain", "-c", b.good, "service=submission", "tls=TLSv1.2",
        "cipher=AES128-SHA", "sender=spam@example.net", "client=192.0.2.1"],
    "report": lambda b: ["report", b.log],
    "report, compressed, as CSV": lambda b: [
        "report", "--format", "csv", b.gz, b.xz],
    "replay": lambda b: ["replay", "-c", b.good, b.log],
}


def command(name):
    def run(bed):
        arguments = COMMANDS[name](bed)
        bed.faults.learn()
        right = bed.run(arguments)
        calls = bed.faults.learnt()
        holds(right[0] in (0, 1), right)
        tally = Tally()
        for first, last in tally.tries(calls, 40, 8):
            good = bed.attempt(arguments, right, first, last)
            tally.add(first, last, "its answer" if good else "status 2",
                      bed.faults["calls"])
        tally.say()
        holds(tally.became["status 2"] > 0, "it never failed")
        same(bed.run(arguments), right)
    run.__doc__ = name
    test(run)


for what in COMMANDS:
    command(what)

if __name__ == "__main__":
    fault.main(Bed)
