#!/usr/bin/env python3
"""Reload under load: two policies in turn while 200 sessions are in flight.

A session keeps the policy it began with.  Which one that is shows already in
what was negotiated, for only one of the two asks for recipients; every answer
and every record must then be that policy's, and name its hash.

In `make check' 300 reloads.  In `make soak', or with TLSWARDEN_SOAK=1, 10,000:
memory after 1,000 is compared with that in the end.
"""

import os
import random
import signal
import threading
import time

import load
import tap
from daemon import Daemon
from fakemta import Mta, NORCPT
from tap import holds, same

RELOADS = load.either(300, 10000)
MARK = load.either(100, 1000)
SESSIONS, THREADS = 200, 4

# What makes an edition large enough to be missed when it is never freed.
FILLER = "list filler = { %s }\n" % ",\n    ".join(
    "10.%d.%d.0/25" % (n // 100, n % 100) for n in range(600))

ONE = FILLER + """rule one
    if user = ann
    reject 550 5.7.1 "The first policy has no Ann"
rule never
    if client in filler
    reject 550 5.7.1 "Never"
"""
TWO = FILLER + """rule two
    if user = bob
    tempfail 450 4.7.1 "The second policy lets Bob wait"
rule closed
    if recipient = closed@example.org
    reject 550 5.7.1 "Closed"
rule never
    if client in filler
    reject 550 5.7.1 "Never"
"""
USERS = ("ann", "bob", "eve")

# policy and user: the answer to MAIL; else accepted
REFUSED = {
    ("one", "ann"): ("550 5.7.1 The first policy has no Ann", "reject"),
    ("two", "bob"): ("450 4.7.1 The second policy lets Bob wait", "tempfail"),
}


class Traffic:
    """SESSIONS sessions, held by some threads; each sends a few messages, and
    is then followed by another."""

    def __init__(self, address):
        self.address = address
        self.over = threading.Event()
        self.wrong = []
        self.sent = []          # per thread: {sender: (policy, user, taken)}
        self.sessions = [0] * THREADS
        self.threads = [threading.Thread(target=self.run, args=(n,))
                        for n in range(THREADS)]
        for thread in self.threads:
            self.sent.append({})
        for thread in self.threads:
            thread.start()

    def begin(self, n):
        m = Mta(self.address).port(587)
        m.tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", "256")
        m.policy = "one" if m.declined & NORCPT else "two"
        m.left = random.randint(1, 8)
        same([m.connect(), m.helo()], ["c", "c"])
        self.sessions[n] += 1
        return m

    def message(self, m, n):
        user = random.choice(USERS)
        sender = "s%d.%d@example.net" % (n, len(self.sent[n]))
        m.login("PLAIN", user)
        answer = m.mail("<%s>" % sender)
        refused = REFUSED.get((m.policy, user))
        self.sent[n][sender] = (m.policy, user)
        same(answer, refused[0] if refused else "c",
             "MAIL of %s under policy %s" % (user, m.policy))
        if not refused:
            same([m.rcpt(), m.eom("Q%d" % len(self.sent[n]))], ["c", "c"])
        m.left -= 1

    def run(self, n):
        try:
            held = [self.begin(n) for _ in range(SESSIONS // THREADS)]
            while not self.over.is_set():
                for i, m in enumerate(held):
                    self.message(m, n)
                    if m.left == 0:
                        m.quit()
                        held[i] = self.begin(n)
            for m in held:
                m.quit()
        except Exception as e:  # a session that was dropped, or a wrong answer
            self.wrong.append("%s: %s" % (type(e).__name__, e))

    def count(self):
        return sum(len(sent) for sent in self.sent)

    def held(self):
        """Were all the sessions there, and each of them turned over?"""
        return self.wrong or min(self.sessions) > 2 * SESSIONS // THREADS

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


class Reloads:
    """Replaces the policy in one step, as editors do, and waits for the word."""

    def __init__(self, d, log):
        self.d, self.log, self.count, self.records = d, log, 0, []
        self.spare = d.policy + ".new"
        self.hashes = {"one": self.follow()[0]["policy"]}

    def follow(self):
        """Records that came meanwhile; all are kept for the reckoning."""
        new = self.log.records()
        self.records += new
        return new

    def another(self):
        name, text = (("two", TWO), ("one", ONE))[self.count % 2]
        with open(self.spare, "w") as f:
            f.write(text)
        os.rename(self.spare, self.d.policy)
        self.d.kill(signal.SIGUSR1)
        end, said = time.monotonic() + 300, []
        while not said:
            holds(time.monotonic() < end, "reload %d was not done" % self.count)
            said = [r for r in self.follow() if r["event"] == "reload"]
            if not said:
                time.sleep(0.001)
        self.count += 1
        same([said[0]["result"], said[0]["generation"]],
             ["ok", str(self.count + 1)], "reload %d" % self.count)
        same(said[0]["policy"], self.hashes.setdefault(name, said[0]["policy"]),
             "the hash of policy %s" % name)


def resident(d):
    """The middle of some measurements, for sessions come and go."""
    seen = []
    for _ in range(9):
        seen.append(load.memory(d.process.pid))
        time.sleep(0.02)
    return sorted(seen)[4]


def reckon(records, traffic, hashes):
    """Every message has one record, and it is its policy's."""
    sent = {}
    for part in traffic.sent:
        sent.update(part)
    seen = {}
    for r in records:
        if r["event"] != "message":
            continue
        holds(r["sender"] not in seen, "two records: %r" % r)
        seen[r["sender"]] = r
    same(len(seen), len(sent), "records of messages")
    met = set()
    for sender, (policy, user) in sent.items():
        r = seen[sender]
        refused = REFUSED.get((policy, user))
        want = [hashes[policy], policy, refused[1]] if refused else \
            [hashes[policy], "default", "accept"]
        same([r["policy"], r["rule"], r["verdict"]], want, r)
        met.add((policy, user))
    same(len(met), 2 * len(USERS), "each user met each policy")


def turnover(d):
    log = load.Log(d.log)
    reloads = Reloads(d, log)
    traffic = Traffic(d.socket)
    begun = time.monotonic()
    try:
        while reloads.count < MARK or not traffic.held():
            reloads.another()
        before, marked = resident(d), reloads.count
        while reloads.count < marked + RELOADS - MARK:
            holds(not traffic.wrong, traffic.wrong)
            reloads.another()
        after = resident(d)
    finally:
        traffic.stop()
    holds(not traffic.wrong, traffic.wrong)
    load.say("%d reloads, %d sessions, %d messages in %.1f s" % (
        reloads.count, sum(traffic.sessions), traffic.count(),
        time.monotonic() - begun))
    # on a busy machine the queue of log lines may be empty first, and then full: 9 MB
    slack = 12e6 * load.slack(d.process.pid)
    load.say("resident after %d reloads %d KB, after %d %d KB" % (
        marked, before // 1024, reloads.count, after // 1024))
    same(d.stop(), 0, "the exit status")
    reloads.follow()
    return reloads, traffic, before, after, slack


def test():
    results = tap.Tap()
    with Daemon(ONE) as d:
        try:
            reloads, traffic, before, after, slack = turnover(d)
        except AssertionError as e:
            results.ok(False, "every session is answered by the policy it began with", e)
            results.done()
    results.ok(True, "every session is answered by the policy it began with")
    odd = {r["event"] for r in reloads.records} - {
        "start", "reload", "message", "session", "summary", "stop"}
    results.ok(not odd, "nothing was dropped, and nothing failed", odd)
    try:
        reckon(reloads.records, traffic, reloads.hashes)
        results.ok(True, "every record names that policy, and what it says")
    except AssertionError as e:
        results.ok(False, "every record names that policy, and what it says", e)
    # 200 editions more would be 29 MB
    results.ok(after < 1.1 * before + slack, "memory is as it was",
               "%d KB, and then %d KB" % (before // 1024, after // 1024))
    results.done()


if __name__ == "__main__":
    test()
