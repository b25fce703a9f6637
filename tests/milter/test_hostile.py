#!/usr/bin/env python3
"""Values that clients and careless administrators can choose."""

import tap
from daemon import Daemon
from fakemta import Mta, Closed, sendmail
from logfmt import NONE, Cut
from tap import test, same, holds

NEW = ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "256")
ADDRESS = "192.0.2.66"
LONG = "x" * 65000

FORGERIES = [
    "a client=203.0.113.99 verdict=accept",
    'a" client="203.0.113.99',
    "a\nv=1 event=message client=203.0.113.99",
    "a\r\nNov 20 00:00:00 host tlswardend[1]: v=1 event=alarm",
    "none", "\"none\"", "\\x6eone", "\\", "\\...", "a\\", "=", " ", "\t",
    "\x1b[2J\x1b]0;x\x07", "\x7f\x80\xff", "a\\x0ab", "%s%n%x", "{}", "\"",
    "client=203.0.113.99", "] [", "'", "é€😀", "a" * 254, "b" * 400,
]


def raw(text):
    return text.encode("utf-8", "surrogateescape")


def judged(d, m):
    """The one record of the message; it parses, or this raises."""
    m.quit()
    r = d.record(event="message")
    same(r["client"], ADDRESS, "the client's address")
    same(r["verdict"], "accept", "the verdict")
    same([x for x in d.fresh() if x["event"] != "fault"], [], "more records")
    return r


def begin(d):
    m = Mta(d.socket).tls(*NEW)
    m.connect(address=ADDRESS)
    return m


def kept(got, sent):
    """The value is in the record as it was sent, or its start."""
    sent = raw(sent).decode("latin-1")
    if isinstance(got, Cut):
        holds(sent.startswith(got), "%r is not the start of %r" % (got, sent))
    else:
        same(got, sent)


@test
def forged_helo(d):
    """a HELO that forges fields, breaks lines, carries control bytes"""
    for forgery in FORGERIES:
        m = begin(d)
        m.helo(raw(forgery))
        m.message()
        r = judged(d, m)
        if "helo" in r and len(raw(forgery)) <= 255:
            kept(r["helo"], forgery)


@test
def forged_sender(d):
    """a sender"""
    for forgery in FORGERIES:
        m = begin(d)
        m.helo()
        same(m.mail(b"<" + raw(forgery) + b"@example.net>"), "c")
        same(m.eom(), "c")
        r = judged(d, m)
        if "sender" in r:
            holds(r["sender"] is not NONE, "a sender that is none")


@test
def forged_user(d):
    """a user name"""
    for forgery in FORGERIES:
        m = begin(d)
        m.helo()
        m.login("PLAIN", forgery)
        m.message()
        r = judged(d, m)
        same(r["auth"], "PLAIN")
        if len(raw(forgery)) <= 320:
            kept(r["user"], forgery)


@test
def forged_certificate(d):
    """a certificate's subject, a client's name, an SNI, a queue id"""
    for forgery in FORGERIES:
        m = begin(d)
        m.macros.update({"{cert_subject}": forgery, "{cert_issuer}": forgery,
                         "{tls_sni}": forgery})
        m.helo()
        m.message(qid=forgery.replace("\0", "") or "Q")
        kept(judged(d, m)["cert_subject"], forgery)
    for forgery in FORGERIES:
        m = Mta(d.socket).tls(*NEW)
        m.connect(address=ADDRESS, host=forgery)
        m.helo()
        m.message()
        judged(d, m)


