#!/usr/bin/env python3
"""The milter protocol, damaged, against a running daemon.

    wire.py [SECONDS [SEED]]

Whatever whoever reaches the socket sends, the daemon goes on: it answers a
session that behaves with what the policy says, writes that message's record,
and writes nothing that is no record.  Without arguments the corpus and a fixed
number of sessions are sent, the same in every run.  With SECONDS it goes on so
long; what was sent before something broke is kept in $BROKEN.
"""

import os
import random
import re
import socket
import struct
import sys
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

import logfmt
import tap
from daemon import Daemon, POLICY, SOURCE, wait_for
from fakemta import Mta

CORPUS = os.path.join(SOURCE, "tests", "fuzz", "corpus", "wire")
SEED = 20261121
SESSIONS = 1500         # without arguments
BATCH = 100             # sessions from one that behaves to the next
HELD = 20               # connections left open in the middle
LIMIT = 60              # seconds to answer, on a machine that does much else
NUDGE = 1               # seconds from one connection that says nothing to the next

# Recipients and patterns are asked for, so that all of the daemon is reached.
MORE = """
rule seen
    if helo ~ /^(a+)+$/ or recipient ~ /^postmaster@/ or sni = mail.example.org
    note
"""

REPLY = re.compile(rb"[45]\d\d [45]\.\d{1,3}\.\d{1,3} [ -~]*\0")
ANSWERS = b"Ocartdyp"

VALUES = [b"", b"none", b"25", b"465", b"587", b"0", b"65536", b"Postfix 3.7.11",
          b"8.17.1.9", b"TLSv1.3", b"TLSv1.1", b"TLSv9", b"RC4-SHA", b"256", b"-1",
          b"TLS_AES_256_GCM_SHA384", b"PLAIN", b"ann", b"<>", b"OK", b"FAIL",
          b"mail.example.org", b"localhost", b"127.0.0.1", b"a" * 300,
          b"x" * 70000, b"a\nv=1 event=alarm", b"\xff\xfe\x1b[2J", b"%s%n%d",
          b'a" b="c', b"\\...", b"@", b"a@b@c", b'"a b"@example.org']
NAMES = [b"j", b"v", b"i", b"_", b"{daemon_port}", b"{daemon_addr}",
         b"{daemon_name}", b"{client_name}", b"{client_resolve}",
         b"{tls_version}", b"{cipher}", b"{cipher_bits}", b"{verify}",
         b"{cert_subject}", b"{cert_issuer}", b"{cn_subject}", b"{tls_sni}",
         b"{mail_addr}", b"{rcpt_addr}", b"{auth_type}", b"{auth_authen}",
         b"", b"{", b"no_such_name"]
COMMANDS = b"OCHMRELBNTUAQKDXabc\0\xff"


# --- what is sent

def packet(command, data=b""):
    return (command, data)


def frame(p):
    return struct.pack("!I", 1 + len(p[1])) + p[0] + p[1]


def macros(rng, command):
    data = b""
    for name in rng.sample(NAMES, rng.randrange(1, len(NAMES))):
        data += name + b"\0" + rng.choice(VALUES) + b"\0"
    return packet(b"D", command + data)


def address(rng):
    family = rng.choice([b"4", b"4", b"6", b"U", b"L", b"x"])
    text = rng.choice([b"192.0.2.7", b"2001:db8::7", b"IPv6:::1", b"127.0.0.1",
                       b"/run/x", b"300.1.1.1", b""])
    return rng.choice(VALUES) + b"\0" + family + struct.pack(
        "!H", rng.randrange(65536)) + text + b"\0"


