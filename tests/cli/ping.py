"""`tlswarden ping' before milters of all kinds, and before what is none."""

import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

from tap import test, run, same, holds  # noqa: E402

BUILD = os.environ.get("TOP_BUILDDIR", os.path.dirname(os.path.dirname(HERE)))
TLSWARDEN = os.path.join(BUILD, "policy", "cli", "tlswarden")

LISTS = {0: "j {daemon_port}", 1: "j {tls_version}",
         2: "j {tls_version} {cipher} {auth_type} i"}


def offer(lists=None, steps=0x1000, actions=0x100, version=6):
    data = struct.pack("!III", version, actions, steps)
    for place, names in sorted((LISTS if lists is None else lists).items()):
        data += struct.pack("!I", place) + names.encode() + b"\0"
    return b"O" + data


def packet(data):
    return struct.pack("!I", len(data)) + data


class Milter(threading.Thread):
    """Answers one session: `answers' maps a command to the bytes sent."""

    def __init__(self, answers, hold=0.0):
        super().__init__(daemon=True)
        self.directory = tempfile.mkdtemp(prefix="tw-ping-")
        self.path = os.path.join(self.directory, "socket")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.answers = answers
        self.hold = hold
        self.heard = []
        self.start()

    def exactly(self, connection, n):
        data = b""
        while len(data) < n:
            more = connection.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def run(self):
        connection, _ = self.listener.accept()
        try:
            while True:
                length, = struct.unpack("!I", self.exactly(connection, 4))
                data = self.exactly(connection, length)
                self.heard.append(data)
                answer = self.answers.get(data[:1])
                if answer == "close":
                    break
                if answer == "drip":
                    for byte in packet(offer()):
                        connection.sendall(bytes([byte]))
                        time.sleep(0.2)
                elif answer:
                    connection.sendall(answer)
        except (EOFError, OSError):
            pass
        connection.close()

    def done(self):
        self.join(5)
        self.listener.close()
        os.unlink(self.path)
        os.rmdir(self.directory)


def ping(where, *options):
    start = time.monotonic()
    r = subprocess.run([TLSWARDEN, "ping", *options, where], timeout=30,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False)
    return r.returncode, r.stdout.decode(), r.stderr.decode(), time.monotonic() - start


GOOD = {b"O": packet(offer()), b"H": packet(b"c"), b"M": packet(b"c")}


def bad(want, seconds=3.0, **changed):
    answers = dict(GOOD)
    answers.update({k.encode(): v for k, v in changed.items()})
    # in time once is in time: a machine may have other things to do
    for _ in range(20):
        milter = Milter(answers)
        status, out, err, took = ping("unix:" + milter.path, "-t", "1")
        milter.done()
        same((status, out), (2, ""), "status and output; stderr is %r" % err)
        holds(want in err, "%r is not in %r" % (want, err))
        if took < seconds:
            return
    holds(False, "took %.1f s" % took)


@test
def good():
    """a session that is answered as it shall be: 0, and one line"""
    milter = Milter(GOOD)
    status, out, err, _ = ping("unix:" + milter.path)
    milter.done()
    same((status, err), (0, ""))
    holds(out.startswith("unix:%s: tlswardend answers" % milter.path), out)
    same([d[:1] for d in milter.heard],
         [b"O", b"D", b"C", b"D", b"H", b"D", b"M", b"Q"], "what was said")
    same(milter.heard[2], b"Clocalhost\x004\0\x00127.0.0.1\0")
    same(milter.heard[6], b"M<ping@ping.tlswarden.invalid>\0")
    holds(all(b"daemon_port" not in d for d in milter.heard), "no port is named")


@test
def skipped():
    """what the daemon says it does not want is not said"""
    for steps, wanted in ((0x1001, b"ODHDMQ"), (0x1002, b"ODCDMQ"), (0x1004, b"ODCDHQ"),
                          (0x1007, b"OQ")):
        milter = Milter({**GOOD, b"O": packet(offer(steps=steps))})
        status, _, err, _ = ping("unix:" + milter.path)
        milter.done()
        same((status, err), (0, ""), "steps %#x" % steps)
        same(b"".join(d[:1] for d in milter.heard), wanted, "steps %#x" % steps)


@test
def quiet():
    """-q: nothing is said"""
    milter = Milter(GOOD)
    same(ping("unix:" + milter.path, "-q")[:3], (0, "", ""))
    milter.done()


@test
def answered_connect():
    """a milter that answers CONNECT, too, and asks for patience"""
    milter = Milter({b"O": packet(offer(steps=0)), b"C": packet(b"p") + packet(b"c"),
                     b"H": packet(b"c"), b"M": packet(b"c")})
    same(ping("unix:" + milter.path)[0], 0)
    milter.done()


@test
def inet():
    """nobody listens on a TCP port"""
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    for spec in ("inet:%d@127.0.0.1", "inet:127.0.0.1:%d"):
        status, _, err, _ = ping(spec % port)
        same(status, 2)
        holds("connecting: Connection refused" in err, err)
    probe.close()


