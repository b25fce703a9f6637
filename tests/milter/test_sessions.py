"""Every order of callbacks that servers are known to send, and the records."""

import signal
import struct
import sys

import tap
from daemon import Daemon, ROOT, POLICY, wait_for
from fakemta import (Mta, Closed, drain, postfix, sendmail, NORCPT, NOBODY, NOHDRS, NOEOH,
                     NOUNKNOWN, NODATA, SETSYMLIST)
from logfmt import NONE
from tap import test, same, holds

IN_CLEAR = ("530 5.7.0 Encryption required: use STARTTLS or port 465, "
            "and change your password. ")
WRAPPED = ("530 5.7.0 Encryption required: this port speaks TLS from the "
           "start. ")
TOO_OLD = "554 5.7.0 TLS 1.2 or later required, you used %s. "


def fields(record, **want):
    for name, value in want.items():
        same(record.get(name), value, "%s of %r" % (name, record))


def lacks(record, *names):
    for name in names:
        holds(name not in record, "%s in %r" % (name, record))


def answered(got, want):
    """Without what a contact would add at the end."""
    same(got.rstrip(), want.rstrip())


def begin(d, port=25, tls=None, server=postfix, **more):
    m = server(Mta(d.socket)).port(port)
    if tls:
        m.tls(*tls)
    same(m.connect(**more), "c")
    return m


OLD = ("TLSv1.1", "ECDHE-RSA-AES256-SHA", "256")
NEW = ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "256")


# --- negotiation

@test
def negotiated(d):
    """declines what is never looked at, and asks at every stage"""
    m = Mta(d.socket)
    same(m.version, 6)
    same(m.wanted, SETSYMLIST)
    same(m.declined, NORCPT | NOBODY | NOHDRS | NOEOH | NOUNKNOWN | NODATA)
    same(sorted(m.asked), [0, 1, 2, 3, 5])
    for place in m.asked.values():
        holds("j" in place.split(), "no macro that is always there")
    for name in ("{daemon_port}", "{daemon_addr}", "{daemon_name}", "v",
                 "{client_name}", "{client_resolve}", "{tls_version}",
                 "{cipher}", "{cipher_bits}"):
        holds(name in m.asked[0].split(), name + " is not asked for at CONNECT")
    for name in ("{tls_version}", "{cipher}", "{cipher_bits}", "{verify}",
                 "{cert_subject}", "{cert_issuer}", "{tls_sni}"):
        for place in (1, 2):
            holds(name in m.asked[place].split(), name)
    for name in ("{auth_type}", "{auth_authen}"):
        holds(name in m.asked[2].split(), name)
    holds("i" in m.asked[5].split(), "no queue id")
    m.vanish()


@test
def old_server(d):
    """takes no more than the server offers, and answers its CONNECT"""
    m = Mta(d.socket, actions=0x3F, steps=0x7F)
    same(m.wanted, 0)
    same(m.declined, NORCPT | NOBODY | NOHDRS | NOEOH)
    same(m.asked, {})
    m.tls(*NEW)
    same(m.connect(), "c")
    same(m.helo(), "c")
    same(m.mail(), "c")
    same(m.eom(), "c")
    # nobody told the port, and the absence of a login is not to be trusted
    fields(d.record(event="message"), verdict="accept", service="other",
           tls="TLSv1.3")
    m.quit()


@test
def bare_version(d):
    """a protocol version from before negotiation had callbacks"""
    m = Mta(d.socket, negotiate=False)
    m.negotiate(version=2)
    same(m.version, 2)
    m.vanish()


# --- port 25

