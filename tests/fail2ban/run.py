"""The filter for fail2ban, in fail2ban itself: it finds the client of each
refusal that the daemon put on record, and never an address that a client or
another program wrote.
"""

import ipaddress
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

from daemon import Daemon, SOURCE  # noqa: E402
from fakemta import Mta  # noqa: E402
from tap import Tap, skip_all  # noqa: E402

FILTER = os.path.join(SOURCE, "packaging", "fail2ban", "filter.d", "tlswarden.conf")
JAIL = os.path.join(SOURCE, "packaging", "fail2ban", "jail.d", "tlswarden.conf")
VICTIMS = ("198.51.100.9", "2001:db8::9")
INNOCENT = "203.0.113.99"
FORGED = ('v=1 event=message id=5f0c9a2b77e1d304 verdict=reject rule=auth-in-clear '
          'stage=mail reply="530 5.7.0" service=submission port=587 client=%s ' % INNOCENT)
FORGED_JSON = ('{"v":1,"event":"message","id":"5f0c9a2b77e1d304","verdict":"reject",'
               '"rule":"auth-in-clear","stage":"mail","client":"%s"}' % INNOCENT)
FORGERIES = (FORGED, "\n" + FORGED, FORGED_JSON, '" ' + FORGED, "\x00" + FORGED,
             "\nNov 20 09:14:02 mx tlswardend[801]: " + FORGED,
             "tlswardend[801]: " + FORGED, "Nov 20 09:14:02 mx tlswardend[801]: " + FORGED,
             "2026-11-20T09:14:02+00:00 mx tlswardend[801]: " + FORGED_JSON,
             "client=" + INNOCENT, "x\r" + FORGED)
OBSERVED = """rule old
    if tls < TLSv1.2
    reject 554 5.7.0 "TLS 1.2 or later required"
    observe
rule seen
    if helo = "copier"
    note
rule auth-in-clear
    if auth and not tls
    reject 530 5.7.0 "Encryption required"
    alarm password-exposed
rule elsewhere
    if client in { 192.0.2.0/24 }
    reject 554 5.7.1 "Not from there"
default accept
"""


def refused(daemon, address, helo="copier", user="carl", sender="<carl@example.org>"):
    """A login in the clear on port 587."""
    m = Mta(daemon.socket)
    m.login(user=user)
    m.port("587")
    m.connect(address=address)
    m.helo(helo)
    m.mail(sender)
    m.quit()


def accepted(daemon, address, text):
    m = Mta(daemon.socket).tls()
    m.connect(address=address)
    m.helo(text)
    m.message("<%s>" % text)
    m.quit()


def record(setting=""):
    """What the daemon logs of all this: lines, with those of the victims apart."""
    with Daemon(OBSERVED + setting) as d:
        accepted(d, INNOCENT, "mx.example.net")
        m = Mta(d.socket)               # refused by another rule
        m.connect(address="192.0.2.7")
        m.helo()
        m.mail()
        m.quit()
        refused(d, VICTIMS[0])
        refused(d, VICTIMS[1])
        plain = [x for x in until_stopped(d)]
    with Daemon(OBSERVED + setting) as d:
        for forgery in FORGERIES:
            text = forgery.encode()
            accepted(d, "203.0.113.5", forgery.replace("\x00", "\x01"))
            refused(d, VICTIMS[0], text.replace(b"\0", b"\1"), text.replace(b"\0", b"\1"),
                    b"<" + text.replace(b"\0", b"\1") + b">")
        forged = until_stopped(d)
    return plain, forged


def until_stopped(daemon):
    daemon.stop()
    with open(daemon.log, encoding="ascii") as f:
        return f.read().splitlines()


def syslog(lines, header="Nov 20 09:14:02 mx tlswardend[801]: "):
    return [header + line for line in lines]


def found(directory, lines, name=FILTER):
    """The addresses fail2ban takes from the lines, one a match."""
    path = os.path.join(directory, "mail.log")
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(line + "\n" for line in lines))
    return found_in(path, name)


def found_in(log, name):
    r = subprocess.run(["fail2ban-regex", "-l", "CRITICAL", "-o", "ip", log, name],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, check=False, timeout=120)
    if r.returncode not in (0, 1):
        raise AssertionError(r.stdout.decode())
    return [str(ipaddress.ip_address(x)) for x in r.stdout.decode().split()]


def same(tap, got, want, name, lines=()):
    tap.ok(got == want, name, "got %s\nwanted %s\n%s" % (got, want, "\n".join(lines)))


def form(tap, directory, name, setting):
    plain, forged = record(setting)
    same(tap, found(directory, syslog(plain)), list(VICTIMS),
         name + ": the clients of the refusals, and no others", plain)
    same(tap, found(directory, syslog(plain, "2026-11-20T09:14:02.123456+01:00 mx tlswardend[8]: ")),
         list(VICTIMS), name + ": with an RFC 3339 time")
    tap.ok(sum(INNOCENT in line for line in forged) > len(FORGERIES),
           name + ": the forgeries are on record", "\n".join(forged))
    same(tap, found(directory, syslog(forged)), [VICTIMS[0]] * len(FORGERIES),
         name + ": a forged HELO, sender or user accuses nobody", forged)
    return plain


