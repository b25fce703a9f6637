"""`tlswarden report', number by number, against what was sent: every kind of
session to real servers, one by one and fifty at once, on three days; as
tlswardend's records tell of it, as the server's own lines do, and both.
"""

import collections
import os
import time

import bed
import hold
import namespace
import process
import reckon
import records
import sent
import test_logs
from tap import ok, same

DAY = 86400
HERE = os.path.dirname(os.path.abspath(__file__))
BUILTIN = os.path.join(HERE, "..", "..", "packaging", "policy.conf")
USERS = ("ann", "bob")

# Exceptions, observed rules and a note before the policy that is built in.
POLICY = """rule old-copier
    if helo = copier.example and tls >= TLSv1
    accept
    until %(soon)s  owner "facilities"  because "the new one is ordered"
rule old-fax
    if helo = fax.example and tls >= TLSv1
    accept
    until %(far)s
rule gone-vendor
    if helo = vendor.example and tls >= TLSv1
    accept
    until %(ended)s
rule want-tls13
    if service in { submission, submissions } and tls < TLSv1.3
    reject 554 5.7.0 "TLS 1.3 required"
    observe
rule partner
    if service = mx and sender in { partner.example } and not tls
    tempfail 454 4.7.0 "This domain has agreed to use TLS"
    from %(far)s
rule logged-in
    if auth
    note
"""


def day(seconds):
    return time.strftime("%Y-%m-%d", time.localtime(time.time() + seconds))


def policy():
    # What it expects of itself does not say who the HELO is.
    with open(BUILTIN, encoding="ascii") as f:
        rules = [line for line in f if not line.startswith("expect ")]
    return POLICY % {"soon": day(10 * DAY), "far": day(400 * DAY),
                     "ended": day(-5 * DAY)} + "".join(rules)


def judge(facts):
    """The same policy, in Python: (verdict, rule, marks)."""
    tls, message = facts["tls"], facts["kind"] == "message"
    old = tls in ("TLSv1", "TLSv1.1")
    submitted = facts["service"] != "mx"
    marks = []
    if tls != "none" and facts["helo"] == "copier.example":
        return "accept", "old-copier", marks
    if submitted and tls != "none" and tls != "TLSv1.3":
        marks.append(("want-tls13", "reject", "observed"))
    if message and not submitted and tls == "none" and \
            sent.domain_of(facts["sender"]) == "partner.example":
        marks.append(("partner", "tempfail", "observed"))
    if message and facts["auth"]:
        marks.append(("logged-in", "note", "noted"))
    # Whoever says no EHLO meets no verdict.
    if facts["service"] == "submissions" and tls == "none" and facts["helo"]:
        return "reject", "tls-required", marks
    if message and facts["auth"] and tls == "none":
        return "reject", "auth-in-clear", marks
    if old:
        return "reject", "tls-too-old", marks
    if submitted and facts["cipher"] == "NULL-SHA256":
        return "reject", "cipher-too-weak", marks
    return "accept", "default", marks