@test
def mx_plain(d):
    """25 in the clear is taken, and said so"""
    m = begin(d)
    same(m.helo("mail.example.net"), "c")
    same(m.mail("<>"), "c")
    same(m.eom("3F2B1C"), "c")
    r = d.record(event="message")
    same([k for k in r if k not in ("mta", "policy", "listener", "daemon")],
         ["v", "event", "id", "verdict", "rule", "stage", "service", "port",
          "client", "client_name", "helo", "tls", "outcome", "auth", "sender",
          "qid"])
    fields(r, verdict="accept", rule="default", stage="eom", service="mx",
           port="25", client="192.0.2.7", client_name="client.example.net",
           helo="mail.example.net", tls=NONE, outcome="cleartext", auth=NONE,
           sender="<>", qid="3F2B1C", mta="Postfix 3.7.11",
           listener="203.0.113.1", daemon="smtpd")
    holds(len(r["id"]) == 16, "id %r" % r["id"])
    m.quit()


@test
def mx_tls(d):
    """25 with STARTTLS and a second EHLO"""
    m = begin(d)
    same(m.helo(), "c")
    m.tls(*NEW)
    same(m.helo(), "c")
    m.message()
    fields(d.record(event="message"), verdict="accept", service="mx",
           tls="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", cipher_bits="256",
           outcome="encrypted", sender="ann@example.net")
    m.quit()


@test
def no_second_ehlo(d):
    """STARTTLS, then MAIL without another EHLO: TLS comes with MAIL"""
    m = begin(d, 587)
    same(m.helo(), "c")
    m.tls(*NEW).login()
    m.message()
    fields(d.record(event="message"), verdict="accept", tls="TLSv1.3",
           auth="PLAIN", user="ann", outcome="encrypted")
    m.quit()


@test
def no_second_ehlo_old(d):
    """the same with TLS 1.1 is refused at MAIL"""
    m = begin(d, 587)
    same(m.helo(), "c")
    m.tls(*OLD).login()
    answered(m.mail(), TOO_OLD % "TLSv1.1")
    fields(d.record(event="message"), verdict="reject", rule="tls-too-old",
           stage="mail", reply="554 5.7.0", tls="TLSv1.1",
           outcome="deprecated")
    m.quit()


@test
def no_helo(d):
    """MAIL without any HELO"""
    m = begin(d, tls=OLD)
    answered(m.mail(), TOO_OLD % "TLSv1.1")
    fields(d.record(event="message"), verdict="reject", stage="mail", helo=NONE)
    m.quit()


# --- submission

@test
def auth_in_clear(d):
    """587: a login in the clear is refused at MAIL, and the alarm raised"""
    m = begin(d, 587, address="198.51.100.7")
    same(m.helo(), "c")
    m.login("PLAIN", "clear-ann")
    answered(m.mail(), IN_CLEAR)
    fields(d.record(event="message"), verdict="reject", rule="auth-in-clear",
           stage="mail", reply="530 5.7.0", service="submission", port="587",
           client="198.51.100.7", tls=NONE, outcome="cleartext", auth="PLAIN",
           user="clear-ann")
    r = d.record(event="alarm")
    same(list(r), ["v", "event", "kind", "user", "client", "service",
                   "mechanism", "count", "since"])
    fields(r, kind="password-exposed", user="clear-ann", client="198.51.100.7",
           service="submission", mechanism="PLAIN", count="1")
    m.quit()
    same(d.fresh(), [], "after the session")


@test
def one_alarm(d):
    """one alarm a user and day, however often; another user has another"""
    for user in ("often-bob", "often-bob", "often-bob", "often-eve"):
        m = begin(d, 587)
        m.helo()
        m.login("LOGIN", user)
        answered(m.mail(), IN_CLEAR)
        answered(m.mail(), IN_CLEAR)
        m.quit()
    # The alarm may come before the message's record, and after it.
    def alarms():
        return [(r["user"], r["count"]) for r in d.records() if r["event"] == "alarm" and
                str(r["user"]).startswith("often-")]
    wait_for(lambda: len(alarms()) > 1, "two alarms")
    d.record(event="message", user="often-eve")
    d.fresh()
    same(alarms(), [("often-bob", "1"), ("often-eve", "1")])


