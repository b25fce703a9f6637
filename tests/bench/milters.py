"""milters.py owns the milters that are measured against each other: starting and
ending them, asking them, and what they used.  It knows no goals.
"""

import os
import pwd
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("TOP_BUILDDIR", SOURCE))
DAEMON = os.path.join(BUILD, "milter", "tlswardend")
LOAD = os.path.join(BUILD, "tests", "bench", "load")
EMPTY = os.path.join(BUILD, "tests", "bench", "empty")
CHECKS = os.path.join(HERE, "checks.py")
POLICY = os.path.join(SOURCE, "packaging", "policy.conf")
USER = "nobody"
WAIT = 60

# The empty milter does not raise its limit as the daemon does, and a shell gives
# 1024 descriptors by default: too few for the sessions that are held.
resource.setrlimit(resource.RLIMIT_NOFILE,
                   (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


def until(ready, what):
    """What it says, as soon as it says anything."""
    end = time.monotonic() + WAIT
    while True:
        answer = ready()
        if answer:
            return answer
        if time.monotonic() > end:
            raise RuntimeError("%s: not within %d s" % (what, WAIT))
        time.sleep(0.02)


def cpu_clock(pid):
    """Of a process: pid and kind in one number, as clock_getcpuclockid(3) has it."""
    return (~pid << 3) | 2


class Directory:
    """For sockets and policies: of the user that the daemon becomes."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="tw-", dir="/tmp")
        os.chmod(self.path, 0o755)
        if os.geteuid() == 0:
            entry = pwd.getpwnam(USER)
            os.chown(self.path, entry.pw_uid, entry.pw_gid)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name, text=None):
        path = os.path.join(self.path, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            os.chmod(path, 0o644)
        return path


class Milter:
    """A running milter on a socket of its own."""

    def __init__(self, name, directory, command, stderr=None):
        self.name = name
        self.socket = directory.file(name + ".sock")
        self.child = subprocess.Popen(command(self.socket), stdin=subprocess.DEVNULL,
                                      stderr=stderr)
        until(lambda: self.child.poll() is not None or self.answers(), name)
        if self.child.poll() is not None:
            raise RuntimeError("%s ended with status %d" % (name, self.child.returncode))

    def answers(self):
        """Does it listen?  Its socket is there a moment before."""
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(self.socket) == 0

    def seconds(self):
        """Of processor time, of all its threads up to now."""
        return time.clock_gettime(cpu_clock(self.child.pid))

    def resident(self):
        """Bytes in memory that are its own."""
        with open("/proc/%d/smaps_rollup" % self.child.pid, encoding="ascii") as f:
            return sum(int(line.split()[1]) * 1024 for line in f
                       if line.startswith("Private_"))

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.child.pid))

    def stop(self):
        self.child.kill()
        self.child.wait()
        os.unlink(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def tlswardend(directory, name="tlswardend", policy=POLICY, log="syslog", stderr=None):
    user = ["-u", USER] if os.geteuid() == 0 else []
    if policy == POLICY:
        # The user may not read where the sources are, as below /root.
        with open(POLICY, encoding="utf-8") as f:
            policy = directory.file("built-in.conf", f.read())
    return Milter(name, directory, lambda socket: [
        DAEMON, "-c", policy, "-l", log, "-p", "unix:" + socket] + user, stderr)


def empty(directory, name="empty"):
    return Milter(name, directory, lambda socket: [EMPTY, "unix:" + socket])


def least(directory):
    """What reads the macros and writes a line of the log, and nothing else."""
    return Milter("least", directory, lambda socket: [EMPTY, "unix:" + socket, "/dev/log"])


def pymilter(directory):
    return Milter("pymilter", directory,
                  lambda socket: [python(), "-B", CHECKS, "unix:" + socket])


def python():
    """One that has pymilter, which belongs to the system's, not to this one."""
    for program in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([program, "-c", "import Milter"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0:
            return program
    sys.exit("there is no pymilter here: Debian's package is python3-milter")


def read(line):
    """name=value ..., numbers as numbers."""
    words = dict(word.split("=", 1) for word in line.split())
    for name, text in words.items():
        if name != "answers":
            words[name] = float(text) if "." in text else int(text)
    return words


def load(*arguments):
    return subprocess.run([LOAD, *map(str, arguments)], stdout=subprocess.PIPE, check=True,
                          stdin=subprocess.DEVNULL, timeout=600).stdout.decode("ascii")


def run(milter, kind, sessions, threads=8, rate=0, recipients=1, body=2048):
    """What `load run' says, and the processor time of the milter a session."""
    before = milter.seconds()
    told = read(load("run", milter.socket, kind, sessions, threads, rate, recipients, body))
    told["cpu"] = (milter.seconds() - before) / told["sessions"]
    told["rate"] = told["sessions"] / told["seconds"]
    return told


def negotiation(milter):
    return load("negotiate", milter.socket).strip()


class Held:
    """Sessions that are open, as far as MAIL, until the block ends."""

    def __init__(self, milter, kind, sessions):
        self.child = subprocess.Popen([LOAD, "hold", milter.socket, kind, str(sessions)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.told = read(self.child.stdout.readline().decode("ascii"))

    def __enter__(self):
        return self.told

    def __exit__(self, *_):
        self.child.communicate(timeout=WAIT)


class Syslog:
    """Reads /dev/log, which has to be ours, and counts."""

    def __init__(self, path="/dev/log"):
        self.path = path
        self.child = subprocess.Popen([LOAD, "syslog", path], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE)
        until(lambda: self.child.poll() is not None or os.path.exists(path), path)

    def seconds(self):
        return time.clock_gettime(cpu_clock(self.child.pid))

    def stop(self):
        """How many lines came."""
        self.child.terminate()
        told, _ = self.child.communicate(timeout=WAIT)
        os.unlink(self.path)
        return read(told.decode("ascii"))["lines"]
