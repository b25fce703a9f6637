"""Clients that choose their names to forge log fields, break lines or drive a
terminal: every record parses back, says the true address, and nothing else.
"""

import bed
from tap import ok, same

FORGED = "203.0.113.9"      # no session comes from there

WORDS = (
    'x client=%s verdict=accept' % FORGED,
    'x" client="%s' % FORGED,
    'x\\" client=%s y="' % FORGED,
    'x\\x22 client=%s' % FORGED,
    'none',
    'cut\\...',
    'v=1 event=alarm user=root',
    '{"v":1,"event":"alarm"}',
    '%s%n%%s%{contact}',
    'tab\there',
    '-',
    '=',
    '""',
    "it's `id` $(id) ;id|id&",
    '<script>alert(1)</script>',
    'é漢字\u202eright-to-left',
)

RAW = (
    b'esc\x1b[31m\x07\x08\x7f',
    b'\xff\xfe\x80',
    b'bare\rMAIL FROM:<a@b>',
    b'nul-is-coming',
    b'x' * 900,
    b'y client=203.0.113.9 ' * 20,
)

FIELDS = set("""v event id verdict rule stage reply missing observed notes service port
client client_name helo tls cipher cipher_bits cert_verified cert_subject cert_issuer sni
outcome auth user sender recipient recipients qid listener daemon mta policy""".split())

USERS = ('ann', 'ann+20lists', 'a client=203.0.113.9 b', 'a" user="root', "a\\x22", 'none', 'a=b',
         'tab\tuser')
TAB = {"postfix": "?", "sendmail": "+09"}
REALM = {"postfix": "@example.com", "sendmail": ""}

SUBJECTS = (
    'CN client=203.0.113.9 x', 'CN" client="203.0.113.9', 'a\\\\b', 'line\nbreak',
    'esc\x1b[31m', 'é client=203.0.113.9', 'none',
)


def checked(bed_, session, name, count=1):
    """The records of a session, when all is as it must be with them."""
    found = bed_.account(session.source, count)
    if not same(len(found), count, name + ": %d record, under the true address" % count,
                *found):
        return None
    ok(all(set(r) <= FIELDS for r in found), name + ": no field but ours",
       *[sorted(set(r) - FIELDS) for r in found])
    return found


def by_helo(bed_, mta):
    for word in [w.encode("utf-8") for w in WORDS] + list(RAW):
        name = "%s: HELO %r" % (mta, word[:40])
        with bed_.connect(mta, 25) as session:
            greeting = session.ehlo(word)
            if greeting.code != 250:
                session.ehlo("polite.example")
            answer = session.message()
            session.say("QUIT")
        found = checked(bed_, session, name)
        if found:
            same(found[0]["verdict"], "accept", name + ": judged as any other",
                 *session.dialogue, found[0].line)
            if greeting.code == 250 and word == b"none":
                ok('helo="\\x6eone"' in found[0].line,
                   name + ": is not read as lacking", found[0].line)
        same(answer.code, 250, name + ": mail is taken", *session.dialogue)


def by_sender(bed_, mta):
    for word in WORDS + ("z" * 400, "a" * 200 + " client=203.0.113.9"):
        name = "%s: sender %r" % (mta, word[:40])
        quoted = word.replace("\\", "\\\\").replace('"', '\\"')
        with bed_.connect(mta, 25) as session:
            session.ehlo()
            answer = session.mail('"%s"@example.net' % quoted)
            session.command("RSET")
            session.quit()
        if answer.code == 250:
            found = checked(bed_, session, name)
            if found:
                same(found[0]["verdict"], "accept", name + ": judged as any other",
                     found[0].line)
                if "\\" not in word and '"' not in word and word.isascii() \
                        and "\t" not in word and len(word) < 60 and word != "none":
                    ok(word in found[0].get("sender", ""), name + ": written as it was",
                       found[0].line)