@test
def old_tls_before_auth(d):
    """587: TLS 1.1 is refused at the EHLO inside TLS, once on record"""
    m = begin(d, 587)
    same(m.helo(), "c")
    m.tls(*OLD)
    answered(m.helo(), TOO_OLD % "TLSv1.1")
    fields(d.record(event="session"), verdict="reject", rule="tls-too-old",
           stage="helo", reply="554 5.7.0", tls="TLSv1.1",
           outcome="deprecated")
    answered(m.helo(), TOO_OLD % "TLSv1.1")
    m.quit()
    same(d.fresh(), [], "a second record")


@test
def weak_cipher(d):
    """587: a cipher without authentication of the server"""
    m = begin(d, 587, tls=("TLSv1.2", "AECDH-AES256-SHA", "256"))
    answered(m.helo(), "554 5.7.0 A stronger cipher is required.")
    fields(d.record(event="session"), rule="cipher-too-weak",
           service="submission")
    m.quit()
    m = begin(d, 25, tls=("TLSv1.2", "RC4-SHA", "128"))
    same(m.helo(), "c")
    m.message()
    fields(d.record(event="message"), verdict="accept", outcome="deprecated")
    m.quit()


@test
def mail_after_refusal(d):
    """after a refused MAIL the client may try again"""
    m = begin(d, 587)
    m.helo()
    m.login("PLAIN", "again")
    answered(m.mail(), IN_CLEAR)
    m.tls(*NEW)
    same(m.helo(), "c")
    m.message(qid="AFTER")
    first = d.record(event="message", verdict="reject")
    second = d.record(event="message", verdict="accept")
    same(first["id"], second["id"])
    fields(second, qid="AFTER", tls="TLSv1.3")
    m.quit()
    d.fresh()


# --- port 465

@test
def implicit_postfix(d):
    """465 on Postfix: TLS is there at CONNECT"""
    m = begin(d, 465, tls=NEW)
    same(m.helo(), "c")
    m.login()
    m.message()
    fields(d.record(event="message"), verdict="accept", service="submissions",
           tls="TLSv1.3", user="ann")
    m.quit()


@test
def implicit_sendmail(d):
    """465 on Sendmail: TLS comes only with HELO"""
    m = sendmail(Mta(d.socket).port(465))
    same(m.connect(), "c")
    m.tls(*NEW)
    same(m.helo(), "c")
    m.login()
    m.message()
    fields(d.record(event="message"), verdict="accept", service="submissions",
           tls="TLSv1.3", mta="Sendmail 8.17.1.9")
    m.quit()


@test
def implicit_clear(d):
    """465 in the clear: refused at the first EHLO, not at CONNECT"""
    m = begin(d, 465)
    answered(m.helo(), WRAPPED)
    fields(d.record(event="session"), verdict="reject", rule="tls-required",
           stage="helo", service="submissions", tls=NONE)
    m.quit()
    same(d.fresh(), [], "a second record")


@test
def implicit_no_helo(d):
    """465 in the clear, and no HELO: refused at MAIL"""
    m = begin(d, 465)
    answered(m.mail(), WRAPPED)
    fields(d.record(event="message"), rule="tls-required", stage="mail")
    m.quit()


# --- more than one of each

@test
def two_messages(d):
    """two messages on one connection, each with its queue id"""
    m = begin(d)
    m.helo()
    m.message("<one@example.net>", "Q1")
    m.message("<two@example.net>", "Q2")
    m.quit()
    one, two = d.record(event="message"), d.record(event="message")
    same([one["qid"], two["qid"]], ["Q1", "Q2"])
    same([one["sender"], two["sender"]], ["one@example.net", "two@example.net"])
    same(one["id"], two["id"])
    same(d.fresh(), [], "a session record beside messages")


@test
def login_between(d):
    """a login between two messages is seen"""
    m = begin(d, 25)
    m.helo()
    m.message(qid="BEFORE")
    m.login("PLAIN", "between")
    answered(m.mail(), IN_CLEAR)
    fields(d.record(event="message"), auth=NONE)
    fields(d.record(event="message"), auth="PLAIN", rule="auth-in-clear")
    m.quit()
    d.record(event="alarm")


