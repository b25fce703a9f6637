"""hold.py owns the columns of a report's tables, and holding a table against
what reckon.py says it should be.
"""

import calendar
import json
import time

import process
import warden
from tap import ok

# Names, then what is said of each.
TIMES = ("first", "last")
COLUMNS = {
    "exposed_passwords": (("user", "client", "service", "auth"),
                          ("messages", "sessions", "alarms") + TIMES),
    "lost_tls": (("client", "service"),
                 ("messages", "clear_since", "last_tls", "last", "best")),
    "gaps": (("host", "day", "service"), ("messages", "sessions") + TIMES),
    "days_tls": (("day",), ("tls13", "tls12", "tls11", "tls10", "none")),
    "days": (("day",), ("encrypted", "deprecated", "cleartext", "abandoned", "messages",
                        "sessions", "refused")),
    "services": (("service",), ("messages", "share", "sessions", "encrypted",
                                "deprecated", "cleartext", "abandoned", "refused")),
    "hosts": (("host",), ("messages", "share", "sessions", "encrypted", "deprecated",
                          "cleartext", "abandoned", "refused") + TIMES),
    "tls": (("tls",), ("messages", "share", "sessions")),
    "ciphers": (("tls", "cipher"), ("messages", "share", "sessions")),
    "outcomes": (("outcome",), ("messages", "share", "sessions")),
    "old_clients": (("user", "client", "tls", "cipher"), ("messages", "sessions") + TIMES),
    "cleartext_domains": (("domain",), ("cleartext", "messages") + TIMES + ("best",)),
    "cleartext_networks": (("network",), ("cleartext",) + TIMES),
    "old_domains": (("domain",), ("deprecated", "messages") + TIMES + ("best", "worst")),
    "encrypted_domains": (("domain",), ("messages",) + TIMES + ("best", "worst")),
    "abandoned": (("network", "service"), ("count", "handshakes") + TIMES),
    "clear_attempts": (("network", "service"), ("attempts", "sessions") + TIMES),
    "rules": (("rule", "verdict", "how"), ("messages", "sessions") + TIMES),
    "alarms": (("kind", "user", "service"), ("alarms", "times")),
    "events": (("event",), ("count",)),
}
# Of days: what there was none of.  Of what the daemon says: when.
UNASKED = {"days_tls": {"ssl", "unknown"}, "days": {"unclear"},
           "alarms": set(TIMES), "events": set(TIMES)}


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def fits(got, wanted):
    if not isinstance(wanted, tuple):
        return got == wanted
    if wanted[0] == "share":
        return got is None if wanted[1] is None else abs(got - wanted[1]) < 0.00051
    # A stamp is a whole second, by a clock that may lag a little; and the last
    # word on a session is logged when it is over, sooner or later.
    return got is not None and wanted[1] - 2 <= seconds(got) <= wanted[2] + 60


def table(name, which, found, wanted, columns):
    """The table, row by row and cell by cell."""
    names, values = columns
    bad = []
    got = {tuple(r[n] for n in names): r for r in found["rows"]}
    if len(got) != len(found["rows"]) or found["rows_total"] != len(got):
        bad.append("%d rows of %d names" % (len(found["rows"]), len(got)))
    for key in sorted(set(got) | set(wanted), key=str):
        if key not in got or key not in wanted:
            bad.append("%s: %s" % (key, "not there, should be %s" % (wanted[key],)
                                   if key in wanted else "should not be there"))
            continue
        bad += ["%s: %s is %s, should be %s" % (key, c, got[key][c], w)
                for c, w in zip(values, wanted[key]) if not fits(got[key][c], w)]
        unasked = UNASKED.get(which, set())
        if set(got[key]) != set(names + values) | unasked:
            bad.append("%s: other columns: %s" % (key, sorted(got[key])))
        bad += ["%s: %s is %s" % (key, c, got[key][c]) for c in unasked - set(TIMES)
                if got[key][c] != 0]
    ok(not bad, "%s: %s, %d rows" % (name, which, len(wanted)), *bad)


def run(command, *arguments):
    """(status, report)"""
    status, out, err = warden.tlswarden(command, "--format", "json", "--top", "0",
                                        *arguments)
    if err or status not in (0, 1):
        raise process.Failed("%s: %d %s" % (command, status, err))
    return status, json.loads(out)


def report(*arguments):
    return run("report", *arguments)


def replay(*arguments):
    return run("replay", *arguments)
