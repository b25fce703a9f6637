"""logs.py owns reading a log that grows while it is read: lines by program, and
the records of tlswardend among them.
"""

import os
import time

import records


class Reader:
    """`log' is the path of a file in one of syslog's forms."""

    log = None

    def size(self):
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def whole(self, since, path=None):
        """The lines from byte `since' on; one that has no end yet is left."""
        path = path or self.log
        if not os.path.exists(path):
            return []
        with open(path, "rb") as f:
            f.seek(since)
            data = f.read()
        return [raw.decode("utf-8", "backslashreplace")
                for raw in data.split(b"\n")[:-1]]

    def lines(self, ident, since=0, path=None):
        """What `ident' logged after byte `since': each line from its message on."""
        found = []
        for line in self.whole(since, path):
            head, sep, message = line.partition(": ")
            if sep and head.split(" ")[-1].partition("[")[0] == ident:
                found.append(message)
        return found

    def records(self, since=0):
        """Every line of tlswardend, read back; a line that is no record raises."""
        return [records.parse(line) for line in self.lines("tlswardend", since)]

    def wait(self, wanted, since=0, count=1, timeout=20):
        """Records for which wanted(record) is true, once there are `count'."""
        end = time.monotonic() + timeout
        while True:
            found = [r for r in self.records(since) if wanted(r)]
            if len(found) >= count or time.monotonic() > end:
                return found
            time.sleep(0.03)


class Output(Reader):
    """The daemon's own standard error (-l stderr), kept in a file."""

    def __init__(self, path):
        self.log = path

    def lines(self, ident, since=0, path=None):
        return self.whole(since, path)

    def start(self):
        pass

    def stop(self):
        pass
