#!/usr/bin/env python3
"""Many at once on the socket, of whom few are honest: connections that say
nothing, half-sent packets, a byte at a time; and a stop in their midst.

In `make check' some hundred of each.  In `make soak', or with TLSWARDEN_SOAK=1,
10,000, and a byte each second for a minute.
"""

import os
import random
import signal
import socket
import struct
import threading
import time

import load
import tap
from daemon import BUILD, Daemon, wait_for
from fakemta import ACTIONS, STEPS, Closed, Mta
from tap import holds, same, test

SILENT = load.either(1000, 10000)
HALVES = load.either(300, 10000)
SLOW = 300
SECONDS = load.either(4, 60)
OPEN = 500

HURRY = os.path.join(BUILD, "tests", "milter", "hurry")
# What may be resident for a connection: libmilter's 0.5 KB, and the allocator's
# share; and for a thread that waits, in most of them for the rest of a packet:
# a few pages of its stack, and its own share.
CONNECTION_COST = 2048
THREAD_COST = 48 * 1024

NEW = ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "256")
OLD = ("TLSv1.1", "ECDHE-RSA-AES256-SHA", "256")
NEGOTIATE = b"\0\0\0\x0dO" + struct.pack("!III", 6, ACTIONS, STEPS)
CONNECT = b"\0\0\0\x16Cexample\0" + b"4\x9c\x40" + b"192.0.2.7\0"
# 16 KB, of which a minute's bytes are enough.
ENDLESS = b"\0\0\x40\0M" + 100 * b"x"
# Cut in the length, after it, after the command, in the data, in a later packet.
CUTS = (1, 3, 4, 5, 9, len(NEGOTIATE) + 2, len(NEGOTIATE) + 12)


class Raw:
    """A connection, and bytes."""

    def __init__(self, address, data=b""):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        # A full backlog turns away who does not wait for it.
        wait_for(lambda: self.connects(address), "nobody accepts", 60)
        self.socket.sendall(data)

    def connects(self, address):
        try:
            self.socket.connect(address)
        except BlockingIOError:
            return False
        return True

    def closed(self):
        """Did the daemon close it, within the time allowed for that?"""
        try:
            while self.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass
        except socket.timeout:
            return False
        return True


def half(address, n):
    return Raw(address, (NEGOTIATE + CONNECT)[:CUTS[n % len(CUTS)]])


def leave(m):
    """QUIT, and away when the daemon has closed its end."""
    m.send(b"Q")
    same(m.socket.recv(1), b"", "after QUIT")
    m.socket.close()


def honest(d, count=20, taken=None):
    """Sessions that are what they should be, each with its verdict; the longest
    that one took."""
    longest = 0.0
    for n in range(count):
        begun = time.monotonic()
        m = Mta(d.socket).tls(*(OLD if n % 2 else NEW))
        same(m.connect(), "c")
        answer = m.helo()
        if n % 2:
            holds(answer.startswith("554 5.7.0 TLS 1.2 or later"), answer)
        else:
            same(answer, "c")
            qid = "%x" % random.getrandbits(60)
            m.message(qid=qid)
            if taken is not None:
                taken.append(qid)
        leave(m)
        longest = max(longest, time.monotonic() - begun)
    return longest


