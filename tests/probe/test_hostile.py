"""Servers that misbehave: the audit ends in time, says what was wrong, and does
not fall.
"""

import concurrent.futures
import os
import socket
import ssl
import struct
import tempfile
import time

import fakehello
from server import LONGEST, SLOW, Audit, Lines, Server, exactly

from tap import PLAN, attempt, ok, same
import certs

SECONDS = 4 * min(SLOW, 6)	# what a port is given
GRACE = 120 * SLOW	# and what a busy machine may take for itself: it ends, is what counts


# --- before TLS

def close_at_once(conn, _):
    conn.close()


def reset_at_once(conn, _):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silence(_conn, server):
    while server.open:
        time.sleep(0.1)


def forever(piece, pause=0.0, first=b""):
    def serve(conn, server):
        conn.sendall(first)
        while server.open:
            conn.sendall(piece)
            time.sleep(pause)
    return serve


def says(text, then=silence):
    def serve(conn, server):
        conn.sendall(text)
        then(conn, server)
    return serve


def to_ehlo(answer, then=silence):
    """Greet; answer EHLO so."""
    def serve(conn, server):
        conn.sendall(b"220 fake.example.com\r\n")
        Lines(conn).line()
        conn.sendall(answer)
        then(conn, server)
    return serve


def to_auth(answer):
    def serve(conn, server):
        lines = Lines(conn)
        conn.sendall(b"220 fake.example.com\r\n")
        lines.line()
        conn.sendall(b"250-fake\r\n250 AUTH PLAIN\r\n")
        lines.line()
        conn.sendall(answer)
        silence(conn, server)
    return serve


def to_starttls(answer, then=silence):
    def serve(conn, server):
        lines = Lines(conn)
        conn.sendall(b"220 fake.example.com\r\n")
        while True:
            verb = lines.line()
            if verb.startswith(b"EHLO"):
                conn.sendall(b"250-fake\r\n250 STARTTLS\r\n")
            elif verb == b"STARTTLS":
                conn.sendall(answer)
                then(conn, server)
                return
            else:
                conn.sendall(b"502 no\r\n")
    return serve


# --- where TLS should be

def after_hello(answer, then=silence):
    """Read a hello; answer it so: bytes, or a function of the hello."""
    def serve(conn, server):
        hello = fakehello.ClientHello(conn)
        conn.sendall(answer(hello) if callable(answer) else answer)
        then(conn, server)
    return serve


def drip(data, pause):
    def serve(conn, server):
        fakehello.ClientHello(conn)
        for at in range(len(data)):
            if not server.open:
                return
            conn.sendall(data[at:at + 1])
            time.sleep(pause)
    return serve


def takes_all(hello):
    """Whatever is offered last, in whatever version."""
    suites = [s for s in hello.suites if s != 0x00ff]
    if 0x0304 in hello.versions:
        return fakehello.record(fakehello.retry_request(suites[-1], hello.groups[-1]))
    return fakehello.record(fakehello.server_hello(hello.version, suites[-1])
                            + fakehello.message(14, b""))


def tires(conn, server):
    """Answers some hellos, and then has had enough of whoever asks."""
    if server.connections > 30:
        conn.close()
    else:
        after_hello(takes_all)(conn, server)


def not_offered(hello):
    return fakehello.record(fakehello.server_hello(min(hello.version, 0x0303), 0x1234))


def strange_version(hello):
    return fakehello.record(fakehello.server_hello(0x0303, hello.suites[0]).replace(
        b"\3\3", b"\x09\x09", 1))


def strange_group(hello):
    return fakehello.record(fakehello.retry_request(hello.suites[0], 0x7777))


def with_message(kind, body):
    def answer(hello):
        hello_ = fakehello.server_hello(hello.version, hello.suites[0])
        return b"".join(fakehello.record(piece) for piece in pieces(
            hello_ + fakehello.message(kind, body)))
    return answer


