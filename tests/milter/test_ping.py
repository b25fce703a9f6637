"""`tlswarden ping' before the real daemon: the answer does not hang on the
policy, and nothing of it is in the log."""

import os
import subprocess

import daemon
import fakemta
from tap import test, run, same, holds

TLSWARDEN = os.path.join(daemon.BUILD, "policy", "cli", "tlswarden")
REFUSE_ALL = """set undecided tempfail
rule nobody
    reject 554 5.7.0 "Nobody"
default reject 554 5.7.1 "No"
"""
NAME = "ping.tlswarden.invalid"


def ping(d):
    r = subprocess.run([TLSWARDEN, "ping", "unix:" + d.socket], timeout=30,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False)
    return r.returncode, r.stderr.decode()


def as_ping(mta):
    del mta.macros["{daemon_port}"]
    mta.connect("127.0.0.1", "localhost")
    return mta.helo(NAME)


@test
def well(_):
    """no policy changes the answer, and nothing is on record or counted"""
    for policy in (None, "default accept\n", REFUSE_ALL):
        with daemon.Daemon(policy) as d:
            for _ in range(3):
                same(ping(d), (0, ""))
            d.stop()
            summary = [r for r in d.records() if r["event"] == "summary"]
            same([r["event"] for r in d.fresh() if r not in summary], ["stop"], "records")
            holds(all(r["messages"] == "0" and r["sessions"] == "0" for r in summary),
                  summary)


@test
def gone(_):
    """a daemon that is gone"""
    with daemon.Daemon() as d:
        d.stop()
        holds(ping(d)[0] == 2, "exit status")


@test
def no_hole(_):
    """the name helps nobody: a client on a port is judged and on record"""
    with daemon.Daemon(REFUSE_ALL) as d:
        mta = fakemta.Mta(d.socket)
        mta.connect("127.0.0.1", "localhost")
        same(mta.helo(NAME), "554 5.7.0 Nobody")
        mta.quit()
        same(d.record(event="session")["verdict"], "reject")


@test
def taken(_):
    """a message that is taken is on record under any name"""
    with daemon.Daemon() as d:
        mta = fakemta.Mta(d.socket)
        same(as_ping(mta), "c")
        mta.message()
        mta.quit()
        same(d.record(event="message")["rule"], "non-smtp")


run(None)
