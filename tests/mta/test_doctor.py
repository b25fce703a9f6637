"""The lines of `tlswarden doctor' in real servers: what it complains of is so, and
once they are pasted it is not, and the daemon is asked on every port.
"""

import json
import os
import re
import shutil
import ssl
import subprocess
import sys

import bed
import namespace
import postfix
import process
import sendmail
import warden
from tap import ok, same

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
FIXTURES = os.path.join(TOP, "tests", "doctor")
sys.path.insert(0, FIXTURES)

import pasting  # noqa: E402

SPOOL = "/var/spool/postfix"
ADDRESS = "127.0.0.1"
REFUSED = (ssl.SSLError, OSError, bed.client.Closed)

# What every private Postfix needs, and no configuration below is about.
PLUMBING = """data_directory = %(dir)s/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = %(dir)s/maillog
maillog_file_prefixes = /
mydestination = example.com
mynetworks = 127.0.0.0/8
inet_interfaces = all
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
default_transport = discard:bed
local_transport = discard:bed
relay_transport = discard:bed
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_chain_files = %(key)s, %(cert)s
smtpd_tls_cert_file =
smtpd_tls_key_file =
tls_medium_cipherlist = ALL:@SECLEVEL=0
smtpd_sasl_local_domain = example.com
smtpd_sasl_security_options = noanonymous
milter_connect_timeout = 10s
"""

# A configuration of tests/doctor, and what is wrong with each of its ports.
CASES = (
    ("auth-in-clear", {25: {"auth-clear"}, 587: {"auth-clear"}}),
    ("fails-open", {25: set(), 587: {"open-when-down"}, 465: {"open-when-down"}}),
    ("wrapper-missing", {25: set(), 465: {"no-implicit-tls"}}),
    ("tls-off", {25: {"no-tls"}, 587: {"no-tls", "auth-clear"}}),
    ("old-protocol", {25: set(), 587: {"good-refused"},
                      465: {"good-refused"}}),
    ("debian-submission", {25: {"old-tls"}, 587: {"old-tls", "open-when-down"},
                           465: {"old-tls", "open-when-down"}}),
    ("chrooted-wrong-socket", {25: {"old-tls"}, 587: {"good-refused"},
                               465: {"good-refused"}}),
)


def doctor(directory, *where):
    _, out, err = warden.tlswarden("doctor", "--format", "json", "-c",
                                   directory + "/policy.conf", *where)
    same(err, "", "doctor has no complaint of its own", out)
    return json.loads(out)


def serious(answer):
    return [f["id"] + " " + f["service"] for f in answer["findings"]
            if f["severity"] != "note"]


# --- what a client sees

class Port:
    """A port of the server, as clients find it."""

    def __init__(self, bed_, port):
        self.bed, self.port = bed_, port
        self.implicit = port == 465 and self.begins_with_tls()

    def begins_with_tls(self):
        try:
            with bed.client.Smtp((ADDRESS, self.port), tls={}):
                return True
        except REFUSED:
            return False

    def open(self, source=None, **tls):
        return bed.client.Smtp((ADDRESS, self.port), source,
                               tls=tls if self.implicit else None)

    def submit(self, source=None, **tls):
        """A message inside TLS, after a login where one is offered: the last reply,
        or None when there was none."""
        try:
            with self.open(source, **tls) as session:
                answer = session.ehlo()
                if not self.implicit and answer.offers("STARTTLS"):
                    if session.starttls(**tls).code != 220:
                        return None
                    answer = session.ehlo()
                if answer.offers("AUTH"):
                    answer = session.login()
                    if answer.code != 235:
                        return answer
                return session.message()
        except REFUSED:
            return None

    def in_the_clear(self):
        if self.implicit:
            return set()
        if self.port == 465:
            return {"no-implicit-tls"}
        with self.open() as session:
            answer = session.ehlo()
        return {name for name, wrong in (
            ("no-tls", not answer.offers("STARTTLS")),
            ("auth-clear", answer.offers("AUTH"))) if wrong}

    def wrong(self, guard):
        """All that is wrong; the daemon is killed and started for it."""
        found = self.in_the_clear()
        if found & {"no-tls", "no-implicit-tls"}:
            return found
        good = self.submit(version="TLSv1.3")
        if good is None or good.code != 250:
            found.add("good-refused")
        old = self.submit(version="TLSv1.1")
        if old is not None and old.code == 250:
            found.add("old-tls")
        guard.kill()
        down = self.submit()
        taken = down is not None and down.code == 250
        if self.port == 25 and not taken:
            found.add("closed-when-down")
        if self.port != 25 and taken:
            found.add("open-when-down")
        guard.start()
        return found

    def on_record(self, name):
        source = next(self.bed.place.sources["4"])
        answer = self.submit(source, version="TLSv1.3")
        ok(answer is not None and answer.code == 250, "%s: %d takes a good message"
           % (name, self.port), answer)
        found = self.bed.account(source)
        same([(r["port"], r["tls"], r["verdict"]) for r in found],
             [(str(self.port), "TLSv1.3", "accept")],
             "%s: %d: the daemon was asked" % (name, self.port), *found)