def pieces(data, size=16000):
    return [data[at:at + size] for at in range(0, len(data), size)]


def lying_certificate(hello):
    body = b"\0\x10\0\0\xff\xff" + b"x" * 64
    return fakehello.record(fakehello.server_hello(hello.version, hello.suites[0])
                            + fakehello.message(11, body) + fakehello.message(14, b""))


def huge_chain(hello):
    one = b"\0\x2e\xe0" + b"\x30" * 12000
    body = struct.pack(">I", len(one) * 8)[1:] + one * 8
    return b"".join(fakehello.record(p) for p in pieces(
        fakehello.server_hello(hello.version, hello.suites[0])
        + fakehello.message(11, body) + fakehello.message(14, b"")))


# --- inside TLS

class Inside:
    """A handler with real TLS, and then the function."""

    context = None

    def __init__(self, function):
        self.function = function

    def __call__(self, conn, server):
        with self.context.wrap_socket(conn, server_side=True) as tls:
            self.function(tls, server)


def renegotiates_words(tls, _):
    lines = Lines(tls)
    tls.sendall(b"220 fake\r\n")
    while lines.line():
        tls.sendall(b"250-fake\r\n250 STARTTLS\r\n")


ALERTS = fakehello.alert(112, level=1)
BAD = [
    # name, service, handler, where its message stands, and what is in it
    ("closes at once", "mx", close_at_once, "fault", "closed the connection"),
    ("resets at once", "mx", reset_at_once, "fault", "reset the connection"),
    ("says nothing", "mx", silence, "fault", "did not answer in time"),
    ("a line without end", "mx", forever(b"2" * 4096), "fault", "2047 bytes"),
    ("a drip of a greeting", "mx", forever(b"2", 0.05), "fault", "in time"),
    ("a flood", "mx", forever(b"220-x\r\n" * 9000), "fault", "200 lines"),
    ("bytes of no kind", "mx", says(bytes(range(256)) * 4), "fault",
     "does not speak SMTP"),
    ("a code alone, cut", "mx", says(b"22\r\n"), "fault", "does not speak SMTP"),
    ("a greeting of lines without end", "mx", forever(b"220-x\r\n", 0.001), "fault",
     "200 lines"),
    ("a refusal", "mx", says(b"554 no service\r\n"), "fault", "refusal"),
    ("no answer to EHLO", "mx", says(b"220 x\r\n"), "fault", "in time"),
    ("an answer of another protocol", "mx", to_ehlo(b"* OK IMAP\r\n"), "fault",
     "does not speak SMTP"),
    ("EHLO refused", "mx", to_ehlo(b"500 what\r\n"), "fault", "what it offers"),
    ("EHLO answered without end", "mx",
     to_ehlo(b"250-x\r\n", forever(b"250-SIZE 1\r\n", 0.001)), "fault", "200 lines"),
    ("EHLO answered by a long line", "mx", to_ehlo(b"250 " + b"x" * 3000 + b"\r\n"),
     "fault", "2047 bytes"),
    ("EHLO answered in a drip", "mx", to_ehlo(b"250-", forever(b"x", 0.02)), "fault",
     "time"),
    ("closes after EHLO", "mx", to_ehlo(b"", close_at_once), "fault", "closed"),
    ("control characters", "mx",
     to_ehlo(b"250-\x1b[31m\0evil\r\n250 AUTH \x07PLAIN LOGIN\r\n", close_at_once),
     "incomplete", "the connection"),
    ("mechanisms by the hundred", "mx",
     to_ehlo(b"250-x\r\n250 AUTH" + b" MECHANISM" * 190 + b"\r\n", close_at_once),
     "incomplete", "the connection"),
    ("AUTH answered with garbage", "submission", to_auth(b"\xff\xfe\r\n"), "incomplete",
     "does not speak SMTP"),
    ("AUTH answered with half a line", "submission", to_auth(b"33"), "incomplete",
     "time"),
    ("AUTH asked for, asterisk ignored", "submission", to_auth(b"334 \r\n"),
     "incomplete", "time"),
    ("STARTTLS refused", "mx", to_starttls(b"454 not now\r\n"), "starttls-refused",
     "refused"),
    ("STARTTLS and gone", "mx", to_starttls(b"", close_at_once), "starttls-refused",
     "refused"),
    ("STARTTLS and silence", "mx", to_starttls(b"220 go\r\n"), "tls-broken", "in time"),
    ("STARTTLS and more words", "mx", to_starttls(b"220 go\r\n220 on\r\n250 x\r\n"),
     "tls-broken", "in time"),
    ("STARTTLS and bytes of no kind", "mx",
     to_starttls(b"220 go\r\n", forever(bytes(range(256)))), "tls-broken", "handshake"),
    ("a record too long", "submissions", after_hello(b"\x16\3\3\xff\xff" + b"x" * 99),
     "tls-broken", "handshake"),
    ("a record with nothing in it", "submissions",
     after_hello(b"", forever(b"\x16\3\3\0\0")), "tls-broken", "handshake"),
    ("warnings without end", "submissions", after_hello(b"", forever(ALERTS)),
     "tls-broken", "handshake"),
    ("a suite that was not offered", "submissions", after_hello(not_offered),
     "tls-broken", "handshake"),
    ("a version that is none", "submissions", after_hello(strange_version),
     "tls-broken", "handshake"),
    ("a group that was not offered", "submissions", after_hello(strange_group),
     "tls-broken", "handshake"),
    ("a compression that was not offered", "submissions",
     after_hello(lambda hello: fakehello.record(fakehello.server_hello(
         0x0303, hello.suites[0], compression=64))), "tls-broken", "handshake"),
    ("a certificate of no bytes", "submissions",
     after_hello(with_message(11, b"\0\0\3\0\0\0")), "suite-null", "do not encrypt"),
    ("a message of 16 MB", "submissions",
     after_hello(b"", forever(fakehello.record(b"\2\xff\xff\xff" + b"x" * 8000))),
     "tls-broken", "handshake"),
    ("a certificate of another length", "submissions", after_hello(lying_certificate),
     "cert-missing", "none that can be read"),
    ("certificates of 96 KB", "submissions", after_hello(huge_chain), "suite-null",
     "do not encrypt"),
    ("messages of no kind", "submissions",
     after_hello(with_message(99, b"x" * 30000)), "suite-null", "do not encrypt"),
    # A hello has more than 40 bytes.
    ("a drip of a hello", "submissions",
     drip(fakehello.record(fakehello.server_hello(0x0303, 0xc02f)), SECONDS / 40),
     "tls-broken", "in time"),
    ("takes all there is", "submissions", after_hello(takes_all), "suite-anonymous",
     " more"),
    ("has had enough after some hellos", "submissions", tires, "incomplete",
     "no longer takes what it took"),
    ("application data at once", "submissions",
     after_hello(b"", forever(b"\x17\3\3\0\x10" + b"x" * 16)), "tls-broken", "handshake"),
    ("half a hello, and gone", "submissions",
     after_hello(b"\x16\3\3\0\x7a\2\0\0\x76\3\3", close_at_once), "tls-broken", "closed"),
    ("words on the port of TLS", "submissions", says(b"220 fake ESMTP\r\n"),
     "implicit-tls-missing", "talks in the clear"),
    ("a greeting of IMAP on its port of TLS", "imaps", says(b"* OK ready\r\n"),
     "implicit-tls-missing", "talks in the clear"),
    ("a greeting of POP3 on its port of TLS", "pop3s", says(b"+OK ready\r\n"),
     "implicit-tls-missing", "talks in the clear"),
    ("an answer without a greeting, of IMAP", "imaps", says(b"a1 OK done\r\n"),
     "implicit-tls-missing", "talks in the clear"),
    ("an answer without a greeting, of SMTP", "submissions", says(b"250 fake\r\n"),
     "implicit-tls-missing", "talks in the clear"),
    ("words of no kind on the port of TLS", "submissions", says(b"hello\r\n"),
     "tls-broken", "TLS"),
    ("silence on the port of TLS", "submissions", silence, "tls-broken", "in time"),
    ("untagged lines without end", "imap",
     says(b"* OK\r\n", forever(b"* CAPABILITY IMAP4rev1\r\n", 0.001)), "fault",
     "200 lines"),
    ("IMAP that is none", "imap", says(b"220 smtp\r\n"), "fault", "does not speak IMAP"),
    ("capabilities without end", "pop3",
     says(b"+OK\r\n+OK\r\n", forever(b"USER\r\n", 0.001)), "fault", "200 lines"),
    ("POP3 that is none", "pop3", says(b"* OK\r\n"), "fault", "does not speak POP3"),
    ("inside TLS, a line without end", "submissions", Inside(forever(b"2" * 4096)),
     "incomplete", "2047 bytes"),
    ("inside TLS, silence", "submissions", Inside(silence), "incomplete", "time"),
    ("inside TLS, gone", "submissions", Inside(close_at_once), "incomplete", "closed"),
    ("inside TLS, STARTTLS again", "submissions", Inside(renegotiates_words),
     "starttls-inside-tls", "RFC 3207"),
]


