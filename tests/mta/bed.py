"""bed.py owns the test bed: real Postfix, real Sendmail, real rsyslogd and the
daemon between them, in a world of their own, and takes it all down again.

A test is a script that calls bed.main(tests).  By hand:

    sudo python3 tests/mta/bed.py [COMMAND...]

starts the bed as the tests see it and runs the command, or a shell, inside.
"""

import itertools
import os
import signal
import subprocess
import sys

import certs
import client
import namespace
import postfix
import process
import rsyslog
import sendmail
import tap
import warden

PASSWORD = "secret"
USERS = ("ann",)

# Where each server listens.  The broken one is meant to speak TLS from the
# start on port 465 and does not.
ADDRESSES = {
    "postfix": {"4": "192.0.2.25", "6": "2001:db8::25", "broken": "192.0.2.35"},
    "sendmail": {"4": "192.0.2.26", "6": "2001:db8::26", "broken": "192.0.2.36"},
}
NAMES = {"postfix": "mx.example.com", "sendmail": "mx2.example.com"}
MTAS = tuple(ADDRESSES)


def postfix_services(addresses):
    submission = [postfix.ORIGINATING, postfix.TEMPFAIL, postfix.WEAK]
    wrapped = [postfix.ORIGINATING, postfix.TEMPFAIL, postfix.WRAPPER]
    return [
        (addresses["4"] + ":25", []),
        (addresses["4"] + ":587", submission),
        (addresses["4"] + ":465", wrapped),
        ("[%s]:25" % addresses["6"], []),
        ("[%s]:587" % addresses["6"], submission),
        ("[%s]:465" % addresses["6"], wrapped),
        (addresses["broken"] + ":465", [postfix.ORIGINATING]),
    ]


def sendmail_daemons(addresses):
    return [
        ("MTA-v4", addresses["4"], 25, ""),
        ("MSA-v4", addresses["4"], 587, "E"),
        ("TLSMTA-v4", addresses["4"], 465, "s"),
        ("MTA-v6", addresses["6"], 25, ""),
        ("MSA-v6", addresses["6"], 587, "E"),
        ("TLSMTA-v6", addresses["6"], 465, "s"),
        ("BROKEN", addresses["broken"], 465, "E"),
    ]


class Bed:
    def __init__(self, mtas=MTAS, policy=None, options=(), postfix_extra="",
                 sendmail_settings=None, users=USERS, milter=True):
        """policy: the text of one, or None for the one built in; milter: whether
        the servers ask the daemon at all."""
        self.root = namespace.ROOT
        self.fresh = ("198.51.100.%d" % n for n in itertools.count(10))
        self.fresh6 = ("2001:db8:77::%x" % n for n in itertools.count(16))
        self.authority = certs.Authority(self.path("certs"))
        self.server = self.authority.issue("server", "/CN=mx.example.com",
                                           NAMES.values())
        self.sasldb = self.path("sasl/sasldb2")
        os.makedirs(os.path.dirname(self.sasldb), exist_ok=True)
        for user in users:
            self.add_user(user)
        self.syslog = rsyslog.Syslog(self.path("log"))
        self.warden = warden.Warden(self.path("warden"), policy, options=options)
        self.milter = milter
        socket = self.warden.socket if milter else None
        self.mtas = {}
        if "postfix" in mtas:
            self.mtas["postfix"] = postfix.Postfix(
                self.path("postfix"), self.authority, self.server, self.sasldb,
                NAMES["postfix"], postfix_services(ADDRESSES["postfix"]),
                "unix:" + socket if socket else None, postfix_extra)
        if "sendmail" in mtas:
            self.mtas["sendmail"] = sendmail.Sendmail(
                self.path("sendmail"), self.authority, self.server, self.sasldb,
                NAMES["sendmail"], sendmail_daemons(ADDRESSES["sendmail"]),
                self.syslog, socket, **(sendmail_settings or {}))

    def path(self, name):
        return os.path.join(self.root, name)

    def add_user(self, user):
        subprocess.run(["saslpasswd2", "-c", "-p", "-f", self.sasldb,
                        "-u", "example.com", user],
                       input=PASSWORD.encode("ascii"), check=True)
        # Group, not others: Sendmail trusts no database that others can read.
        os.chmod(self.sasldb, 0o640)
        subprocess.run(["chown", "root:postfix", self.sasldb], check=True)

    def __enter__(self):
        try:
            self.syslog.start()
            if self.milter:
                self.warden.start()
            for mta in self.mtas.values():
                mta.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for mta in self.mtas.values():
            mta.stop()
        self.warden.stop()
        self.syslog.stop()

    def address(self, mta, port, family="4"):
        return ADDRESSES[mta][family], port

    def connect(self, mta, port, source=None, family="4", tls=None, **keywords):
        """A client from an address of its own (`client'), unless one is given.
        On port 465 it starts with TLS, unless the server is the broken one."""
        if source is None:
            source = next(self.fresh6 if family == "6" else self.fresh)
        if port == 465 and family != "broken" and tls is None:
            tls = {}
        made = client.Smtp(self.address(mta, port, family), source, tls=tls, **keywords)
        made.source = source
        return made

    def account(self, source, count=1, events=("message", "session"), since=0):
        """The records of sessions that came from the address."""
        return self.syslog.wait(
            lambda r: r["event"] in events and r.get("client") == source,
            since, count)


def main(test, **keywords):
    """Run test(bed) inside, and end the script with its status."""
    enter()
    with Bed(**keywords) as bed:
        tap.attempt(test, test.__name__, bed)
    sys.exit(tap.PLAN.done())


def enter():
    if namespace.INSIDE not in os.environ:
        sendmail.fetch()
    namespace.enter()
    # The first process of a process namespace ignores what it does not catch.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))


def shell(command):
    enter()
    with Bed() as bed:
        print("Postfix on %s, Sendmail on %s, ports 25, 465, 587; log: %s"
              % (ADDRESSES["postfix"]["4"], ADDRESSES["sendmail"]["4"], bed.syslog.log))
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(shell(sys.argv[1:] or [os.environ.get("SHELL", "/bin/sh")]))
