"""sent.py owns what a traffic generator sent, as each of those who watch it
knows it: tlswardend by its records, the mail server by its own lines, and who
reads both.  It knows nothing of the program that reads the logs.
"""

import os
import re
import time

import test_logs

SERVICES = test_logs.SERVICES
VIEWS = ("records", "lines", "both")
STAMP = re.compile(r"([A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d|\S+T\S+) (\S+) (.*)", re.S)


def domain_of(sender):
    if sender is None:
        return "(unknown)"
    if sender == "<>":
        return "<>"
    return sender.rpartition("@")[2].lower()


def network_of(client):
    return client.rpartition(".")[0] + ".0/24" if client else "(unknown)"


class Sent(test_logs.Traffic):
    """Sessions, and `told': all that is known of each, whoever knows it."""

    def __init__(self, bed_, mta):
        super().__init__(bed_, mta)
        self.told = []

    def expect(self, session, *entries):
        super().expect(session, *entries)
        self.keep(session, entries, session.source)

    def expect_nameless(self, session, told):
        super().expect_nameless(session, told)
        self.keep(session, [told], None)

    def keep(self, session, entries, named):
        """named: the client, if the server's lines name it."""
        for told in entries:
            told.update(client=session.source, named=named, cipher=session.cipher,
                        helo=session.helo, begin=session.begun, end=time.time())
        with self.lock:
            self.told += entries


def true(told):
    """What was so, whoever knows it."""
    facts = {name: told[name] for name in (
        "kind", "port", "tls", "cipher", "outcome", "auth", "user", "sender", "client",
        "helo", "stage")}
    facts["service"] = SERVICES[told["port"]]
    facts["tls"] = facts["tls"] or "none"
    facts.update(told["true"])
    return facts


def row(told, view, judge):
    """What the one who has that view knows of it; None: unknown.  judge(facts)
    says (verdict, rule, marks)."""
    facts = true(told)
    session = told["kind"] == "session"
    known = {name: facts[name] for name in ("kind", "tls", "cipher", "outcome")}
    known.update(begin=told["begin"], end=told["end"], day=told["day"],
                 host=told["host"], handshake=False, attempts=0, rule=None,
                 verdict=None, marks=[])
    if view == "lines":
        unset = lambda name: None if told[name] == "unset" else told[name]
        lacking = lambda name: "none" if told[name] is None else unset(name)
        known.update(helo=None, service=unset("service"), client=told["named"],
                     sender=unset("sender"), auth=lacking("auth"),
                     user=lacking("user"),
                     refused=told["refused"] or told["refused_by_us"])
    else:
        verdict, rule, marks = judge(facts)
        # No milter hears of a login before MAIL.
        known.update(service=facts["service"], client=facts["client"],
                     helo=facts["helo"],
                     sender=None if session else facts["sender"],
                     auth=None if session else facts["auth"] or "none",
                     user=None if session else facts["user"] or "none",
                     verdict=verdict, rule=rule, marks=marks,
                     refused=verdict != "accept" or
                     (view == "both" and told["refused"]))
    if view != "records":
        known.update(handshake=told["handshake_failed"], attempts=told["auth_clear"])
    return known


# --- logs, moved to another day and host

def shift(line, seconds, host, year):
    """The line as it would have been written so much earlier, on that host."""
    stamp, _, rest = STAMP.match(line).groups()
    if "T" in stamp:
        whole, fraction = stamp[:19], stamp[19:26]
        then = time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - seconds
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(then)) + fraction \
            + time.strftime("%z", time.localtime(then))
        stamp = stamp[:-2] + ":" + stamp[-2:]
    else:
        then = time.mktime(time.strptime("%d %s" % (year, stamp), "%Y %b %d %H:%M:%S"))
        stamp = time.strftime("%b %e %H:%M:%S", time.localtime(then - seconds))
    return "%s %s %s" % (stamp, host, rest)


class Phase:
    """A time in which one kind of traffic was sent to one server; its logs are
    put on a day of their own, beginning at noon, and on a host of their own."""

    def __init__(self, bed_, mta, host, days_ago):
        self.bed = bed_
        self.mta = mta
        self.host = host
        self.traffic = None
        self.start = int(time.time())
        today = time.localtime(self.start)
        noon = int(time.mktime((today.tm_year, today.tm_mon, today.tm_mday - days_ago, 12,
                                0, 0, 0, 0, -1)))
        self.seconds = self.start - noon
        self.day = time.strftime("%Y-%m-%d", time.localtime(noon))
        self.year = today.tm_year
        self.since = {name: os.path.getsize(path) for name, path in self.sources()}

    def sources(self):
        """The server's own log, and the system's, with the records."""
        return (("postfix", self.bed.mtas["postfix"].log),
                ("syslog", self.bed.syslog.log))

    def end(self, traffic, directory):
        """Keep what was logged since: `records' and `lines'."""
        self.traffic = traffic
        self.records = os.path.join(directory, "%s.%s.records" % (self.host, self.day))
        self.lines = os.path.join(directory, "%s.%s.lines" % (self.host, self.day))
        found = {self.records: [], self.lines: []}
        for name, path in self.sources():
            with open(path, "rb") as f:
                f.seek(self.since[name])
                for raw in f.read().split(b"\n")[:-1]:
                    line = raw.decode("latin-1")
                    ours = STAMP.match(line).group(3).startswith("tlswardend[")
                    found[self.records if ours else self.lines].append(
                        shift(line, self.seconds, self.host, self.year))
        for path, lines in found.items():
            with open(path, "w", encoding="latin-1") as f:
                f.writelines(line + "\n" for line in lines)
        for told in traffic.told:
            told.update(day=self.day, host=self.host,
                        begin=told["begin"] - self.seconds,
                        end=told["end"] - self.seconds)

    def logs(self, view):
        return {"records": [self.records], "lines": [self.lines],
                "both": [self.records, self.lines]}[view]