@test
def nobody():
    """no socket there"""
    status, out, err, _ = ping("unix:/nonexistent/socket")
    same((status, out), (2, ""))
    holds("connecting: No such file or directory" in err, err)


@test
def no_socket():
    """what is no socket's name is wrong usage"""
    for spec in ("florp", "inet:25", "inet:x@y", "unix:", "inet:0@h", "inet:@h"):
        same(ping(spec)[0], 64, spec)
    for options in (("-t", "0"), ("-t", "x"), ("-t", "9999999")):
        same(ping("unix:/x", *options)[0], 64, options)


@test
def of_policy():
    """without a socket it is the policy's"""
    milter = Milter(GOOD)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "policy.conf")
        with open(path, "w", encoding="ascii") as f:
            f.write("set socket unix:%s mode 0660\ndefault accept\n" % milter.path)
        r = subprocess.run([TLSWARDEN, "ping", "-c", path], timeout=30, check=False,
                           stdin=subprocess.DEVNULL, capture_output=True)
        milter.done()
        same((r.returncode, r.stderr), (0, b""))
        holds(milter.path in r.stdout.decode(), r.stdout)
        with open(path, "w", encoding="ascii") as f:
            f.write("default accept\n")
        r = subprocess.run([TLSWARDEN, "ping", "-c", path], timeout=30, check=False,
                           stdin=subprocess.DEVNULL, capture_output=True)
        holds(b"unix:/run/tlswarden/tlswarden.sock" in r.stdout + r.stderr, r.stderr)
        with open(path, "w", encoding="ascii") as f:
            f.write("set socket florp\n")
        r = subprocess.run([TLSWARDEN, "ping", "-c", path], timeout=30, check=False,
                           stdin=subprocess.DEVNULL, capture_output=True)
        same(r.returncode, 2)
        holds(b"policy.conf:1:" in r.stderr, r.stderr)
    r = subprocess.run([TLSWARDEN, "ping", "-c", path], timeout=30, check=False,
                       stdin=subprocess.DEVNULL, capture_output=True)
    same(r.returncode, 2, "no such policy")


CASES = [
    ("another milter", "is not tlswardend", {"O": packet(offer(lists={}))}),
    ("one that chooses no macros", "is not tlswardend", {"O": packet(offer(actions=0))}),
    ("one that asks for the port alone", "is not tlswardend",
     {"O": packet(offer(lists={0: "{daemon_port}", 2: "{cipher}"}))}),
    ("one that asks for the login alone", "is not tlswardend",
     {"O": packet(offer(lists={0: "j", 2: "{tls_version} {auth_type}"}))}),
    ("one that asks for no login", "is not tlswardend",
     {"O": packet(offer(lists={0: "{daemon_port}", 2: "{tls_version}"}))}),
    ("a protocol of old", "does not speak", {"O": packet(offer(version=1))}),
    ("a list that never ends", "is not tlswardend",
     {"O": packet(offer(lists={})[:13] + b"\0\0\0\2{tls_version} {auth_type")}),
    ("CONNECT is refused", "CONNECT got a verdict that is not due",
     {"O": packet(offer(steps=0)), "C": packet(b"r")}),
    ("HELO is refused", "HELO got a verdict that is not due", {"H": packet(b"r")}),
    ("HELO is accepted for good", "HELO got a verdict", {"H": packet(b"a")}),
    ("MAIL is put off", "MAIL got a temporary failure", {"M": packet(b"t")}),
    ("MAIL gets a reply", "MAIL got the reply 451 4.3.0 \\x1b[31m",
     {"M": packet(b"y451 4.3.0 \x1b[31m\0")}),
    ("an answer of another stage", "does not have there", {"H": packet(b"O")}),
    ("an answer without end", "does not speak the milter protocol",
     {"O": struct.pack("!I", 0xffffffff) + b"O"}),
    ("an empty answer", "does not speak the milter protocol",
     {"O": struct.pack("!I", 0)}),
    ("a mail server", "does not speak", {"O": b"220 mx.example.org ESMTP\r\n"}),
    ("an answer that is no offer", "does not speak", {"O": packet(b"c" + offer()[1:])}),
    ("a short negotiation", "does not speak", {"O": packet(b"O\0\0\0\6")}),
    ("closed at once", "closed without an answer", {"O": "close"}),
    ("closed at MAIL", "closed without an answer", {"M": "close"}),
    ("silence", "no answer in time", {"O": b""}),
    ("silence at HELO", "no answer in time", {"H": b""}),
    ("half an answer", "no answer in time", {"O": packet(offer())[:9]}),
    ("a byte now and then", "no answer in time", {"O": "drip"}),
    ("patience for ever", "no answer in time", {"H": packet(b"p") * 50}),
]


def register(name, want, changed):
    def check():
        bad(want, **changed)
    check.__doc__ = name
    test(check)


for case in CASES:
    register(*case)

run()
