"""What no server of today shows any more, or not yet: SSLv3, RC4, export suites,
short primes, compression, injection, ML-KEM; and what each is called.
"""

import os
import socket
import ssl
import tempfile

from fakehello import (ClientHello, Ssl2, Tls, alert, implicit, record, retry_request,
                       server_hello2, smtp)
from server import Audit, Lines, Server

from tap import PLAN, attempt, ok, same
import certs

GOOD13 = {0x0304: [0x1301, 0x1302]}
HYBRID = (0x11ec, 0x001d)
# What every server here earns, for none gets as far as to show a certificate.
ALWAYS = {"cert-missing"}


def audit(handler, service="submissions", *options):
    with Server(handler) as server:
        run = Audit(["127.0.0.1:%d/%s" % (server.port, service)], *options)
        run.connections = server.connections
        return run


def found(name, tls, wanted, service="submissions"):
    handler = implicit(tls.answer) if service == "submissions" else smtp(tls.answer)
    run = audit(handler, service)
    same(run.ids(), set(wanted) | ALWAYS, name + ": exactly the findings", run.text[:4000])
    return run.ports[0]


def versions_and_suites():
    port = found("TLS 1.3, hybrid first", Tls(GOOD13, HYBRID), ())
    same(port["groups"], ["X25519MLKEM768", "x25519"], "groups in its order")
    same(port["versions"], {"TLSv1.3": {
        "suites": ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"],
        "chooser": "server"}}, "suites in its order")
    found("TLS 1.3, no hybrid", Tls(GOOD13, (0x001d, 0x0017)), ["pq-missing"])
    port = found("SSLv3 with RC4", Tls({0x0300: [0x0005, 0x0004], **GOOD13}, HYBRID),
                 ["ssl3", "suite-rc4"])
    same(port["versions"]["SSLv3"]["suites"],
         ["TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_MD5"], "RC4 in its order")
    port = found("export", Tls({0x0301: [0x0003, 0x0008, 0x0014], 0x0303: [0xc02f],
                                **GOOD13}, HYBRID), ["tls1.0", "suite-export"])
    same(len(port["versions"]["TLSv1"]["suites"]), 3, "three suites of export")
    found("single DES", Tls({0x0303: [0xc02f, 0x0009], **GOOD13}, HYBRID), ["suite-des"])
    found("3DES", Tls({0x0303: [0xc02f, 0x000a], **GOOD13}, HYBRID), ["suite-3des"])
    found("NULL", Tls({0x0303: [0xc02f, 0x003b], **GOOD13}, HYBRID), ["suite-null"])
    found("anonymous", Tls({0x0303: [0xc02f, 0x00a6], **GOOD13}, HYBRID),
          ["suite-anonymous"])
    found("RSA key exchange", Tls({0x0303: [0xc02f, 0x009c], **GOOD13}, HYBRID),
          ["suite-no-forward-secrecy"])
    found("nothing but RSA key exchange", Tls({0x0303: [0x009c]}),
          ["forward-secrecy-missing", "tls1.3-missing", "pq-missing"])
    found("IDEA", Tls({0x0303: [0xc02f, 0x0007], **GOOD13}, HYBRID),
          ["suite-obsolete", "suite-no-forward-secrecy"])
    found("TLS 1.1 alone", Tls({0x0302: [0x0033]}),
          ["tls1.1", "tls1.2-missing", "suite-dhe", "suite-cbc", "pq-missing"])
    port = found("the client chooses", Tls({0x0303: [0xc02f, 0x0005], **GOOD13}, HYBRID,
                                           prefers=False), ["suite-rc4", "client-chooses"])
    same(port["versions"]["TLSv1.2"]["chooser"], "client", "and it is said")


class Closes:
    """TLS 1.3 alone: on a hello of another version, the connection is closed; or, with
    leaves, after the last of them nobody comes to STARTTLS any more.
    """

    def __init__(self, leaves):
        self.leaves, self.over = leaves, False

    def answer(self, conn):
        try:
            hello = ClientHello(conn)
        except Ssl2:
            return
        if 0x0304 in hello.versions and 0x1301 in hello.suites:
            conn.sendall(record(retry_request(0x1301, 0x001d)))
        elif 0x0304 in hello.versions:
            conn.sendall(alert(40))
        self.over |= self.leaves and hello.version == 0x0300

    def serve(self, conn, server):
        if self.over:
            conn.sendall(b"421 too many connections\r\n")
        else:
            smtp(self.answer)(conn, server)