@test
def long_values(d):
    """every value 64 KB long"""
    names = ("{daemon_name}", "{client_name}", "{cert_subject}",
             "{cert_issuer}", "{tls_sni}", "{verify}", "v", "j", "i",
             "{auth_authen}", "{auth_author}", "{client_resolve}")
    for name in names:
        m = begin(d)
        m.login()
        macros = {n: m.macros[n] for n in m.macros}
        for command in (b"H", b"M", b"E"):
            m.define(command, dict(macros, **{name: LONG}))
            if command == b"H":
                m.send(b"H", b"long.example\0")
            elif command == b"M":
                m.send(b"M", b"<ann@example.net>\0")
            else:
                m.send(b"E")
            holds(m.reply() == "c", name)
        judged(d, m)
    m = begin(d)
    same(m.helo(b"h" * 65000), "c")
    same(m.mail(b"<" + b"s" * 64000 + b"@example.net>"), "c")
    same(m.eom(), "c")
    judged(d, m)
    m = Mta(d.socket).tls(*NEW)
    m.connect(address=ADDRESS, host="n" * 60000)
    m.helo()
    m.message()
    judged(d, m)


@test
def long_tls(d):
    """TLS macros 64 KB long are unknown: let through on 25, not on 587"""
    for name in ("{tls_version}", "{cipher}", "{cipher_bits}"):
        m = Mta(d.socket).tls(*NEW)
        m.macros[name] = LONG[:50000]
        m.connect(address=ADDRESS)
        holds(m.helo() == "c", "HELO")
        m.message()
        holds("tls" not in judged(d, m), "a version out of %s" % name)


@test
def inconsistent(d):
    """a version without a cipher is no TLS: unknown, logged once an hour"""
    for port, user, want in ((25, None, "c"), (587, "ann", "451")):
        for _ in range(2):
            m = Mta(d.socket).port(port)
            m.macros["{tls_version}"] = "TLSv1.3"
            m.connect(address=ADDRESS)
            same(m.helo(), "c")
            if user:
                m.login("PLAIN", user)
            holds(m.mail().startswith(want), "MAIL on %d" % port)
            if want == "c":
                m.eom()
                r = d.record(event="message")
                holds("tls" not in r and "cipher" not in r, "TLS in %r" % r)
            else:
                r = d.record(event="message", rule="undecided")
                same([r["verdict"], r["missing"], r["reply"]],
                     ["tempfail", "tls", "451 4.3.0"])
            m.quit()
    d.fresh()
    faults = [r for r in d.records() if r.get("kind") == "tls-inconsistent"]
    same(len(faults), 1, "faults")


@test
def contradictions(d):
    """macros that contradict: a TLS 1.3 suite in TLS 1.2, bits that are none"""
    for tls in (("TLSv1.2", "TLS_AES_256_GCM_SHA384", "256"),
                ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "many"),
                ("TLSv9", "TLS_AES_256_GCM_SHA384", "256"),
                ("TLSv1.3", "", "256"), ("", "AES128-SHA", "128")):
        m = Mta(d.socket).tls(*tls)
        m.connect(address=ADDRESS)
        same(m.helo(), "c", tls)
        m.message()
        holds("tls" not in judged(d, m), "TLS out of %r" % (tls,))


@test
def empty_values(d):
    """macros that are sent empty were not sent"""
    m = sendmail(Mta(d.socket).tls("", "", "").login("", ""))
    m.macros.update({"{tls_sni}": "", "{client_resolve}": "",
                     "{client_name}": "", "{daemon_addr}": ""})
    m.connect(address=ADDRESS)
    same(m.helo(""), "c")
    m.message()
    r = judged(d, m)
    same([r["tls"], r["auth"]], [NONE, NONE])


@test
def no_macros(d):
    """no macro at all: nothing is known of the port"""
    m = Mta(d.socket, actions=0x3F)
    m.macros.clear()
    m.connect(address=ADDRESS, macros={"x": "y"})
    same(m.helo(), "c")
    m.message()
    same(judged(d, m)["service"], "other")