class AsInstalled(warden.Warden):
    """Where it listens, the policy says."""

    def command(self, *more):
        return [warden.DAEMON, "-u", self.user, "-c", self.policy] + list(more)


def start_daemon(bed_, directory, user="tlswarden:postfix"):
    with open(directory + "/policy.conf", encoding="utf-8") as f:
        text = f.read()
    named = re.search(r"^set socket\s+unix:(\S+)", text, re.M)
    path = named.group(1) if named else "/run/tlswarden/tlswarden.sock"
    subprocess.run(["install", "-d", "-o", "tlswarden", "-g", "postfix", "-m", "0750",
                    os.path.dirname(path)], check=True)
    guard = AsInstalled(bed_.path("doctor-daemon"), text, socket=path, user=user)
    guard.start()
    return guard


# --- Postfix

class Running(postfix.Postfix):
    """A Postfix from a main.cf and a master.cf as they are, as far as may be."""

    def __init__(self, bed_, directory, ports):
        self.directory = self.conf = directory
        self.log = directory + "/maillog"
        self.program = None
        self.addresses = ["%s:%d" % (ADDRESS, p) for p in ports]
        os.makedirs(directory + "/data", exist_ok=True)
        shutil.chown(directory + "/data", "postfix", "postfix")
        os.makedirs(directory + "/sasl", exist_ok=True)
        self.queue = SPOOL
        self.jail(bed_.sasldb)
        namespace.write(directory + "/sasl/smtpd.conf", postfix.SASL % bed_.sasldb)
        namespace.write(directory + "/dynamicmaps.cf", "")


def furnish(bed_, name):
    """A copy of the configuration that this machine can run."""
    directory = bed_.path("doctor/" + name)
    os.makedirs(directory)
    os.chmod(directory, 0o755)
    source = os.path.join(FIXTURES, name)
    policy = source + "/policy.conf"
    shutil.copy(policy if os.path.exists(policy) else TOP + "/packaging/policy.conf",
                directory + "/policy.conf")
    plumbing = PLUMBING % {"dir": directory, "cert": bed_.server[0],
                           "key": bed_.server[1]}
    ours = {line.split(" ")[0] for line in plumbing.splitlines()}
    with open(source + "/main.cf", encoding="utf-8") as f:
        main = [line for line in f if line.split("=")[0].strip() not in ours]
    namespace.write(directory + "/main.cf", "".join(main) + plumbing)
    with open(source + "/master.cf", encoding="utf-8") as f:
        entries = re.findall(r"^\S+\s+inet\s.*\n(?:[ \t].*\n)*", f.read(), re.M)
    namespace.write(directory + "/master.cf", "".join(entries) + postfix.REST)
    return directory


def look(bed_, name, mta, guard, wanted, pasted):
    """Are the faults there that are wanted, and with the lines pasted none?"""
    try:
        mta.start()
        ports = [Port(bed_, p) for p in wanted]
        for port in ports:
            same(port.wrong(guard), set() if pasted else wanted[port.port],
                 "%s: %d, lines %spasted" % (name, port.port, "" if pasted else "not "),
                 mta.said()[-3000:])
        for port in ports if pasted else ():
            port.on_record(name)
    finally:
        mta.stop()
        guard.stop()


def look_postfix(bed_, name, directory, wanted, pasted):
    look(bed_, name, Running(bed_, directory, wanted), start_daemon(bed_, directory),
         wanted, pasted)


