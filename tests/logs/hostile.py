"""Logs that want to break who reads them, through the whole command: no crash,
bounded memory, nothing for a terminal to obey, and right numbers for the honest
lines among them.  Speaks TAP."""

import gzip
import json
import lzma
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../milter"))
import tap
from tap import holds, same
from memory import measure

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("TOP_BUILDDIR", ".")
TLSWARDEN = os.path.join(BUILD, "policy/cli/tlswarden")
DAMAGE = os.path.join(BUILD, "tests/logs/damage")
FORMATS = ("text", "json", "csv", "html")
MB = 1 << 20

SANITIZED = subprocess.check_output([DAMAGE, "build"]) == b"sanitized\n"
LINES = 100000 if SANITIZED else 1000000
# Sanitizers remember what was freed, and so does valgrind, whose build says it is one.
PEAK = 1024 * MB if SANITIZED else 64 * MB

HONEST = [
    "mail-p postfix/smtpd[7]: connect from unknown[192.0.2.7]",
    "mail-p postfix/smtpd[7]: Anonymous TLS connection established from unknown[192.0.2.7]: "
    "TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)",
    "mail-p postfix/smtpd[7]: 4{n:06d}: client=unknown[192.0.2.7]",
    "mail-p postfix/qmgr[3]: 4{n:06d}: from=<a@example.net>, size=240, nrcpt=1 (queue active)",
    "mail-p postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=2 starttls=1 mail=1 "
    "rcpt=1 data=1 quit=1 commands=7",
    "mail-s sm-mta[1]: STARTTLS=server, relay=[192.0.2.8], version=TLSv1, verify=NO, "
    "cipher=ECDHE-RSA-AES256-SHA, bits=256/256",
    "mail-s sm-mta[1]: A{n:06d}: from=<b@example.net>, size=23, class=0, nrcpts=1, "
    "msgid=<a@b>, proto=ESMTPS, daemon=MTA-v4, relay=[192.0.2.8]",
    "mail-s sm-mta[1]: A{n:06d}: to=<b@example.com>, delay=00:00:00, stat=queued",
    "mail-r tlswardend[9]: v=1 event=message id={n} verdict=accept rule=default stage=eom "
    "service=submission port=587 client=192.0.2.9 tls=TLSv1.3 "
    "cipher=TLS_AES_256_GCM_SHA384 cipher_bits=256 outcome=encrypted auth=PLAIN user=ann "
    "sender=ann@example.org qid=R{n}",
    "mail-b postfix/smtpd[8]: connect from unknown[192.0.2.10]",
    "mail-b postfix/smtpd[8]: B{n:06d}: client=unknown[192.0.2.10]",
    "mail-b postfix/qmgr[3]: B{n:06d}: from=<c@example.net>, size=240, nrcpt=1 (queue active)",
    "mail-b tlswardend[9]: v=1 event=message id=b{n} verdict=accept rule=default stage=eom "
    "service=mx port=25 client=192.0.2.10 tls=none outcome=cleartext auth=none "
    "sender=c@example.net qid=B{n:06d}",
    "mail-b postfix/smtpd[8]: disconnect from unknown[192.0.2.10] ehlo=1 mail=1 rcpt=1 data=1 "
    "quit=1 commands=5",
]


