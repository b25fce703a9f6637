"""The container of packaging/container, as far as it is about the program: its
command line as its user, in a read-only root, with no rights and no network, and
its health check.
"""

import json
import os
import re
import signal
import subprocess
import sys

import namespace
import process
import tap
import warden
from tap import ok, same

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "milter"))
from fakemta import Mta  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(TOP, "packaging", "container")
SOCKET = "/run/tlswarden/tlswarden.sock"


def instruction(word):
    """The last one of that name in the Dockerfile, folded lines joined."""
    with open(os.path.join(HERE, "Dockerfile"), encoding="utf-8") as f:
        text = re.sub(r"\\\n\s*", "", f.read())
    return re.findall(r"(?m)^%s (.*)" % word, text)[-1]


ENTRY = json.loads(instruction("ENTRYPOINT"))
HEALTH = json.loads(instruction("HEALTHCHECK").partition("CMD ")[2])
UID, GID = instruction("USER").split(":")
CONFINED = ["setpriv", "--reuid", UID, "--regid", GID, "--clear-groups", "--no-new-privs",
            "--bounding-set", "-all", "--inh-caps", "-all"]
ENVIRONMENT = {"PATH": ":".join((os.path.dirname(warden.DAEMON), os.path.dirname(warden.COMMAND),
                                 "/usr/sbin", "/usr/bin", "/sbin", "/bin"))}


def furnish():
    """What the container has: a root that nobody can write, and the volume."""
    os.makedirs("/run/tlswarden")
    namespace.run("mount", "-t", "tmpfs", "-o", "mode=0755,uid=%s,gid=%s" % (UID, GID),
                  "volume", "/run/tlswarden")
    with open("/proc/self/mounts", encoding="utf-8") as f:
        places = [line.split(" ")[1] for line in f]
    for place in dict.fromkeys(places):
        if place.split("/")[1] not in ("proc", "sys", "dev") and \
                place not in ("/run/tlswarden", "/run"):
            subprocess.run(["mount", "-o", "remount,bind,ro", place], check=False,
                           stderr=subprocess.DEVNULL)


def inside(*command):
    """(status, output) of a command as the container's user."""
    r = subprocess.run(CONFINED + list(command), env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                       timeout=60)
    return r.returncode, r.stdout.decode()


def test(program):
    for place in ("/", "/tmp", "/etc", "/var/tmp", "/run"):
        status, out = inside("touch", place + "/tlswarden-was-here")
        ok(status != 0, "nothing can be written in " + place, out)
    same(inside(*HEALTH), (0, ""), "the health check is content")
    with open("/proc/%d/status" % program.pid, encoding="ascii") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    same((status["Uid"].split("\t")[:3], status["CapEff"], status["CapBnd"], status["NoNewPrivs"]),
         ([UID] * 3, "0" * 16, "0" * 16, "1"), "no root, no capability, and no way to one")
    m = Mta(SOCKET)
    m.login()
    m.port("587")
    m.connect(address="198.51.100.7")
    m.helo()
    ok(m.mail() != "c", "a login in the clear is refused")
    m.quit()
    process.until(lambda: "verdict=reject rule=auth-in-clear" in program.said(), 20,
                  "the record on standard error")
    program.send(signal.SIGUSR1)
    process.until(lambda: "event=reload result=ok" in program.said(), 20, "the reload")
    ok(True, "the record is on standard error, and a reload by signal works")
    program.send(signal.SIGSTOP)
    status, out = inside(*HEALTH)
    ok(status not in (0, 64), "it stands still: the health check says so", status, out)
    program.send(signal.SIGCONT)
    same(inside(*HEALTH), (0, ""), "it goes on: the health check is content")
    same(program.stop(), 0, "SIGTERM ends it, with status 0")
    same(os.path.exists(SOCKET), False, "and the socket is gone")
    status, out = inside(*HEALTH)
    ok(status not in (0, 64), "it is gone: the health check says so", status, out)


def main():
    namespace.enter()
    furnish()
    program = process.Program("tlswardend", ["unshare", "--net"] + CONFINED + ENTRY,
                              "/run/bed/output", env=ENVIRONMENT)
    try:
        program.serves(SOCKET)
        tap.attempt(test, "container", program)
    except Exception:
        tap.bail_out()
    finally:
        program.stop(signal.SIGKILL)
    sys.exit(tap.PLAN.done())


if __name__ == "__main__":
    main()