class Others:
    """Who comes and goes meanwhile, as on a server that has something to do.

    Debian's libmilter gives a session that has said something to a worker that
    it believes to be idle.  Where that one is about to wait for the rest of
    another's packet, the session waits until somebody else comes: for that a
    new worker is made, which then takes on those who wait.
    """

    def __init__(self, d):
        self.address, self.over = d.socket, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.is_set():
            try:
                Raw(self.address).socket.close()
            except OSError:
                pass
            self.over.wait(0.02)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class Held:
    """What the daemon held before, and how much more it is since."""

    def __init__(self, d):
        self.pid = d.process.pid
        honest(d, 40)
        self.memory, self.descriptors = load.memory(self.pid), self.open()
        self.threads = load.threads(self.pid)

    def open(self):
        return load.descriptors(self.pid)

    def grown(self):
        return load.memory(self.pid) - self.memory

    def bound(self, connections):
        threads = load.threads(self.pid) - self.threads
        return load.slack(self.pid) * (
            4e6 + CONNECTION_COST * connections + THREAD_COST * max(0, threads))

    def say(self, what, longest):
        load.say("%s: %d threads, %d KB more, an honest session within %.0f ms" % (
            what, load.threads(self.pid), self.grown() // 1024, 1000 * longest))

    def gone(self, seconds=60):
        wait_for(lambda: self.open() <= self.descriptors,
                 "connections are still held", seconds)


def crowd(d, what, count, make):
    """So many, and honest sessions among them; then they leave."""
    before = Held(d)
    count = load.room(count)
    made = [make(n) for n in range(count)]
    wait_for(lambda: before.open() >= before.descriptors + count,
             "not all are held", 60)
    with Others(d):
        longest = honest(d)
    before.say("%d %s" % (count, what), longest)
    holds(before.grown() < before.bound(count), "%d KB for %d" % (
        before.grown() // 1024, count))
    for one in made:
        one.socket.close()
    before.gone()
    honest(d)


@test
def silent():
    """connections that say nothing: the others are served, and little is held"""
    with Daemon() as d:
        crowd(d, "silent", SILENT, lambda n: Raw(d.socket))
        same(d.stop(), 0)


@test
def halves():
    """half-sent packets: the others are served, and at most a thread is held for each"""
    with Daemon() as d:
        crowd(d, "half-sent packets", HALVES, lambda n: half(d.socket, n))
        wait_for(lambda: load.threads(d.process.pid) < 20, "threads stay", 60)
        same(d.stop(), 0)


@test
def byte_by_byte():
    """a byte each second, from hundreds at once: the others are served"""
    with Daemon() as d:
        before = Held(d)
        made = [Raw(d.socket) for _ in range(load.room(SLOW))]
        longest = 0.0
        with Others(d):
            for second in range(SECONDS):
                next_byte = time.monotonic() + 1
                for one in made:
                    one.socket.sendall(ENDLESS[second:][:1])
                longest = max(longest, honest(d, 10))
                time.sleep(max(0, next_byte - time.monotonic()))
        before.say("%d with a byte each second" % len(made), longest)
        for one in made:
            one.socket.close()
        before.gone()
        same(d.stop(), 0)


@test
def in_the_end():
    """hours later all of them are closed, and what they were is on record"""
    with Hurried() as d:
        before = Held(d)
        made = [Raw(d.socket) for _ in range(200)] + \
            [half(d.socket, n) for n in range(100)]
        begun = []
        with Others(d):
            for _ in range(10):
                begun.append(Mta(d.socket))
                same(begun[-1].connect(address="192.0.2.99"), "c")
            honest(d)
        wait_for(lambda: before.open() >= before.descriptors + 310,
                 "not all are held", 60)
        # Those who wait for a worker come later than the others.
        wait_for(lambda: d.later() and before.open() <= before.descriptors,
                 "connections are still held", 60)
        same([one for one in made + begun if not Raw.closed(one)], [])
        ended = wait_for(lambda: sessions_of(d, "192.0.2.99", 10), "no records", 60)
        same([r["outcome"] for r in ended], ["abandoned"] * 10)
        honest(d)
        same(d.stop(), 0)


def sessions_of(d, client, count):
    """Their records, once there are so many."""
    found = [r for r in d.records() if r.get("client") == client]
    return found if len(found) >= count else None


class Hurried(Daemon):
    """The daemon's own objects, under which time leaps when later() says so."""

    def arguments(self):
        os.environ["HURRY"] = self.dir.file("hours-later")
        return [HURRY] + super().arguments()[1:]

    def later(self):
        """Two hours and a half, and what comes of it."""
        with open(os.environ["HURRY"], "a") as f:
            f.write("x")
        os.chmod(os.environ["HURRY"], 0o644)
        time.sleep(0.3)
        return True


def state(d, n):
    """A session in one of the states it may be in when the end comes."""
    kind = n % 7
    if kind == 0:
        return Raw(d.socket)
    if kind == 1:
        return half(d.socket, n)
    m = Mta(d.socket).tls(*NEW)
    steps = (m.connect, m.helo, m.mail, m.eom)
    for step in steps[:kind - 2]:
        same(step(), "c")
    return m


class Talkers:
    """Sessions one after the other until the daemon is gone; what they hear
    until then is right."""

    def __init__(self, d, count=4):
        self.d, self.wrong, self.taken = d, [], []
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self):
        try:
            while True:
                honest(self.d, 2, self.taken)
        except (Closed, OSError):
            pass
        except AssertionError as e:
            self.wrong.append(e)

    def wait(self):
        for thread in self.threads:
            thread.join()


def accounts(records):
    """The summary has what is on record, and is followed by nothing but "stop"."""
    same([r["event"] for r in records[-2:]], ["summary", "stop"])
    for event in ("message", "session"):
        same(int(records[-2][event + "s"]),
             len([r for r in records if r["event"] == event]), event)


@test
def stopped():
    """SIGTERM with 500 sessions open: it ends, and each of them is given up"""
    with Daemon() as d:
        with Others(d):
            made = [state(d, n) for n in range(load.room(OPEN))]
            talkers = Talkers(d)
            wait_for(lambda: len(talkers.taken) > 20, "nobody talks", 60)
            begun = time.monotonic()
            same(d.stop(random.choice((signal.SIGTERM, signal.SIGINT))), 0)
            load.say("ended within %.1f s" % (time.monotonic() - begun))
        talkers.wait()
        same(talkers.wrong, [], "wrong answers")
        for one in made:
            same(heard(one), b"", "what was said in the end")
        records = d.records()
        accounts(records)
        lost = set(talkers.taken) - {r.get("qid") for r in records}
        same(lost, set(), "messages that were taken and are not on record")
        holds(not os.path.exists(d.socket), "the socket was left")


def heard(one):
    try:
        return one.socket.recv(4096)
    except ConnectionResetError:
        return b""


if __name__ == "__main__":
    tap.run()
