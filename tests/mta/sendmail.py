"""sendmail.py owns a private Sendmail: unpacked from Debian's packages, never
installed, for they and Postfix's exclude each other.
"""

import glob
import os
import re
import shutil
import subprocess

import namespace
import process

# libwrap0 too, so that a test by hand needs nothing that Postfix did not bring.
PACKAGES = ("sendmail-bin", "sendmail-base", "sendmail-cf", "libwrap0")
CACHE = os.environ.get("TLSWARDEN_CACHE", "/var/cache/tlswarden-tests")

MC = """divert(-1)
define(`_CF_DIR_', `%(cf)s/')
divert(0)dnl
include(`%(cf)s/m4/cf.m4')dnl
OSTYPE(`linux')dnl
define(`MAIL_SETTINGS_DIR', `%(dir)s/')dnl
define(`confDOMAIN_NAME', `%(hostname)s')dnl
define(`confCW_FILE', `-o %(dir)s/local-host-names')dnl
define(`ALIAS_FILE', `')dnl
define(`HELP_FILE', `')dnl
define(`STATUS_FILE', `')dnl
define(`QUEUE_DIR', `%(dir)s/queue')dnl
define(`confPID_FILE', `%(dir)s/pid')dnl
define(`confSERVICE_SWITCH_FILE', `%(dir)s/service.switch')dnl
define(`confDELIVERY_MODE', `queueonly')dnl
define(`confTO_IDENT', `0s')dnl
define(`confLOG_LEVEL', `%(loglevel)s')dnl
define(`confPRIVACY_FLAGS', `noetrn')dnl
define(`confBAD_RCPT_THROTTLE', `0')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confREFUSE_LA', `1000')dnl
define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl
define(`confAUTH_REALM', `example.com')dnl
define(`confAUTH_OPTIONS', `%(auth)s')dnl
TRUST_AUTH_MECH(`PLAIN LOGIN')dnl
define(`confCACERT', `%(ca)s')dnl
define(`confCACERT_PATH', `%(dir)s/certs')dnl
define(`confSERVER_CERT', `%(cert)s')dnl
define(`confSERVER_KEY', `%(key)s')dnl
define(`confCIPHER_LIST', `ALL:COMPLEMENTOFALL:@SECLEVEL=0')dnl
define(`confTLS_SRV_OPTIONS', `')dnl
%(milter)s
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`relay_entire_domain')dnl
RELAY_DOMAIN(`example.com')dnl
FEATURE(`no_default_msa')dnl
%(daemons)s
MAILER(`smtp')dnl
%(extra)s
"""

# Where more wait to be taken than there is room for (10 by default), the kernel loses
# some of them, and they wait for a greeting for ever.
DAEMON = "DAEMON_OPTIONS(`Name=%s, Family=%s, Addr=%s, Port=%d, Listen=512%s')dnl\n"
MILTER = "INPUT_MAIL_FILTER(`tlswarden', `S=unix:%s, F=%s, T=C:10s;S:10s;R:10s;E:30s')dnl\n"


def unpack(directory):
    """Fetch (once) and unpack the packages; the daemon and the .cf sources."""
    os.makedirs(CACHE, exist_ok=True)
    missing = [p for p in PACKAGES if not glob.glob("%s/%s_*.deb" % (CACHE, p))]
    if missing:
        raise process.Failed("not fetched: " + " ".join(missing))
    for name in PACKAGES:
        newest = max(glob.glob("%s/%s_*.deb" % (CACHE, name)), key=os.path.getmtime)
        subprocess.run(["dpkg", "-x", newest, directory], check=True)


def fetch():
    """Download what the cache lacks: outside, where there is a network."""
    os.makedirs(CACHE, exist_ok=True)
    missing = [p for p in PACKAGES if not glob.glob("%s/%s_*.deb" % (CACHE, p))]
    if missing:
        subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download"]
                       + missing, check=True, cwd=CACHE, stdin=subprocess.DEVNULL)


