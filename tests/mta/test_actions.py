"""Every action of a policy as the client of a real server meets it: text that
arrives whole, connections that close, recipients refused one by one, and facts
that this server cannot give.
"""

import bed
from tap import ok, same

BLOCKED = "198.51.100.66"

POLICY = """rule remembered
    if helo ~ /^noted\\./
    note
rule blocked
    if client = 198.51.100.66
    reject 554 5.7.1 "100% blocked; it's 'final' \\"really\\""
rule slow-down
    if sender = "slow@example.net"
    tempfail 450 4.7.1 "Later, at 50%"
rule goodbye
    if sender = "bye@example.net"
    disconnect 421 4.7.0 "Closing; come back"
rule closed-box
    if recipient = "closed@example.com"
    reject 550 5.7.1 "This box is closed"
default accept
"""

# What a server may read as a mailbox of partner.example, as an argument of MAIL.
SPELLINGS = (
    "<ann@partner.example>", "<Ann@PARTNER.Example>", "<ann@partner.example.>",
    "ann@partner.example", "Ann <ann@partner.example>", "<@relay.example:ann@partner.example>",
    "<ann@partner.example,>", "<,ann@partner.example>", '<"ann"@partner.example>',
    '<"a b"@partner.example>', '<"a b"@partner.example,>', '<"a b@partner.example">',
    '<a\\ b@partner.example>', "<ann(x)@partner.example>", "<ann@partner.example(x)>",
    "<ann@partner.example (x)>", "<(x)ann@partner.example>", "< ann@partner.example >",
    "<ann @ partner.example>", "<<ann@partner.example>>", "<ann@partner.example>ann@other.example",
    '<"ann@other.example"@partner.example>', "<ann@other.example@partner.example>",
    "<partner.example!ann>", '<"partner.example!ann">', "<ann@\tpartner.example>",
)

# To Sendmail what is quoted is one word, and without a domain one of its own users.
LOCAL = {"sendmail": ['<"a b@partner.example">', '<"partner.example!ann">']}

SPELLED = """list partners = { partner.example }
rule partners
    if sender in partners
    reject 554 5.7.7 "Partners use TLS"
default accept
"""

UNDECIDED = """rule wants-a-name
    if sni = "mail.example.org"
    reject 554 5.7.0 "Wrong name"
default accept
"""


def account(bed_, session, count, name, *fields):
    found = bed_.account(session.source, count)
    return [tuple(r.get(f) for f in fields) for r in found]


def at_connect(bed_, mta):
    """Decided by the address: said at EHLO, where the text reaches the client."""
    name = "%s: refused by address" % mta
    since = bed_.syslog.size()
    with bed_.connect(mta, 25, source=BLOCKED) as session:
        same(session.greeting.code, 220, name + ": the greeting is as ever")
        session.ehlo()
        answer = session.mail()
        ok(answer.text == "554 5.7.1 100% blocked; it's 'final' \"really\"",
           name + ": the text arrives whole", *session.dialogue)
        session.quit()
    found = bed_.account(BLOCKED, since=since)
    same([(r["event"], r["verdict"], r["rule"], r["stage"]) for r in found],
         [("session", "reject", "blocked", "helo")], name + ": on record", *found)


def tempfail(bed_, mta):
    name = "%s: tempfail" % mta
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        answer = session.mail("slow@example.net")
        # Sendmail puts the address before it.
        ok(answer.text.startswith("450 4.7.1 ") and answer.text.endswith("Later, at 50%"),
           name + ": the text arrives whole", *session.dialogue)
        same(session.message("other@example.net").code, 250,
             name + ": another message is taken", *session.dialogue)
        session.quit()
    same(account(bed_, session, 2, name, "verdict", "rule", "reply", "sender"),
         [("tempfail", "slow-down", "450 4.7.1", "slow@example.net"),
          ("accept", "default", None, "other@example.net")], name + ": on record")


def disconnect(bed_, mta):
    name = "%s: disconnect" % mta
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        answer = session.mail("bye@example.net")
        ok(answer.text.startswith("421 4.7.0 ")
           and answer.text.endswith("Closing; come back"), name + ": the text arrives",
           *session.dialogue)
        try:
            session.command("NOOP")
            closed = False
        except (bed.client.Closed, OSError):
            closed = True
        ok(closed, name + ": the server closes", *session.dialogue)
    same(account(bed_, session, 1, name, "verdict", "rule", "reply"),
         [("disconnect", "goodbye", "421 4.7.0")], name + ": on record")


