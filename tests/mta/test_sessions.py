"""Sessions that do not go straight from EHLO to QUIT: what the facts are worth
when STARTTLS, EHLO, MAIL and RSET come in another order, or not at all.
"""

import subprocess

import bed
import process
from tap import ok, same


def told(record, *names):
    return tuple(record.get(n) for n in names)


def no_second_ehlo(bed_, mta):
    """STARTTLS, then MAIL at once: the TLS facts come with MAIL."""
    for version, code, verdict in (("TLSv1.3", "250", "accept"),
                                   ("TLSv1.1", "554 5.7.0", "reject")):
        name = "%s 587: STARTTLS %s, MAIL without EHLO" % (mta, version)
        with bed_.connect(mta, 587) as session:
            session.ehlo()
            session.starttls(version=version)
            answer = session.message()
            ok(answer.text.startswith(code), name + ": " + code, *session.dialogue)
            session.quit()
        found = bed_.account(session.source)
        if same(len(found), 1, name + ": one record", *found):
            same(told(found[0], "event", "verdict", "tls"),
                 ("message", verdict, version), name + ": on record", found[0].line)
            if verdict == "reject":
                same(told(found[0], "rule", "stage", "reply"),
                     ("tls-too-old", "mail", "554 5.7.0"),
                     name + ": refused at MAIL", found[0].line)


def broken_handshake(bed_, mta):
    name = "%s 587: the handshake fails" % mta
    with bed_.connect(mta, 587) as session:
        session.ehlo()
        session.command("STARTTLS")
        session.send(b"this is no TLS hello, and never will be one\r\n" * 4)
        try:
            session.sock.recv(4096)
        except OSError:
            pass
    found = bed_.account(session.source)
    if same(len(found), 1, name + ": one record", *found):
        same(told(found[0], "event", "verdict", "tls", "outcome", "stage"),
             ("session", "accept", "none", "abandoned", "close"),
             name + ": abandoned", found[0].line)


def just_left(bed_, mta):
    for name, words in (("connect and leave", ()), ("EHLO and QUIT", ("EHLO a.example",
                                                                     "QUIT"))):
        name = "%s 25: %s" % (mta, name)
        with bed_.connect(mta, 25) as session:
            for word in words:
                session.command(word)
        found = bed_.account(session.source)
        if same(len(found), 1, name + ": one record", *found):
            same(told(found[0], "event", "verdict", "outcome"),
                 ("session", "accept", "abandoned"), name + ": abandoned", found[0].line)
    name = "%s 25: TLS, but no mail" % mta
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        session.starttls(version="TLSv1.3")
        session.ehlo()
        session.quit()
    found = bed_.account(session.source)
    if same(len(found), 1, name + ": one record", *found):
        same(told(found[0], "event", "verdict", "tls", "outcome"),
             ("session", "accept", "TLSv1.3", "encrypted"), name + ": encrypted",
             found[0].line)


def left_at_once(bed_, mta):
    """The server closes its connection to us right behind what it had to say:
    nothing of it may be lost, however often."""
    for name, words, event, outcome in (
            ("connect", (), "session", "abandoned"),
            ("MAIL", ("EHLO a.example", "MAIL FROM:<a@example.net>"), "message",
             "cleartext")):
        name = "%s 25: gone right after %s" % (mta, name)
        sources = []
        for _ in range(25):
            with bed_.connect(mta, 25) as session:
                for word in words:
                    session.command(word)
                sources.append(session.source)
        found = bed_.syslog.wait(lambda r: r.get("client") in sources, 0, len(sources))
        same(len(found), len(sources), name + ": a record each")
        same({told(r, "event", "outcome") for r in found}, {(event, outcome)},
             name + ": as it was", *found[:3])


def two_messages(bed_, mta):
    name = "%s 25: two messages on one connection" % mta
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        session.starttls(version="TLSv1.2")
        session.ehlo()
        for sender in ("one@example.net", "two@example.net"):
            answer = session.message(sender)
            same(answer.code, 250, name + ": taken", *session.dialogue)
        session.quit()
    found = bed_.account(session.source, 2)
    if same([r.get("sender") for r in found], ["one@example.net", "two@example.net"],
            name + ": two records, no more", *found):
        same(len({r["id"] for r in found}), 1, name + ": of one session")
        same(len({r.get("qid") for r in found}), 2, name + ": with two queue ids")
        same({told(r, "event", "tls", "outcome") for r in found},
             {("message", "TLSv1.2", "encrypted")}, name + ": both encrypted", *found)


