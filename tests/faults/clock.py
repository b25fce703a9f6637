#!/usr/bin/env python3
"""The clock of the day goes forward and back, by hours and days, at any moment.

The daemon's own time does: memory.c and world.c are in front of the C library.
"""

import os
import signal
import socket
import subprocess
import time

import fault
import daemon
import tap
from daemon import Daemon, Directory, ended, wait_for
from fakemta import Mta
from fault import DAEMON, Faults
from tap import test, same, holds

SECOND, HOUR, DAY = 10 ** 9, 3600 * 10 ** 9, 86400 * 10 ** 9
POLICY = """
set metrics-file "%(dir)s/m.prom"
rule first
    if sender = first@example.net
    reject 550 5.7.1 "first"
    until %(tomorrow)s  owner "x"  because "y"
    alarm seen
rule second
    if sender = second@example.net
    reject 550 5.7.1 "second"
    from %(later)s
default accept
"""
JUMPS = (3 * DAY, -2 * DAY, 5 * DAY, HOUR, -HOUR, 400 * DAY, -400 * DAY, 0)


def date(days):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400 * days))


def text(directory):
    return POLICY % {"dir": directory.path, "tomorrow": date(2), "later": date(3)}


class World:
    """A daemon with a clock of its own."""

    def __init__(self, **environment):
        self.faults = Faults()
        self.dir = Directory()
        os.environ.update(self.faults.environment, TZ="UTC", **environment)
        program, daemon.PROGRAM = daemon.PROGRAM, DAEMON
        try:
            self.daemon = Daemon(text(self.dir), directory=self.dir)
        finally:
            daemon.PROGRAM = program
            for name in environment:
                del os.environ[name]

    def __enter__(self):
        return self.daemon, self.faults

    def __exit__(self, *exception):
        self.daemon.__exit__()
        self.dir.remove()


def begin(d):
    m = Mta(d.socket)
    m.connect()
    same(m.helo(), "c")
    return m


def judged(m):
    """What the rule with an end says, and the one with a beginning."""
    return [m.mail("<first@example.net>"), m.mail("<second@example.net>"),
            m.mail("<third@example.net>")]


def right(ahead):
    """Of today, and of a day when the first is over and the second began."""
    if ahead >= 3 * DAY:
        return ["c", "550 5.7.1 second", "c"]
    return ["550 5.7.1 first", "c", "c"]


@test
def rules_with_dates():
    """rules begin and end by the clock, in sessions of before and of after"""
    with World() as (d, faults):
        old = begin(d)
        for ahead in JUMPS:
            faults["ahead"] = ahead
            new = begin(d)
            same(judged(new), right(ahead), "%d h" % (ahead // HOUR))
            same(judged(old), right(ahead), "%d h, begun before" % (ahead // HOUR))
            new.quit()
        old.quit()
        # the hour's summary comes by another clock
        same([r for r in d.records() if r["event"] in ("fault", "summary")], [])


@test
def alarms():
    """an alarm is told once a day, whatever day it is said to be"""
    with World() as (d, faults):
        told = 0
        for ahead in (0, 0, -DAY, -DAY, 0, DAY, DAY):
            before = faults["ahead"]
            faults["ahead"] = ahead
            m = begin(d)
            same(m.mail("<first@example.net>"), "550 5.7.1 first")
            m.quit()
            told += ahead != before or told == 0
        wait_for(lambda: d.text().count("event=message") == 7, "not on record")
        same(d.text().count("event=alarm"), told)


@test
def reloads():
    """a policy of the future, of the past and of just now is read"""
    with World() as (d, faults):
        for ahead in JUMPS:
            faults["ahead"] = ahead
            for age in (None, 0, 86400, -86400):
                if age is not None:
                    then = time.time() + age + ahead / SECOND
                    os.utime(d.policy, (then, then))
                d.kill(signal.SIGUSR1)
                same(d.record(event="reload")["result"], "ok")
        same(judged(begin(d)), right(0))


@test
def starts():
    """it starts a day before its policy was written, and a day after"""
    with World() as (d, faults):
        for ahead in (-DAY, DAY):
            d.process.kill()
            d.process.wait()
            faults["ahead"] = ahead
            os.environ.update(faults.environment)
            program, daemon.PROGRAM = daemon.PROGRAM, DAEMON
            d.seen = len(d.records())
            d.start()
            daemon.PROGRAM = program
            same(judged(begin(d)), right(ahead))


@test
def watchdog():
    """the service manager hears from it all the while"""
    place = Directory()
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(place.file("notify"))
    os.chmod(place.file("notify"), 0o777)
    manager.settimeout(30)
    try:
        with World(NOTIFY_SOCKET=place.file("notify"),
                   WATCHDOG_USEC="90000") as (d, faults):
            for ahead in JUMPS * 3:
                faults["ahead"] = ahead
                heard = 0
                while heard < 2:
                    heard += manager.recv(4096) == b"WATCHDOG=1"
            holds("kind=watchdog" not in d.text(), d.text())
    finally:
        manager.close()
        place.remove()


@test
def stops_with_a_stalled_log():
    """the end of a log that nobody reads is waited for some seconds, not hours"""
    faults, d = Faults(), Directory()
    faults["ahead"] = HOUR
    reader, writer = os.pipe()
    try:
        process = subprocess.Popen(
            [DAEMON, "-c", d.file("policy.conf", text(d)), "-p",
             "unix:" + d.file("socket"), "-l", "stderr"] + daemon.as_user(),
            stderr=writer, env=dict(os.environ, **faults.environment))
        try:
            os.read(reader, 1)
            os.set_blocking(writer, False)
            try:
                while True:
                    os.write(writer, b"x" * 512)
            except BlockingIOError:
                pass
            os.set_blocking(writer, True)
            for _ in range(10):
                judged(begin(wait_for_socket(d)))
            process.terminate()
            # the log takes five seconds
            ended(d.file("socket"), lambda: process.poll() is not None, 120)
            same(process.returncode, 0)
        finally:
            process.kill()
            process.wait()
    finally:
        os.close(reader)
        os.close(writer)
        d.remove()


class wait_for_socket:
    def __init__(self, directory):
        self.socket = directory.file("socket")
        wait_for(lambda: os.path.exists(self.socket), "no socket")


if __name__ == "__main__":
    tap.run()
