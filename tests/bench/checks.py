"""The three checks that most sites write by hand, as a milter of pymilter: a login
in the clear on a submission port, TLS below 1.2, and a line of the log for each
message.  What it does not override pymilter declines, as it should be.

    checks.py unix:PATH
"""

import sys
import syslog

import Milter

OLD = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1")
TLS = "j {tls_version} {cipher} {cipher_bits}"
LISTS = ((Milter.M_CONNECT, "j {daemon_port}"), (Milter.M_HELO, TLS),
         (Milter.M_ENVFROM, TLS + " i {auth_type} {auth_authen}"), (Milter.M_EOM, "j i"))


class Checks(Milter.Base):
    def __init__(self):
        self.port = self.client = self.sender = None

    def negotiate(self, opts):
        # setsymlist() of pymilter 1.0.5 hands bytes to what wants a string
        for stage, names in LISTS:
            self._ctx.setsymlist(stage, names)
        opts[1] &= ~self.protocol_mask()
        opts[2:] = 0, 0
        return Milter.CONTINUE

    def connect(self, hostname, family, hostaddr):
        self.client = hostaddr[0]
        self.port = self.getsymval("{daemon_port}")
        return Milter.CONTINUE

    def hello(self, hostname):
        return self.old_tls() or Milter.CONTINUE

    def envfrom(self, sender, *parameters):
        self.sender = sender
        version = self.getsymval("{tls_version}")
        if self.port in ("587", "465") and self.getsymval("{auth_type}") and not version:
            self.setreply("530", "5.7.0", "Encryption required, and change your password")
            return Milter.REJECT
        return self.old_tls() or Milter.CONTINUE

    def eom(self):
        syslog.syslog(syslog.LOG_INFO, "client=%s port=%s tls=%s cipher=%s user=%s from=%s qid=%s"
                      % (self.client, self.port, self.getsymval("{tls_version}"),
                         self.getsymval("{cipher}"), self.getsymval("{auth_authen}"),
                         self.sender, self.getsymval("i")))
        return Milter.CONTINUE

    def abort(self):
        return Milter.CONTINUE

    def close(self):
        return Milter.CONTINUE

    def old_tls(self):
        if self.getsymval("{tls_version}") in OLD:
            self.setreply("554", "5.7.0", "TLS 1.2 or later required")
            return Milter.REJECT
        return None


syslog.openlog("checks", syslog.LOG_PID, syslog.LOG_MAIL)
Milter.factory = Checks
Milter.runmilter("checks", sys.argv[1], 600)