def the_rest():
    for bits, wanted in ((512, ["dh-short"]), (1024, ["dh-short"]), (2047, ["dh-short"]),
                         (2048, [])):
        port = found("DHE with %d bits" % bits,
                     Tls({0x0303: [0x009e], **GOOD13}, HYBRID, dh_bits=bits),
                     wanted + ["suite-dhe"])
        same(port["dh_bits"], bits, "DHE with %d bits: counted" % bits)
    found("compression", Tls({0x0303: [0xc02f], **GOOD13}, HYBRID, compression=True),
          ["compression"])
    found("handshakes not bound", Tls({0x0303: [0xc02f], **GOOD13}, HYBRID,
                                      renegotiation=False), ["renegotiation-insecure"])
    found("weak curves", Tls(GOOD13, HYBRID + (0x0013, 0x0001)), ["group-weak"])
    port = found("elliptic curves, and none is told", Tls({0x0303: [0xc02f]}),
                 ["tls1.3-missing", "pq-missing"])
    same(port["groups"], [], "no group")
    for leaves, more, why in ((False, set(), None),
                              (True, {"incomplete"}, "does not come to STARTTLS")):
        run = audit(Closes(leaves).serve, "mx")
        same([run.ids(), run.ports[0]["incomplete"]], [{"pq-missing"} | more | ALWAYS, why],
             "closes on what it does not take, and then is %s" % ("gone" if leaves else "there"),
             run.text[:4000])
    tls = Tls({0x0302: [0xc013], 0x0303: [0xc02f], 0x0304: [0x1301, 0x1304, 0x1305]},
              (0x0016, 0x001c, 0x001d))
    run = audit(implicit(tls.answer), "submissions", "--profile", "modern")
    same([f["detail"] for f in run.ports[0]["findings"] if f["id"].startswith("profile-")],
         ["TLSv1.1 TLSv1.2", "TLS_AES_128_CCM_SHA256 TLS_AES_128_CCM_8_SHA256",
          "secp256k1 brainpoolP512r1"], "what a profile has not")
    run = audit(implicit(Tls({}).answer))
    same(run.ids(), {"tls-broken"}, "no version at all")


def ssl2():
    """Its hellos are like no other's, and so are the answers."""
    for name, answer, wanted in (
            ("SSL 2.0", server_hello2(), ["ssl2"]),
            ("SSL 2.0 in pieces", server_hello2(cert=b"x" * 3000), ["ssl2"]),
            ("SSL 2.0 without a cipher", server_hello2(ciphers=b""), []),
            ("an error of SSL 2.0", server_hello2(kind=0), []),
            ("an answer of another version", server_hello2(version=0x0301), []),
            ("half an answer", server_hello2()[:9], []),
            ("an alert of TLS", alert(70), []),
            ("no answer at all", None, [])):
        for service in ("submissions", "submission"):
            run = audit((implicit if service == "submissions" else smtp)(
                Tls(GOOD13, HYBRID, ssl2=answer).answer), service)
            same(run.ids() - {"mail-in-clear"}, set(wanted) | ALWAYS,
                 "%s, %s" % (name, service), run.text[:4000])
            same(run.ports[0]["ssl2"], bool(wanted), "and it is said")


def behind_starttls():
    """The same on port 25, where less is a fault."""
    run = audit(smtp(Tls({0x0300: [0x0005], **GOOD13}, HYBRID).answer), "mx")
    same(run.ids(), {"ssl3", "suite-rc4", "cert-missing"}, "port 25: the findings")
    same(run.finding("suite-rc4")["severity"], "warning", "port 25: RC4 is a warning")
    run = audit(smtp(Tls(GOOD13, HYBRID).answer, offers=(b"SIZE",)), "mx")
    same(run.ids(), {"starttls-missing"}, "no STARTTLS")
    same(run.finding("starttls-missing")["severity"], "warning", "a warning on port 25")
    run = audit(smtp(Tls(GOOD13, HYBRID).answer, offers=(b"SIZE",)), "submission")
    same(run.ids(), {"starttls-missing", "mail-in-clear"}, "587 without STARTTLS")
    ok(run.finding("starttls-missing")["severity"] == "fault", "a fault on port 587")


class Library:
    """SMTP with Python's TLS inside; obeys: what came with STARTTLS, too; strict: what
    it answers when something did; most: after so many handshakes it has had enough of
    all, and says so or not.
    """

    def __init__(self, context, obeys=False, both=False, strict=None, most=99, says=True):
        self.context, self.obeys, self.both, self.strict = context, obeys, both, strict
        self.most, self.says, self.handshakes = most, says, 0

    def words(self, lines, tls):
        while True:
            verb = lines.line().upper()
            if verb.startswith(b"EHLO"):
                tls.sendall(b"250-fake.example.com\r\n250 AUTH PLAIN\r\n")
            elif verb == b"NOOP":
                tls.sendall(b"250 2.0.0 Ok\r\n")
            elif verb == b"QUIT":
                tls.sendall(b"221 bye\r\n")
                return
            else:
                tls.sendall(b"502 no\r\n")

    def starttls(self, conn, _server):
        lines = Lines(conn)
        enough = self.handshakes >= self.most
        if enough and self.says:
            conn.sendall(b"421 too many connections\r\n")
            return
        conn.sendall(b"220 fake.example.com\r\n")
        while True:
            verb = lines.line().upper()
            if verb.startswith(b"EHLO"):
                conn.sendall(b"250-fake.example.com\r\n250 STARTTLS\r\n")
            elif verb == b"STARTTLS":
                if self.strict is not None and lines.rest:
                    conn.sendall(self.strict)
                    return
                conn.sendall(b"220 go\r\n")
                break
            else:
                conn.sendall(b"530 first\r\n")
        if enough:
            return
        with self.context.wrap_socket(conn, server_side=True) as tls:
            self.handshakes += 1
            self.words(Lines(tls, lines.rest if self.obeys else b""), tls)

    def implicit(self, conn, _server):
        if self.both and conn.recv(4, 0x2) == b"EHLO":	# MSG_PEEK
            conn.sendall(b"220 fake.example.com\r\n")
            return
        with self.context.wrap_socket(conn, server_side=True) as tls:
            tls.sendall(b"220 fake.example.com\r\n")
            self.words(Lines(tls), tls)


