"""rsyslog.py owns the system log of the bed: a real rsyslogd behind a private
/dev/log.
"""

import os
import signal

import logs
import namespace
import process

CONF = """global(workDirectory="%(dir)s")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="/dev/log" RateLimit.Interval="0")
template(name="priority" type="string"
    string="%%syslogfacility-text%%.%%syslogseverity-text%% %%syslogtag%%%%msg%%\\n")
*.* action(type="omfile" file="%(log)s" template="RSYSLOG_FileFormat")
*.* action(type="omfile" file="%(priority)s" template="priority")
"""


class Syslog(logs.Reader):
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