@test
def login_gone(d):
    """facts of a stage are afresh: a login does not outlive its MAIL"""
    m = begin(d, 25, tls=NEW)
    m.helo()
    m.login()
    m.message(qid="L1")
    del m.macros["{auth_type}"], m.macros["{auth_authen}"]
    m.message(qid="L2")
    fields(d.record(event="message"), user="ann")
    lacks(d.record(event="message", auth=NONE), "user")
    m.quit()


@test
def tls_gone(d):
    """TLS facts do not outlive a HELO or MAIL without them"""
    m = begin(d, 587)
    m.tls(*NEW)
    same(m.helo(), "c")
    for name in ("{tls_version}", "{cipher}", "{cipher_bits}"):
        del m.macros[name]
    same(m.helo(), "c")
    m.login("PLAIN", "gone")
    answered(m.mail(), IN_CLEAR)
    fields(d.record(event="message"), tls=NONE)
    d.record(event="alarm")
    m.quit()


@test
def rset(d):
    """RSET in a transaction: an abandoned message on record, the next is whole"""
    m = begin(d)
    m.helo()
    same(m.mail("<first@example.net>"), "c")
    m.abort()
    m.message("<second@example.net>", "AFTERRSET")
    r = d.record(event="message")
    fields(r, stage="abort", verdict="accept", sender="first@example.net",
           rule="default")
    lacks(r, "qid")
    fields(d.record(event="message"), stage="eom", sender="second@example.net",
           qid="AFTERRSET")
    m.quit()
    same(d.fresh(), [], "after the session")


@test
def ehlo_in_transaction(d):
    """EHLO in a transaction: abort, then all afresh"""
    m = begin(d)
    m.helo("one.example")
    same(m.mail(), "c")
    m.abort()
    same(m.helo("two.example"), "c")
    m.message()
    fields(d.record(event="message"), stage="abort", helo="one.example")
    fields(d.record(event="message"), stage="eom", helo="two.example")
    m.quit()


@test
def abandoned_without_end(d):
    """who gives up transaction after transaction does not fill the log"""
    m = begin(d)
    m.helo()
    for i in range(500):
        same(m.mail("<%d@example.net>" % i), "c")
        m.abort()
    m.message("<last@example.net>", "ATLAST")
    m.quit()
    for i in range(20):
        r = d.record(event="message")
        fields(r, stage="abort", sender="%d@example.net" % i)
    fields(d.record(event="message"), stage="eom", qid="ATLAST")
    fields(d.record(event="dropped"), id=r["id"], count="480")
    same(d.fresh(), [], "more records")


@test
def idle_abort(d):
    """an abort outside of a transaction says nothing"""
    m = begin(d)
    m.abort()
    m.helo()
    m.abort()
    m.message()
    m.abort()
    m.quit()
    d.record(event="message", stage="eom")
    same(d.fresh(), [], "more records")


# --- sessions that carry nothing

@test
def abandoned(d):
    """CONNECT, HELO, close: a failed handshake looks like this"""
    m = begin(d)
    m.helo()
    m.quit()
    r = d.record(event="session")
    fields(r, verdict="accept", rule="default", stage="close", service="mx",
           tls=NONE, outcome="abandoned", helo="client.example.net")
    lacks(r, "auth", "user", "sender", "recipient", "qid")
    same(d.fresh(), [], "more records")


@test
def encrypted_without_mail(d):
    """TLS, and then nothing: not abandoned in the clear"""
    m = begin(d)
    m.helo()
    m.tls(*NEW)
    m.helo()
    m.quit()
    fields(d.record(event="session"), outcome="encrypted", tls="TLSv1.3")