def conversation(rng):
    """Packets in an order that a server could send."""
    out = [packet(b"O", struct.pack("!III", 6, rng.choice([0x1ff, 0, 0x100]),
                                    rng.choice([0x1fffff, 0, 0x7f])))]
    out += [macros(rng, b"C"), packet(b"C", address(rng))]
    for _ in range(rng.randrange(3)):
        out += [macros(rng, b"H"), packet(b"H", rng.choice(VALUES) + b"\0")]
    for _ in range(rng.randrange(4)):
        out += [macros(rng, b"M"),
                packet(b"M", b"<" + rng.choice(VALUES) + b">\0SIZE=1\0")]
        for _ in range(rng.randrange(4)):
            out += [macros(rng, b"R"),
                    packet(b"R", b"<" + rng.choice(VALUES) + b">\0")]
        out.append(rng.choice([packet(b"E"), packet(b"A"), macros(rng, b"E"),
                               packet(b"T"), packet(b"B", b"body")]))
        if rng.randrange(4) == 0:
            out += [packet(b"K"), packet(b"C", address(rng))]
    out.append(packet(rng.choice([b"Q", b"A", b"K"])))
    return out


def damage_packet(rng, p):
    command, data = p
    at = rng.randrange(len(data) + 1)
    kind = rng.randrange(7)
    if kind == 0:
        command = bytes([rng.choice(COMMANDS)])
    elif kind == 1:
        data = data[:at]
    elif kind == 2:
        data = data[:at] + rng.choice(VALUES) + data[at:]
    elif kind == 3:
        data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1:]
    elif kind == 4:
        data = data.replace(b"\0", b"", 1 + rng.randrange(3))
    elif kind == 5:
        data = data + data
    else:
        data = rng.randbytes(rng.randrange(40))
    return command, data


def damage(rng, packets):
    """The bytes of the conversation when some of it went wrong."""
    packets = list(packets)
    for _ in range(rng.randrange(6)):
        at = rng.randrange(len(packets))
        kind = rng.randrange(5)
        if kind == 0 and len(packets) > 1:
            del packets[at]
        elif kind == 1:
            packets.insert(at, rng.choice(packets))
        elif kind == 2:
            other = rng.randrange(len(packets))
            packets[at], packets[other] = packets[other], packets[at]
        else:
            packets[at] = damage_packet(rng, packets[at])
    data = b"".join(frame(p) for p in packets)
    kind = rng.randrange(12)
    at = rng.randrange(len(data) + 1)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + rng.randbytes(rng.randrange(1, 9)) + data[at:]
    if kind == 2:
        return data[:at] + struct.pack("!I", rng.choice(
            [0, 1, 2, 0xffff, 0xfffff, 0x100001, 0x7fffffff, 0xffffffff])) + data[at:]
    return data


def tame(data):
    """The bytes up to where libmilter itself would fall.

    It takes the strings of a set of macros for pairs without counting them,
    and reads behind an odd one (see tlswardend(8), SECURITY CONSIDERATIONS).
    """
    at = 0
    while at + 5 <= len(data):
        length, = struct.unpack("!I", data[at:at + 4])
        if length == 0 or at + 4 + length > len(data):
            break
        if data[at + 4:at + 5] == b"D" and \
                data.count(b"\0", at + 6, at + 4 + length) % 2 != 0:
            return data[:at]
        at += 4 + length
    return data


# --- and what must come of it

def check_answers(data):
    """What came back is answers of the protocol, the last one perhaps cut."""
    while len(data) >= 5:
        length, = struct.unpack("!I", data[:4])
        if not 1 <= length <= 65536:
            raise AssertionError("an answer of %d bytes" % length)
        command, body = data[4:5], data[5:4 + length]
        if command not in ANSWERS:
            raise AssertionError("an answer %r" % command)
        if command == b"y" and len(body) == length - 1 and \
                not REPLY.fullmatch(body):
            raise AssertionError("a reply %r" % body)
        data = data[4 + length:]


class Nudge(threading.Thread):
    """Other traffic, which a mail server always has.

    libmilter's pool can wake one idle worker for two sessions; the second then
    waits until any worker is done with something.  When all that is left hang
    in packets that never end, that is never.
    """

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address = address
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(NUDGE):
            with socket.socket(socket.AF_UNIX) as s:
                try:
                    s.connect(self.address)
                except OSError:
                    return

    def end(self):
        self.over.set()
        self.join()