@test
def macros_that_were_promised(d):
    """the MTA takes our list of macros and sends none: they were lost"""
    m = Mta(d.socket)
    m.connect(address=ADDRESS, macros={"x": "y"})
    m.macros.clear()
    same(m.helo()[:9], "451 4.3.0", "connected")
    same(m.mail()[:9], "451 4.3.0", "connected, at MAIL")
    m.quit()
    # later ones: those of an earlier stage do not stand for them
    m = Mta(d.socket).port(587)
    m.connect(address=ADDRESS)
    same(m.helo(macros={"x": "y"}), "c")
    same(m.mail(macros={"x": "y"})[:9], "451 4.3.0", "TLS unknown")
    m.tls(*NEW)
    same(m.mail(), "c")
    m.abort()
    m.macros["{tls_version}"] = "TLSv1.1"
    same(m.mail(macros={"x": "y"})[:9], "451 4.3.0", "the last mail's")
    m.quit()
    d.fresh()


@test
def macros_that_were_lost(d):
    """the mailbox of an earlier MAIL or RCPT, whose macros stay, is not read"""
    with Daemon("""rule closed
    if sender = ann@example.com or recipient = closed@example.com
    reject 550 5.7.1 "Closed"
""") as own:
        m = Mta(own.socket).tls(*NEW)
        m.connect(address=ADDRESS)
        m.helo()
        m.macros["{mail_addr}"] = "bob@example.net"
        m.macros["{rcpt_addr}"] = "bob@example.com"
        for loses_rcpt in (False, True):
            same(m.mail("<bob@example.net>"), "c")
            same(m.rcpt("<bob@example.com>"), "c")
            m.send(*((b"R", b"<closed@example.com>\0") if loses_rcpt else
                     (b"M", b"<ann@example.com>\0")))
            same(m.reply(), "550 5.7.1 Closed")
        m.quit()
        # nor is the queue id of the earlier message
        m = sendmail(Mta(own.socket)).tls(*NEW)
        m.connect(address=ADDRESS)
        m.helo()
        m.macros["i"] = "FIRST"
        same(m.mail("<bob@example.net>"), "c")
        m.send(b"M", b"<ann@example.com>\0")
        same(m.reply(), "550 5.7.1 Closed")
        m.quit()
        r = own.record(event="message", verdict="reject", mta="Sendmail 8.17.1.9")
        same(r.get("qid"), None)


@test
def odd_macros(d):
    """sets of macros without an end, without names, of a stage that is none

    A name without a value is not among them: smfi_getsymval() of libmilter
    8.17.1 reads past the end of such a set.
    """
    for data in (b"Mj", b"M\0\0\0\0", b"Q\0\0", b"M",
                 b"Mj\0x\0{cipher}\0x\0", b"Mj\0" + b"x" * 60000 + b"\0"):
        m = begin(d)
        m.helo()
        m.send(b"D", data)
        m.send(b"M", b"<ann@example.net>\0")
        same(m.reply(), "c", data[:20])
        same(m.eom(), "c")
        m.quit()
        same(d.record(event="message")["client"], ADDRESS)


@test
def odd_ports(d):
    """ports that are none"""
    for port in ("", "0", "65536", "-1", "25 ", "smtp", "99999999999", "587x"):
        m = Mta(d.socket).port(port).tls(*NEW)
        m.connect(address=ADDRESS)
        m.helo()
        m.message()
        holds(judged(d, m)["service"] in ("mx", "other"), repr(port))


@test
def arguments_of_mail(d):
    """an address with its parameters in one argument, quotes, routes"""
    for argument, want in (("<ann@example.net> SIZE=1", "ann@example.net"),
                           ("ann@example.net", "ann@example.net"),
                           ('<"a> b"@example.net>', '"a> b"@example.net'),
                           ('<"a\\">"@example.net>', '"a\\">"@example.net'),
                           ("<>", "<>")):
        m = begin(d)
        m.helo()
        same(m.mail(argument, "BODY=8BITMIME"), "c")
        same(m.eom(), "c")
        same(judged(d, m)["sender"], want)