def recipients(bed_, mta):
    """One of three is refused; the message goes to the others."""
    name = "%s: a recipient refused" % mta
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        session.mail()
        codes = [session.rcpt(r + "@example.com").text[:9]
                 for r in ("open", "closed", "other")]
        same([codes[0][:3], codes[1], codes[2][:3]], ["250", "550 5.7.1", "250"],
             name + ": that one alone", *session.dialogue)
        same(session.data().code, 250, name + ": the message is taken",
             *session.dialogue)
        session.quit()
    same(account(bed_, session, 2, name, "verdict", "rule", "stage", "recipient"),
         [("reject", "closed-box", "rcpt", "closed@example.com"),
          ("accept", "default", "eom", "open@example.com")], name + ": on record",
         *bed_.account(session.source))


def refused_by_server(bed_, mta):
    """The server's own refusal is no verdict of ours, and loses no record."""
    name = "%s: relaying is denied" % mta
    with bed_.connect(mta, 25) as session:
        session.ehlo("noted.example")
        session.mail()
        same(session.rcpt("someone@elsewhere.example").code // 100, 5,
             name + ": by the server", *session.dialogue)
        session.quit()
    same(account(bed_, session, 1, name, "event", "verdict", "stage", "notes"),
         [("message", "accept", "abort", "remembered")], name + ": on record")


def spelled(bed_, mta):
    """Whatever this server takes for a mailbox of the domain is one to a rule: it
    queues none of them."""
    name = "%s: spellings of a domain" % mta
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        refused, queued = 0, []
        for spelling in SPELLINGS:
            answer = session.command("MAIL FROM:" + spelling)
            refused += "5.7.7" in answer.text
            if answer.code == 250 and session.rcpt().code == 250:
                session.data()
                queued.append(spelling)
            session.command("RSET")
        session.quit()
    same(queued, LOCAL.get(mta, []), name + ": no rule is passed by another", refused)
    ok(refused >= 19, name + ": most are taken but for the rule", refused)
    same({r.get("sender", "").rpartition("@")[2].lower() for r in bed_.account(session.source)
          if r["verdict"] == "reject"}, {"partner.example"}, name + ": on record")


def chunks(bed_):
    """RFC 3030: no DATA, but the message ends as any other."""
    name = "postfix: BDAT"
    with bed_.connect("postfix", 25) as session:
        session.ehlo()
        session.mail()
        session.rcpt()
        text = "Subject: chunk\r\n\r\nA line.\r\n"
        session.send(("BDAT %d LAST\r\n%s" % (len(text), text)).encode("ascii"))
        same(session.reply().code, 250, name + ": taken", *session.dialogue)
        session.quit()
    same(account(bed_, session, 1, name, "verdict", "stage", "qid"),
         [("accept", "eom", bed_.queue_id("postfix", session.source))],
         name + ": on record")


def not_known(bed_, mta):
    """A fact that this server never gives: 587 waits, 25 lets pass, both say so."""
    for port, code, verdict in ((587, "451 4.3.0", "tempfail"), (25, "250", "accept")):
        name = "%s %d: a rule on the SNI" % (mta, port)
        with bed_.connect(mta, port) as session:
            session.ehlo()
            session.starttls(version="TLSv1.3")
            session.ehlo()
            answer = session.message()
            ok(answer.text.startswith(code), name + ": " + code, *session.dialogue)
            session.quit()
        same(account(bed_, session, 1, name, "verdict", "rule", "missing"),
             [(verdict, "undecided", "sni")], name + ": on record",
             *bed_.account(session.source))


def test(bed_):
    for mta in bed_.mtas:
        for part in (at_connect, tempfail, disconnect, recipients, refused_by_server):
            bed.tap.attempt(part, "%s %s" % (mta, part.__name__), bed_, mta)
    bed.tap.attempt(chunks, "chunks", bed_)
    for policy, part in ((SPELLED, spelled), (UNDECIDED, not_known)):
        since = bed_.syslog.size()
        bed_.warden.write(policy)
        bed_.warden.reload()
        bed_.syslog.wait(lambda r: r["event"] == "reload", since)
        for mta in bed_.mtas:
            bed.tap.attempt(part, "%s %s" % (mta, part.__name__), bed_, mta)


if __name__ == "__main__":
    bed.main(test, policy=POLICY)
