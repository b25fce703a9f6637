"""What the servers' own logs come to, against what was sent: sessions of every
kind, one after the other and fifty at once, and each entry counted.
"""

import collections
import json
import os
import random
import subprocess
import threading
import time

import bed
import client
import process
from tap import ok, same

ENTRIES = os.path.join(bed.warden.BUILD, "tests", "logs", "entries")
SERVICES = {25: "mx", 587: "submission", 465: "submissions"}
VERSIONS = ("none", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
AT_ONCE = 50
TIMEOUT = 120       # seconds, of clients among many on a busy machine

# What is compared of an entry; "unset" where a fact is not known.
DONE = ("kind", "service", "tls", "outcome", "auth", "user", "sender", "stage")
COMPARED = DONE + ("refused", "refused_by_us", "handshake_failed", "auth_clear", "auth_failed")


def entry(kind, port, tls, true=None, **more):
    """What is to be told; TLS "none" is lacking, and so is a login by default.
    true: what was so, though the server's lines do not tell."""
    wanted = {"kind": kind, "service": SERVICES[port],
              "tls": None if tls == "none" else tls, "auth": None, "user": None,
              "sender": "unset", "stage": "eom" if kind == "message" else "close",
              "refused": False, "refused_by_us": False, "handshake_failed": False,
              "auth_clear": 0, "auth_failed": 0, "port": port, "true": true or {}}
    if tls == "none":
        wanted["outcome"] = "cleartext" if kind == "message" else "abandoned"
    else:
        wanted["outcome"] = "encrypted" if tls >= "TLSv1.2" else "deprecated"
    wanted.update(more)
    return wanted


class Traffic:
    """Sessions of one server, and by client address what they are to come to."""

    def __init__(self, bed_, mta):
        self.bed = bed_
        self.mta = mta
        self.user = "ann@example.com" if mta == "postfix" else "ann"
        self.wanted = {}
        self.lock = threading.Lock()
        self.unnamed = []
        self.problems = []

    def connect(self, port, tls="none", pause=None):
        with self.lock:
            source = next(self.bed.place.sources["4"])
        if port == 465:
            how = {} if tls == "none" else {"version": tls}
            session = self.bed.connect(self.mta, port, source, tls=how or None,
                                       family="broken" if tls == "none" else "4",
                                       timeout=TIMEOUT)
            session.ehlo()
        else:
            session = self.bed.connect(self.mta, port, source, timeout=TIMEOUT)
            session.ehlo()
            if tls != "none":
                session.starttls(version=tls)
                session.ehlo()
        if pause:
            pause()
        return session

    def expect(self, session, *entries):
        with self.lock:
            self.wanted.setdefault(session.source, []).extend(entries)

    def expect_nameless(self, session, told):
        """One of which no line says whose session it was."""
        del session
        with self.lock:
            self.unnamed.append(told)

    def all(self):
        """Every kind of session there is."""
        kinds = [(self.plain, (port, tls, login)) for port in SERVICES
                 for tls in VERSIONS for login in (False, True)]
        kinds += [(part, ()) for part in (
            self.several, self.pipelined, self.nothing_but_tls, self.just_left,
            self.silent, self.broken_handshake, self.left_handshake, self.wrong_password,
            self.wrong_password_in_clear, self.relay_denied, self.one_denied,
            self.two_denied, self.given_up, self.reset, self.no_second_ehlo)]
        return kinds

    def run(self, part, args, pause=None):
        try:
            part(*args, pause=pause)
        except (client.Closed, OSError) as e:
            self.problems.append("%s%s: %r" % (part.__name__, args, e))

    # --- the kinds

    def plain(self, port, tls, login, pause=None):
        """A message, as the table of the default policy has it."""
        with self.connect(port, tls, pause) as s:
            if login:
                s.login()
            s.message("%s@example.net" % (pause.name if pause else "sender"))
            s.quit()
        sender = "%s@example.net" % (pause.name if pause else "sender")
        auth = {"auth": "PLAIN", "user": self.user} if login else {}
        if port == 465 and tls == "none" or tls in ("TLSv1", "TLSv1.1"):
            told = entry("session", port, tls, stage="helo", refused_by_us=True)
            if self.mta == "sendmail":      # no line says what daemon it was
                told["service"] = "unset"
                if tls == "none":           # nor, by this LogLevel, whose session
                    self.expect_nameless(s, told)
                    return
            if login and self.mta == "postfix":     # it counts commands
                told.update(auth_failed=1, auth_clear=1 if tls == "none" else 0)
        elif login and tls == "none":
            told = entry("message", port, tls, sender=sender, stage="mail",
                         refused_by_us=True, auth_clear=1, **auth)
            if self.mta == "postfix":       # the line names the user alone
                told.update(auth="unset", true={"auth": "PLAIN"})
        else:
            told = entry("message", port, tls, sender=sender, **auth)
        self.expect(s, told)

    def several(self, pause=None):
        senders = ["one@example.net", "two@example.net", ""]
        with self.connect(25, "TLSv1.2", pause) as s:
            for sender in senders:
                s.message(sender)
                if pause:
                    pause()
            s.quit()
        self.expect(s, *[entry("message", 25, "TLSv1.2", sender=sender or "<>")
                         for sender in senders])

    def pipelined(self, pause=None):
        with self.connect(25, "none", pause) as s:
            body = b"Subject: x\r\n\r\nA line.\r\n.\r\n"
            start = b"MAIL FROM:<p%d@example.net>\r\nRCPT TO:<rcpt@example.com>\r\nDATA\r\n"
            s.send(start % 1)
            for _ in range(3):
                s.reply()
            s.send(body + start % 2)
            for _ in range(4):
                s.reply()
            s.send(body + b"QUIT\r\n")
            s.reply()
            s.reply()
        self.expect(s, *[entry("message", 25, "none", sender="p%d@example.net" % n)
                         for n in (1, 2)])

    def nothing_but_tls(self, pause=None):
        with self.connect(587, "TLSv1.3", pause) as s:
            s.quit()
        self.expect(s, entry("session", 587, "TLSv1.3"))

    def just_left(self, pause=None):
        with self.connect(25, "none", pause) as s:
            s.quit()
        self.expect(s, entry("session", 25, "none"))

    def silent(self, pause=None):
        """Who does not even say EHLO."""
        del pause
        ports = [(25, "4"), (587, "4")]
        if self.mta == "postfix":       # Sendmail's daemon there is nobody's service
            ports.append((465, "broken"))
        for port, family in ports:
            with self.lock:
                source = next(self.bed.place.sources["4"])
            with self.bed.connect(self.mta, port, source, family=family,
                                  timeout=TIMEOUT) as s:
                pass
            self.expect(s, entry("session", port, "none"))

    def broken_handshake(self, pause=None):
        with self.connect(587, "none", pause) as s:
            s.command("STARTTLS")
            s.send(b"this is no TLS hello, and never will be one\r\n" * 4)
            try:
                s.sock.recv(4096)
            except OSError:
                pass
        self.expect(s, entry("session", 587, "none", handshake_failed=True))

    def left_handshake(self, pause=None):
        with self.connect(587, "none", pause) as s:
            s.command("STARTTLS")
        self.expect(s, entry("session", 587, "none", handshake_failed=True))

    def wrong_password(self, pause=None):
        with self.connect(587, "TLSv1.3", pause) as s:
            s.login(password="wrong")
            s.login()
            s.message("typo@example.net")
            s.quit()
        self.expect(s, entry("message", 587, "TLSv1.3", sender="typo@example.net",
                             auth="PLAIN", user=self.user, auth_failed=1))

    def wrong_password_in_clear(self, pause=None):
        with self.connect(587, "none", pause) as s:
            s.login(password="wrong")
            s.login(password="wrong", mechanism="LOGIN")
            s.quit()
        self.expect(s, entry("session", 587, "none", auth_failed=2, auth_clear=2))

    def relay_denied(self, pause=None):
        with self.connect(25, "TLSv1.3", pause) as s:
            s.mail("relay@example.net")
            s.rcpt("a@elsewhere.example")
            s.rcpt("b@elsewhere.example")
            s.quit()
        self.expect(s, entry("message", 25, "TLSv1.3", sender="relay@example.net",
                             stage="abort", refused=True))

    def one_denied(self, pause=None):
        with self.connect(25, "none", pause) as s:
            s.mail("partly@example.net")
            s.rcpt("a@elsewhere.example")
            s.rcpt()
            s.data()
            s.quit()
        self.expect(s, entry("message", 25, "none", sender="partly@example.net"))

    def two_denied(self, pause=None):
        """Two transactions that were refused, and one that was not."""
        with self.connect(25, "none", pause) as s:
            for sender in ("x@example.net", "y@example.net"):
                s.mail(sender)
                s.rcpt("a@elsewhere.example")
                s.command("RSET")
            s.message("z@example.net")
            s.quit()
        self.expect(s, *[entry("message", 25, "none", sender=sender, stage="abort",
                               refused=True)
                         for sender in ("x@example.net", "y@example.net")])
        self.expect(s, entry("message", 25, "none", sender="z@example.net"))

    def given_up(self, pause=None):
        with self.connect(25, "TLSv1.2", pause) as s:
            s.mail("gone@example.net")
        self.expect(s, entry("message", 25, "TLSv1.2", stage="abort",
                             sender=self.of_given_up("gone@example.net"),
                             true={"sender": "gone@example.net"}))

    def of_given_up(self, sender):
        """Postfix names the sender of what it queued, and no other."""
        return "unset" if self.mta == "postfix" else sender

    def reset(self, pause=None):
        with self.connect(25, "TLSv1.3", pause) as s:
            s.mail("first@example.net")
            s.rcpt()
            s.command("RSET")
            s.message("second@example.net")
            s.quit()
        self.expect(s, entry("message", 25, "TLSv1.3", stage="abort",
                             sender=self.of_given_up("first@example.net"),
                             true={"sender": "first@example.net"}),
                    entry("message", 25, "TLSv1.3", sender="second@example.net"))

    def no_second_ehlo(self, pause=None):
        with self.connect(587, "none", pause) as s:
            s.starttls(version="TLSv1.3")
            s.message("at-once@example.net")
            s.quit()
        self.expect(s, entry("message", 587, "TLSv1.3", sender="at-once@example.net"))


class Pause:
    """Of a client among many: it lets the others go first."""

    def __init__(self, name):
        self.name = name

    def __call__(self):
        time.sleep(random.uniform(0.05, 0.4))


def read(*arguments):
    """(entries by client, counts)"""
    done = subprocess.run([ENTRIES] + list(arguments), capture_output=True, check=False,
                          text=True)
    if done.returncode != 0:
        raise process.Failed("entries: %d %s" % (done.returncode, done.stderr))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = {}
    for told in lines[:-1]:
        found.setdefault(told.get("client"), []).append(told)
    return found, lines[-1]


def log_of(bed_, mta):
    return bed_.mtas["postfix"].log if mta == "postfix" else bed_.syslog.log


def key(told):
    return tuple(str(told.get(name, "unset")) for name in COMPARED)


def differences(found, every):
    """Of each source that is not told of as it should be: what is said of it."""
    wrong = []
    for source, wanted in every.items():
        got = sorted(map(key, found.get(source, [])))
        if got != sorted(map(key, wanted)):
            wrong += [source, "  got    %s" % got, "  wanted %s" % sorted(map(key, wanted))]
    return wrong


def all_told(found, every):
    """Have the last lines of each come, if maybe not his alone, whoever refused?"""
    def count(entries):
        return collections.Counter(key(e)[:len(DONE)] for e in entries)
    return not any(count(wanted) - count(found.get(source, []))
                   for source, wanted in every.items())


def compare(traffic, name):
    same(traffic.problems, [], name + ": every session went as meant")
    found, counts = process.settled(
        lambda: read(log_of(traffic.bed, traffic.mta)),
        lambda seen: not differences(seen[0], traffic.wanted)
        and len(seen[0].get(None, [])) >= traffic.bed.unnamed + len(traffic.unnamed))
    wrong = differences(found, traffic.wanted)
    unnamed = [key(e) for e in found.get(None, [])][traffic.bed.unnamed:]
    same(unnamed, [key(e) for e in traffic.unnamed], name + ": those whose client no line names")
    traffic.bed.unnamed += len(unnamed)
    number = sum(map(len, traffic.wanted.values()))
    ok(not wrong, "%s: %d sessions, %d entries as sent" % (
        name, len(traffic.wanted), number), *wrong)
    # And none of anybody else, but for those who looked whether the server is up.
    others = {c for c in found if c and c.startswith("198.18.")} - set(traffic.wanted)
    same(sorted(others - traffic.bed.seen), [], name + ": and nobody else's")
    traffic.bed.seen |= set(traffic.wanted)
    ok(counts["used"] > number, name + ": the lines were of use", counts)


def one_by_one(bed_, mta):
    traffic = Traffic(bed_, mta)
    for part, args in traffic.all():
        traffic.run(part, args)
    compare(traffic, mta + ", one by one")


def hurry(traffic, kinds):
    """The kinds, many at once."""
    kinds = list(kinds)
    random.Random(traffic.mta).shuffle(kinds)
    work = iter(enumerate(kinds))
    lock = threading.Lock()

    def go_on():
        while True:
            with lock:
                number, (part, args) = next(work, (None, (None, None)))
            if part is None:
                return
            traffic.run(part, args, Pause("s%d" % number))

    threads = [threading.Thread(target=go_on) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def at_once(bed_, mta):
    traffic = Traffic(bed_, mta)
    hurry(traffic, traffic.all() * 4)
    compare(traffic, "%s, %d at once" % (mta, AT_ONCE))


def forged(bed_, mta):
    """What clients say is about themselves alone, whatever they say."""
    helos = (b"x> proto=ESMTP helo=<y", b"a, sasl_username=root", b"a\x00b", b"\x1b[31mred",
             b"a] b[192.0.2.99]", b"[192.0.2.99], version=TLSv1.3, verify=OK, bits=256/256")
    senders = ('"a, sasl_username=root"@example.net',
               '"> to=<x> proto=SMTP helo=<z"@example.net',
               '"; from=<boss@example.com> to=<x> proto=ESMTP helo=<y"@example.net',
               '"a b, size=99, relay=evil [192.0.2.99]"@example.net',
               '"a>, size=1, class=0, nrcpts=1, msgid=<b"@example.net',
               '"a\\"b, daemon=MSA, relay=[192.0.2.99]"@example.net')
    wanted = {}
    for helo, sender in [(h, "sender@example.net") for h in helos] \
            + [(b"client.test.example", s) for s in senders]:
        with bed_.connect(mta, 25) as s:
            s.ehlo(helo)
            s.mail(sender)
            s.rcpt('"; from=<ceo@example.com> to=<x> proto=ESMTP helo=<q"@elsewhere.example')
            s.rcpt()
            s.data("Message-ID: <x>, proto=ESMTPS, daemon=MSA, relay=evil [192.0.2.99]\r\n"
                   "Subject: test\r\n\r\nA line.\r\n")
            s.quit()
        wanted[s.source] = [entry("message", 25, "none", sender=sender)]
    found, _ = process.settled(lambda: read(log_of(bed_, mta)),
                               lambda seen: not differences(seen[0], wanted))
    for source, (told,) in wanted.items():
        same([key(e) for e in found.get(source, [])], [key(told)],
             "%s: forged: %s" % (mta, told["sender"]))
    ok("192.0.2.99" not in found, mta + ": forged: nobody who was not there")
    bed_.seen |= set(wanted)


def as_recorded(bed_, mta):
    """The same sessions, by tlswardend's records: what both know is the same."""
    found, _ = read(log_of(bed_, mta))
    wrong, compared = [], 0
    by_id = {r["qid"]: r for r in bed_.syslog.records()
             if r["event"] == "message" and r.get("stage") == "eom"}
    for entries in found.values():
        for told in entries:
            record = by_id.get(told.get("qid"))
            if record is None or told.get("stage") != "eom":
                continue
            compared += 1
            for name in ("service", "client", "client_name", "tls", "cipher",
                         "cipher_bits", "auth", "user", "sender", "outcome"):
                mine = told.get(name, "unset")
                theirs = record.get(name)
                if mine != "unset" and (mine or "none") != (theirs or "none"):
                    wrong.append("%s: %s, %s: %s" % (name, mine, theirs, record.line))
    ok(compared > 120, mta + ": messages compared with their records", compared)
    same(wrong, [], mta + ": the server's lines and the records agree")


def another_name(bed_):
    """XCLIENT changes who the client is."""
    with bed_.connect("postfix", 25) as s:
        s.ehlo()
        s.command("XCLIENT NAME=[UNAVAILABLE] ADDR=203.0.113.78")
        s.ehlo("behind.example")
        s.message("behind@example.net")
        s.quit()

    def told(found):
        return [(e["kind"], e.get("sender")) for e in found.get("203.0.113.78", [])]

    wanted = [("message", "behind@example.net")]
    found, _ = process.settled(lambda: read(log_of(bed_, "postfix")),
                               lambda seen: told(seen[0]) == wanted)
    same(told(found), wanted, "XCLIENT: the message is its client's")
    same(found.get(s.source), None, "XCLIENT: and nobody else's")


def named(bed_):
    """--service NAME=PATTERN"""
    found, _ = read("-s", "inside=postfix/submission", "-s", "mx=BROKEN",
                    "-s", "outside=MSA-*", log_of(bed_, "postfix"),
                    log_of(bed_, "sendmail"))
    services = {}
    for entries in found.values():
        for told in entries:
            if told.get("service"):
                services.setdefault(told["origin"], set()).add(told["service"])
    same(services, {"postfix": {"mx", "inside", "submissions"},
                    "sendmail": {"mx", "outside", "submissions"}},
         "services by the names in the log")


def test(bed_):
    bed_.seen = set()
    random.seed(4)
    for mta in bed_.mtas:
        bed_.unnamed = 0
        for part in (one_by_one, at_once, forged, as_recorded):
            bed.tap.attempt(part, "%s %s" % (mta, part.__name__), bed_, mta)
    bed.tap.attempt(another_name, "another_name", bed_)
    bed.tap.attempt(named, "named", bed_)


if __name__ == "__main__":
    bed.main(test, sendmail_settings={"loglevel": 9})
