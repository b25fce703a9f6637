#!/usr/bin/env python3
"""The log queue: a syslogd that is there, gone, stalled, and back."""

import re
import signal
import socket
import time

import tap
from daemon import Daemon, touch, wait_for
from fakemta import Mta
from syslogd import Syslogd, enter
from tap import test, same, holds

MAIL, ERR, WARNING, INFO = 2 << 3, 3, 4, 6


def message(d, qid, port=25):
    m = Mta(d.socket)
    m.connect()
    same(m.helo(), "c")
    m.message(qid=qid)
    m.quit()


@test
def lines():
    """facility, severity, stamp, ident and pid"""
    syslogd = Syslogd()
    with Daemon(log=False) as d:
        priority, pid, r = syslogd.line()
        same([priority, pid, r["event"]], [MAIL | INFO, d.process.pid, "start"])
        m = Mta(d.socket).port(587)
        m.connect()
        m.helo()
        m.login("PLAIN", "ann")
        m.mail()
        m.macros["{tls_version}"] = "TLSv1.3"
        m.mail()
        m.quit()
        seen = {}
        while len(seen) < 3:
            priority, _, r = syslogd.line()
            seen[r["event"]] = priority
        same(seen, {"message": MAIL | INFO, "alarm": MAIL | WARNING,
                    "fault": MAIL | ERR})
    syslogd.close()


@test
def stream():
    """a syslogd that wants a stream"""
    syslogd = Syslogd(socket.SOCK_STREAM)
    with Daemon(log=False) as d:
        syslogd.record(event="start")
        message(d, "STREAM1")
        message(d, "STREAM2")
        syslogd.record(qid="STREAM1")
        syslogd.record(qid="STREAM2")
        syslogd.close()
        syslogd = Syslogd(socket.SOCK_STREAM)
        message(d, "STREAM3")
        message(d, "STREAM4")
        syslogd.record(qid="STREAM4")
    syslogd.close()


@test
def gone_and_back():
    """no syslogd: mail goes on, lines wait, and come when it is back"""
    with Daemon(log=False) as d:
        begin = time.monotonic()
        for i in range(100):
            message(d, "GONE%d" % i)
        # a second each would be more
        holds(time.monotonic() - begin < 90, "mail waited")
        syslogd = Syslogd()
        syslogd.record(event="start")
        for i in range(100):
            syslogd.record(qid="GONE%d" % i)
        syslogd.close()
        message(d, "RESTART")
        syslogd = Syslogd()
        syslogd.record(qid="RESTART")
    syslogd.close()


@test
def stalled():
    """a syslogd that stalls: mail is not delayed, what is dropped is counted"""
    syslogd = Syslogd()
    with Daemon(log=False) as d:
        syslogd.record(event="start")
        # nobody reads from here on
        begin = time.monotonic()
        m = Mta(d.socket)
        m.connect()
        m.helo()
        count = 17500
        for i in range(count):
            m.message(qid="S%d" % i)
        spent = time.monotonic() - begin
        # a hundredth of a second each would be more
        holds(spent < 170, "%d messages took %.1f s" % (count, spent))
        # what waited for syslogd would wait for ever
        message(d, "QUICK")
        got, dropped = set(), 0
        while dropped == 0:
            r = syslogd.line()[2]
            if r["event"] == "dropped":
                dropped = int(r["count"])
                holds(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                                   r["since"]), r["since"])
            else:
                got.add(r["qid"])
        holds(dropped > 0, "nothing was dropped")
        same(len(got) + dropped, count + 1, "kept and dropped")
        same(got, {"S%d" % i for i in range(len(got))}, "the first ones")
        message(d, "AFTER")
        syslogd.record(qid="AFTER")
    syslogd.close()


@test
def stops_though_stalled():
    """a stop waits for a stalled syslogd some seconds, not for ever"""
    syslogd = Syslogd()
    with Daemon(log=False) as d:
        syslogd.record(event="start")
        m = Mta(d.socket)
        m.connect()
        m.helo()
        for i in range(2000):
            m.message(qid="E%d" % i)
        m.quit()
        begin = time.monotonic()
        same(d.stop(), 0)
        holds(time.monotonic() - begin < 60, "the stop took too long")
    syslogd.close()


@test
def flushed():
    """a stop writes what waits"""
    with Daemon(log=False) as d:
        message(d, "LAST")
        d.kill(signal.SIGTERM)
        wait_for(lambda: not touch(d.socket), "it still listens")
        syslogd = Syslogd()
        syslogd.record(qid="LAST")
        syslogd.record(event="summary")
        syslogd.record(event="stop")
        same(d.stop(), 0)
    syslogd.close()


if __name__ == "__main__":
    enter()
    tap.run()
