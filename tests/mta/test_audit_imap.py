"""`tlswarden audit' on a real Dovecot: the same passwords travel there."""

import os
import subprocess
import sys

import audit_run
import bed
import forge
import namespace
import process
import tap
from tap import attempt, same

NAME = "mail.example.com"
CONF = """base_dir = %(dir)s/run
log_path = %(dir)s/log
protocols = imap pop3
ssl = %(ssl)s
ssl_cert = <%(cert)s
ssl_key = <%(key)s
disable_plaintext_auth = %(lock)s
auth_mechanisms = plain login
passdb {
  driver = static
  args = password=none
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}
"""
CLEAR = ["auth-offered-in-clear", "auth-taken-in-clear", "pq-missing"]
GOOD = ["pq-missing"]
# ssl, disable_plaintext_auth, and what 143, 993, 110 and 995 earn
SETTINGS = (
    ("required", "yes", (GOOD, GOOD, GOOD, GOOD)),
    ("yes", "no", (CLEAR, GOOD, CLEAR, GOOD)),
)


def dovecot(number, made, server, ssl, lock, wanted):
    directory = "%s/dovecot%d" % (namespace.ROOT, number)
    os.makedirs(directory)
    conf = namespace.write(directory + "/conf", CONF % {
        "dir": directory, "ssl": ssl, "lock": lock, "cert": server[0], "key": server[1]})
    program = process.Program("dovecot", ["dovecot", "-F", "-c", conf],
                              directory + "/output")
    try:
        for port in (143, 993, 110, 995):
            program.serves(("127.0.0.1", port))
        # No host: what answers on this machine.
        audit = audit_run.Audit("--ca", made.root, "--name", NAME)
        name = "ssl=%s, disable_plaintext_auth=%s: " % (ssl, lock)
        same([p["port"] for p in audit.ports], [143, 993, 110, 995], name + "the ports",
             audit.errors)
        for i, port in enumerate(audit.ports):
            same(sorted(audit.severities(i)), wanted[i],
                 name + "%s: exactly the findings" % port["service"], port)
            same(port["incomplete"], None, name + port["service"] + ": all was learnt")
    finally:
        program.stop()


def main():
    bed.enter(mtas=())
    try:
        made = forge.Forge(namespace.ROOT + "/forge", NAME)
        server = made.server()
        version = subprocess.run(["dovecot", "--version"], capture_output=True, text=True,
                                 check=True).stdout
        print("# Dovecot " + version.strip())
        for number, setting in enumerate(SETTINGS):
            attempt(dovecot, "Dovecot", number, made, server, *setting)
    except Exception:
        tap.bail_out()
    return tap.PLAN.done()


if __name__ == "__main__":
    sys.exit(main())