def given(case):
    """Where a whole handshake or many lines come first, a busy machine needs its time."""
    name, _, handler, _, text = case
    whole = text == "200 lines" or isinstance(handler, Inside) or name in (
        "takes all there is", "has had enough after some hellos")
    return LONGEST if whole and text != "time" else SECONDS


def run(case):
    _, service, handler, _, _ = case
    with Server(handler) as server:
        return Audit(["127.0.0.1:%d/%s" % (server.port, service)],
                     "--timeout", str(given(case)), timeout=given(case) + 2 * GRACE), \
            server.connections


def judge(case, audit):
    name, _, _, where, text = case
    ok(audit.status in (1, 2), name + ": findings, or not done: %d" % audit.status,
       audit.errors)
    same(audit.errors, "", name + ": not a word of a fault of ours")
    ok(audit.seconds < given(case) + GRACE,
       name + ": in time", audit.seconds)
    port = audit.ports[0]
    if where in ("fault", "incomplete"):
        said = port[where] or ""
        same(audit.status, 2 if where == "fault" else 1, name + ": status")
    else:
        found = audit.finding(where)
        said = found["why"] + found["detail"] if found else ""
    ok(text in said, name + ": " + text, said, audit.text[:3000])


def never_talks_of_itself():
    """What a server says of itself stays visible text, in the other forms, too."""
    handler = to_ehlo(b"250-\x1b[31m\0\r\n250 AUTH \x1b[2J\r\n", close_at_once)
    with Server(handler) as server:
        target = ["127.0.0.1:%d/mx" % server.port]
        for option in ("text", "--nagios"):
            audit = Audit(target, *(["--nagios"] if option == "--nagios" else []),
                          json_=False)
            ok(all(c == "\n" or " " <= c <= "~" for c in audit.text),
               "%s: only visible text" % option, audit.text)


def main():
    with tempfile.TemporaryDirectory() as directory:
        authority = certs.Authority(os.path.join(directory, "certs"))
        cert, key = authority.issue("server", "/CN=fake.example.com",
                                    ["fake.example.com"])
        Inside.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        Inside.context.load_cert_chain(cert, key)
        ok(len(BAD) >= 30, "at least thirty bad behaviours")
        # a handshake has its own few seconds, whatever the port is given
        with concurrent.futures.ThreadPoolExecutor(8 if SLOW == 1 else 2) as pool:
            for case, (audit, _) in zip(BAD, pool.map(run, BAD)):
                attempt(judge, case[0], case, audit)
        attempt(never_talks_of_itself, "visible text")
    return PLAN.done()


if __name__ == "__main__":
    raise SystemExit(main())
