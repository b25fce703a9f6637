"""warden.py owns the daemon under test: starting it as an administrator would,
and its socket and policy.
"""

import os
import shutil
import signal
import subprocess

import namespace
import process

BUILD = os.environ.get("TOP_BUILDDIR") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
DAEMON = os.environ.get("TLSWARDEND") or os.path.join(BUILD, "milter", "tlswardend")
COMMAND = os.environ.get("TLSWARDEN") or os.path.join(BUILD, "policy", "cli", "tlswarden")


class Warden:
    """tlswardend on a unix socket that both servers reach."""

    def __init__(self, directory, policy=None, socket=None, options=(), log="syslog",
                 user="tlswarden:postfix"):
        """policy: its text, or None for the one built in."""
        os.makedirs(directory, exist_ok=True)
        os.chmod(directory, 0o755)
        self.directory = directory
        self.options = list(options)
        self.log = log
        self.user = user
        self.policy = None
        self.socket = socket or os.path.join(directory, "run", "tlswarden.sock")
        os.makedirs(os.path.dirname(self.socket), exist_ok=True)
        if user:
            # The daemon makes and removes its socket here after it gave up root.
            shutil.chown(os.path.dirname(self.socket), *user.split(":"))
        if policy is not None:
            self.write(policy)
        self.program = None

    def write(self, text):
        self.policy = namespace.write(os.path.join(self.directory, "policy.conf"), text)

    def command(self, *more):
        command = [DAEMON, "-p", "unix:" + self.socket, "-l", self.log]
        if self.user:
            command += ["-u", self.user]
        if self.policy:
            command += ["-c", self.policy]
        return command + self.options + list(more)

    def start(self):
        self.program = process.Program("tlswardend", self.command(),
                                       os.path.join(self.directory, "output"))
        self.program.serves(self.socket)

    def stop(self, number=signal.SIGTERM):
        if not self.program:
            return None
        status = self.program.stop(number, milter=self.socket)
        self.program = None
        return status

    def reload(self):
        self.program.send(signal.SIGUSR1)

    def kill(self):
        self.program.send(signal.SIGKILL)
        self.program.wait()
        self.program = None


def tlswarden(*args, **keywords):
    """Run the command; (status, stdout, stderr)."""
    done = subprocess.run([COMMAND] + list(args), capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, text=True, timeout=60, **keywords)
    return done.returncode, done.stdout, done.stderr
