"""The letter of every week: the units are ones to systemd, and what they and the
line for cron say does work.  Speaks TAP."""

import email
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../milter"))
import tap
from tap import holds, same

TOP = os.path.join(HERE, "../..")
BUILD = os.path.abspath(os.environ.get("TOP_BUILDDIR", "."))
UNITS = os.path.join(TOP, "packaging/systemd")
SERVICE = os.path.join(UNITS, "tlswarden-report.service")
TIMER = os.path.join(UNITS, "tlswarden-report.timer")
MANUAL = os.path.join(TOP, "policy/cli/tlswarden-report.1")

SENDMAIL = """#!/bin/sh
printf '%s\\n' "$@" >"$LETTERS/arguments"
cat >"$LETTERS/letter"
"""
JOURNALCTL = """#!/bin/sh
printf '%s\\n' "$@" >"$LETTERS/journalctl"
cat "$LETTERS/journal"
"""


def settings(path):
    """What a unit sets, in the order it does, lines put together."""
    with open(path, encoding="ascii") as f:
        text = re.sub(r"\\\n\s*", " ", f.read())
    return [tuple(line.split("=", 1)) for line in text.splitlines()
            if "=" in line and not line.startswith("#")]


def record(days, user):
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - days * 86400))
    return ("%s mail tlswardend[7]: v=1 event=message id=1 verdict=accept rule=default "
            "stage=eom service=submission port=587 client=192.0.2.7 tls=none "
            "outcome=cleartext auth=PLAIN user=%s sender=a@example.org\n" % (stamp, user))


class Place:
    """A directory with programs in front of all others, and logs."""

    def __init__(self, directory):
        self.path = tempfile.mkdtemp(dir=directory)
        self.logs = os.path.join(self.path, "log")
        os.mkdir(self.logs)
        programs = os.path.join(self.path, "bin")
        os.mkdir(programs)
        for name, text in (("sendmail", SENDMAIL), ("journalctl", JOURNALCTL)):
            with open(os.path.join(programs, name), "w", encoding="ascii") as f:
                f.write(text)
            os.chmod(f.name, 0o755)
        os.symlink(os.path.join(BUILD, "policy/cli/tlswarden"),
                   os.path.join(programs, "tlswarden"))
        self.environment = {**os.environ, "PATH": programs + ":" + os.environ["PATH"],
                            "RUNTIME_DIRECTORY": self.path, "LETTERS": self.path, "TZ": "UTC"}

    def write(self, name, text):
        with open(os.path.join(self.path, name), "w", encoding="ascii") as f:
            f.write(text)

    def read(self, name):
        with open(os.path.join(self.path, name), encoding="ascii") as f:
            return f.read()

    def run(self, command):
        """A list of words, in which the logs are where ours are."""
        command = [word.replace("/var/log/", self.logs + "/") for word in command]
        return subprocess.run(command, env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                              text=True, check=False)

    def serve(self):
        """What systemd does when the timer says so."""
        accepted = [0]
        for name, value in settings(SERVICE):
            if name == "Environment":
                key, _, text = value.partition("=")
                self.environment[key] = text
            elif name == "SuccessExitStatus":
                accepted += [int(word) for word in value.split()]
            elif name in ("ExecStart", "ExecStartPost"):
                holds("%" not in value, "a specifier: %s" % value)
                # A dollar that is not doubled is systemd's own, and none is meant.
                holds("$" not in value.replace("$$", ""), value)
                run = self.run(shlex.split(value.lstrip("+").replace("$$", "$")))
                holds(run.returncode in accepted, "%s: %d: %s" % (
                    name, run.returncode, run.stderr))
                same(run.stderr, "", name)
        letter = email.message_from_string(self.read("letter"))
        return letter, self.read("arguments").split("\n")[:-1]


@tap.test
def units(directory):
    """systemd takes the units as they are"""
    if shutil.which("systemd-analyze") is None:
        holds(not os.environ.get("TLSWARDEN_TESTS_ALL"), "systemd-analyze is to be here")
        print("# systemd-analyze is not here: the units are not looked at")
        return
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", SERVICE, TIMER],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         check=False)
    said = [line for line in run.stdout.splitlines() if "tlswarden-report" in line]
    same((run.returncode, said), (0, []), run.stdout)
    when = dict(settings(TIMER))["OnCalendar"]
    subprocess.check_output(["systemd-analyze", "calendar", when])


@tap.test
def letter_of_files(directory):
    """the letter has the report of the files, rotated ones too, of seven days"""
    place = Place(directory)
    place.write("log/mail.log", record(1, "ann"))
    place.write("log/mail.log.1", record(3, "bob") + record(20, "old"))
    letter, arguments = place.serve()
    same(arguments, ["-i", "--", "root"])
    same(letter["To"], "root")
    same(letter["Auto-Submitted"], "auto-generated")
    same(letter.get_content_type(), "text/html")
    page = letter.get_payload()
    holds(page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>"), page[-200:])
    holds("ann" in page and "bob" in page and ">old<" not in page, "the last seven days")
    holds(max(map(len, page.splitlines())) < 998, "RFC 5322 section 2.1.1")
    holds(not os.path.exists(os.path.join(place.path, "journalctl")), "no journal asked")


@tap.test
def letter_of_journal(directory):
    """where there are no files, that of the journal"""
    place = Place(directory)
    stamp = int((time.time() - 86400) * 1e6)
    place.write("journal", "__CURSOR=s=1\n__REALTIME_TIMESTAMP=%d\n_HOSTNAME=mail\n"
                "SYSLOG_IDENTIFIER=tlswardend\n_PID=7\nMESSAGE=%s\n" % (
                    stamp, record(1, "cat").split(": ", 1)[1]))
    letter, _ = place.serve()
    holds("cat" in letter.get_payload(), letter.get_payload()[-2000:])
    holds("SYSLOG_FACILITY=2" in place.read("journalctl"), place.read("journalctl"))


@tap.test
def cron(directory):
    """the line for cron, as the manual has it"""
    with open(MANUAL, encoding="ascii") as f:
        line = re.search(r"^\.Dl (0 6 \* \* 1) (tlswarden .*)$", f.read(), re.M)
    place = Place(directory)
    place.write("log/mail.log", record(1, "ann"))
    # cron gives it to sh, and ends it at a percent sign.
    holds("%" not in line.group(2), line.group(2))
    run = place.run(["/bin/sh", "-c", line.group(2)])
    same((run.returncode, run.stderr), (1, ""))
    holds("ann" in run.stdout and "\x1b" not in run.stdout, run.stdout)


with tempfile.TemporaryDirectory() as scratch:
    tap.run(scratch)
