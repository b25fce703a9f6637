"""`tlswarden replay' against what really happens: traffic is sent through the
daemon, replayed by another policy, and sent again through the daemon with that
policy.  Whom replay named, and nobody else, is refused then, or let in.
"""

import collections
import itertools
import time

import bed
import hold
import namespace
import process
import sent
import test_logs
import test_report
from tap import ok, same

REQUIRED = """rule tls-required
    if service = submissions and not tls
    reject 530 5.7.0 "Encryption required: this port speaks TLS from the start"
"""
COMMON = REQUIRED + """rule auth-in-clear
    if auth and not tls
    reject 550 5.7.1 "So geht es nicht: Kennwort im Klartext auf Port %{port}"
rule tls-too-old
    if tls < TLSv1.2
    reject 554 5.7.0 "TLS 1.2 or later required, you used %{tls}"
rule cipher-too-weak
    if service in { submission, submissions } and cipher_strength < 112
    reject 550 5.7.10 "A stronger cipher is required"
"""
OLD = """rule old-copier
    if client in 198.18.9.0/24 and tls >= TLSv1
    accept
""" + COMMON
ADDED = """rule want-tls13
    if service in { submission, submissions } and tls < TLSv1.3
    reject 554 5.7.0 "TLS 1.3 required"
rule partners
    if service = mx and sender in { partner.example, mixed.example } and not tls
    tempfail 454 4.7.0 "This domain has agreed to use TLS"
rule clear-net
    if client in 198.18.2.0/24 and service = mx and not tls
    reject 550 5.7.10 "Nur verschluesselt"
rule locked-out
    if user ~ /^bob/
    reject 550 5.2.1 "Ask the postmaster"
rule old-suite
    if service = mx and cipher = AES128-SHA
    disconnect 421 4.7.0 "Use a cipher of this century"
"""
STRICT = COMMON + ADDED
LAX = REQUIRED
# What is added decides nothing yet.
WATCH = ADDED.replace("\nrule", "\n    observe\nrule") + "    observe\n" + OLD
POLICIES = {"old": OLD, "strict": STRICT, "lax": LAX, "watch": WATCH}
REFUSING = ("reject", "tempfail", "disconnect")


