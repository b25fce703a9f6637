#!/usr/bin/env python3
"""A log that takes nothing, or nothing that long: what is lost is counted, once
it can be said it is said, and meanwhile nothing spins.

It wants root, for a /dev of its own and a file system of some pages.
"""

import os
import re
import socket
import subprocess
import time

import fault
import daemon
import tap
from daemon import Daemon, Directory, wait_for
from fakemta import Mta
from fault import DAEMON, Faults, Full
from syslogd import Syslogd, enter
from tap import test, same, holds

# Of long lines, more than the queue keeps: 8 MB.
MANY = 11000
LONG = "x" * 200
# Between two attempts to say that something was dropped.
PAUSE = 1


def message(d, *qids, name="x"):
    m = Mta(d.socket)
    m.connect(host=name + ".example.net")
    same(m.helo(name), "c")
    for qid in qids:
        m.message("<%s@example.net>" % name, qid=qid)
    m.quit()


def told(r):
    """How many were dropped."""
    holds(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", r["since"]), r["since"])
    return int(r["count"])


def spent(pid):
    """Seconds of a processor."""
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@test
def disk():
    """a full disk under the log: lines wait, those without room are counted"""
    d = Directory()
    full = Full(d, "16m")
    try:
        with Daemon(directory=d) as running:
            running.process.kill()
            running.process.wait()
            full.room()
            running.log, running.seen = full.file("log"), 0
            running.start()
            full.fill()
            message(running, *["F%d" % n for n in range(MANY)], name=LONG)
            begun, before = time.monotonic(), spent(running.process.pid)
            wait_for(lambda: time.monotonic() - begun > 2, "time stands still")
            over = spent(running.process.pid) - before
            holds(over < (time.monotonic() - begun) / 2, "it spins: %.2f s" % over)
            full.room()
            count = told(running.record(event="dropped"))
            message(running, "AFTER")
            running.record(qid="AFTER")
            got = [r["qid"] for r in running.records() if r["event"] == "message"]
            holds(count > 0, "the queue had room for all")
            same(got, ["F%d" % n for n in range(MANY - count)] + ["AFTER"])
            same([r for r in running.records() if r["event"] == "dropped"][1:], [])
    finally:
        subprocess.call(["umount", "-l", full.path])
        d.remove()


def faulty(kind):
    """With a daemon whose world is at fault, and a syslogd of this kind."""
    return lambda function: test(at_fault(kind, function))


def at_fault(kind, function):
    def run():
        faults, syslogd = Faults(), Syslogd(kind)
        os.environ.update(faults.environment)
        program, daemon.PROGRAM = daemon.PROGRAM, DAEMON
        try:
            with Daemon(log=False) as d:
                syslogd.record(event="start")
                function(d, faults, syslogd)
        finally:
            daemon.PROGRAM = program
            for name in faults.environment:
                del os.environ[name]
            syslogd.close()
    run.__doc__ = function.__doc__
    return run


@faulty(socket.SOCK_DGRAM)
def long_lines(d, faults, syslogd):
    """a socket of syslogd that does not take lines of some length: they are counted"""
    faults["longest"] = 120
    message(d, "L1", "L2", "L3")
    count = 0
    while count < 3:
        count += told(syslogd.record(event="dropped"))
    same([count, faults["unsent"]], [3, 3])
    faults["longest"] = 0
    message(d, "AFTER")
    syslogd.record(qid="AFTER")


@faulty(socket.SOCK_DGRAM)
def nothing(d, faults, syslogd):
    """nor the line that would say so: it is tried again now and then"""
    begun = time.monotonic()
    faults["longest"] = 20
    message(d, "N1", "N2", "N3")
    wait_for(lambda: faults["unsent"] >= 6, "it does not try again")
    tries = faults["unsent"] - 3
    most = 1 + (time.monotonic() - begun) / PAUSE
    holds(tries <= most, "%d tries, not %.1f" % (tries, most))
    faults["longest"] = 0
    same(told(syslogd.record(event="dropped")), 3)
    message(d, "AFTER")
    syslogd.record(qid="AFTER")


@faulty(socket.SOCK_STREAM)
def pieces(d, faults, syslogd):
    """a stream to syslogd that takes lines in pieces: each comes whole, and once"""
    faults["longest"] = 50
    names = ["P%d" % n for n in range(20)]
    message(d, *names)
    same([syslogd.line()[2].get("qid") for _ in names], names)
    holds(faults["unsent"] > len(names), "it took lines as a whole")
    faults["longest"] = 0
    message(d, "AFTER")
    same(syslogd.line()[2].get("qid"), "AFTER")


if __name__ == "__main__":
    enter()
    tap.run()