def again_after_refusal(bed_, mta):
    """A client in the clear is refused, asks again, and is refused again."""
    name = "%s 587: a second MAIL after a refused one" % mta
    with bed_.connect(mta, 587) as session:
        session.ehlo()
        session.login()
        first, second = session.mail("one@example.net"), session.mail("two@example.net")
        ok(first.text.startswith("530 5.7.0") and second.text.startswith("530 5.7.0"),
           name + ": both refused", *session.dialogue)
        session.quit()
    found = bed_.account(session.source, 2)
    same([told(r, "event", "verdict", "rule", "sender") for r in found],
         [("message", "reject", "auth-in-clear", "one@example.net"),
          ("message", "reject", "auth-in-clear", "two@example.net")],
         name + ": both on record", *found)


def upgraded_after_refusal(bed_, mta):
    """Refused in the clear; STARTTLS on the same connection makes it good."""
    name = "%s 587: STARTTLS after a refused MAIL" % mta
    with bed_.connect(mta, 587) as session:
        session.ehlo()
        session.login()
        answer = session.mail()
        ok(answer.text.startswith("530 5.7.0"), name + ": refused", *session.dialogue)
        if session.starttls(version="TLSv1.3").code != 220:
            session.quit()
            return      # Postfix takes no STARTTLS after AUTH
        session.ehlo()
        session.login()
        answer = session.message()
        same(answer.code, 250, name + ": then taken", *session.dialogue)
        session.quit()
    found = bed_.account(session.source, 2)
    same([told(r, "verdict", "tls") for r in found],
         [("reject", "none"), ("accept", "TLSv1.3")], name + ": on record", *found)


def reset(bed_, mta):
    name = "%s 25: RSET" % mta
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        session.starttls(version="TLSv1.3")
        session.ehlo()
        session.mail("first@example.net")
        same(session.command("RSET").code, 250, name + ": answered", *session.dialogue)
        answer = session.message("second@example.net")
        same(answer.code, 250, name + ": then a message is taken", *session.dialogue)
        session.quit()
    found = bed_.account(session.source, 2)
    same([told(r, "sender", "stage", "verdict") for r in found],
         [("first@example.net", "abort", "accept"),
          ("second@example.net", "eom", "accept")],
         name + ": one given up, one taken", *found)
    if len(found) == 2:
        same(found[1].get("qid"), bed_.queue_id(mta, session.source, 1 if mta == "postfix" else 2),
             name + ": the queue id is the second's", *found)


def ehlo_again(bed_, mta):
    """A new EHLO inside a transaction ends it, and TLS stays TLS."""
    name = "%s 25: EHLO in mid-session" % mta
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        session.starttls(version="TLSv1.3")
        session.ehlo("before.example")
        session.mail("first@example.net")
        session.ehlo("after.example")
        answer = session.message("second@example.net")
        same(answer.code, 250, name + ": a message is taken", *session.dialogue)
        session.quit()
    found = [r for r in bed_.account(session.source, 2) if r.get("stage") == "eom"]
    if same(len(found), 1, name + ": one message", *found):
        same(told(found[0], "helo", "sender", "tls", "outcome"),
             ("after.example", "second@example.net", "TLSv1.3", "encrypted"),
             name + ": with the facts of now", found[0].line)


def helo_only(bed_, mta):
    name = "%s 25: HELO, as thirty years ago" % mta
    with bed_.connect(mta, 25) as session:
        session.command("HELO old.example")
        same(session.message("").code, 250, name + ": a bounce is taken",
             *session.dialogue)
        session.quit()
    found = bed_.account(session.source)
    if same(len(found), 1, name + ": one record", *found):
        same(told(found[0], "helo", "sender", "tls", "outcome"),
             ("old.example", "<>", "none", "cleartext"), name + ": on record",
             found[0].line)


