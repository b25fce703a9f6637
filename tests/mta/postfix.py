"""postfix.py owns a private Postfix: its own configuration, queue and data
directories, beside whatever Postfix the machine runs.
"""

import os
import re
import shutil
import subprocess
import time

import namespace
import process

MAIN = """compatibility_level = 3.6
queue_directory = %(queue)s
data_directory = %(dir)s/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = %(log)s
maillog_file_prefixes = /
myhostname = %(hostname)s
mydestination = example.com
mynetworks = 127.0.0.0/8 [::1]/128
inet_interfaces = all
inet_protocols = %(protocols)s
smtp_address_preference = any
alias_maps =
alias_database =
local_recipient_maps =
default_transport = discard:bed
local_transport = discard:bed
relay_transport = discard:bed
smtpd_peername_lookup = yes
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_authorized_xclient_hosts = %(xclient)s
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
smtpd_soft_error_limit = 1000
smtpd_junk_command_limit = 1000000
smtpd_tls_security_level = may
smtpd_tls_chain_files = %(key)s, %(cert)s
smtpd_tls_CAfile = %(ca)s
smtpd_tls_protocols = >=TLSv1
smtpd_tls_mandatory_protocols = >=TLSv1
tls_medium_cipherlist = ALL:COMPLEMENTOFALL:@SECLEVEL=0
smtpd_tls_loglevel = 1
smtpd_tls_session_cache_database =
smtpd_tls_ask_ccert = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = example.com
smtpd_sasl_security_options = noanonymous
smtpd_sasl_tls_security_options = noanonymous
smtpd_tls_auth_only = no
milter_default_action = accept
milter_command_timeout = 10s
milter_connect_timeout = 10s
%(milters)s
%(extra)s
"""

# name or address:port, chroot, master.cf options
SERVICE = "%s inet n - %s - - smtpd\n%s"

REST = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

SASL = """pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: %s
mech_list: PLAIN LOGIN
"""

# As the comments of Postfix's own master.cf have it.
NAMED = "-o syslog_name=postfix/%s"
ORIGINATING = "-o milter_macro_daemon_name=ORIGINATING"
TEMPFAIL = "-o milter_default_action=tempfail"
WRAPPER = "-o smtpd_tls_wrappermode=yes"
# Postfix takes anonymous and unencrypted ciphers where it wants no client
# certificate: so an administrator could have set it up, years ago.
WEAK = "-o smtpd_tls_ask_ccert=no"


def overridden(text):
    """main.cf with each parameter once: as Postfix reads it, but for the warnings.
    Postfix 3.7 may hang in them, when postlogd has one to send to itself."""
    entries = {}
    name = None
    for line in text.splitlines():
        if line[:1].isspace() and name:
            entries[name] += line + "\n"
        elif line.strip() and not line.startswith("#"):
            name = line.partition("=")[0].strip()
            entries[name] = line + "\n"
    return "".join(entries.values())


class Postfix:
    def __init__(self, directory, authority, server, sasldb, hostname, services,
                 socket=None, extra="", protocols="all", chroot=False,
                 queue=None, xclient="198.18.0.0/16"):
        """services: a list of (address:port, options); socket: the milter's, as
        smtpd_milters takes it."""
        self.directory = directory
        self.chroot = chroot
        self.log = os.path.join(directory, "maillog")
        self.conf = os.path.join(directory, "conf")
        self.queue = queue or os.path.join(directory, "queue")
        self.program = None
        self.addresses = [a for a, _ in services]
        for path in (self.conf, self.queue, os.path.join(self.conf, "sasl")):
            os.makedirs(path, exist_ok=True)
        data = os.path.join(directory, "data")
        os.makedirs(data, exist_ok=True)
        shutil.chown(data, "postfix", "postfix")
        cert, key = server
        namespace.write(os.path.join(self.conf, "main.cf"), overridden(MAIN % {
            "dir": directory, "queue": self.queue, "log": self.log, "hostname": hostname,
            "protocols": protocols, "xclient": xclient, "key": key, "cert": cert,
            "ca": authority.cert, "extra": extra,
            "milters": "smtpd_milters = " + socket if socket else ""}))
        jail = "y" if chroot else "n"
        lines = [SERVICE % (address, jail, "".join("    %s\n" % o for o in options))
                 for address, options in services]
        namespace.write(os.path.join(self.conf, "master.cf"), "".join(lines) + REST)
        if chroot:
            sasldb = self.jail(sasldb)
        namespace.write(os.path.join(self.conf, "sasl", "smtpd.conf"), SASL % sasldb)
        # Debian's package brings a table of the map types that it adds.
        namespace.write(os.path.join(self.conf, "dynamicmaps.cf"), "")

    def jail(self, sasldb):
        """What a chrooted smtpd needs, put under the queue directory."""
        for name in ("hosts", "resolv.conf", "nsswitch.conf", "services"):
            os.makedirs(self.queue + "/etc", exist_ok=True)
            shutil.copy("/etc/" + name, self.queue + "/etc/" + name)
        os.makedirs(self.queue + os.path.dirname(sasldb), exist_ok=True)
        shutil.copy(sasldb, self.queue + sasldb)
        shutil.chown(self.queue + sasldb, "postfix", "postfix")
        return sasldb

    def settle(self):
        """Postfix waits until a file has not been written to for some seconds."""
        past = time.time() - 60
        for name in ("main.cf", "master.cf"):
            os.utime(os.path.join(self.conf, name), (past, past))

    def start(self):
        self.settle()
        self.program = process.Program(
            "postfix", ["postfix", "-c", self.conf, "start-fg"],
            os.path.join(self.directory, "output"))
        for address in self.addresses:
            host, port = split(address)
            self.program.serves((host, port), 30)

    def stop(self):
        if self.program and self.program.alive():
            subprocess.run(["postfix", "-c", self.conf, "abort"], check=False,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        if self.program:
            self.program.stop()
            self.program = None

    def reload(self):
        self.settle()
        subprocess.run(["postfix", "-c", self.conf, "reload"], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def said(self, since=0):
        """The mail log from byte `since' on."""
        if not os.path.exists(self.log):
            return ""
        with open(self.log, "rb") as f:
            f.seek(since)
            return f.read().decode("utf-8", "backslashreplace")

    def size(self):
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def logged_in(self, client, since=0):
        """Did a login from the address get as far as to name a mechanism?"""
        return re.search(r"\[%s\].*sasl_method=" % re.escape(client),
                         self.said(since)) is not None

    def queue_ids(self, client):
        """The queue ids under which the client's messages were taken, so far."""
        return re.findall(r"smtpd\[\d+\]: ([0-9A-Za-z]+): client=[^ ,]*\[%s\]"
                          % re.escape(client), self.said())

    taken = queue_ids       # it delivers at once, and its queue is empty


def split(address):
    """"192.0.2.25:25" or "[2001:db8::25]:25", as (host, port)."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
