"""What the tests under load share: how long they are, a log that is read as it
grows, and what a process holds.

Each of them has a short form, for `make check', and a long one, for `make soak':
the same with TLSWARDEN_SOAK=1 in the environment.
"""

import os
import resource

import logfmt

SOAK = os.environ.get("TLSWARDEN_SOAK", "") not in ("", "0")

# A sanitizer keeps what was freed for a while, up to 256 MB of it: with less the
# daemon's memory says something there, too.
os.environ["ASAN_OPTIONS"] = ":".join(
    o for o in (os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=1") if o)


def either(short, long):
    return long if SOAK else short


def say(text):
    """Beneath the results: what was measured."""
    print("# " + text, flush=True)


class Log:
    """The lines of a log, each given once."""

    def __init__(self, path):
        self.path, self.at, self.rest = path, 0, b""

    def lines(self):
        with open(self.path, "rb") as f:
            f.seek(self.at)
            data = f.read()
        self.at += len(data)
        whole = (self.rest + data).split(b"\n")
        self.rest = whole.pop()
        return [line.decode("ascii") for line in whole]

    def records(self):
        return [logfmt.parse(line) for line in self.lines()]


def status(pid, name):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    raise ValueError(name)


def memory(pid):
    """Resident, in bytes."""
    return status(pid, "VmRSS") * 1024


def slack(pid):
    """How many times more memory may be used than by an ordinary build: what a
    sanitizer keeps of each object and each thread, and valgrind, above all of stacks."""
    if "valgrind" in os.readlink("/proc/%d/exe" % pid):
        return 64
    with open("/proc/%d/exe" % pid, "rb") as f:
        program = f.read()
    return 16 if b"__tsan_" in program else 4 if b"__asan_" in program else 1


def threads(pid):
    return status(pid, "Threads")


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def room(wanted):
    """So many connections, or as many as this process may hold."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard - 200)