class Traffic(sent.Sent):
    """And what a report has tables for."""

    clients = {}
    copiers = None      # addresses of their own, if they are to have any

    def all(self):
        return super().all() + [(part, ()) for part in (
            self.copier, self.copier_to_us, self.weak, self.weak_to_us, self.exposed,
            self.partner, self.always, self.mixed)]

    def speak(self, port, sender, tls="none", helo="client.test.example", user=None,
              source=None, ciphers=None, mechanism="PLAIN", refused=False):
        """One message, from EHLO to QUIT."""
        how = {"version": tls}
        if ciphers:
            how["ciphers"] = ciphers + ":@SECLEVEL=0"
        with self.lock:
            source = source or next(self.bed.place.sources["4"])
        with self.bed.connect(self.mta, port, source, timeout=test_logs.TIMEOUT) as s:
            s.ehlo(helo)
            if tls != "none":
                s.starttls(**how)
                s.ehlo(helo)
            if user:
                s.login(user, mechanism=mechanism)
            answer = s.message(sender)
            if (answer.code // 100 == 2) == refused:
                self.problems.append("%s: %s" % (sender, answer))
            s.quit()
        return s

    def full(self, user):
        return user + "@example.com" if self.mta == "postfix" else user

    def copier(self, pause=None):
        del pause
        s = self.speak(587, "scan@office.example", "TLSv1", "copier.example", "bob",
                       source=self.copiers and next(self.copiers))
        self.expect(s, test_logs.entry("message", 587, "TLSv1", auth="PLAIN",
                                       sender="scan@office.example",
                                       user=self.full("bob")))

    def copier_to_us(self, pause=None):
        del pause
        s = self.speak(25, "scan@office.example", "TLSv1.1", "copier.example",
                       source=self.copiers and next(self.copiers))
        self.expect(s, test_logs.entry("message", 25, "TLSv1.1",
                                       sender="scan@office.example"))

    def weak(self, pause=None):
        """A cipher that does not encrypt: stopped at EHLO."""
        del pause
        s = self.speak(587, "weak@example.org", "TLSv1.2", ciphers="NULL-SHA256",
                       refused=True)
        told = test_logs.entry("session", 587, "TLSv1.2", outcome="deprecated",
                               stage="helo", refused_by_us=True)
        if self.mta == "sendmail":
            told["service"] = "unset"
        self.expect(s, told)

    def weak_to_us(self, pause=None):
        """An old suite that is still good enough."""
        del pause
        s = self.speak(25, "old@mailer.example", "TLSv1.2", ciphers="AES128-SHA")
        self.expect(s, test_logs.entry("message", 25, "TLSv1.2",
                                       sender="old@mailer.example"))

    def exposed(self, pause=None):
        del pause
        s = self.speak(587, "bob@example.com", user="bob", mechanism="LOGIN",
                       refused=True)
        told = test_logs.entry("message", 587, "none", sender="bob@example.com",
                               stage="mail", refused_by_us=True, auth_clear=1,
                               auth="LOGIN", user=self.full("bob"))
        if self.mta == "postfix":
            told.update(auth="unset", true={"auth": "LOGIN"})
        self.expect(s, told)

    def partner(self, pause=None):
        del pause
        s = self.speak(25, "deal@partner.example")
        self.expect(s, test_logs.entry("message", 25, "none",
                                       sender="deal@partner.example"))

    def always(self, pause=None):
        del pause
        for tls in ("TLSv1.3", "TLSv1.2"):
            s = self.speak(25, "News@Always.EXAMPLE", tls)
            self.expect(s, test_logs.entry("message", 25, tls,
                                           sender="News@Always.EXAMPLE"))

    def mixed(self, pause=None):
        del pause
        for tls in ("TLSv1.3", "none"):
            s = self.speak(25, "x@mixed.example", tls)
            self.expect(s, test_logs.entry("message", 25, tls, sender="x@mixed.example"))

    def fallen(self, pause=None):
        """On the first day with TLS, on the second without, more or less often."""
        del pause
        first = self.mta not in self.clients
        if first:
            with self.lock:
                self.clients[self.mta] = [next(self.bed.place.sources["4"])
                                          for _ in range(2)]
        for source, times in zip(self.clients[self.mta], (3, 1)):
            for _ in range(1 if first else times):
                tls = "TLSv1.3" if first else "none"
                s = self.speak(25, "a@fallen.example", tls, source=source)
                self.expect(s, test_logs.entry("message", 25, tls,
                                               sender="a@fallen.example"))


# --- what the report said

def count_lines(paths):
    found = []
    for path in paths:
        with open(path, encoding="latin-1") as f:
            found += f.read().splitlines()
    return len(found), sum(1 for line in found if " tlswardend[" in line)


def told_by_daemon(paths):
    """Alarms and other events, by a reader of records of our own."""
    alarms, events = [], []
    for path in paths:
        with open(path, encoding="latin-1") as f:
            for line in f:
                head, _, text = line.rstrip("\n").partition(": ")
                if " tlswardend[" not in head:
                    continue
                r = records.parse(text)
                if r["event"] == "alarm":
                    alarms.append(r)
                elif r["event"] not in ("message", "session"):
                    events.append(r["event"])
    return alarms, events


def exceptions(rows, recorded):
    """How the policy's exceptions stand."""
    used = [r for r in rows if r["rule"] == "old-copier"]
    return {
        ("old-copier",): (day(10 * DAY), "ends in 10 days", reckon.messages(used), 0,
                          reckon.TIMED[1](used) if used else None, "facilities",
                          "the new one is ordered"),
        ("old-fax",): (day(400 * DAY), "unused" if recorded else "", 0, 0, None, "", ""),
        ("gone-vendor",): (day(-5 * DAY), "ended, unused" if recorded else "ended",
                           0, 0, None, "", "")}


def findings(tables, recorded):
    wanted = {"exceptions_ended": 1, "exceptions_ending": 1}
    users = {key[0] for key in tables["exposed_passwords"]}
    if users:
        wanted["exposed_passwords"] = len(users)
    if recorded:
        wanted["exceptions_unused"] = 1
    lost = sum(1 for row in tables["lost_tls"].values() if row[1] >= 3)
    if lost:
        wanted["lost_tls"] = lost
    return wanted


def check(name, phases, view, conf):
    """The whole report of these phases, as the one sees them who has that view."""
    told = [t for phase in phases for t in phase.traffic.told]
    paths = [path for phase in phases for path in phase.logs(view)]
    rows = [sent.row(t, view, judge) for t in told]
    alarms, events = told_by_daemon(paths)
    tables, numbers = reckon.expected(rows, alarms, events)
    status, found = hold.report("-c", conf, *paths)
    same(status, 1, name + ": there are findings")
    for table, columns in hold.COLUMNS.items():
        if table == "hosts" and table not in tables:
            ok("hosts" not in found["tables"], name + ": one host is no table")
        else:
            hold.table(name, table, found["tables"][table], tables[table], columns)
    hold.table(name, "exceptions", found["tables"]["exceptions"],
               exceptions(rows, view != "lines"),
               (("rule",), ("until", "status", "messages", "sessions", "last", "owner",
                            "because")))
    same(set(found["tables"]) - set(hold.COLUMNS), {"exceptions"},
         name + ": no other table")
    lines, ours = count_lines(paths)
    numbers.update(files=len(paths), lines=lines, records=ours)
    got = found["numbers"]
    same({n: got.get(n) for n in numbers}, numbers, name + ": numbers")
    same(got["mta_lines"] + got["other_lines"] + got["records"], lines,
         name + ": each line is one of three kinds")
    same({f["name"]: f["count"] for f in found["findings"]},
         findings(tables, view != "lines"), name + ": findings")
    same(sorted(found["hosts"].split(", ")), sorted({p.host for p in phases}),
         name + ": hosts")
    return rows, paths


# --- counted by what is asked for

BY_VALUES = ("messages", "share", "sessions", "encrypted", "deprecated", "cleartext",
             "abandoned", "refused") + hold.TIMES + ("best", "worst")
ASKED = (("user",), ("client",), ("network", "service"), ("domain", "tls", "cipher"),
         ("day", "host", "outcome"), ("auth",))
ASKED_RECORDS = (("helo", "rule"), ("verdict",))


def check_by(name, rows, paths, view):
    for by in ASKED + (ASKED_RECORDS if view != "lines" else ()):
        _, found = hold.report("--by", ",".join(by), *paths)
        wanted = reckon.by(rows, by)
        hold.table(name + ": --by " + ",".join(by), "by", found["tables"]["by"], wanted,
                   (by, BY_VALUES))


def check_part(name, rows, paths):
    """--since, --until, --service: the rows that they leave."""
    last = max(r["day"] for r in rows)
    for options, takes in ((("--since", last), lambda r: r["day"] == last),
                           (("--until", last + " 00:00"), lambda r: r["day"] < last),
                           (("--service", "submission"),
                            lambda r: r["service"] == "submission")):
        _, found = hold.report("--by", "day,service", *options, *paths)
        left = [r for r in rows if takes(r)]
        wanted = reckon.by(left, ("day", "service"))
        hold.table("%s: %s" % (name, " ".join(options)), "by", found["tables"]["by"],
                   wanted, (("day", "service"), BY_VALUES))


# --- what only one of them can see

# field, whose view it is that knows, when, why the other does not
ONLY = (
    ("verdict", "records", None, lambda t: True, "the server does not know of rules"),
    ("rule", "records", None, lambda t: True, "the same"),
    ("marks", "records", None, lambda t: True, "the same"),
    ("helo", "records", None, lambda t: True, "it logs HELO names of refusals alone"),
    ("handshake", "lines", None, lambda t: t["handshake_failed"],
     "no milter hears of a handshake that failed"),
    ("attempts", "lines", None, lambda t: t["auth_clear"] > 0,
     "nor of AUTH that no MAIL followed"),
    ("refused", "lines", None, lambda t: t["refused"],
     "nor of what the server itself refused"),
    ("auth", "lines", None, lambda t: t["kind"] == "session",
     "nor, before MAIL, whether anybody logged in"),
    ("user", "lines", None, lambda t: t["kind"] == "session", "the same"),
    ("auth", "records", "postfix", lambda t: t["auth"] == "unset",
     "Postfix's line about a refused MAIL names the user alone"),
    ("sender", "records", "postfix", lambda t: t["stage"] == "abort"
     and not t["refused"], "Postfix names the sender of what it queued"),
    ("service", "records", "sendmail", lambda t: t["stage"] == "helo",
     "Sendmail names the daemon with the first message"),
    ("client", "records", "sendmail", lambda t: t["stage"] == "helo"
     and t["tls"] is None, "below LogLevel 12 it does not say who connected"),
)
# Tables and numbers in which none of that shows.
ALIKE = ("lost_tls", "days_tls", "tls", "ciphers", "outcomes")
ALIKE_NUMBERS = ("messages", "sessions", "encrypted", "deprecated", "cleartext",
                 "abandoned")


def check_alike(mta, phases):
    """Lines alone say what records alone say, but for what stands above."""
    used, wrong = set(), []
    of_mta = [i for i, (_, _, who, _, _) in enumerate(ONLY) if who in (None, mta)]
    for told in (t for phase in phases for t in phase.traffic.told):
        of = {view: sent.row(told, view, judge) for view in ("records", "lines")}
        for field in of["records"]:
            if of["records"][field] == of["lines"][field]:
                continue
            why = [i for i in of_mta if ONLY[i][0] == field and ONLY[i][3](told)]
            used.update(why)
            if not why:
                wrong.append("%s: %s, %s" % (field, of["records"][field],
                                             of["lines"][field]))
    same(wrong, [], mta + ": what differs has its reason")
    same([ONLY[i][4] for i in of_mta if i not in used], [],
         mta + ": and no reason is idle")
    one, other = [hold.report(*[p for phase in phases for p in phase.logs(view)])[1]
                  for view in ("records", "lines")]
    untimed = lambda table: [{c: v for c, v in r.items() if c not in
                              hold.TIMES + ("last_tls",)} for r in table["rows"]]
    for table in ALIKE:
        same(untimed(other["tables"][table]), untimed(one["tables"][table]),
             "%s: lines and records alike: %s" % (mta, table))
    for name in ALIKE_NUMBERS:
        same(other["numbers"][name], one["numbers"][name],
             "%s: lines and records alike: %s %s" % (mta, one["numbers"][name], name))


# --- the traffic

def settle(bed_):
    """Who only looked whether the servers are up is in the logs, all of them."""
    postfix, sendmail = bed_.mtas["postfix"], bed_.mtas["sendmail"]
    def ready():
        said = postfix.said()
        return said.count(": connect from") >= len(postfix.addresses) \
            and said.count(": connect from") == said.count(": disconnect from") \
            and sendmail.said().count("did not issue") >= len(sendmail.daemons) \
            and sum(r["event"] == "session" for r in bed_.syslog.records()) >= PROBES
    process.until(ready, 30, "the first lines")


PROBES = 12     # records: of 7 each, but no record where Postfix waited for TLS
OTHER_DAY = {"postfix": (4, 3), "sendmail": (3, 1)}
HOSTS = {"postfix": "alpha", "sendmail": "beta"}


def finish(phase, traffic, name):
    if not same(traffic.problems, [], name + ": every session went as meant"):
        raise process.Failed("nothing can be said of the rest")
    process.until(lambda: logged(traffic), 30, name + ": the last lines")
    phase.end(traffic, phase.bed.path("log"))
    ok(len(traffic.told) > 50, "%s: %d entries sent" % (name, len(traffic.told)))


def logged(traffic):
    """Is all of it there, in both logs?"""
    bed_ = traffic.bed
    wanted = collections.Counter(t["client"] for t in traffic.told)
    there = collections.Counter(
        r["client"] for r in bed_.syslog.records(traffic.since)
        if r["event"] in ("message", "session"))
    found, _ = test_logs.read(test_logs.log_of(bed_, traffic.mta))
    return test_logs.all_told(found, traffic.wanted) \
        and all(there[client] >= n for client, n in wanted.items())


def send(bed_, mta):
    """One by one, and on another day fifty at once."""
    phases = []
    for crowd, ago in zip((False, True), OTHER_DAY[mta]):
        phase = sent.Phase(bed_, mta, HOSTS[mta], ago)
        traffic = Traffic(bed_, mta)
        traffic.since = bed_.syslog.size()
        kinds = traffic.all()
        if crowd:
            test_logs.hurry(traffic, kinds * 4 + [(traffic.fallen, ())])
        else:
            for part, args in kinds + [(traffic.fallen, ())]:
                traffic.run(part, args)
        finish(phase, traffic, "%s, %s" % (mta, "fifty at once" if crowd else "one by one"))
        phases.append(phase)
    return phases


def test(bed_):
    settle(bed_)
    conf = namespace.write(bed_.path("report.conf"), policy())
    phases = {mta: send(bed_, mta) for mta in bed_.mtas}
    for mta, of in phases.items():
        for view in sent.VIEWS:
            rows, paths = check("%s, %s" % (mta, view), of, view, conf)
            check_by("%s, %s" % (mta, view), rows, paths, view)
        check_part(mta, rows, paths)
        bed.tap.attempt(check_alike, mta + ": alike", mta, of)
    for view in sent.VIEWS:
        check("all, " + view, sum(phases.values(), []), view, conf)


if __name__ == "__main__":
    # Alarms are raised once a day, and exceptions end with one.
    process.until(lambda: time.strftime("%H%M") < "2357", 300, "the day that begins")
    bed.main(test, policy=policy(), users=USERS, sendmail_settings={"loglevel": 9})
