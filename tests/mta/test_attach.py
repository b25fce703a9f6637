"""README.md says how to attach the daemon to Postfix, to a chrooted Postfix and
to Sendmail: this does what it says, to the letter.
"""

import os
import re
import shutil
import subprocess

import bed
import namespace
import postfix
import sendmail
import warden
from tap import ok, same

README = os.path.join(os.path.dirname(__file__), "..", "..", "README.md")
SPOOL = "/var/spool/postfix"


def recipe(kind):
    """The lines of README.md that are marked so."""
    with open(README, encoding="utf-8") as f:
        return re.search(r"^```%s\n(.*?)^```" % kind, f.read(), re.M | re.S).group(1)


def socket_directory(path):
    subprocess.run(["install", "-d", "-o", "tlswarden", "-g", "postfix", "-m", "0750",
                    path], check=True)


class AsInstalled(warden.Warden):
    """Started as README.md says: the socket is the default's or the policy's."""

    def command(self, *more):
        command = [warden.DAEMON, "-u", self.user]
        if self.policy:
            command += ["-c", self.policy]
        return command + list(more)


def services(address):
    submission = [postfix.ORIGINATING, recipe("master").strip()]
    return [(address + ":25", []), (address + ":587", submission),
            (address + ":465", submission + [postfix.WRAPPER])]


def works(bed_, name, address):
    """One good and one refused session a port, and their records."""
    for port, tls, wanted in ((25, "TLSv1.3", "250"), (587, "TLSv1.3", "250"),
                              (465, "TLSv1.3", "250"), (587, "TLSv1.1", "554 5.7.0"),
                              (465, "TLSv1.1", "554 5.7.0")):
        source = next(bed_.place.sources["4"])
        how = {"version": tls}
        with bed.client.Smtp((address, port), source,
                             tls=how if port == 465 else None) as session:
            session.ehlo()
            if port != 465:
                session.starttls(**how)
                session.ehlo()
            answer = session.message()
            ok(answer.text.startswith(wanted),
               "%s: %d with %s: %s" % (name, port, tls, wanted), *session.dialogue)
            session.quit()
        found = bed_.account(source)
        same([(r["port"], r["tls"]) for r in found], [(str(port), tls)],
             "%s: %d with %s: on record" % (name, port, tls), *found)


def down(bed_, name, address, guard):
    """While it is not there: 25 takes mail, the submission ports say 4xx."""
    guard.stop()
    for port, code in ((25, 2), (587, 4)):
        try:
            with bed.client.Smtp((address, port), next(bed_.place.sources["4"])) as session:
                session.ehlo()
                answer = session.message()
                got = answer.code // 100
        except bed.client.Closed:
            got = "closed"
        same(got, code, "%s: daemon down: %d answers %dxx" % (name, port, code))


def server(bed_, kind, address, **keywords):
    return kind(bed_.path("attach-" + address), bed_.authority, bed_.server,
                bed_.sasldb, "mx.example.com", **keywords)


def with_postfix(bed_):
    address = "192.0.2.41"
    socket_directory("/run/tlswarden")
    guard = AsInstalled(bed_.path("attach-daemon"), user="tlswarden:postfix",
                        socket="/run/tlswarden/tlswarden.sock")
    mta = server(bed_, postfix.Postfix, address, services=services(address),
                 extra=recipe("postfix"))
    try:
        guard.start()
        mta.start()
        works(bed_, "postfix", address)
        down(bed_, "postfix", address, guard)
    finally:
        mta.stop()
        guard.stop()


def with_chroot(bed_):
    address = "192.0.2.42"
    # Debian's own queue directory, as it would be, over the machine's.
    os.makedirs(SPOOL, exist_ok=True)
    namespace.run("mount", "-t", "tmpfs", "-o", "mode=0755", "bed", SPOOL)
    socket_directory(SPOOL + "/tlswarden")
    guard = AsInstalled(bed_.path("attach-chroot-daemon"), user="tlswarden:postfix",
                        policy=recipe("policy-chroot") + default_policy(),
                        socket=SPOOL + "/tlswarden/tlswarden.sock")
    mta = server(bed_, postfix.Postfix, address, services=services(address),
                 extra=recipe("postfix-chroot"), chroot=True, queue=SPOOL)
    try:
        guard.start()
        mta.start()
        works(bed_, "postfix, chrooted", address)
        same(os.stat(guard.socket).st_mode & 0o777, 0o660,
             "postfix, chrooted: the socket has the mode of the policy")
        down(bed_, "postfix, chrooted", address, guard)
    finally:
        mta.stop()
        guard.stop()
        namespace.run("umount", "-l", SPOOL)


def default_policy():
    with open(os.path.join(os.path.dirname(README), "packaging", "policy.conf"),
              encoding="utf-8") as f:
        return f.read()


def with_sendmail(bed_):
    address = "192.0.2.43"
    shutil.rmtree("/run/tlswarden", ignore_errors=True)
    socket_directory("/run/tlswarden")
    guard = AsInstalled(bed_.path("attach-daemon"), user="tlswarden",
                        socket="/run/tlswarden/tlswarden.sock")
    # Addresses are the bed's; what follows the port is README's.
    daemons = [("MTA", address, 25, "")]
    for name, port, rest in re.findall(r"Name=(\w+), Port=(\d+), (.*)'\)",
                                       recipe("sendmail-daemons")):
        daemons.append((name, address, int(port), rest))
    same([d[2] for d in daemons], [25, 587, 465], "sendmail: README names the ports")
    mta = server(bed_, sendmail.Sendmail, address, daemons=daemons, syslog=bed_.syslog,
                 milter=recipe("sendmail"))
    try:
        guard.start()
        mta.start()
        works(bed_, "sendmail", address)
        down(bed_, "sendmail", address, guard)
    finally:
        mta.stop()
        guard.stop()


def test(bed_):
    for part in (with_postfix, with_chroot, with_sendmail):
        bed.tap.attempt(part, part.__name__, bed_)


if __name__ == "__main__":
    bed.sendmail.fetch() if bed.namespace.INSIDE not in os.environ else None
    bed.main(test, mtas=(), milter=False)