class Wire:
    def __init__(self, daemon):
        self.daemon = daemon
        self.log = open(daemon.log, "rb")
        self.rest = b""
        self.records = []
        self.held = []
        self.recent = []
        self.sent = self.behaved = 0

    def dial(self):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(LIMIT)
        s.connect(self.daemon.socket)
        return s

    def send(self, data, hold=False, pieces=1):
        """One connection; the daemon may hang up whenever it has enough."""
        data = tame(data)
        self.recent = self.recent[-2 * BATCH:] + [data]
        self.sent += 1
        s = self.dial()
        step = max(1, -(-len(data) // pieces))
        got = b""
        try:
            for at in range(0, len(data), step):
                s.sendall(data[at:at + step])
            if hold:
                self.held.append(s)
                if len(self.held) > HELD:
                    self.held.pop(0).close()
                return
            s.shutdown(socket.SHUT_WR)
            while True:
                more = s.recv(65536)
                if not more:
                    break
                got += more
        except (BrokenPipeError, ConnectionResetError):
            pass
        s.close()
        check_answers(got)

    def read_log(self):
        """Everything in the log is a record; this raises where it is not."""
        self.rest += self.log.read()
        lines = self.rest.split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            self.records.append(logfmt.parse(line.decode("latin-1")))

    def record(self, qid):
        def find():
            if self.daemon.process.poll() is not None:
                raise AssertionError("the daemon ended: %d\n%s" % (
                    self.daemon.process.returncode, self.daemon.text()[-6000:]))
            self.read_log()
            found = [r for r in self.records if r.get("qid") == qid]
            self.records = found
            return found
        return wait_for(find, "no record of %s" % qid, LIMIT)[0]

    def behave(self):
        """A login in the clear is refused, a message with TLS is taken."""
        self.behaved += 1
        m = Mta(self.daemon.socket)
        m.socket.settimeout(LIMIT)
        m.port(587).login()
        tap.same(m.connect(), "c")
        tap.same(m.helo(), "c")
        tap.holds(m.mail().startswith("530 5.7.0 "), "a login in the clear")
        m.quit()
        m = Mta(self.daemon.socket)
        m.socket.settimeout(LIMIT)
        m.port(587).login().tls()
        tap.same([m.connect(), m.helo()], ["c", "c"])
        qid = "BEHAVED%d" % self.behaved
        m.message(qid=qid)
        m.quit()
        r = self.record(qid)
        tap.same([r["verdict"], r["rule"], r["user"], r["tls"]],
                 ["accept", "default", "ann", "TLSv1.3"])

    def keep(self):
        directory = os.environ.get("BROKEN", "")
        if not os.path.isdir(directory):
            return
        for i, data in enumerate(self.recent):
            with open(os.path.join(directory, "wire-%03d" % i), "wb") as f:
                f.write(data)

    def corpus(self):
        names = sorted(os.listdir(CORPUS))
        tap.holds(len(names) > 5, "a corpus")
        for name in names:
            with open(os.path.join(CORPUS, name), "rb") as f:
                data = f.read()
            for pieces in (1, 7):
                self.send(data, pieces=pieces)
            self.send(data, hold=True)
        self.behave()

    def batch(self, rng):
        for _ in range(BATCH):
            self.send(damage(rng, conversation(rng)),
                      hold=rng.randrange(20) == 0, pieces=rng.choice([1, 1, 3]))
        self.behave()

    def end(self):
        for s in self.held:
            s.close()
        tap.same(self.daemon.stop(), 0, "exit status")
        self.read_log()
        tap.same(self.rest, b"", "the end of the log")


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else \
        random.SystemRandom().randrange(1 << 32) if seconds else SEED
    results = tap.Tap()
    rng = random.Random(seed)
    print("# seed %d" % seed)
    with Daemon(policy=MORE + open(POLICY).read()) as daemon:
        wire = Wire(daemon)
        nudge = Nudge(daemon.socket)
        end = time.monotonic() + seconds
        try:
            wire.corpus()
            results.ok(True, "the corpus")
            while (time.monotonic() < end if seconds else wire.sent < SESSIONS):
                wire.batch(rng)
            nudge.end()
            wire.end()
            results.ok(True, "sessions gone wrong, and those that behaved")
        except Exception:
            wire.keep()
            results.ok(False, "after %d sessions" % wire.sent,
                       traceback.format_exc() + daemon.text()[-6000:])
        print("# %d sessions sent" % wire.sent)
    results.done()


if __name__ == "__main__":
    main()