class Traffic(test_report.Traffic):
    """The same sessions from the same addresses, each time it is sent."""

    def __init__(self, bed_, mta):
        super().__init__(bed_, mta)
        number = 20 if mta == "postfix" else 120
        self.copiers = ("198.18.9.%d" % n for n in itertools.count(number))
        bed_.place.sources["4"] = ("198.18.%d.%d" % (n % 4, n // 4)
                                   for n in itertools.count(4 * number))


class Run:
    """One time that it is sent: what was told, and the records of it."""

    def __init__(self, bed_, mta, name, clients=None):
        """clients: who is to come, else all of whom a session went as meant."""
        self.name = name
        reload(bed_, POLICIES[name])
        self.phase = sent.Phase(bed_, mta, "mail", 1)
        self.traffic = Traffic(bed_, mta)
        since = bed_.syslog.size()
        for part, args in self.traffic.all():
            self.traffic.run(part, args)
        clients = clients or {t["client"] for t in self.traffic.told}
        self.records = process.settled(
            lambda: [r for r in bed_.syslog.records(since)
                     if r["event"] in ("message", "session")],
            lambda found: clients <= {r["client"] for r in found}, 30)
        self.clients = {r["client"] for r in self.records}

    def keep(self, bed_):
        """The logs, once the server's have come so far."""
        traffic = self.traffic
        process.until(lambda: test_logs.all_told(test_logs.read(
            test_logs.log_of(bed_, traffic.mta))[0], traffic.wanted), 90, "the last lines")
        self.phase.end(traffic, bed_.path("log"))

    def refusal(self, facts):
        """What became of it: (rule, verdict), or None.  A session that was stopped
        before MAIL was stopped with all that it would have sent."""
        of = [r for r in self.records if r["client"] == facts["client"]]
        refused = [r for r in of if r["verdict"] in REFUSING and
                   (r["event"] == "session" or r.get("sender") == facts["sender"])]
        return (refused[0]["rule"], refused[0]["verdict"]) if refused else None


def reload(bed_, text):
    since = bed_.syslog.size()
    bed_.warden.write(text)
    bed_.warden.reload()
    if not bed_.syslog.wait(lambda r: r["event"] == "reload" and r["result"] == "ok", since):
        raise process.Failed("no reload")


# --- what has to be said

NAMES = {"users": ("user", lambda r: hold_name(r["user"])),
         "networks": ("network", lambda r: r["client"] and sent.network_of(r["client"])),
         "domains": ("domain", lambda r: r["sender"] and sent.domain_of(r["sender"])),
         "helos": ("helo", lambda r: r["helo"])}
NUMBERS = ("messages", "sessions", "refused", "let_in", "undecided", "same", "observed",
           "elsewhere", "local", "limits")


def hold_name(user):
    return user if user != "none" else None


def undecidable(told, view, policies):
    """No line of Sendmail's says on which port a session was that was refused at
    EHLO: where the port decides, nobody knows."""
    if view != "lines" or told["service"] != "unset":
        return False
    return told["tls"] is None or \
        told["cipher"] == "NULL-SHA256" and set(policies) != {"lax"}


def is_known(rule, policies):
    """Would a reader of the server's lines take it for a reply of ours?  Those of
    the other rules speak of TLS or ciphers."""
    return rule != "auth-in-clear" or any("rule " + rule in POLICIES[p]
                                          for p in policies)


def expected(before, after, view, compared):
    """Rows by table, and numbers.  before and after are runs, the traffic that
    of the first; compared: by these policies (-o), not by what was logged."""
    tables = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    numbers = dict.fromkeys(NUMBERS, 0)
    for told in before.traffic.told:
        facts, row = sent.true(told), sent.row(told, view, lambda facts: (None, None, []))
        was, will = before.refusal(facts), after.refusal(facts)
        if view == "lines" and (told["refused"] or was and not is_known(
                was[0], (after.name,) + compared)):
            numbers["elsewhere"] += 1
            continue
        session = told["kind"] == "session"
        numbers["sessions" if session else "messages"] += 1
        if undecidable(told, view, (after.name,) + compared):
            numbers["same" if compared else "undecided"] += 1
            continue
        if bool(was) == bool(will):
            numbers["same"] += 1
            continue
        change = "refused" if will else "let_in"
        rule = will or was
        # Without a record nobody knows which rule it was.
        if change == "let_in" and view == "lines" and not compared:
            rule = ("unknown", "unknown")
        numbers[change] += 1
        for table, (_, name) in NAMES.items():
            if name(row):
                tables["%s_%s" % (change, table)][(name(row),) + rule][session] += 1
    return tables, numbers


def check(name, before, after, view, more=()):
    """Against the runs: whom the one refuses and the other does not."""
    tables, numbers = expected(before, after, view, more)
    conf = [namespace.write(before.traffic.bed.path(n + ".conf"), POLICIES[n])
            for n in (after.name,) + more]
    options = ["-c", conf[0]] + (["-o", conf[1]] if more else [])
    status, found = hold.replay(*options, *before.phase.logs(view))
    same(status, 1 if numbers["refused"] + numbers["undecided"] else 0,
         name + ": exit status")
    same({n: found["numbers"][n] for n in NUMBERS}, numbers, name + ": numbers")
    for change in ("refused", "let_in"):
        for table, (column, _) in NAMES.items():
            # Lines tell HELO names of refusals alone.
            if table == "helos" and view == "lines":
                continue
            which = "%s_%s" % (change, table)
            got = {(r[column], r["rule"], r["verdict"]): [r["messages"], r["sessions"]]
                   for r in found["tables"][which]["rows"]}
            wanted = {key: list(n) for key, n in tables[which].items()}
            same(got, wanted, "%s: %s, %d" % (name, which, len(wanted)))
    same(found["tables"]["undecided"]["rows_total"] > 0, numbers["undecided"] > 0,
         name + ": what was not decided is named")
    same(found["tables"]["observed"]["rows"], [], name + ": nothing is observed")
    return tables


def watched(name, before, after, view):
    """Rules that only observe: replay finds the marks that the daemon then left."""
    wanted = collections.Counter()
    for r in after.records:
        for mark in filter(None, r.get("observed", "").split(",")):
            user = "(unknown)" if r["event"] == "session" else r["user"] \
                if r["auth"] != "none" else "(none)"
            wanted[tuple(mark.split(":")) + ("observe", user,
                                             sent.domain_of(r.get("sender")))] += 1
    conf = namespace.write(before.traffic.bed.path("watch.conf"), WATCH)
    status, found = hold.replay("-c", conf, *before.phase.logs(view))
    same(status, 0, name + ": exit status")
    got = {(r["rule"], r["verdict"], r["how"], r["user"], r["domain"]):
           r["messages"] + r["sessions"] for r in found["tables"]["observed"]["rows"]}
    same(got, dict(wanted), "%s: as observed, %d" % (name, len(wanted)))
    same({n: found["numbers"][n] for n in ("refused", "let_in", "undecided")},
         {"refused": 0, "let_in": 0, "undecided": 0}, name + ": nothing else changes")
    same({rule for rule, *_ in got}, {line.split()[1] for line in ADDED.splitlines()
                                      if line.startswith("rule ")},
         name + ": every rule was met")


def test(bed_):
    test_report.settle(bed_)
    for mta in bed_.mtas:
        old = Run(bed_, mta, "old")
        old.keep(bed_)
        runs = {name: Run(bed_, mta, name, old.clients) for name in POLICIES
                if name != "old"}
        same(old.traffic.problems, [], mta + ": every session went as meant")
        for name in runs:
            same(runs[name].clients, old.clients, "%s: %s: the same clients" % (mta, name))
        for view in sent.VIEWS:
            check("%s, %s, nothing changes" % (mta, view), old, old, view)
            for name in ("strict", "lax"):
                tables = check("%s, %s, %s" % (mta, view, name), old, runs[name], view)
                change = "refused" if name == "strict" else "let_in"
                ok(all(len(tables["%s_%s" % (change, t)]) > 0
                       for t in ("networks",) + (("users", "domains") if view != "lines"
                                                 or name == "strict" else ())),
                   "%s, %s, %s: there is something to tell" % (mta, view, name))
                check("%s, %s, %s against a policy" % (mta, view, name), old, runs[name],
                      view, ("old",))
            if view != "lines":
                watched("%s, %s, observed" % (mta, view), old, runs["watch"], view)


if __name__ == "__main__":
    bed.main(test, policy=OLD, users=test_report.USERS,
             sendmail_settings={"loglevel": 9})
