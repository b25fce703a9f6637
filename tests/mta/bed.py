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
import logs
import namespace
import postfix
import process
import rsyslog
import sendmail
import tap
import warden

PASSWORD = client.PASSWORD
USERS = ("ann",)
MTAS = ("postfix", "sendmail")
NAMES = {"postfix": "mx.example.com", "sendmail": "mx2.example.com"}


class Private:
    """Where the servers listen and clients come from, in a world of our own.
    The `broken' address is meant to speak TLS from the start on port 465, and
    does not."""

    root = namespace.ROOT
    user = "tlswarden:postfix"
    addresses = {
        "postfix": {"4": "192.0.2.25", "6": "2001:db8::25", "broken": "192.0.2.35"},
        "sendmail": {"4": "192.0.2.26", "6": "2001:db8::26", "broken": "192.0.2.36"},
    }

    def __init__(self):
        self.sources = {"4": ("198.18.%d.%d" % divmod(n, 256) for n in itertools.count(16)),
                        "6": ("2001:db8:77::%x" % n for n in itertools.count(16))}

    def where(self, mta, port, family):
        return self.addresses[mta][family], port


class Shared:
    """The same on the machine's own loopback, for want of namespaces: Postfix
    alone, on high ports, under a directory of its own."""

    user = "nobody:postfix"
    ports = {(25, "4"): 10025, (587, "4"): 10587, (465, "4"): 10465,
             (465, "broken"): 10466}

    def __init__(self, root):
        self.root = root
        self.sources = {"4": ("127.0.77.%d" % n for n in itertools.count(10))}

    def where(self, _mta, port, family):
        return "127.0.0.1", self.ports.get((port, family))


def postfix_services(place):
    def at(port, family):
        address, number = place.where("postfix", port, family)
        return ("[%s]:%d" if ":" in address else "%s:%d") % (address, number)

    submission = [postfix.NAMED % "submission", postfix.ORIGINATING, postfix.TEMPFAIL,
                  postfix.WEAK]
    broken = [postfix.NAMED % "submissions", postfix.ORIGINATING, postfix.TEMPFAIL]
    wrapped = broken + [postfix.WRAPPER]
    services = [(at(465, "broken"), broken)]
    for family in place.sources:
        services += [(at(25, family), []), (at(587, family), submission),
                     (at(465, family), wrapped)]
    return services


def sendmail_daemons(place):
    daemons = [("BROKEN",) + place.where("sendmail", 465, "broken") + ("M=E",)]
    for family in place.sources:
        for name, port, modifiers in (("MTA", 25, ""), ("MSA", 587, "M=E"),
                                      ("TLSMTA", 465, "M=s")):
            daemons.append(("%s-v%s" % (name, family),)
                           + place.where("sendmail", port, family) + (modifiers,))
    return daemons


class Bed:
    def __init__(self, mtas=MTAS, policy=None, options=(), postfix_extra="",
                 sendmail_settings=None, users=USERS, milter=True, place=None,
                 log="syslog"):
        """policy: the text of one, or None for the one built in; milter: whether
        the servers ask the daemon at all."""
        self.place = place or Private()
        self.root = self.place.root
        self.authority = certs.Authority(self.path("certs"))
        self.server = self.authority.issue("server", "/CN=mx.example.com",
                                           NAMES.values())
        self.sasldb = self.path("sasl/sasldb2")
        os.makedirs(os.path.dirname(self.sasldb), exist_ok=True)
        for user in users:
            self.add_user(user)
        self.warden = warden.Warden(self.path("warden"), policy, options=options,
                                    log=log, user=self.place.user)
        self.syslog = rsyslog.Syslog(self.path("log")) if log == "syslog" \
            else logs.Output(self.path("warden/output"))
        self.milter = milter
        self.status, self.last_words = None, ""
        socket = self.warden.socket if milter else None
        self.mtas = {}
        if "postfix" in mtas:
            self.mtas["postfix"] = postfix.Postfix(
                self.path("postfix"), self.authority, self.server, self.sasldb,
                NAMES["postfix"], postfix_services(self.place),
                "unix:" + socket if socket else None, postfix_extra,
                "all" if "6" in self.place.sources else "ipv4")
        if "sendmail" in mtas:
            self.mtas["sendmail"] = sendmail.Sendmail(
                self.path("sendmail"), self.authority, self.server, self.sasldb,
                NAMES["sendmail"], sendmail_daemons(self.place),
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
        # What it says at its end: nothing, or what a sanitizer found.
        guard = self.warden.program
        self.status = self.warden.stop()
        self.last_words = guard.said()[-4000:] if guard else ""
        self.syslog.stop()

    def connect(self, mta, port, source=None, family="4", tls=None, **keywords):
        """A client from an address of its own (`source'), unless one is given.
        On port 465 it starts with TLS, unless the server is the broken one."""
        if source is None:
            source = next(self.place.sources["6" if family == "6" else "4"])
        if port == 465 and family != "broken" and tls is None:
            tls = {}
        made = client.Smtp(self.place.where(mta, port, family), source, tls=tls,
                           **keywords)
        made.source = source
        return made

    def account(self, source, count=1, events=("message", "session"), since=0):
        """The records of sessions that came from the address."""
        return self.syslog.wait(
            lambda r: r["event"] in events and r.get("client") == source,
            since, count)

    def queue_id(self, mta, source, messages=1):
        """The queue id of the last of so many messages from the address, when
        the server's log has come so far."""
        found = process.settled(lambda: self.mtas[mta].queue_ids(source),
                                lambda ids: len(ids) >= messages)
        return found[-1] if len(found) == messages else found


def main(test, **keywords):
    """Run test(bed) inside, and end the script with its status."""
    enter(keywords.get("mtas", MTAS))
    try:
        with Bed(**keywords) as bed:
            tap.attempt(test, test.__name__, bed)
        if bed.milter:
            tap.same(bed.status, 0, "the daemon ended as it should", bed.last_words)
    except Exception:
        tap.bail_out()
    sys.exit(tap.PLAN.done())


def enter(mtas=MTAS):
    if "sendmail" in mtas and namespace.INSIDE not in os.environ:
        sendmail.fetch()
    namespace.enter()
    # The first process of a process namespace ignores what it does not catch.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))


def shell(command):
    if not os.access(warden.DAEMON, os.X_OK):
        sys.exit("bed.py: %s is not there: run make first, and where that was done in "
                 "another\ndirectory say so: TOP_BUILDDIR=DIRECTORY" % warden.DAEMON)
    enter()
    with Bed() as bed:
        print("Postfix on %s, Sendmail on %s, ports 25, 465, 587"
              % (Private.addresses["postfix"]["4"], Private.addresses["sendmail"]["4"]))
        print("logs: %s (Postfix), %s (all else)" % (bed.mtas["postfix"].log,
                                                     bed.syslog.log))
        print("daemon: socket %s, the policy built in" % bed.warden.socket)
        print("login: %s@example.com, password %s" % (USERS[0], PASSWORD))
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(shell(sys.argv[1:] or [os.environ.get("SHELL", "/bin/sh")]))
