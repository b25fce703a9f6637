"""rsyslog.py owns the system log of the bed: a real rsyslogd behind a private
/dev/log, and reading what it wrote.
"""

import os
import signal
import time

import namespace
import process
import records

CONF = """global(workDirectory="%(dir)s")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="/dev/log" RateLimit.Interval="0")
template(name="priority" type="string"
    string="%%syslogfacility-text%%.%%syslogseverity-text%% %%syslogtag%%%%msg%%\\n")
*.* action(type="omfile" file="%(log)s" template="RSYSLOG_FileFormat")
*.* action(type="omfile" file="%(priority)s" template="priority")
"""


class Syslog:
    def __init__(self, directory):
        os.makedirs(directory, exist_ok=True)
        self.directory = directory
        self.log = os.path.join(directory, "mail.log")
        self.priority = os.path.join(directory, "priority.log")
        self.conf = namespace.write(
            os.path.join(directory, "rsyslog.conf"),
            CONF % {"dir": directory, "log": self.log, "priority": self.priority})
        self.program = None

    def start(self):
        self.program = process.Program(
            "rsyslogd", ["rsyslogd", "-n", "-f", self.conf,
                         "-i", os.path.join(self.directory, "pid")],
            os.path.join(self.directory, "output"))
        process.until(lambda: os.path.exists("/dev/log") or not self.program.alive(),
                      20, "rsyslogd behind /dev/log")
        if not self.program.alive():
            raise process.Failed("rsyslogd: " + self.program.said())
        for path in (self.log, self.priority):
            if not os.path.exists(path):
                namespace.write(path, "")

    def stop(self):
        if self.program:
            self.program.send(signal.SIGCONT)
            self.program.stop()
            self.program = None

    def stall(self):
        """Alive, but reads nothing: the socket fills up."""
        self.program.send(signal.SIGSTOP)

    def resume(self):
        self.program.send(signal.SIGCONT)

    def size(self):
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def lines(self, ident, since=0, path=None):
        """What `ident' logged after byte `since': each line from its message on."""
        with open(path or self.log, "rb") as f:
            f.seek(since)
            data = f.read()
        found = []
        for raw in data.split(b"\n")[:-1]:
            line = raw.decode("utf-8", "backslashreplace")
            head, sep, message = line.partition(": ")
            if sep and head.split(" ")[-1].partition("[")[0] == ident:
                found.append(message)
        return found

    def records(self, since=0):
        """Every line of tlswardend, read back; a line that is no record raises."""
        return [records.parse(line) for line in self.lines("tlswardend", since)]

    def wait(self, wanted, since=0, count=1, timeout=8):
        """Records for which wanted(record) is true, once there are `count'."""
        end = time.monotonic() + timeout
        while True:
            found = [r for r in self.records(since) if wanted(r)]
            if len(found) >= count or time.monotonic() > end:
                return found
            time.sleep(0.03)