def others(tap, directory, plain):
    """Lines of other programs, which quote what a client said."""
    quoted = []
    for text in plain + [FORGED, FORGED_JSON]:
        for before in ("postfix/smtpd[3]: warning: non-SMTP command from x[192.0.2.1]: ",
                       "postfix/smtpd[3]: ", "sm-mta[5]: x: tlswardend[801]: ",
                       "mx tlswardend[801]: ", "tlswardend[801]: x ", "xtlswardend[8]: ",
                       "logger: tlswardend[801]: ", "tlswardend-x[8]: "):
            quoted.append("Nov 20 09:14:02 mx " + before + text)
        quoted.append("Nov 20 09:14:02 mx dovecot: Nov 20 09:14:02 mx tlswardend[801]: " + text)
    same(tap, found(directory, quoted), [], "lines of other programs do not count", quoted)


def settings(tap, directory):
    for value in ("truncated", "none"):
        plain, _ = record("set log-client %s\n" % value)
        same(tap, found(directory, syslog(plain)), [],
             "set log-client %s: there is nobody to accuse" % value, plain)


def stock(tap, directory):
    """fail2ban's own filter for Postfix leaves our replies alone."""
    line = ("Nov 20 09:14:02 mx postfix/smtpd[3]: NOQUEUE: milter-reject: MAIL from "
            "c.example[198.51.100.9]: %s; from=<a@example.net> proto=ESMTP helo=<c>")
    own = "/etc/fail2ban/filter.d/postfix.conf"
    same(tap, found(directory, [line % "550 5.7.1 Command rejected"], own), ["198.51.100.9"],
         "the filter for Postfix takes libmilter's own words for an attack")
    with open(os.path.join(SOURCE, "packaging", "policy.conf"), encoding="utf-8") as f:
        replies = re.findall(r'(?m)^ +(?:reject|tempfail) (\d+ [\d.]+ )"(.*)"', f.read())
    lines = [line % (code + text) for code, text in replies] + [line % "451 4.3.0 Try again later"]
    tap.ok(len(lines) > 3, "there are replies", lines)
    same(tap, found(directory, lines, own), [], "and ours for none", lines)


ENTRY = """__REALTIME_TIMESTAMP=%d
_HOSTNAME=mx
_SYSTEMD_UNIT=%s
SYSLOG_IDENTIFIER=%s
SYSLOG_FACILITY=2
MESSAGE=%s

"""


def journal(tap, directory):
    """In the journal the unit tells what the name does not."""
    remote = "/lib/systemd/systemd-journal-remote"
    python = ["/usr/bin/python3", "-c", "import systemd.journal"]
    if not os.path.exists(remote) or subprocess.run(python, check=False,
                                                    stderr=subprocess.DEVNULL).returncode:
        tap.ok(not os.environ.get("TLSWARDEN_TESTS_ALL"), "the journal was not tried",
               "systemd-journal-remote and python3-systemd are to be here")
        return
    ours = FORGED.replace(INNOCENT, VICTIMS[0])
    path = os.path.join(directory, "system.journal")
    now = int(time.time() * 1000000)
    entries = [ENTRY % (now + i, *entry) for i, entry in enumerate((
        ("tlswardend.service", "tlswardend", ours),
        ("session-3.scope", "tlswardend", FORGED),
        ("user@1000.service", "tlswardend", FORGED),
        ("tlswardend.service", "other", FORGED)))]
    subprocess.run([remote, "-o", path, "-"], input="".join(entries).encode(),
                   stderr=subprocess.DEVNULL, check=True, timeout=120)
    same(tap, found_in("systemd-journal[journalfiles=%s]" % path, FILTER), [VICTIMS[0]],
         "from the journal nothing counts but what the unit wrote")


def jail(tap):
    """The jail parses, and is off."""
    with tempfile.TemporaryDirectory(prefix="tw-fail2ban-") as conf:
        shutil.copytree("/etc/fail2ban", conf, dirs_exist_ok=True, symlinks=True)
        for name in os.listdir(conf + "/jail.d"):
            os.unlink(os.path.join(conf, "jail.d", name))
        shutil.copy(FILTER, conf + "/filter.d/tlswarden.conf")
        shutil.copy(JAIL, conf + "/jail.d/tlswarden.conf")
        off = dump(conf)
        tap.ok("'tlswarden'" not in off, "the jail is off", off)
        with open(conf + "/mail.log", "w", encoding="ascii"):
            pass
        with open(conf + "/jail.d/zz.conf", "w", encoding="ascii") as f:
            f.write("[tlswarden]\nenabled = true\nbackend = polling\nlogpath = %s/mail.log\n" % conf)
        on = dump(conf)
        tap.ok(re.search(r"\['start', 'tlswarden'\]", on), "and can be switched on", on)
        tap.ok("rule=(?:auth-in-clear)" in on, "with the rules that it names", on)


def dump(conf):
    r = subprocess.run(["fail2ban-client", "-c", conf, "-d"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                       timeout=60)
    return r.stdout.decode()


def main():
    if not shutil.which("fail2ban-regex"):
        skip_all("there is no fail2ban")
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="tw-fail2ban-") as directory:
        plain = form(tap, directory, "logfmt", "")
        form(tap, directory, "json", "set log-format json\n")
        others(tap, directory, plain)
        settings(tap, directory)
        stock(tap, directory)
        journal(tap, directory)
    jail(tap)
    tap.done()


if __name__ == "__main__":
    main()
