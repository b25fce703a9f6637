"""How far a long run has come: told on a terminal, after a second, and gone at
the end; told to nobody else.  Speaks TAP."""

import os
import pty
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../milter"))
import tap

TLSWARDEN = os.path.join(os.environ.get("TOP_BUILDDIR", "."), "policy/cli/tlswarden")
LINE = (b"2026-11-20T10:00:00+00:00 one tlswardend[7]: v=1 event=session id=1 "
        b"verdict=accept rule=default stage=close service=mx port=25 client=192.0.2.1 "
        b"tls=none outcome=abandoned\n")


def run(terminal, wait):
    """What a run says on stderr; its log stalls for a while."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    begin = time.monotonic()
    child = subprocess.Popen([TLSWARDEN, "report", "-"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    child.stdin.write(LINE * 10000)
    child.stdin.flush()
    time.sleep(wait)
    child.stdin.write(LINE * 10000)
    child.stdin.close()
    report = child.stdout.read()
    child.wait()
    took = time.monotonic() - begin
    said = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:		# the terminal's other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    return said, report, took


def short():
    """A run that was over in time, on whatever machine: tried until it was."""
    for _ in range(100):
        said, _, took = run(True, 0)
        if took < 0.9:
            return said
    return b"never over in time"


plan = tap.Tap()
said, report, _ = run(True, 1.3)
plan.ok(b"\r-, 1" in said and b" lines\x1b[K" in said, "a terminal is told", said)
plan.ok(said.endswith(b"\r\x1b[K"), "and it is gone at the end", said)
plan.ok(b"20,000  sessions without mail" in report and b"\x1b" not in report,
        "the report is whole", report[:200])
said = short()
plan.ok(said == b"", "a short run says nothing", said)
said, _, _ = run(False, 1.3)
plan.ok(said == b"", "and a long one only to a terminal", said)
plan.done()
