"""What a program used, the most memory at once above all.

A process begins with what its parent had: the one that is measured is started by
a small one, or the memory of a test would be counted as the program's.
"""

import os
import subprocess
import sys

LAUNCHER = """
import os, resource, sys
child = os.fork()
if child == 0:
    os.close(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
os.write(int(sys.argv[1]), b"%d %d %f" % (status, used.ru_maxrss, used.ru_utime + used.ru_stime))
"""


def measure(command, stdout=None, **more):
    """Exit status, most memory in bytes, seconds of processor time."""
    ours, theirs = os.pipe()
    try:
        child = subprocess.Popen([sys.executable, "-S", "-E", "-c", LAUNCHER, str(theirs),
                                  *command], stdout=stdout, pass_fds=[theirs], **more)
    finally:
        os.close(theirs)
    with os.fdopen(ours) as told:
        status, memory, seconds = told.read().split()
    child.wait()
    return int(status), int(memory) * 1024, float(seconds)
