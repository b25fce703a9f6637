#!/usr/bin/env python3
"""What a policy can ask of the daemon beyond the one that is built in."""

import time

import tap
from daemon import Daemon, Directory, POLICY
from fakemta import Mta, NORCPT
from logfmt import NONE
from tap import test, same, holds

NEW = ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "256")


def session(d, port=25, tls=None, **connect):
    m = Mta(d.socket).port(port)
    if tls:
        m.tls(*tls)
    m.connect(**connect)
    return m


@test
def replies():
    """reply, action and class for each action; percent signs are doubled"""
    policy = """
rule permanent
    if helo = permanent.example
    reject 550 5.7.1 "100% sure, see %{rule} %{port} %{service}"

rule temporary
    if helo = temporary.example
    tempfail 450 4.7.1 "not %now"

rule goodbye
    if helo = goodbye.example
    disconnect 421 4.7.0 "good %%bye"

default accept
"""
    with Daemon(policy) as d:
        for name, want, verdict in (
                ("permanent", "550 5.7.1 100%% sure, see permanent 25 mx",
                 "reject"),
                ("temporary", "450 4.7.1 not %%now", "tempfail"),
                ("goodbye", "421 4.7.0 good %%%%bye", "disconnect")):
            m = session(d)
            same(m.helo(name + ".example"), want)
            r = d.record(event="session")
            same([r["verdict"], r["rule"], r["stage"], r["reply"]],
                 [verdict, name, "helo", want[:9]])
            m.quit()


@test
def connect_verdict():
    """a verdict on the address is held back to HELO, or MAIL without one"""
    policy = """
rule not-you
    if client in { 198.51.100.0/24 }
    reject 550 5.7.1 "Not you"
"""
    with Daemon(policy) as d:
        m = session(d, address="198.51.100.1")
        same(m.helo(), "550 5.7.1 Not you")
        m.quit()
        m = session(d, address="198.51.100.1")
        same(m.mail(), "550 5.7.1 Not you")
        m.quit()
        same(d.record(event="session")["stage"], "helo")
        same(d.record(event="message")["stage"], "mail")


RECIPIENTS = """
rule never
    if recipient = "never@example.org"
    reject 550 5.7.1 "Not to them"

rule seen
    if recipient = "seen@example.org"
    note

rule friends
    if recipient = "friend@example.org"
    accept

default accept
"""


@test
def recipients():
    """a policy that asks for recipients judges each of them"""
    with Daemon(RECIPIENTS) as d:
        m = session(d)
        same(m.declined & NORCPT, 0, "RCPT was declined")
        same(m.helo(), "c")
        same(m.mail(), "c")
        same(m.rcpt("<bob@example.org>"), "c")
        same(m.rcpt("<never@example.org>"), "550 5.7.1 Not to them")
        same(m.rcpt("<eve@example.org>"), "c")
        same(m.eom("RCPTS"), "c")
        m.quit()
        r = d.record(event="message")
        same([r["stage"], r["verdict"], r["rule"], r["recipient"]],
             ["rcpt", "reject", "never", "never@example.org"])
        r = d.record(event="message")
        same([r["stage"], r["verdict"], r["rule"], r["recipient"],
              r["recipients"], r["qid"]],
             ["eom", "accept", "default", "bob@example.org", "2", "RCPTS"])
        same(d.fresh(), [], "more records")


@test
def recipients_differ():
    """a recipient that another rule lets in has a record of its own"""
    with Daemon(RECIPIENTS) as d:
        m = session(d)
        m.helo()
        m.mail()
        for name in ("bob", "friend", "seen", "eve"):
            same(m.rcpt("<%s@example.org>" % name), "c")
        same(m.eom(), "c")
        m.quit()
        a, b, c = [d.record(event="message") for _ in range(3)]
        same([a["stage"], a["rule"], a["recipient"]],
             ["rcpt", "friends", "friend@example.org"])
        same([b["stage"], b["notes"], b["recipient"]],
             ["rcpt", "seen", "seen@example.org"])
        same([c["stage"], c["rule"], c["recipient"], c["recipients"]],
             ["eom", "default", "bob@example.org", "4"])
        holds("notes" not in c, "notes of another recipient")