def monitoring():
    """Whatever is wrong: one line on standard output, and 0 to 3."""
    for words in (["--nagios", "--profile", "florp"], ["--timeout", "0", "--nagios"],
                  ["--nagios", "mx.example.com/florp"]):
        run = Audit(words, json_=False)
        same((run.status, run.text), (3, "TLSWARDEN UNKNOWN - the command line is wrong\n"),
             "monitoring: " + " ".join(words), run.errors)
    with Server(implicit(Tls(GOOD13, HYBRID).answer)) as server:
        run = Audit(["127.0.0.1:%d/submissions" % server.port], "--nagios", json_=False)
    same((run.status, run.text), (2, "TLSWARDEN CRITICAL - 1 port audited; 127.0.0.1 %d: "
                                  "cert-missing | faults=1;;0 warnings=0;0 notes=0\n"
                                  % server.port), "monitoring: faults")


def with_library(directory):
    authority = certs.Authority(os.path.join(directory, "certs"))
    cert, key = authority.issue("server", "/CN=fake.example.com", ["fake.example.com"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM")
    options = ("--ca", authority.cert)
    usual = {"cert-expires-30", "pq-missing"}
    for obeys in (False, True):
        run = audit(Library(context, obeys).starttls, "submission", *options)
        same(run.ids() - {"session-shared"},
             usual | ({"starttls-injection"} if obeys else set()),
             "a command before TLS %s obeyed" % ("is" if obeys else "is not"),
             run.text[:4000])
        same(run.ports[0]["injection"], obeys, "and it is said")
    for strict, more, why in ((b"554 SMTP synchronization error\r\n", set(), None),
                              (b"", {"incomplete"}, "closed the connection")):
        run = audit(Library(context, strict=strict).starttls, "submission", *options)
        same([run.ids(), run.ports[0]["injection"], run.ports[0]["incomplete"]],
             [usual | more, False, why],
             "a command before TLS is %s" % ("refused" if strict else "the end"), run.text[:4000])
    # after the first nothing can be asked any more; later nothing is missed but tickets
    for most, says, wanted, why in (
            (1, True, {"incomplete", "cert-expires-30"}, "does not come to STARTTLS"),
            (1, False, {"incomplete", "cert-expires-30"}, "no longer takes what it took before"),
            (2, True, usual, None), (2, False, usual, None)):
        name = "enough after %d handshakes, and %s" % (most, "says so" if says else "is gone")
        run = audit(Library(context, most=most, says=says).starttls, "submission", *options)
        same([run.ids(), run.ports[0]["incomplete"]], [wanted, why], name, run.text[:4000])
        same(run.ports[0]["resumption"], False, name + ": no session is taken up again")
    for both in (False, True):
        run = audit(Library(context, both=both).implicit, "submissions", *options)
        same(run.ids(), usual | ({"implicit-tls-mixed"} if both else set()),
             "TLS from the start, %s" % ("and not only" if both else "and only"),
             run.text[:4000])
    same(run.ports[0]["certificate"]["trust"], "good", "the authority is trusted")
    ok(run.ports[0]["resumption"], "a session is taken up again")
    with Server(Library(context).implicit) as one, Server(Library(context).implicit) as two:
        run = Audit(["127.0.0.1:%d/submissions" % s.port for s in (one, two)], *options)
    same([run.ids(0), run.ids(1)], [usual, usual | {"session-shared"}],
         "the session of another port")
    same(run.ports[1]["session_of_port"], one.port, "and of which")
    # the first address of a name is looked at, and here it may be one of IPv6
    first = socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)[0][4][0]
    with Server(Library(context).implicit, first) as server:
        run = Audit(["localhost:%d/submissions" % server.port], "--remote", *options)
    same([run.ports[0]["address"], run.ids(), run.ports[0]["certificate"]["wanted"]],
         [first, usual | {"cert-name"}, "localhost"], "by name, as if elsewhere")
    run = audit(Library(context).implicit, "submissions", "--name", "other.example.com")
    same(run.ids(), usual | {"cert-name", "chain-incomplete"}, "name and authority")


def main():
    attempt(versions_and_suites, "versions and suites")
    attempt(the_rest, "the rest")
    attempt(ssl2, "SSL 2.0")
    attempt(monitoring, "monitoring")
    attempt(behind_starttls, "behind STARTTLS")
    with tempfile.TemporaryDirectory() as directory:
        attempt(with_library, "with a library", directory)
    return PLAN.done()


if __name__ == "__main__":
    raise SystemExit(main())
