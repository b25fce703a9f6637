"""What the daemon costs a mail server, beside an empty milter of libmilter's and the
same checks in Python: as ratios, each of one run, the milters asked in turn.

    load.py         speaks TAP: no figures, does the benchmark count right?
    load.py bench [PART...]
                    prints the figures, as root, in a world of its own; the parts
                    are sessions, latency, sizes, memory, postfix and disk

Where other programs share the machine, processor time says more than the clock,
and stands beside it.  Of several rounds the median counts, and the best.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../mta" if "bench" in sys.argv else "../milter")]
import milters
from milters import run

GOALS = {"default": 0.95, "1000-rules": 0.90, "p99": 1.1, "memory": 2048, "postfix": 0.97}
ROUNDS = 9
SESSIONS = 4000
HELD = 10000
SANITIZED = subprocess.check_output(
    [os.path.join(milters.BUILD, "tests/logs/damage"), "build"]) == b"sanitized\n"

# What every kind of session is answered under the policy of packaging/policy.conf.
VERDICTS = {"mx": "cccc", "submission": "ccccc", "clear-login": "cc530", "old-tls": "cc554"}
UNJUDGED = {"mx": "cccc", "submission": "ccccc", "clear-login": "cccc", "old-tls": "ccccc"}

# As people write them; none matches, so each is asked.
SORTS = ("service = submission and tls < TLSv1.2",
         "client in { 10.%(a)d.%(b)d.0/24, 2001:db8:%(i)x::/48 } and not tls",
         "sender in { example%(i)d.net, .example%(i)d.net }",
         "helo ~ /^host%(i)d\\.(test|invalid)$/",
         "tls and cipher in { RC4-SHA, RC4-MD5 }")


def rules(count):
    text = ""
    for i in range(count):
        sort = SORTS[i % len(SORTS)] % {"i": i, "a": i >> 8, "b": i & 255}
        text += "rule r%d\n    if %s and user != u%d\n    reject 554 5.7.0 \"no\"\n" % (i, sort, i)
    return text


def per_session(milter, sessions):
    """Bytes of memory a session held open takes."""
    run(milter, "submission", 200)
    before = milter.resident()
    with milters.Held(milter, "submission", sessions) as told:
        if told["sessions"] != sessions or told["odd"] or set(told["answers"]) != {"c"}:
            raise AssertionError("%s did not hold them: %r" % (milter.name, told))
        return (milter.resident() - before) / sessions


# --- is it right?

def check():
    import tap
    with milters.Directory() as directory, \
            open(directory.file("log", ""), "r+b") as log, \
            milters.tlswardend(directory, log="stderr", stderr=log) as ours, \
            milters.empty(directory) as empty:
        for test in (negotiates_alike, answers, counts, declined, asked, holds_open, reads):
            tap.test(test)
        tap.run(directory, log.name, ours, empty)


def negotiates_alike(_directory, _log, ours, empty):
    """the empty milter negotiates as the daemon does, to the byte"""
    from tap import same
    same(milters.negotiation(empty), milters.negotiation(ours))


def answers(_directory, _log, ours, empty):
    """every kind of session gets the verdicts it should, and no other"""
    from tap import same
    for milter, wanted in ((ours, VERDICTS), (empty, UNJUDGED)):
        for kind, text in wanted.items():
            told = run(milter, kind, 100, threads=4)
            same((told["answers"], told["odd"], told["sessions"]), (text, 0, 100),
                 "%s: %s" % (milter.name, kind))


def records(path, count):
    """Those of sessions and messages, once there are as many; or None."""
    with open(path, encoding="ascii") as f:
        lines = [line for line in f if line.endswith("\n")
                 and (" event=message " in line or " event=session " in line)]
    return lines if len(lines) >= count else None


def counts(directory, _log, _ours, _empty):
    """each session is one record of the daemon, with the rule that decided"""
    from tap import same
    path = directory.file("counted", "")
    with open(path, "r+b") as log, \
            milters.tlswardend(directory, "counted", log="stderr", stderr=log) as ours:
        for kind in VERDICTS:
            run(ours, kind, 50, threads=5)
        lines = milters.until(lambda: records(path, 200), "the daemon's records")
    for words, wanted in ((" event=message ", 150), (" event=session ", 50),
                          (" rule=default ", 100), (" rule=auth-in-clear ", 50),
                          (" rule=tls-too-old ", 50), (" service=mx ", 50)):
        same(sum(words in line for line in lines), wanted, words)


def declined(_directory, _log, ours, _empty):
    """content and recipients are not sent, however much there is of them"""
    from tap import same
    small = run(ours, "submission", 10, body=10, threads=1)
    large = run(ours, "submission", 10, body=20000000, threads=1)
    same((large["bytes"], large["writes"]), (small["bytes"], small["writes"]), "content")
    one, two, many = (run(ours, "submission", 10, recipients=n, threads=1) for n in (2, 3, 102))
    same((many["writes"], many["answers"]), (one["writes"], one["answers"]), "recipients")
    # Postfix sends their macros all the same: so many bytes for each
    each = two["bytes"] - one["bytes"]
    if not 0 <= many["bytes"] - one["bytes"] - 100 * each <= 4 * 102:
        raise AssertionError((one, two, many))


def asked(directory, _log, _ours, _empty):
    """where a rule asks for recipients, each is sent and answered"""
    from tap import same
    policy = directory.file("asks.conf", "rule no\n    if recipient = bob2@example.org\n"
                            "    reject 550 5.7.1 \"not him\"\n")
    with open(os.devnull, "wb") as out, \
            milters.tlswardend(directory, "asks", policy, "stderr", out) as ours:
        told = run(ours, "mx", 20, recipients=2, threads=2)
        same((told["answers"], told["odd"]), ("cccccc", 0))
        told = run(ours, "mx", 20, recipients=4, threads=2)
        same((told["answers"], told["odd"]), ("ccccc550", 0))


def holds_open(_directory, _log, ours, empty):
    """sessions are held, and each takes no more memory than it may"""
    from tap import same
    before = ours.descriptors()
    with milters.Held(ours, "mx", 100) as told:
        same((told["sessions"], told["answers"], ours.descriptors()), (100, "ccc", before + 100))
    # Sanitizers remember what was freed.
    if not SANITIZED:
        used = per_session(ours, 2000) - per_session(empty, 2000)
        if not 0 < used <= GOALS["memory"]:
            raise AssertionError("%d bytes" % used)


def reads(directory, _log, _ours, _empty):
    """what comes to the log is counted"""
    import socket
    from tap import same
    path = directory.file("dev-log")
    log = milters.Syslog(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(path)
        for i in range(1000):
            s.send(b"<22>a line %d" % i)
    same(log.stop(), 1000)


# --- what does it cost?

def main():
    if sys.argv[1:2] == ["bench"]:
        bench()
    else:
        check()


def bench():
    import namespace
    namespace.enter()
    import load_bench
    load_bench.main()


if __name__ == "__main__":
    main()