@test
def recipients_all_refused():
    """no recipient was taken, and the client goes"""
    with Daemon(RECIPIENTS) as d:
        m = session(d)
        m.helo()
        m.mail()
        holds(m.rcpt("<never@example.org>").startswith("550"), "RCPT")
        m.abort()
        m.quit()
        same([(r["stage"], r["verdict"]) for r in
              (d.record(event="message"), d.record(event="message"))],
             [("rcpt", "reject"), ("abort", "accept")])
        same(d.fresh(), [], "more records")


@test
def observed():
    """-O refuses nothing, says what it would have done, and raises alarms"""
    with Daemon(options=["--observe"]) as d:
        same(d.records()[0]["mode"], "observe")
        m = session(d, 587)
        same(m.helo(), "c")
        m.login("PLAIN", "ann")
        m.message()
        m.quit()
        r = d.record(event="message")
        same([r["verdict"], r["rule"], r["observed"]],
             ["accept", "default", "auth-in-clear:reject"])
        holds("reply" not in r, "a reply")
        same(d.record(event="alarm")["user"], "ann")
        m = session(d, 587, tls=("TLSv1.1", "AES128-SHA", "128"))
        same(m.helo(), "c")
        m.quit()
        r = d.record(event="session")
        same([r["verdict"], r["stage"], r["observed"]],
             ["accept", "close", "tls-too-old:reject"])


@test
def observed_by_policy():
    """set mode observe, and a rule that only observes"""
    with Daemon("set mode observe\n" + open(POLICY).read()) as d:
        same(d.records()[0]["mode"], "observe")
        m = session(d, 465)
        same(m.helo(), "c")
        m.message()
        m.quit()
        same(d.record(event="message")["observed"], "tls-required:reject")
    policy = """
rule old
    if tls < TLSv1.3
    reject 554 5.7.0 "no"
    alarm old-tls
    observe
"""
    with Daemon(policy) as d:
        same(d.records()[0]["mode"], "enforce")
        m = session(d, tls=("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", "128"))
        same(m.helo(), "c")
        m.message()
        m.message()
        m.quit()
        r = d.record(event="message")
        same([r["verdict"], r["observed"]], ["accept", "old:reject"])
        r = d.record(event="alarm")
        same([r["kind"], r["count"]], ["old-tls", "1"])
        holds("user" not in r or r["user"] in ("", NONE), "a user")


@test
def undecided():
    """a fact that stays unknown: set undecided"""
    policy = """
set undecided %s

rule names
    if client_name = friend.example
    accept
"""
    for setting, port, want in (("accept", 587, "c"), ("tempfail", 25, "451")):
        with Daemon(policy % setting) as d:
            m = Mta(d.socket).port(port)
            m.macros.update({"{client_name}": "x.example",
                             "{client_resolve}": "TEMP"})
            m.connect()
            same(m.helo(), "c")
            holds(m.mail().startswith(want), "MAIL")
            if want == "c":
                m.eom()
            r = d.record(event="message")
            same([r["rule"], r["missing"]], ["undecided", "client_name"])
            m.quit()


@test
def too_long():
    """what a client makes too long to judge is put off, on port 25 too"""
    policy = """
rule partners
    if sender in { partner.example } and not tls
    reject 550 5.7.10 "no"
"""
    with Daemon(policy) as d:
        m = session(d)
        same(m.helo(), "c")
        same(m.mail("<%s@partner.example>" % ("a" * 400))[:9], "451 4.3.0")
        r = d.record(event="message")
        same([r["rule"], r["missing"]], ["undecided", "sender"])
        m.quit()
    with Daemon("set undecided accept\n" + policy) as d:
        m = session(d)
        m.helo()
        same(m.mail("<%s@partner.example>" % ("a" * 400)), "c")
        m.quit()


