"""syslogd.py owns a /dev of this test's own, and the syslogd that listens there.

The daemon writes to /dev/log and to nothing else.
"""

import os
import re
import socket
import subprocess
import sys

import logfmt
import tap
from daemon import ROOT
from tap import holds

LOG = "/dev/log"
LINE = re.compile(r"<(\d+)>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) "
                  r"tlswardend\[(\d+)\]: (.*)", re.S)


def enter():
    """Go on in a mount namespace whose /dev holds what is needed."""
    if "TW_NAMESPACE" in os.environ:
        return
    script = ("set -e; d=$(mktemp -d); mount -t tmpfs none $d; "
              "for n in null urandom random zero; do "
              "touch $d/$n; mount --bind /dev/$n $d/$n; done; "
              "mount --move $d /dev; rmdir $d; exec \"$@\"")
    if not ROOT or subprocess.call(["unshare", "--mount", "true"],
                                   stderr=subprocess.DEVNULL) != 0:
        tap.skip_all("needs root and a mount namespace of its own")
    os.environ["TW_NAMESPACE"] = "yes"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private",
                          "sh", "-c", script, "sh", sys.executable,
                          os.path.abspath(sys.argv[0])])


class Syslogd:
    def __init__(self, kind=socket.SOCK_DGRAM):
        if os.path.exists(LOG):
            os.unlink(LOG)
        self.kind = kind
        self.socket = socket.socket(socket.AF_UNIX, kind)
        self.socket.bind(LOG)
        os.chmod(LOG, 0o666)
        self.peer = None
        self.rest = b""
        if kind == socket.SOCK_STREAM:
            self.socket.listen(1)

    def line(self, seconds=15):
        """The next line, taken apart: priority, pid, record."""
        if self.kind == socket.SOCK_DGRAM:
            self.socket.settimeout(seconds)
            text = self.socket.recv(8192)
        else:
            text = self.stream_line(seconds)
        m = LINE.fullmatch(text.decode("ascii"))
        holds(m is not None, "not a line of syslog: %r" % text)
        return int(m.group(1)), int(m.group(3)), logfmt.parse(m.group(4))

    def stream_line(self, seconds):
        if self.peer is None:
            self.socket.settimeout(seconds)
            self.peer, _ = self.socket.accept()
        self.peer.settimeout(seconds)
        while b"\0" not in self.rest:
            more = self.peer.recv(8192)
            holds(more, "the stream ended")
            self.rest += more
        text, self.rest = self.rest.split(b"\0", 1)
        return text

    def record(self, **want):
        while True:
            r = self.line()[2]
            if all(r.get(k) == v for k, v in want.items()):
                return r

    def close(self):
        for s in (self.peer, self.socket):
            if s is not None:
                s.close()
        os.unlink(LOG)
