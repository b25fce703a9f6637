"""Orders to a program that is linked with memory.c and world.c; see fault.h."""

import collections
import glob
import mmap
import os
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

import daemon  # noqa: E402
import tap  # noqa: E402

BUILD = daemon.BUILD
DAEMON = os.path.join(BUILD, "tests", "faults", "tlswardend")
COMMAND = os.path.join(BUILD, "tests", "faults", "tlswarden")
# every request for memory, and not one of each way that leads to one
ALL = os.environ.get("FAULT_ALL", "") != ""
FIELDS = ("calls", "from", "to", "refused", "learn", "ahead", "storm", "signals",
          "longest", "unsent", "still")
PLACES = 8192
FOREVER = 2 ** 62


class Faults:
    """The orders.  Everything is well until something is ordered."""

    def __init__(self, storm=False):
        self.file = tempfile.NamedTemporaryFile(prefix="tw-faults-")
        self.size = 8 * (len(FIELDS) + 2 * PLACES)
        self.file.truncate(self.size)
        os.chmod(self.file.name, 0o666)
        self.map = mmap.mmap(self.file.fileno(), self.size)
        self.environment = {"FAULTS": self.file.name}
        if storm:
            self.environment["FAULT_STORM"] = "yes"

    def __getitem__(self, name):
        return struct.unpack_from("=q", self.map, 8 * FIELDS.index(name))[0]

    def __setitem__(self, name, value):
        struct.pack_into("=q", self.map, 8 * FIELDS.index(name), value)

    def learn(self):
        """From now on, put down each way that leads to a request."""
        self.map[8 * len(FIELDS):] = b"\0" * (16 * PLACES)
        self["calls"] = 0
        self["learn"] = 1

    def learnt(self):
        """Those to try: the first of each way, or all of them."""
        self["learn"] = 0
        calls = self["calls"]
        if ALL:
            return range(1, calls + 1)
        values = struct.unpack_from("=%dQ" % (2 * PLACES), self.map,
                                    8 * len(FIELDS))
        found = sorted(call for way, call in zip(values[::2], values[1::2]) if way)
        if len(found) >= PLACES:
            raise AssertionError("more ways than fault.h has places")
        return found

    def refuse(self, first, last=None):
        """Of the requests from now on, this one, or up to the last."""
        self["from"] = self["to"] = 0
        self["calls"] = 0
        self["refused"] = 0
        self["to"] = last or first
        self["from"] = first

    def settle(self, process):
        """Until nothing was asked for in a while, and nobody is at work: what was under
        way is done."""
        last = -1
        while self["calls"] != last or not rests(process.pid):
            last = self["calls"]
            time.sleep(0.01)

    def over(self):
        self["to"] = 0
        self["from"] = 0


def rests(pid):
    """Does each thread of a process wait for something?  One that wants a processor, or a
    page, does not."""
    for task in glob.glob("/proc/%d/task/*/stat" % pid):
        try:
            with open(task) as f:
                if f.read().rpartition(")")[2].split()[0] in "RD":
                    return False
        except (FileNotFoundError, ProcessLookupError):
            return False
    return True


class Full:
    """A file system of some pages, which are taken."""

    def __init__(self, directory, size="4k"):
        self.path = directory.file("disk")
        os.mkdir(self.path)
        subprocess.check_call(["mount", "-t", "tmpfs", "-o", "mode=1777,size=" + size,
                               "none", self.path])
        self.fill()

    def file(self, name):
        return os.path.join(self.path, name)

    def fill(self):
        with open(self.file("filler"), "wb", buffering=0) as f:
            while True:
                try:
                    f.write(b"x" * 4096)
                except OSError:
                    return

    def room(self):
        os.unlink(self.file("filler"))


def main(make):
    """Run what was registered in a bed of this kind."""
    bed = make()
    try:
        tap.run(bed)
    finally:
        bed.close()


class Tally:
    """Which requests are refused, and how often what became of it."""

    def __init__(self):
        self.alone, self.more, self.last = 0, 0, set()
        self.became = collections.Counter()

    def tries(self, calls, alone, more):
        """First and last of those to refuse: some alone, then some with all that
        follow.  When nothing was asked for after the one refused alone, that was
        both: where every request is tried, once is enough."""
        for call in some(calls, alone):
            yield call, call
        for call in some(calls, more):
            if not ALL or call not in self.last:
                yield call, FOREVER

    def add(self, first, last, what, calls):
        """calls: how many requests there were until all was over."""
        self.became[what] += 1
        if last > first:
            self.more += 1
        else:
            self.alone += 1
            if calls == first:
                self.last.add(first)

    def say(self):
        """Beneath the results."""
        print("# %d requests refused alone, after %d of them there was none; "
              "%d with all that follow: %s" % (
                  self.alone, len(self.last), self.more, ", ".join(
                      "%d %s" % (n, what) for what, n in self.became.most_common())),
              flush=True)


def some(calls, count):
    """As many of them as there is time for, from first to last."""
    calls = list(calls)
    if ALL or len(calls) <= count:
        return calls
    return [calls[i * len(calls) // count] for i in range(count)]