def by_user(bed_, mta):
    for user in USERS:
        name = "%s: user %r" % (mta, user)
        with bed_.connect(mta, 587) as session:
            session.ehlo()
            session.starttls(version="TLSv1.3")
            session.ehlo()
            login = session.login(user)
            answer = session.message()
            session.quit()
        found = checked(bed_, session, name)
        if login.code == 235 and found:
            same(answer.code, 250, name + ": mail is taken", *session.dialogue)
            # Neither server gives a control character as it is.
            same(found[0].get("user"), user.replace("\t", TAB[mta]) + REALM[mta],
                 name + ": written as the client gave it", found[0].line)
        # In the clear it ends up in an alarm.
        since = bed_.syslog.size()
        with bed_.connect(mta, 587) as session:
            session.ehlo()
            login = session.login(user)
            session.mail()
            session.quit()
        found = checked(bed_, session, name + " in the clear")
        if login.code == 235 and found:
            alarms = [r for r in bed_.syslog.records(since) if r["event"] == "alarm"]
            ok(all(r.get("client") == session.source for r in alarms),
               name + " in the clear: an alarm names the true address", *alarms)


def by_certificate(bed_, mta):
    for i, subject in enumerate(SUBJECTS):
        name = "%s: certificate of %r" % (mta, subject)
        cert = bed_.authority.issue("client-%s-%d" % (mta, i),
                                    "/O=%s/CN=%s" % (("x" * 60), subject))
        with bed_.connect(mta, 25) as session:
            session.ehlo()
            session.starttls(version="TLSv1.2", cert=cert)
            session.ehlo()
            answer = session.message()
            session.quit()
        same(answer.code, 250, name + ": mail is taken", *session.dialogue)
        found = checked(bed_, session, name)
        if found:
            record = found[0]
            same((record.get("verdict"), record.get("tls")), ("accept", "TLSv1.2"),
                 name + ": judged as any other", record.line)
            if subject.isprintable():
                same(record.get("cert_verified"), "yes", name + ": verified", record.line)
            ok("203.0.113.9" not in subject or "203.0.113.9" in record.get(
                "cert_subject", ""), name + ": the subject is on record", record.line)


def commands(bed_, mta):
    """What is no command at all: bytes, overlong lines, early ends."""
    for word in (b"\x00\x01\x02", b"A" * 5000, b"MAIL", b"MAIL FROM:", b"MAIL FROM:<" +
                 b"a" * 2000 + b"@b>", b"MAIL FROM:<[" + b"a!" * 300 + b"]!b>",
                 b"EHLO", b"HELO  ", b"RCPT TO:<a@b>", b"AUTH PLAIN =", b"AUTH PLAIN " + b"A" * 4000, b"STARTTLS x",
                 b"XXXX secret-word"):
        name = "%s: command %r" % (mta, word[:24])
        with bed_.connect(mta, 587) as session:
            try:
                session.ehlo()
                session.command(word)
                session.quit()
            except (OSError, bed.client.Closed):
                pass
        checked(bed_, session, name)
    ok("secret-word" not in "".join(bed_.syslog.lines("tlswardend")),
       "%s: what is no command is never logged" % mta)


def test(bed_):
    for mta in bed_.mtas:
        for part in (by_helo, by_sender, by_user, by_certificate, commands):
            bed.tap.attempt(part, "%s %s" % (mta, part.__name__), bed_, mta)
    everything = bed_.syslog.records()      # raises when one does not parse
    ok(len(everything) > 100, "every line of tlswardend parses back",
       len(everything))
    same([r.line for r in everything if r.get("client") == FORGED], [],
         "no record has the forged address")
    same([r.line for r in everything if r["event"] not in (
        "message", "session", "alarm", "start", "stop", "summary", "diagnostic")], [],
         "no record of an event that did not happen")


if __name__ == "__main__":
    bed.main(test, users=USERS, sendmail_settings={
        "extra": "LOCAL_CONFIG\nO AllowBogusHELO=True\n"})