@test
def upper_case(d):
    """a sender in upper and lower case, of which Postfix has only the lower"""
    for argument, read, want in (
            ("<Ann.B@Example.NET>", "ann.b@example.net", "Ann.B@Example.NET"),
            ('<"A > B"@Example.net>', '"a > b"@example.net', '"A > B"@Example.net'),
            ('<"A B"@Example.net,>', '"a b"@example.net', '"a b"@example.net')):
        m = begin(d)
        m.helo()
        m.macros["{mail_addr}"] = read
        same(m.mail(argument), "c")
        same(m.eom(), "c")
        same(judged(d, m)["sender"], want)


@test
def spellings_of_mailboxes(d):
    """a sender or recipient by any spelling is the one that a rule names"""
    with Daemon("""rule partners
    if sender in { partner.example }
    tempfail 454 4.7.0 "Not in the clear"
rule closed
    if recipient = closed@example.com
    reject 550 5.7.1 "Closed"
""") as own:
        for spelling in (
                "<%s@%s>", "%s@%s", "<%s@%s.>", "<%s@%s (x)>", "<(x)%s@%s>",
                "<(>)%s@%s>", "<(\\))((x)y)%s@(x)%s>", "< %s @ %s >", "<%s@%s\t>",
                '<"%s"@%s>', "<\\%s@%s>", '<%s@"%s">', '<""%s@%s>',
                '<%s@%s."">', "<@a.example,@b.example:%s@%s>", "<%s%%%s>",
                "<Foo <%s@%s>>", "<<%s@%s>>", "<g:%s@%s;>", "<%s@%s> SIZE=1",
                "<%s@[%s]>", "<%s@[%s.]>", "<%s@[%s].>", "<%s\\@%s>", "%s\\@%s", "<g:%s@%s; >"):
            m = Mta(own.socket)
            m.connect(address=ADDRESS)
            m.helo()
            sender = spelling % ("ann", "partner.example")
            holds(m.mail(sender).startswith("454"), "MAIL " + sender)
            same(m.mail("<ann@partner.example.net>"), "c")
            recipient = spelling % ("closed", "example.com")
            holds(m.rcpt(recipient).startswith("550"), "RCPT " + recipient)
            m.quit()


@test
def mailboxes_of_any_length(d):
    """a mailbox too long is none that a rule names, wherever its marks stand"""
    marks = ("@", "!", "%", "\\@", "@%", "!@", '"@', "!!", "@.", "@[")
    for fact, say in (("sender", Mta.mail), ("recipient", Mta.rcpt)):
        with Daemon("""rule closed
    if %s in { ann@partner.example, partner.example }
    reject 550 5.7.1 "Closed"
""" % fact) as own:
            m = Mta(own.socket)
            m.connect(address=ADDRESS)
            m.helo()
            m.mail("<bob@example.net>")
            for mark in marks:
                for n in (*range(505, 520), 700, 64000):
                    long = "<" + "a" * n + mark + "partner.example>"
                    holds(say(m, long).startswith("451"), "%d %s" % (n, mark))
            # nothing is dropped of a name that is not read to its end
            long = "<ann@partner.example" + "." * 600 + "example.net>"
            holds(say(m, long).startswith("451"), "dots")
            same(say(m, "<ann@partner.example.>"), "550 5.7.1 Closed")
            m.quit()


@test
def semicolons(d):
    """one before more of a mailbox ends nothing: its domain is the one behind"""
    with Daemon("""rule partners
    if sender in { partner.example } or recipient in { partner.example }
    reject 550 5.7.1 "Partner"
""") as own:
        for server in (lambda m: m, sendmail):
            m = server(Mta(own.socket))
            m.connect(address=ADDRESS)
            m.helo()
            for spelling in ("<;ann@partner.example>", ";ann@partner.example",
                             "<g:;ann@partner.example>", "<a;ann@partner.example>",
                             "<ann;@partner.example>", "<;;ann@partner.example;>",
                             '<;"a b"@partner.example>'):
                same(m.mail(spelling), "550 5.7.1 Partner")
                same(m.mail("<bob@example.net>"), "c")
                same(m.rcpt(spelling), "550 5.7.1 Partner")
            m.quit()