@test
def connect_close(d):
    """CONNECT and close without HELO, however fast"""
    for _ in range(100):
        begin(d).quit()
    for _ in range(100):
        fields(d.record(event="session"), helo=NONE, outcome="abandoned")
    m = begin(d, 465, tls=NEW)
    m.quit()
    fields(d.record(event="session"), service="submissions", tls="TLSv1.3",
           helo=NONE, outcome="encrypted")


@test
def no_session(d):
    """whoever only connects to the socket leaves no record"""
    import socket
    for data in (b"", b"\0", b"GET / HTTP/1.0\r\n\r\n", b"\0\0\0\0",
                 b"\xff\xff\xff\xff", b"\0\0\0\x01Q", b"\0\0\0\x01O",
                 b"\0\0\0\x05D" + b"Mi\0x", b"\0\0\0\x02Hx"):
        s = socket.socket(socket.AF_UNIX)
        s.connect(d.socket)
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        drain(s)
    Mta(d.socket).vanish()
    m = Mta(d.socket)
    m.quit()
    same(d.fresh(), [], "records")
    m = begin(d)
    m.helo()
    m.message(qid="STILLTHERE")
    d.record(qid="STILLTHERE")
    m.quit()


@test
def vanished(d):
    """a server that dies at each stage"""
    m = begin(d)
    m.vanish()
    fields(d.record(event="session"), stage="close", outcome="abandoned")
    m = begin(d)
    m.helo()
    m.vanish()
    fields(d.record(event="session"), stage="close")
    m = begin(d)
    m.helo()
    same(m.mail(), "c")
    m.vanish()
    fields(d.record(event="message"), stage="abort")
    m = begin(d)
    m.helo()
    m.send(b"M", b"<no@nul.example>")
    m.vanish()
    fields(d.record(event="session"), stage="close")
    same(d.fresh(), [], "more records")


@test
def reused_connection(d):
    """QUIT_NC: a new session on the old connection, without negotiation"""
    m = begin(d)
    m.helo()
    m.message(qid="NC1")
    m.send(b"K")
    m.port(587)
    same(m.connect(address="198.51.100.9"), "c")
    same(m.helo("second.example"), "c")
    m.tls(*NEW).login()
    m.message(qid="NC2")
    m.quit()
    one, two = d.record(event="message"), d.record(event="message")
    fields(two, service="submission", client="198.51.100.9", qid="NC2",
           helo="second.example")
    holds(one["id"] != two["id"], "two sessions with one id")
    same(d.fresh(), [], "more records")


@test
def reused_after_reload(_):
    """QUIT_NC after a reload: recipients nobody asked for are unknown"""
    rule = "rule closed\n    if recipient = closed@example.com\n" \
        "    reject 550 5.7.1 \"Closed\"\n"
    with Daemon("default accept\n") as d:
        m = Mta(d.socket).port(587).tls(*NEW)
        m.connect()
        m.helo()
        m.message(qid="NC1")
        d.dir.file("policy.conf", rule)
        d.kill(signal.SIGUSR1)
        d.record(event="reload", result="ok")
        m.send(b"K")
        same(m.connect(), "c")
        same(m.helo(), "c")
        same([m.mail(), m.rcpt("<closed@example.com>")], ["c", "c"])
        holds(m.eom("NC2").startswith("451 4.3.0"), "taken unjudged")
        m.quit()
        fields(d.record(event="message", qid="NC2"), rule="undecided",
               missing="recipient")


@test
def not_smtp(d):
    """mail that did not come by SMTP is not judged"""
    for port in (None, "0"):
        m = Mta(d.socket)
        del m.macros["{daemon_port}"], m.macros["{daemon_addr}"]
        if port is not None:
            m.macros["{daemon_port}"] = port
        m.macros["{client_name}"] = "localhost"
        m.connect(address="127.0.0.1", host="localhost")
        same(m.helo("localhost"), "c")
        m.login("PLAIN", "root")
        same(m.mail("<root@example.org>"), "c")
        same(m.eom("LOCAL"), "c")
        fields(d.record(event="message"), rule="non-smtp", verdict="accept",
               service="other", port=None, qid="LOCAL")
        m.quit()
        same(d.fresh(), [], "an alarm")