class Sendmail:
    def __init__(self, directory, authority, server, sasldb, hostname, daemons, syslog,
                 socket=None, action="T", auth="A", loglevel=14, extra="", milter=None):
        """daemons: a list of (name, address, port, what else); milter: what the
        .mc file says of it, in place of what the bed would."""
        self.directory = directory
        self.syslog = syslog
        self.daemons = daemons
        self.program = None
        tree = os.path.join(directory, "tree")
        for path in (tree, os.path.join(directory, "queue"),
                     os.path.join(directory, "certs")):
            os.makedirs(path, exist_ok=True)
        os.chmod(os.path.join(directory, "queue"), 0o700)
        unpack(tree)
        self.libraries = os.path.dirname(
            glob.glob(tree + "/**/libwrap.so.0", recursive=True)[0])
        # A set-id program would not look for its libraries where we say.
        self.binary = os.path.join(directory, "sendmail")
        shutil.copyfile(tree + "/usr/libexec/sendmail/sendmail", self.binary)
        os.chmod(self.binary, 0o755)
        namespace.write(os.path.join(directory, "service.switch"),
                        "hosts files\naliases files\n")
        namespace.write(os.path.join(directory, "local-host-names"), hostname + "\n")
        sasl_conf(sasldb)
        cert, key = server
        self.settings = {
            "cf": tree + "/usr/share/sendmail/cf", "dir": directory,
            "hostname": hostname, "ca": authority.cert, "cert": cert, "key": key,
            "auth": auth, "loglevel": loglevel, "extra": extra,
            "milter": milter or (MILTER % (socket, action) if socket else ""),
            "daemons": "".join(
                DAEMON % (name, "inet6" if ":" in address else "inet", address, port,
                          ", " + modifiers if modifiers else "")
                for name, address, port, modifiers in daemons)}
        self.cf = os.path.join(directory, "sendmail.cf")
        self.write_cf()

    def write_cf(self):
        mc = namespace.write(os.path.join(self.directory, "sendmail.mc"),
                             MC % self.settings)
        with open(self.cf, "w", encoding="ascii") as out:
            subprocess.run(["m4", mc], check=True, stdout=out, stdin=subprocess.DEVNULL)

    def start(self):
        env = dict(os.environ, LD_LIBRARY_PATH=self.libraries)
        self.program = process.Program(
            "sendmail", [self.binary, "-C", self.cf, "-bD"],
            os.path.join(self.directory, "output"), env=env, cwd=self.directory)
        for _, address, port, _ in self.daemons:
            self.program.serves((address, port), 30)

    def stop(self):
        if self.program:
            self.program.stop()
            self.program = None

    def size(self):
        return self.syslog.size()

    def said(self, since=0):
        return "\n".join(self.syslog.lines("sendmail", since)
                         + self.syslog.lines("sm-mta", since)) + "\n"

    def logged_in(self, client, since=0):
        return re.search(r"AUTH=server, relay=.*\[(IPv6:)?%s\].*mech="
                         % re.escape(client), self.said(since)) is not None

    def queue_ids(self, client):
        return re.findall(r"^([0-9A-Za-z]+): from=.*relay=.*\[(?:IPv6:)?%s\]"
                          % re.escape(client), self.said(), re.M)

    def taken(self, client):
        """What stands in its queue, whatever the log says."""
        found = []
        for path in glob.glob(os.path.join(self.directory, "queue", "qf*")):
            with open(path, encoding="latin-1") as f:
                if re.search(r"^\$_.*\[(IPv6:)?%s\]" % re.escape(client), f.read(), re.M):
                    found.append(os.path.basename(path)[2:])
        return found


def sasl_conf(sasldb):
    os.makedirs("/etc/mail/sasl", exist_ok=True)
    os.makedirs("/etc/sasl2", exist_ok=True)
    text = ("pwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
            "sasldb_path: %s\nmech_list: PLAIN LOGIN\n" % sasldb)
    for directory in ("/etc/mail/sasl", "/etc/sasl2"):
        namespace.write(directory + "/Sendmail.conf", text, 0o600)
