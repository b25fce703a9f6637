"""How far a long run has come: told on a terminal, after a second, and gone at
the end; told to nobody else.  How long a run takes is not the machine's to say: the
clock stands still, and goes on between two halves of a log.  Speaks TAP."""

import os
import pty
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../faults"))
from fault import COMMAND, Faults, tap

SECOND = 10 ** 9
BEGIN = 1000 * SECOND
# Half of a log is more than a pipe holds: when it is written, the run has begun.
HALF = 10000
LINE = (b"2026-11-20T10:00:00+00:00 one tlswardend[7]: v=1 event=session id=1 "
        b"verdict=accept rule=default stage=close service=mx port=25 client=192.0.2.1 "
        b"tls=none outcome=abandoned\n")


def run(terminal, seconds):
    """What a run says on stderr that takes so long, and its report."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    faults = Faults()
    faults["still"] = BEGIN
    child = subprocess.Popen([COMMAND, "report", "-"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=theirs,
                             env=dict(os.environ, **faults.environment))
    os.close(theirs)
    child.stdin.write(LINE * HALF)
    child.stdin.flush()
    faults["still"] = BEGIN + int(seconds * SECOND)
    child.stdin.write(LINE * HALF)
    child.stdin.close()
    report = child.stdout.read()
    child.wait()
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
    return said, report


plan = tap.Tap()
said, report = run(True, 1)
plan.ok(b"\r-, 1" in said and b" lines\x1b[K" in said, "a terminal is told", said)
plan.ok(said.endswith(b"\r\x1b[K"), "and it is gone at the end", said)
plan.ok(b"20,000  sessions without mail" in report and b"\x1b" not in report,
        "the report is whole", report[:200])
said, _ = run(True, 0.999)
plan.ok(said == b"", "a short run says nothing", said)
said, _ = run(False, 10)
plan.ok(said == b"", "and a long one only to a terminal", said)
plan.done()
