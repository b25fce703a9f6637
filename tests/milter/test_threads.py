#!/usr/bin/env python3
"""No session minds which thread serves it: neither a thread for each callback,
nor one for each session.

Other tests of this directory are run again with the same daemon and the same
libmilter, whose callbacks reach the daemon so.  A libmilter that is built to
have a thread for each session is tried by hand: see other_libmilter.sh.
"""

import os
import signal
import subprocess
import sys

import tap
from daemon import BUILD, HERE

SCRIPTS = ("test_sessions.py", "test_policies.py", "test_reloads.py")
KINDS = ("callback", "session")


def begin(kind, script):
    return subprocess.Popen(
        [sys.executable, "-B", os.path.join(HERE, script)],
        env=dict(os.environ, CAROUSEL=kind,
                 TLSWARDEND=os.path.join(BUILD, "tests", "milter", "carousel")),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True)


def end(child):
    """What it said; with all that it started, it is gone then."""
    try:
        return child.communicate(timeout=300)[0]
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        return "no end\n" + child.communicate()[0]


def main():
    results = tap.Tap()
    running = [(kind, script, begin(kind, script))
               for script in SCRIPTS for kind in KINDS]
    for kind, script, child in running:
        said = end(child)
        good = said.count("\nok ") + said.startswith("ok ")
        results.ok(child.returncode == 0 and good > 3,
                   "a thread for each %s: %s: %d" % (kind, script, good), said)
    results.done()


if __name__ == "__main__":
    main()