def honest(rounds):
    """So many times the same, ten seconds apart; each is a message of four hosts."""
    for n in range(rounds):
        stamp = "2026-11-%02dT%02d:%02d:%02d+00:00 " % (
            1 + n // 8640, n // 360 % 24, n // 6 % 60, n % 6 * 10)
        for line in HONEST:
            yield stamp + line.format(n=n) + "\n"


def run(path, *options, code=(0, 1), stdin=None):
    """What a report says, and what it says of errors."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        status, peak, _ = measure([TLSWARDEN, "report", *options, path], stdin=stdin,
                                  stdout=out, stderr=err, env={**os.environ, "TZ": "UTC"})
        out.seek(0)
        err.seek(0)
        said, errors = out.read(), err.read()
    holds(status in code, "status %d: %s" % (status, errors[:500]))
    holds(peak < PEAK, "%d bytes" % peak)
    return said, errors


def table(path, by, **more):
    said, _ = run(path, "--by", by, "--top", "0", "--format", "json", **more)
    said = json.loads(said)
    names = by.split(",")
    return {tuple(row[n] for n in names): row["messages"]
            for row in said["tables"]["by"]["rows"]}


def check_honest(path, rounds, **more):
    got = {key: n for key, n in table(path, "host,tls,outcome", **more).items()
           if key[0].startswith("mail-")}
    same(got, {("mail-p", "TLSv1.2", "encrypted"): rounds,
               ("mail-s", "TLSv1", "deprecated"): rounds,
               ("mail-r", "TLSv1.3", "encrypted"): rounds,
               ("mail-b", "none", "cleartext"): rounds})


def write(path, pieces):
    with open(path, "wb") as f:
        for piece in pieces:
            f.write(piece if isinstance(piece, bytes) else piece.encode())
    return path


@tap.test
def damaged(directory):
    """real lines, damaged, and honest ones among them"""
    rounds = LINES // 10 // len(HONEST)
    good = write(os.path.join(directory, "honest.log"), honest(rounds))
    check_honest(good, rounds)
    bad = os.path.join(directory, "damaged.log")
    real = [os.path.join(HERE, name) for name in sorted(os.listdir(HERE))
            if name.endswith(".lines")]
    holds(len(real) >= 5, "the lines of servers")
    own = write(os.path.join(directory, "own.lines"),
                [line.replace(" mail-", " evil-") for line in honest(30)])
    with open(bad, "wb") as f:
        subprocess.check_call([DAMAGE, "20261121", str(LINES), good, *real, own], stdout=f)
    check_honest(bad, rounds)
    for name in FORMATS:
        clean(run(bad, "--format", name, "--top", "0")[0], name)


def clean(said, name):
    """Printable ASCII in lines, and nothing else."""
    ends = b"\r\n" if name == "csv" else b"\n"
    odd = re.search(rb"[^ -~]", said.replace(ends, b""))
    holds(odd is None, "%s: %r" % (name, odd and said.replace(ends, b"")[
        max(0, odd.start() - 80):odd.end() + 20]))


@tap.test
def long_lines(directory):
    """lines of a megabyte"""
    starts = [line.format(n=0) for line in HONEST]
    pieces = []
    for i, line in enumerate(honest(len(HONEST))):
        if i % len(HONEST) == 0:
            start = "2026-11-01T00:00:00+00:00 " + starts[i // len(HONEST)]
            start = start.replace(" mail-", " evil-")
            for fill in ("a", ", relay=[192.0.2.1]", "\\x41", "\0", "\" ", "{\"v\":1,"):
                pieces.append((start + fill * (MB // len(fill))).encode() + b"\n")
        pieces.append(line)
    path = write(os.path.join(directory, "long.log"), pieces)
    check_honest(path, len(HONEST))
    for name in FORMATS:
        clean(run(path, "--format", name)[0], name)


@tap.test
def endless(directory):
    """a line without an end, and one of NULs"""
    good = "".join(honest(20))
    for fill in (b"a", b"\0", b"\\", b"\""):
        path = write(os.path.join(directory, "endless.log"),
                     [good, fill * (64 * MB), b"\n", good.replace("-11-01", "-11-02")])
        got = table(path, "host")
        same({host: got.get((host,)) for host in ("mail-p", "mail-s", "mail-r", "mail-b")},
             {"mail-p": 40, "mail-s": 40, "mail-r": 40, "mail-b": 20 + 20})


EVIL = ("\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "\x7f\b\b", "\u202e", "\u2028", "\xff",
        "<script>alert(1)</script>", "\"'`", "=cmd|' /C calc'!A0", "\r")


@tap.test
def escapes(directory):
    """escape sequences in every place where a client can put one"""
    pieces = []
    for i, evil in enumerate(EVIL):
        start = "2026-11-01T00:%02d:00+00:00 " % i
        wild = "".join("\\x%02x" % b if b < 32 or b > 126 or b in b"\"\\" else chr(b)
                       for b in evil.encode("utf-8", "surrogateescape"))
        for text in (
                "h%s postfix/smtpd[7]: connect from %s[192.0.2.7]" % (evil, evil),
                "mx postfix/smtpd[7]: NOQUEUE: reject: RCPT from x%s[192.0.2.7]: 554 5.7.1 %s; "
                "from=<%s@%s> to=<b@%s> proto=ESMTP helo=<%s>" % ((evil,) * 6),
                "mx postfix/smtpd[7]: 4A: client=x%s[192.0.2.7], sasl_method=%s, "
                "sasl_username=%s" % ((evil,) * 3),
                "mx postfix/qmgr[7]: 4A: from=<%s@%s>, size=1, nrcpt=1 (queue active)" %
                (evil, evil),
                "mx postfix/smtpd[7]: disconnect from x%s[192.0.2.7] ehlo=1 auth=1 mail=1" % evil,
                "mx sm-mta[7]: AUTH=server, relay=%s [192.0.2.8], authid=%s, mech=%s" %
                ((evil,) * 3),
                "mx sm-mta[7]: A%d: from=<%s@%s>, size=1, nrcpts=1, proto=ESMTPA, daemon=%s, "
                "relay=%s [192.0.2.8]" % (i, evil, evil, evil, evil),
                "mx tlswardend[9]: v=1 event=message id=1 verdict=accept rule=\"%s\" stage=eom "
                "service=\"%s\" client=192.0.2.9 helo=\"%s\" tls=none outcome=cleartext "
                "auth=\"%s\" user=\"%s\" sender=\"%s@%s\" notes=\"%s\"" % ((wild,) * 8),
                "mx tlswardend[9]: v=1 event=alarm kind=\"%s\" user=\"%s\" "
                "service=submission" % (wild, wild),
                "mx tlswardend[9]: v=1 event=\"%s\"" % wild,
        ):
            pieces.append((start + text + "\n").encode("utf-8", "surrogateescape"))
    path = write(os.path.join(directory, "evil\x1b[2J.log"), pieces)
    for name in FORMATS:
        said, errors = run(path, "--format", name, "--top", "0")
        clean(said, name)
        clean(errors, "errors")
        for by in ("user,client,helo,domain", "host,service,auth,rule"):
            clean(run(path, "--format", name, "--top", "0", "--by", by)[0], name)
    holds(b"owned" in run(path, "--by", "user")[0], "and yet it is told")
    page = run(path, "--format", "html", "--top", "0")[0]
    holds(b"<script>" not in page, "no script")
    _, errors = run(path + "\x1b[31m", code=(2,))
    clean(errors, "errors")


@tap.test
def forged(directory):
    """fields that a client forged in its HELO name and sender"""
    at = "2026-11-01T00:00:0%d+00:00 mx "
    lines = [
        # The HELO name and the sender say that they are more.
        "postfix/smtpd[7]: connect from unknown[192.0.2.7]",
        "postfix/smtpd[7]: NOQUEUE: milter-reject: MAIL from unknown[192.0.2.7]: 530 5.7.0 "
        "Encryption required; from=<\"a> proto=ESMTP helo=<x> sasl_username=<boss\"@evil.example> "
        "proto=ESMTP helo=<y>",
        "postfix/smtpd[7]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 no; "
        "from=<a@evil.example> to=<\"b> sasl_username=<boss\"@example.org> proto=ESMTP "
        "helo=<z??sasl_username=?boss?>",
        "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=1/2 commands=2/3",
        "sm-mta[5]: A1: from=<\"x, proto=ESMTPSA, relay=[192.0.2.99], y=\"@evil.example>, "
        "size=23, class=0, nrcpts=1, msgid=<a@b>, proto=ESMTP, daemon=MTA-v4, relay=[192.0.2.8]",
        "tlswardend[9]: v=1 event=message id=1 verdict=accept rule=default stage=eom service=mx "
        "port=25 client=192.0.2.9 helo=\"x\\x22 tls=TLSv1.3 user=boss\" tls=none "
        "outcome=cleartext auth=none sender=\"\\x22a auth=PLAIN user=boss\\x22@evil.example\"",
        # A line end in a name is no new line: the daemon writes it escaped.
        "tlswardend[9]: v=1 event=message id=2 verdict=accept rule=default stage=eom service=mx "
        "port=25 client=192.0.2.9 helo=\"x\\x0a2026-11-01T00:00:00+00:00 mx tlswardend[9]: v=1 "
        "event=alarm kind=password-exposed user=boss\" tls=none outcome=cleartext auth=none "
        "sender=a@evil.example",
    ]
    path = write(os.path.join(directory, "forged.log"),
                 [at % i + line + "\n" for i, line in enumerate(lines)])
    users = table(path, "user")
    holds(not any("boss" in user for user, in users), users)
    clients = table(path, "client")
    same(sorted(clients), [("192.0.2.7",), ("192.0.2.8",), ("192.0.2.9",)])
    holds(set(table(path, "tls")) <= {("none",), ("unknown",)}, table(path, "tls"))
    holds(set(table(path, "domain")) <= {("evil.example",)}, table(path, "domain"))
    said = json.loads(run(path, "--format", "json")[0])
    same(said["tables"]["exposed_passwords"]["rows"], [])


def seconds(path):
    """Of processor time that a report takes."""
    with tempfile.TemporaryFile() as out:
        status, _, used = measure([TLSWARDEN, "report", path], stdout=out)
    holds(status in (0, 1), "status %d" % status)
    return used


def alike(directory, name, plain, chosen):
    """Lines that were chosen to be slow take no longer than such as were not."""
    plain = seconds(write(os.path.join(directory, name + "-plain.log"), plain))
    chosen = seconds(write(os.path.join(directory, name + "-chosen.log"), chosen))
    holds(chosen < 6 * plain, "%.2f s, and of plain lines %.2f s" % (chosen, plain))


# Where words are mixed by a multiplication, two differences cancel out, whatever
# secret the mixing begins with: the top bit, and that with the top bit of its half.
CANCEL = (b"AAAAAAAAAAAAAAAA", b"AAAAAAA\xc1AAA\xc1AAA\xc1")


@tap.test
def colliding(directory):
    """names of hosts that collide under a weak hash"""
    bits = 13

    def hosts(name):
        for n in range(3 << bits):
            yield (b"2026-11-01T00:00:00+00:00 %s postfix/smtpd[7]: "
                   b"connect from unknown[192.0.2.7]\n" % name(n))
    alike(directory, "host", hosts(lambda n: b"%0208x" % (n % (1 << bits))),
          hosts(lambda n: b"".join(CANCEL[n >> i & 1] for i in range(bits))))


@tap.test
def one_session(directory):
    """a session of many messages, of which the last one comes again and again"""
    def lines(again):
        before = "2026-11-01T00:00:00+00:00 mx postfix/smtpd[7]: "
        yield before + "connect from unknown[192.0.2.7]\n"
        for n in list(range(16000)) + [again(n) for n in range(20000)]:
            yield before + "4%07X: client=unknown[192.0.2.7]\n" % n
    alike(directory, "session", lines(lambda n: n % 16000), lines(lambda n: 15999))


@tap.test
def one_queue_id(directory):
    """one queue id in all records, and days later in all lines of the server"""
    def lines(name):
        for n in range(65536):
            yield ("2026-11-01T00:00:00+00:00 mx tlswardend[9]: v=1 event=message id=%d "
                   "verdict=accept rule=default stage=eom service=mx port=25 "
                   "client=192.0.2.9 tls=none outcome=cleartext auth=none "
                   "sender=a@example.net qid=%s\n" % (n, name(n)))
        for n in range(5000):
            for text in ("smtpd[7]: connect from unknown[192.0.2.7]",
                         "smtpd[7]: %s: client=unknown[192.0.2.7]" % name(n),
                         "smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=1 data=1"):
                yield "2026-11-05T00:00:00+00:00 mx postfix/%s\n" % text
    alike(directory, "qid", lines(lambda n: "4%07X" % n), lines(lambda n: "4AAAAAAA"))


def zst_of(text, pieces):
    """A frame of a text and of blocks that repeat a byte, as RFC 8878 has it: a bomb
    of 1:32768."""
    yield b"\x28\xb5\x2f\xfd\x00\x58"   # a window of 2 MB, no size, no sum
    yield (len(text) << 3).to_bytes(3, "little") + text
    for byte, size in pieces:
        while size > 0:
            n = min(size, 128 * 1024)
            yield (n << 3 | 1 << 1).to_bytes(3, "little") + byte
            size -= n
    yield b"\x01\0\0"


@tap.test
def bombs(directory):
    """compressed bombs: memory stays small, and honest lines behind them are read"""
    size = 64 * MB if SANITIZED else 512 * MB
    good = "".join(honest(50)).encode()
    piece = b"\0" * MB
    for suffix, writer in (("gz", gzip.open), ("xz", lzma.open)):
        path = os.path.join(directory, "bomb.log." + suffix)
        more = {"compresslevel": 1} if suffix == "gz" else {"preset": 0}
        with writer(path, "wb", **more) as f:
            for _ in range(size // MB):
                f.write(piece)
            f.write(b"\n" + good)
        holds(os.path.getsize(path) * 100 < size, "that is a bomb")
        check_honest(path, 50)
        # Half of it: said, and no crash.
        os.truncate(path, os.path.getsize(path) // 2)
        _, errors = run(path, code=(2,))
        clean(errors, "errors")
    path = write(os.path.join(directory, "bomb.log.zst"),
                 zst_of(good, [(b"a", size // 2), (b"\n", 3), (b"b", size // 2)]))
    holds(os.path.getsize(path) * 100 < size, "that is a bomb")
    check_honest(path, 50)
    # Empty lines alone are many lines.
    check_honest(write(path, zst_of(good, [(b"\n", size // 8)])), 50)
    os.truncate(path, os.path.getsize(path) - 100)
    run(path, code=(2,))
    write(path, zst_of(good, [(b"a", 2 << 30)]))
    holds(b"more than a thousand times its size" in run(path, code=(2,))[1], "it is said")


with tempfile.TemporaryDirectory() as scratch:
    tap.run(scratch)