def over_ipv6(bed_, mta):
    for port, tls, code, verdict in ((25, "none", "250", "accept"),
                                     (587, "TLSv1.3", "250", "accept"),
                                     (465, "TLSv1.1", "554 5.7.0", "reject")):
        name = "%s %d %s over IPv6" % (mta, port, tls)
        how = {"version": tls}
        with bed_.connect(mta, port, family="6",
                          tls=how if port == 465 else None) as session:
            session.ehlo()
            if port != 465 and tls != "none":
                session.starttls(**how)
                session.ehlo()
            answer = session.message()
            ok(answer.text.startswith(code), name + ": " + code, *session.dialogue)
            session.quit()
        found = bed_.account(session.source)
        if same(len(found), 1, name + ": one record of its address", *found):
            same(told(found[0], "verdict", "tls", "port"), (verdict, tls, str(port)),
                 name + ": on record", found[0].line)


def verified_name(bed_, mta):
    """/etc/hosts knows this address, and the name leads back to it."""
    name = "%s 25: a client with a name" % mta
    with bed_.connect(mta, 25, source="198.51.100.7") as session:
        session.ehlo()
        session.message("%s@example.net" % mta)
        session.quit()
    found = [r for r in bed_.account("198.51.100.7", 1 if mta == "postfix" else 2)
             if r.get("sender", "").startswith(mta)]
    if same(len(found), 1, name + ": one record", *found):
        same(found[0].get("client_name"), "client.example.net", name + ": on record",
             found[0].line)
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        session.message()
        session.quit()
    found = bed_.account(session.source)
    same([r.get("client_name") for r in found], ["none"],
         "%s 25: a client without a name" % mta, *found)


def by_xclient(bed_):
    name = "postfix 25: a client address given by XCLIENT"
    for client in ("203.0.113.77", "IPv6:2001:db8:99::77"):
        address = client.replace("IPv6:", "")
        with bed_.connect("postfix", 25) as session:
            session.ehlo()
            answer = session.command("XCLIENT NAME=[UNAVAILABLE] ADDR=%s" % client)
            same(answer.code, 220, name + ": taken", *session.dialogue)
            session.ehlo("behind.example")
            same(session.message().code, 250, name + ": mail is taken", *session.dialogue)
            session.quit()
        found = [r for r in bed_.account(address) if r["event"] == "message"]
        if same(len(found), 1, name + ": a record of %s" % address, *found):
            same(told(found[0], "helo", "verdict"), ("behind.example", "accept"),
                 name + ": on record", found[0].line)


def not_by_smtp(bed_):
    """sendmail(1): Postfix plays a session of the machine with itself."""
    name = "postfix: mail by sendmail(1)"
    since = bed_.syslog.size()
    done = subprocess.run(["sendmail", "-C", bed_.mtas["postfix"].conf, "-f",
                           "local@example.com", "rcpt@example.com"],
                          input=b"Subject: local\n\nA line.\n", check=False,
                          stderr=subprocess.PIPE)
    same(done.returncode, 0, name + ": taken", done.stderr)
    found = bed_.syslog.wait(lambda r: r.get("sender") == "local@example.com", since)
    if same(len(found), 1, name + ": one record", *found):
        same(told(found[0], "event", "verdict", "rule", "service"),
             ("message", "accept", "non-smtp", "other"), name + ": not judged",
             found[0].line)
    process.until(lambda: "to=<rcpt@example.com>" in bed_.mtas["postfix"].said(), 10,
                  "the message is delivered")


def test(bed_):
    for mta in bed_.mtas:
        for part in (no_second_ehlo, broken_handshake, just_left, left_at_once,
                     two_messages,
                     again_after_refusal, upgraded_after_refusal, reset, ehlo_again,
                     helo_only, over_ipv6, verified_name):
            bed.tap.attempt(part, "%s %s" % (mta, part.__name__), bed_, mta)
    bed.tap.attempt(by_xclient, "by_xclient", bed_)
    bed.tap.attempt(not_by_smtp, "not_by_smtp", bed_)
    ok(not [r for r in bed_.syslog.records() if r["event"] == "fault"],
       "no fault of our own")


if __name__ == "__main__":
    bed.main(test, postfix_extra="non_smtpd_milters = $smtpd_milters\n")