def with_postfix(bed_, name, wanted):
    os.makedirs(SPOOL, exist_ok=True)
    namespace.run("mount", "-t", "tmpfs", "-o", "mode=0755", "bed", SPOOL)
    try:
        directory = furnish(bed_, name)
        answer = doctor(directory, "--postfix-dir", directory)
        ok(serious(answer), name + ": something is found")
        look_postfix(bed_, name, directory, wanted, False)
        pasting.paste(directory, answer)
        for line in shell_lines(answer):
            subprocess.run(["sh", "-c", line], check=True)
        same(serious(doctor(directory, "--postfix-dir", directory)), [],
             name + ": nothing is left to find")
        look_postfix(bed_, name, directory, wanted, True)
    finally:
        namespace.run("umount", "-l", SPOOL)


def shell_lines(answer):
    return [p["lines"] for f in answer["findings"] for p in f["paste"]
            if p["file"] == "a shell"]


# --- Sendmail

# As the .mc files of sites are, each with what is wrong with its ports.
SENDMAILS = (
    ("Sendmail, as it comes", "", False,
     {25: {"auth-clear", "old-tls"}, 587: {"auth-clear", "old-tls", "open-when-down"}}),
    ("Sendmail, three ports",
     "DAEMON_OPTIONS(`Name=MTA, Port=25')dnl\n"
     "DAEMON_OPTIONS(`Name=MSA, Port=587, M=E')dnl\n"
     "DAEMON_OPTIONS(`Name=TLSMTA, Port=465, M=E')dnl\n", True,
     {25: {"auth-clear", "old-tls"}, 587: {"auth-clear", "old-tls", "open-when-down"},
      465: {"no-implicit-tls"}}),
    ("Sendmail, half of README.md done",
     "INPUT_MAIL_FILTER(`tlswarden', `S=unix:/run/tlswarden/tlswarden.sock, "
     "T=C:10s;S:10s;R:10s')dnl\n", False,
     {25: {"auth-clear"}, 587: {"auth-clear", "open-when-down"}}),
)


def sendmail_mc(mta, lines, no_msa):
    path = mta.directory + "/sendmail.mc"
    with open(path, encoding="ascii") as f:
        text = f.read()
    if not no_msa:
        text = text.replace("FEATURE(`no_default_msa')dnl\n", "")
    namespace.write(path, text.replace("MAILER(", lines + "MAILER(", 1))
    make(mta)


def make(mta):
    with open(mta.cf, "w", encoding="ascii") as out:
        subprocess.run(["m4", mta.directory + "/sendmail.mc"], check=True, stdout=out,
                       stdin=subprocess.DEVNULL)


def look_sendmail(bed_, mta, name, wanted, pasted):
    look(bed_, name, mta, start_daemon(bed_, mta.directory, user="tlswarden"), wanted,
         pasted)


def with_sendmail(bed_, name, lines, no_msa, wanted):
    mta = sendmail.Sendmail(
        bed_.path("doctor-sendmail-%d" % len(wanted) + str(len(lines))), bed_.authority,
        bed_.server, bed_.sasldb, "mx.example.com", [], bed_.syslog)
    # Ports are waited for one by one.
    mta.daemons = [("", ADDRESS, port, "") for port in wanted]
    shutil.copy(TOP + "/packaging/policy.conf", mta.directory + "/policy.conf")
    sendmail_mc(mta, lines, no_msa)
    where = ("--sendmail-cf", mta.cf)
    answer = doctor(mta.directory, *where)
    ok(serious(answer), name + ": something is found")
    look_sendmail(bed_, mta, name, wanted, False)
    pasting.paste(mta.directory, answer, ("a shell", "sendmail.cf"))
    make(mta)
    same(serious(doctor(mta.directory, *where)), [], name + ": nothing is left to find")
    look_sendmail(bed_, mta, name, wanted, True)


def test(bed_):
    for name, wanted in CASES:
        bed.tap.attempt(with_postfix, name, bed_, name, wanted)
    for case in SENDMAILS:
        bed.tap.attempt(with_sendmail, case[0], bed_, *case)


if __name__ == "__main__":
    bed.sendmail.fetch() if bed.namespace.INSIDE not in os.environ else None
    bed.main(test, mtas=(), milter=False)