# --- clients

@test
def client_names(d):
    """the name of a client counts when it is verified"""
    for resolve, name, want in (("OK", "a.example", "a.example"),
                                ("FAIL", "[192.0.2.7]", NONE),
                                ("FORGED", "b.example", NONE),
                                ("OK", "unknown", NONE),
                                ("TEMP", "c.example", None)):
        m = Mta(d.socket)
        m.macros.update({"{client_name}": name, "{client_resolve}": resolve})
        m.connect(host=name)
        m.helo()
        m.message()
        m.quit()
        same(d.record(event="message").get("client_name"), want, resolve)


@test
def client_addresses(d):
    """IPv4, IPv6, mapped, and none"""
    for address, family, want in (("2001:db8::1", b"6", "2001:db8::1"),
                                  ("::ffff:192.0.2.9", b"6", "192.0.2.9"),
                                  ("::1", b"6", "::1"),
                                  ("", b"U", None),
                                  ("/run/socket", b"L", None)):
        m = Mta(d.socket)
        m.connect(address=address, family=family)
        m.helo()
        m.message()
        m.quit()
        same(d.record(event="message").get("client"), want, address)


@test
def certificates(d):
    """a client's certificate on either server"""
    m = begin(d, tls=NEW)
    m.macros.update({"{cert_subject}": "ann", "{cert_issuer}": "Our CA"})
    m.helo()
    m.message()
    m.quit()
    fields(d.record(event="message"), cert_verified="yes", cert_subject="ann",
           cert_issuer="Our CA")
    for verify, want in (("OK", "yes"), ("FAIL", "no"), ("NO", NONE),
                         ("NOT", NONE)):
        m = begin(d, tls=NEW, server=sendmail)
        m.macros["{verify}"] = verify
        if want in ("yes", "no"):
            m.macros.update({"{cert_subject}": "/O=Ann+20+2B+20Co/CN=ann",
                             "{cn_subject}": "ann"})
        m.helo()
        m.message()
        m.quit()
        r = d.record(event="message")
        same(r.get("cert_verified", NONE), want, verify)
        same(r.get("cert_subject", NONE), NONE if want is NONE else "/O=Ann + Co/CN=ann")


@test
def names_of_users(d):
    """the name of a login, which Sendmail encodes and Postfix does not"""
    for server, sent, want in (
            (postfix, "ann+20b", "ann+20b"), (sendmail, "ann+20b", "ann b"),
            (sendmail, "ann+2Blists", "ann+lists"), (sendmail, "ann+00+0A", "ann+00+0A"),
            (sendmail, "+41" * 320, "A" * 320)):
        m = begin(d, tls=NEW, server=server)
        m.helo()
        m.login("PLAIN", sent)
        m.message()
        m.quit()
        same(d.record(event="message").get("user", NONE), want, sent)


@test
def server_name(d):
    """the SNI: not offered before Postfix 3.12"""
    for version, sni, want in (("Postfix 3.7.11", None, None),
                               ("Postfix 3.12-20260821", None, NONE),
                               ("Postfix 3.12.1", "mx.example", "mx.example"),
                               ("8.18.1", None, None)):
        m = Mta(d.socket).tls(*NEW)
        m.macros["v"] = version
        if sni:
            m.macros["{tls_sni}"] = sni
        m.connect()
        m.helo()
        m.message()
        m.quit()
        same(d.record(event="message").get("sni"), want, version)
    # a default of the administrator's, and no TLS that it could be of
    m = Mta(d.socket)
    m.macros.update({"v": "Postfix 3.12.1", "{tls_sni}": "mx.example"})
    m.connect()
    m.helo()
    m.message()
    m.quit()
    same(d.record(event="message").get("sni"), None, "without TLS")


def main():
    with Daemon() as d:
        tap.run(d)


if __name__ == "__main__":
    main()
