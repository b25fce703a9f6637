"""reckon.py owns what `tlswarden report' has to say of rows as sent.py makes
them, by the manual's words alone: it never asks the program.
"""

import collections
import time

import sent

DAY = 86400

def bare(value):
    return value or "unknown"


def named(value):
    return {None: "(unknown)", "none": "(none)"}.get(value, value)


def incoming(r):
    """Port 25, or, where nothing tells the service, nobody logged in."""
    return r["service"] == "mx" or r["service"] is None and not login(r)


def login(r):
    return r["auth"] not in ("none", None) or r["user"] not in ("none", None)


def is_exposed(r):
    return login(r) and r["tls"] == "none"


RANK = ("none", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


def rank(r):
    """For best and worst: who left in the clear without mail sent nothing."""
    return None if r["tls"] == "none" and r["kind"] == "session" else r["tls"]


class Table:
    """Rows by name, each the entries that are counted there."""

    def __init__(self, rows, by, takes=lambda r: True):
        self.rows = collections.defaultdict(list)
        for r in rows:
            if takes(r):
                self.rows[tuple(f(r) for f in by)].append(r)

    def show(self, *columns):
        return {name: tuple(f(rows) for f in columns) for name, rows in self.rows.items()}


def number(takes):
    return lambda rows: sum(1 for r in rows if takes(r))


def of_outcome(outcome):
    return number(lambda r: r["outcome"] == outcome)


def messages_with(*versions):
    return number(lambda r: r["kind"] == "message" and r["tls"] in versions)


def best(rows):
    known = [RANK.index(rank(r)) for r in rows if rank(r)]
    return RANK[max(known)] if known else None


def worst(rows):
    known = [RANK.index(rank(r)) for r in rows if rank(r)]
    return RANK[min(known)] if known else None


messages = number(lambda r: r["kind"] == "message")
sessions = number(lambda r: r["kind"] == "session")
refused = number(lambda r: r["refused"])
OUTCOMES = [of_outcome(o) for o in ("encrypted", "deprecated", "cleartext", "abandoned")]
SERVICE = lambda r: bare(r["service"])
CLIENT = lambda r: named(r["client"])
NETWORK = lambda r: sent.network_of(r["client"])
DOMAIN = lambda r: sent.domain_of(r["sender"])
TLS = lambda r: r["tls"]
# Not to the second: when it began and ended, as the client saw it.
TIMED = [lambda rows: ("first", min(r["begin"] for r in rows),
                       min(r["end"] for r in rows)),
         lambda rows: ("last", max(r["begin"] for r in rows),
                       max(r["end"] for r in rows))]


def share(total):
    return lambda rows: ("share", messages(rows) / total if total else None)


def clear_domain(r):
    return r["kind"] == "message" and incoming(r)


def fallen(rows):
    """Rows by client and service: messages, how many in the clear since TLS."""
    wanted = {}
    for key, of in Table(rows, (CLIENT, SERVICE), lambda r: r["kind"] == "message") \
            .rows.items():
        with_tls = [r["begin"] for r in of if r["tls"] != "none"]
        since = [r for r in of if r["tls"] == "none" and with_tls
                 and r["begin"] > max(with_tls)]
        if since:
            tls = [r for r in of if r["tls"] != "none"]
            wanted[key] = (len(of), len(since), TIMED[1](tls), TIMED[1](of), best(of))
    return wanted


def days(first, last):
    """All days from the one to the other."""
    at = time.mktime(time.strptime(first, "%Y-%m-%d")) + DAY / 2
    found = []
    while not found or found[-1] < last:
        found.append(time.strftime("%Y-%m-%d", time.localtime(at)))
        at += DAY
    return found


def marked(rows):
    """Each mark of a rule, as a row of its own."""
    out = [dict(r, how="decided") for r in rows if r["rule"]]
    for r in rows:
        out += [dict(r, rule=rule, verdict=verdict, how=how)
                for rule, verdict, how in r["marks"]]
    return out


def expected(rows, alarms, events):
    """Tables by name, each rows by name; and the numbers."""
    total = messages(rows)
    old = lambda r: r["outcome"] == "deprecated" and not incoming(r)
    in_clear = lambda r: clear_domain(r) and r["outcome"] == "cleartext"
    domains = Table(rows, (DOMAIN,), clear_domain)
    encrypted = [r for r in rows if r["tls"] != "none"]
    exposed = Table(rows, (lambda r: named(r["user"]), CLIENT, SERVICE,
                           lambda r: bare(r["auth"])), is_exposed)
    tables = {
        "exposed_passwords": {
            name: tuple(f(of) for f in (messages, sessions)) + (
                sum(1 for a in alarms if (a["user"], a["client"], a["service"],
                                          a["mechanism"]) == name),) +
            tuple(f(of) for f in TIMED) for name, of in exposed.rows.items()},
        "lost_tls": fallen(rows),
        "days_tls": Table(rows, (lambda r: r["day"],)).show(
            *[messages_with(v) for v in reversed(RANK)]),
        "days": Table(rows, (lambda r: r["day"],)).show(
            *OUTCOMES, messages, sessions, refused),
        "services": Table(rows, (SERVICE,)).show(messages, share(total), sessions,
                                                 *OUTCOMES, refused),
        "tls": Table(rows, (TLS,)).show(messages, share(total), sessions),
        "ciphers": Table(encrypted, (TLS, lambda r: r["cipher"])).show(
            messages, share(messages(encrypted)), sessions),
        "outcomes": Table(rows, (lambda r: r["outcome"],)).show(messages, share(total),
                                                                sessions),
        "old_clients": Table(rows, (lambda r: named(r["user"]), CLIENT, TLS,
                                    lambda r: r["cipher"]), old).show(
            messages, sessions, *TIMED),
        "cleartext_domains": {
            name: v for name, v in domains.show(OUTCOMES[2], messages, *TIMED,
                                                best).items() if v[0]},
        "cleartext_networks": Table(rows, (NETWORK,), in_clear).show(OUTCOMES[2], *TIMED),
        "old_domains": {
            name: v for name, v in domains.show(OUTCOMES[1], messages, *TIMED, best,
                                                worst).items() if v[0]},
        "encrypted_domains": {
            (name,): v for (name,), v in domains.show(messages, *TIMED, best,
                                                      worst).items()
            if OUTCOMES[0](domains.rows[name,]) == len(domains.rows[name,])
            and name not in ("(unknown)", "<>")},
        "abandoned": Table(rows, (NETWORK, SERVICE), lambda r:
                           r["outcome"] == "abandoned" or r["handshake"]).show(
            len, number(lambda r: r["handshake"]), *TIMED),
        "clear_attempts": Table(rows, (NETWORK, SERVICE), lambda r:
                                r["attempts"] and not login(r)).show(
            lambda of: sum(r["attempts"] for r in of), sessions, *TIMED),
        "rules": Table(marked(rows), (lambda r: r["rule"], lambda r: r["verdict"],
                                      lambda r: r["how"])).show(messages, sessions,
                                                                *TIMED),
        "alarms": Table(alarms, (lambda a: a["kind"], lambda a: a["user"],
                                 lambda a: a["service"])).show(
            len, lambda of: sum(int(a.get("count", 1)) for a in of)),
        "events": {name: (n,) for name, n in
                   collections.Counter((name,) for name in events).items()},
        "gaps": {},
    }
    hosts = Table(rows, (lambda r: r["host"],)).show(messages, share(total), sessions,
                                                     *OUTCOMES, refused, *TIMED)
    if len(hosts) > 1:
        tables["hosts"] = hosts
    for table in ("days", "days_tls"):
        empty = tuple(0 for _ in next(iter(tables[table].values())))
        seen = [name for (name,) in tables[table]]
        for name in days(min(seen), max(seen)):
            tables[table].setdefault((name,), empty)
    numbers = {
        "messages": total, "sessions": sessions(rows), "refused": refused(rows),
        "abandoned": of_outcome("abandoned")(rows), "local": 0, "evicted": 0,
        "broken_lines": 0, "handshakes": number(lambda r: r["handshake"])(rows)}
    for name, f in zip(("encrypted", "deprecated", "cleartext"), OUTCOMES):
        numbers[name] = f([r for r in rows if r["kind"] == "message"])
    return tables, numbers


# --- counted by what is asked for

BY = {"day": lambda r: r["day"], "host": lambda r: r["host"], "service": SERVICE,
      "user": lambda r: named(r["user"]), "client": CLIENT, "network": NETWORK,
      "domain": DOMAIN, "tls": TLS, "cipher": lambda r: r["cipher"] or "none",
      "auth": lambda r: bare(r["auth"]), "outcome": lambda r: r["outcome"],
      "helo": lambda r: r["helo"] or "(none)", "rule": lambda r: r["rule"],
      "verdict": lambda r: r["verdict"]}


def by(rows, names):
    """The table of --by."""
    return Table(rows, [BY[name] for name in names]).show(
        messages, share(messages(rows)), sessions, *OUTCOMES, refused, *TIMED, best,
        worst)