@test
def no_port():
    """an MTA that names no port: service other, said once an hour"""
    with Daemon() as d:
        for _ in range(2):
            m = Mta(d.socket)
            del m.macros["{daemon_port}"]
            m.connect(address="192.0.2.7")
            same(m.helo(), "c")
            m.message()
            m.quit()
            same(d.record(event="message")["service"], "other")
        faults = [r for r in d.records() if r.get("kind") == "no-port"]
        same(len(faults), 1, "faults")


@test
def json():
    """set log-format json: the same names, one object a line"""
    # an unused list is warned of: what is said before the start is JSON as well
    with Daemon("set log-format json\nlist unused = { 25 }\n" +
                open(POLICY).read()) as d:
        holds('"diagnostic"' in d.text(), "a diagnostic")
        for line in d.text().splitlines():
            holds(line.startswith("{"), line)
        m = session(d)
        m.helo('a"b\\c\n')
        m.message()
        m.quit()
        r = d.record(event="message")
        same([r["v"], r["port"], r["helo"], r["tls"]],
             [1, 25, 'a"b\\c\n', NONE])


@test
def truncated():
    """set log-client truncated"""
    with Daemon("set log-client truncated\n" + open(POLICY).read()) as d:
        for address, want in (("192.0.2.77", "192.0.2.0/24"),
                              ("2001:db8:1:2::3", "2001:db8:1::/48")):
            m = session(d, address=address)
            m.helo()
            m.message()
            m.quit()
            r = d.record(event="message")
            same(r["client"], want)
            holds("client_name" not in r and "helo" not in r, "names")
            holds(address not in d.text(), "the address")


@test
def hashed():
    """set log-user hashed: a key is made, and hashes outlive the process"""
    directory = Directory()
    key = directory.file("key")
    policy = 'set log-user hashed\nset key-file "%s"\n' % key
    seen = []
    try:
        for _ in range(2):
            with Daemon(policy + open(POLICY).read(),
                        directory=directory) as d:
                for user in ("ann", "bob"):
                    m = session(d, 587)
                    m.helo()
                    m.login("PLAIN", user)
                    holds(m.mail().startswith("530"), "MAIL")
                    m.quit()
                    r = d.record(event="message")
                    same(d.record(event="alarm")["user"], r["user"])
                    seen.append(r["user"])
                holds("user=ann" not in d.text(), "the name")
        import os
        same(os.stat(key).st_mode & 0o7777, 0o600)
        same(os.stat(key).st_size, 32)
    finally:
        directory.remove()
    same(seen[:2], seen[2:])
    holds(seen[0] != seen[1], "two users with one hash")
    holds(all(len(s) == 16 and int(s, 16) >= 0 for s in seen), repr(seen))


@test
def other_services():
    """a declared service; a port that no service claims"""
    policy = "service submission port 587 10587\n" + open(POLICY).read()
    with Daemon(policy) as d:
        for port, service in ((10587, "submission"), (2525, "other")):
            m = session(d, port, tls=NEW)
            m.helo()
            m.message()
            m.quit()
            same(d.record(event="message")["service"], service)


@test
def regex_limit():
    """a pattern that hits its limit is a fault, at most one a minute"""
    policy = """
rule evil
    if helo ~ /^(a+)+$/
    reject 550 5.7.1 "no"
"""
    with Daemon(policy) as d:
        for _ in range(3):
            m = session(d, 25)
            same(m.helo("a" * 200 + "!"), "c")
            same(m.mail(), "c")
            same(m.eom(), "c")
            m.quit()
        r = d.record(event="fault")
        same([r["kind"], r["rule"]], ["regex-limit", "evil"])
        for _ in range(3):
            same(d.record(event="message")["rule"], "undecided")
        same(len([r for r in d.records() if r["event"] == "fault"]), 1)


if __name__ == "__main__":
    tap.run()
