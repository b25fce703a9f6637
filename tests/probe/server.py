"""server.py owns the servers that the audit is tried on: a listener whose every
connection is handed to a function of the test.  It knows nothing of TLS.
"""

import json
import os
import resource
import socket
import struct
import subprocess
import sys
import threading
import time

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "tests", "mta"))
BUILD = os.environ.get("TOP_BUILDDIR") or TOP
COMMAND = os.environ.get("TLSWARDEN") or os.path.join(BUILD, "policy", "cli", "tlswarden")
# Under an analyser all is slower: so many times longer is waited.
SLOW = int(float(os.environ.get("TLSWARDEN_PATIENCE", "1")))
LONGEST = 600		# that a port can be given

# Connections of an audit stay open until its server closes, and eight audits run
# at a time: more than the 1024 descriptors that a shell has by default.
resource.setrlimit(resource.RLIMIT_NOFILE,
                   (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


class Server:
    """Listens on a port of the loopback until it is closed."""

    def __init__(self, handler, address="127.0.0.1"):
        self.handler = handler
        self.connections = 0
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        self.open = True
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                conn, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def serve(self, conn):
        conn.settimeout(20 * SLOW)
        # One segment each, so that nothing waits for an acknowledgement.
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.handler(conn, self)
        except (OSError, ValueError, IndexError, struct.error):
            pass
        finally:
            conn.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open = False
        self.socket.close()


class Lines:
    """Lines of a client, read so that nothing behind them is taken."""

    def __init__(self, conn, rest=b""):
        self.conn = conn
        self.rest = rest

    def line(self):
        while b"\n" not in self.rest:
            got = self.conn.recv(4096)
            if not got:
                raise OSError("gone")
            self.rest += got
        line, _, self.rest = self.rest.partition(b"\n")
        return line.strip()


def exactly(conn, count):
    got = b""
    while len(got) < count:
        more = conn.recv(count - len(got))
        if not more:
            raise OSError("gone")
        got += more
    return got


class Audit:
    """One run of the command, with what it said."""

    def __init__(self, targets, *options, timeout=30, json_=True):
        command = [COMMAND, "audit"] + (["--format", "json"] if json_ else [])
        begin = time.monotonic()
        done = subprocess.run(command + list(options) + list(targets),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=timeout * SLOW, check=False)
        self.seconds = time.monotonic() - begin
        self.status = done.returncode
        self.errors = done.stderr.decode("utf-8", "backslashreplace")
        self.text = done.stdout.decode("ascii", "strict")
        self.ports = json.loads(self.text)["ports"] if json_ and self.text else []

    def ids(self, index=0):
        return {f["id"] for f in self.ports[index]["findings"]}

    def finding(self, name, index=0):
        for f in self.ports[index]["findings"]:
            if f["id"] == name:
                return f
        return None