@test
def spelling_only_postfix_knows(d):
    """what Postfix reads in an argument counts, and what Sendmail makes not"""
    with Daemon("""rule quoted
    if sender = "\\"a b\\"@example.com"
    reject 550 5.7.1 "Closed"
rule null
    if sender = <>
    reject 550 5.7.1 "Null"
rule closed
    if sender = ann@example.com or recipient = closed@example.com
        or recipient = "\\"c d\\"@example.com"
    reject 550 5.7.1 "Closed"
""") as own:
        for server, answer in ((lambda m: m, "550 5.7.1 Closed"),
                               (sendmail, "c")):
            m = server(Mta(own.socket))
            m.connect(address=ADDRESS)
            m.helo()
            m.macros["{mail_addr}"] = "ann@example.com"
            same(m.mail("<ann%example.com@example.com>"), answer)
            same(m.mail("<>"), "550 5.7.1 Null")
            same(m.mail("<>", "SIZE=1"), "550 5.7.1 Null")
            for spelling in ("<>%s@%s", "<<>%s@%s>", "<>;%s@%s"):
                m.macros["{mail_addr}"] = "ann@example.com"
                same(m.mail(spelling % ("ann", "example.com")),
                     answer if answer != "c" else "550 5.7.1 Null")
            m.macros["{mail_addr}"] = '"a b"@example.com'
            same(m.mail('<>"a b"@example.com'),
                 answer if answer != "c" else "550 5.7.1 Null")
            for spelling in ("<,>", '<"">'):
                m.macros["{mail_addr}"] = ""
                same(m.mail(spelling), answer.replace("Closed", "Null"))
            for spelling in ('<"a b"@example.com,>', '<"a b@example.com">'):
                m.macros["{mail_addr}"] = '"a b"@example.com'
                same(m.mail(spelling), answer)
                m.macros["{mail_addr}"] = "bob@example.net"
                same(m.mail("<bob@example.net>"), "c")
                m.macros["{rcpt_addr}"] = '"c d"@example.com'
                same(m.rcpt(spelling.replace("a b", "c d")), answer)
            m.macros["{rcpt_addr}"] = "closed@example.com"
            same(m.rcpt("<closed%example.com@example.com>"), answer)
            m.macros["{rcpt_addr}"] = "error text"
            same(m.rcpt("<bob@example.com>"), "c")
            same(m.eom(), "c")
            m.quit()


@test
def login_without_mechanism(d):
    """a name without a mechanism is a login that nobody knows"""
    m = Mta(d.socket).port(587)
    m.connect(address=ADDRESS)
    m.helo()
    m.macros["{auth_authen}"] = "ann"
    holds(m.mail().startswith("451 4.3.0"), "MAIL")
    r = d.record(event="message")
    same([r["rule"], r["missing"]], ["undecided", "auth"])
    m.quit()


@test
def broken_packets(d):
    """packets that are none, at every stage, end that session alone"""
    other = begin(d)
    other.helo()
    for stage in range(4):
        for packet in (b"\0\0\0\0", b"\xff\xff\xff\xffM", b"\0\x01\0\x01M",
                       b"\0\0\0\x01M", b"\0\0\0\x01H", b"\0\0\0\x02?x",
                       b"\0\0\0\x01C", b"\0\0\0\x04Cx\0\x34",
                       b"\0\0\0\x01R", b"\0\0\0\x09O\0\0\0\0\0\0\0\0"):
            m = Mta(d.socket)
            if stage > 0:
                m.connect()
            if stage > 1:
                m.helo()
            if stage > 2:
                m.mail()
            m.socket.sendall(packet)
            m.vanish()
    d.fresh()
    same(other.mail(), "c")
    same(other.eom("ALIVE"), "c")
    d.record(qid="ALIVE")
    other.quit()


if __name__ == "__main__":
    with Daemon() as daemon:
        tap.run(daemon)
