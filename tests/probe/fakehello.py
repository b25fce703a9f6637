"""fakehello.py owns a TLS server that never gets beyond its first answer: enough
to be asked for versions, suites and groups that no library has any more.
"""

import struct

from server import Lines, exactly

RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891"
                      "c2a211167abb8c5e079e09e2c8a8339c")


def alert(description, level=2):
    return bytes([21, 3, 1, 0, 2, level, description])


def record(body, kind=22, version=0x0303):
    return struct.pack(">BHH", kind, version, len(body)) + body


def message(kind, body):
    return bytes([kind]) + struct.pack(">I", len(body))[1:] + body


class Ssl2(Exception):
    """The client said hello as SSL 2.0 does."""


class ClientHello:
    def __init__(self, conn):
        first = exactly(conn, 5)
        if first[0] == 0x80 and first[2:] == b"\x01\0\x02":
            rest = exactly(conn, first[1] - 3)
            ciphers, session, challenge = struct.unpack(">HHH", rest[:6])
            if len(rest) != 6 + ciphers + session + challenge or ciphers % 3:
                raise ValueError("no hello")
            raise Ssl2
        kind, _, length = struct.unpack(">BHH", first)
        if kind != 22:
            raise ValueError("no handshake")
        body = exactly(conn, length)
        if body[0] != 1:
            raise ValueError("no hello")
        self.version = struct.unpack(">H", body[4:6])[0]
        at = 38 + 1 + body[38]
        count = struct.unpack(">H", body[at:at + 2])[0]
        self.suites = list(struct.unpack(">%dH" % (count // 2),
                                         body[at + 2:at + 2 + count]))
        at += 2 + count
        self.compression = body[at + 1:at + 1 + body[at]]
        at += 1 + body[at] + 2
        self.extensions = {}
        while at + 4 <= len(body):
            kind, size = struct.unpack(">HH", body[at:at + 4])
            self.extensions[kind] = body[at + 4:at + 4 + size]
            at += 4 + size
        self.versions = [self.version]
        if 43 in self.extensions:
            text = self.extensions[43][1:]
            self.versions = list(struct.unpack(">%dH" % (len(text) // 2), text))
        text = self.extensions.get(10, b"\0\0")[2:]
        self.groups = list(struct.unpack(">%dH" % (len(text) // 2), text))


def server_hello(version, suite, random=b"\x11" * 32, compression=0, extensions=b"",
                 session=b""):
    body = struct.pack(">H", min(version, 0x0303)) + random
    body += bytes([len(session)]) + session
    body += struct.pack(">HB", suite, compression)
    if extensions:
        body += struct.pack(">H", len(extensions)) + extensions
    return message(2, body)


def server_hello2(kind=4, version=2, hit=0, cert=b"\x30\x82\0\0", ciphers=b"\x01\0\x80"):
    """SERVER-HELLO of SSL 2.0."""
    body = struct.pack(">BBBHHHH", kind, hit, 1, version, len(cert), len(ciphers), 16)
    body += cert + ciphers + b"\x22" * 16
    return struct.pack(">H", 0x8000 | len(body)) + body


def retry_request(suite, group):
    extensions = struct.pack(">HHH", 43, 2, 0x0304) + struct.pack(">HHH", 51, 2, group)
    return server_hello(0x0304, suite, RETRY, extensions=extensions)


class Tls:
    """What it takes; suites: {version: [suite]}, the first is liked best."""

    def __init__(self, suites, groups=(), dh_bits=2048, compression=False,
                 renegotiation=True, chain=(), prefers=True, ssl2=None):
        self.suites, self.groups = suites, groups
        self.ssl2 = ssl2    # bytes of an answer
        self.dh_bits, self.compression = dh_bits, compression
        self.renegotiation, self.chain, self.prefers = renegotiation, chain, prefers

    def choose(self, mine, theirs):
        for one in mine if self.prefers else theirs:
            if one in theirs and one in mine:
                return one
        return None

    def answer(self, conn):
        try:
            hello = ClientHello(conn)
        except Ssl2:
            if self.ssl2:
                conn.sendall(self.ssl2)
            return
        common = [v for v in self.suites if v in hello.versions or
                  (0x0304 not in hello.versions and v <= hello.version)]
        if not common:
            conn.sendall(alert(70))
            return
        version = max(common)
        suite = self.choose(self.suites[version], hello.suites)
        group = self.choose(list(self.groups), hello.groups)
        if suite is None or (version == 0x0304 and group is None):
            conn.sendall(alert(40))
        elif version == 0x0304:
            conn.sendall(record(retry_request(suite, group)))
        else:
            conn.sendall(record(self.flight(hello, version, suite), version=version))

    def flight(self, hello, version, suite):
        extensions = b"\xff\x01\0\1\0" if self.renegotiation else b""
        deflate = self.compression and 1 in hello.compression
        out = server_hello(version, suite, compression=int(deflate),
                           extensions=extensions)
        certs = b"".join(struct.pack(">I", len(c))[1:] + c for c in self.chain)
        if certs:
            out += message(11, struct.pack(">I", len(certs))[1:] + certs)
        if suite in (0x0033, 0x0039, 0x009e, 0x0014):
            prime = bytearray((self.dh_bits + 7) // 8)
            prime[0] = 1 << (self.dh_bits - 1) % 8
            out += message(12, struct.pack(">H", len(prime)) + bytes(prime)
                           + b"\0\1\2\0\1\2")
        return out + message(14, b"")


def smtp(tls, inside=None, offers=(b"STARTTLS",)):
    """A handler: SMTP up to STARTTLS, and then tls(conn)."""

    def serve(conn, server):
        lines = Lines(conn)
        conn.sendall(b"220 fake.example.com ESMTP\r\n")
        while True:
            verb = lines.line().upper()
            if verb.startswith(b"EHLO"):
                words = (b"fake.example.com",) + tuple(offers)
                conn.sendall(b"".join(b"250%s%s\r\n" % (
                    b" " if i == len(words) - 1 else b"-", w)
                    for i, w in enumerate(words)))
            elif verb == b"STARTTLS":
                conn.sendall(b"220 go on\r\n")
                tls(conn)
                if inside is not None:
                    inside(conn, server)
                return
            elif verb == b"QUIT":
                conn.sendall(b"221 bye\r\n")
                return
            elif verb.startswith(b"MAIL") or verb == b"RSET":
                conn.sendall(b"250 fine\r\n")
            else:
                conn.sendall(b"502 no\r\n")

    return serve


def implicit(tls):
    def serve(conn, _server):
        tls(conn)

    return serve
