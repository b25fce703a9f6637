"""`tlswarden audit' on real Postfix and Sendmail, each set up in one way that is
wrong: exactly that is found, and nothing where nothing is wrong.
"""

import os
import sys

import audit_run
import bed
import forge
import namespace
import postfix
import rsyslog
import sendmail
import tap
from audit_run import expect
from tap import attempt, ok, same

NAME = "mx.example.com"
GOOD = "ECDHE+AESGCM:ECDHE+CHACHA20"
# On each service: in main.cf, a line given twice makes each process warn before it
# can, and postlogd(8) waits for itself.
SECURE = ["smtpd_tls_protocols=>=TLSv1.2", "smtpd_tls_mandatory_protocols=>=TLSv1.2",
          "tls_medium_cipherlist=" + GOOD, "smtpd_tls_ciphers=medium",
          "smtpd_tls_mandatory_ciphers=medium", "smtpd_tls_auth_only=yes",
          "smtpd_tls_ask_ccert=no", "smtpd_sasl_auth_enable=no"]
LOGIN = ["smtpd_sasl_auth_enable=yes", "smtpd_tls_security_level=encrypt"]
WRAPPED = LOGIN + ["smtpd_tls_wrappermode=yes"]
CLEAR = {"auth-offered-in-clear": "fault", "auth-taken-in-clear": "fault",
         "mail-in-clear": "warning"}


def suites(more):
    return "tls_medium_cipherlist=%s:%s:@SECLEVEL=0" % (GOOD, more)


def cases(certs):
    """name, port, what differs, the findings beside pq-missing; no OpenSSL that
    Debian has here speaks hybrids, so that one is always there."""
    def cert(name):
        return "smtpd_tls_chain_files=%s,%s" % (certs[name][1], certs[name][0])

    old = ["smtpd_tls_protocols=>=TLSv1", "smtpd_tls_mandatory_protocols=>=TLSv1"]
    yield "a good MX", 25, [], {}
    yield "a good 587", 587, LOGIN, {}
    yield "a good 465", 465, WRAPPED, {}
    yield "587 with auth_only off", 587, \
        LOGIN[:1] + ["smtpd_tls_auth_only=no", "smtpd_tls_security_level=may"], CLEAR
    yield "587 where TLS may be", 587, LOGIN[:1], {"mail-in-clear": "warning"}
    yield "465 without wrapper mode", 465, LOGIN, {"implicit-tls-missing": "fault"}
    yield "587 with TLS 1.0", 587, LOGIN + old + [suites("ECDHE+AES")], {
        "tls1.0": "fault", "tls1.1": "fault", "suite-cbc": "note"}
    yield "25 with TLS 1.0", 25, old + [suites("ECDHE+AES")], {
        "tls1.0": "note", "tls1.1": "note", "suite-cbc": "note"}
    yield "587 with aNULL", 587, LOGIN + [suites("AECDH-AES128-SHA")], {
        "suite-anonymous": "fault", "client-chooses": "warning"}
    yield "25 with aNULL", 25, [suites("AECDH-AES128-SHA")], {
        "suite-anonymous": "note", "client-chooses": "note"}
    # Without a certificate to go by, OpenSSL takes a prime of 1024 bits.
    yield "587 with ADH", 587, LOGIN + [suites("ADH-AES128-GCM-SHA256")], {
        "suite-anonymous": "fault", "client-chooses": "warning", "dh-short": "fault"}
    yield "587 with RSA key exchange", 587, LOGIN + [suites("AES128-GCM-SHA256")], {
        "suite-no-forward-secrecy": "warning", "client-chooses": "warning"}
    yield "the same, the server chooses", 587, \
        LOGIN + [suites("AES128-GCM-SHA256"), "tls_preempt_cipherlist=yes"], {
            "suite-no-forward-secrecy": "warning"}
    yield "587 with NULL", 587, LOGIN + [suites("NULL-SHA256")], {
        "suite-null": "fault", "client-chooses": "warning"}
    yield "587 with CBC", 587, LOGIN + [suites("ECDHE+AES256+SHA384")], {
        "suite-cbc": "note"}
    yield "587 with a short prime", 587, LOGIN + [
        suites("DHE+AESGCM"), "smtpd_tls_dh1024_param_file=" + certs["dh"]], {
            "dh-short": "fault", "suite-dhe": "note"}
    yield "587 with a weak curve", 587, LOGIN + [
        suites("ECDHE+AESGCM"), "tls_eecdh_auto_curves=X25519,prime192v1",
        "smtpd_tls_protocols=TLSv1.2", "smtpd_tls_mandatory_protocols=TLSv1.2"], {
            "group-weak": "warning", "tls1.3-missing": "note"}
    yield "587 without STARTTLS", 587, \
        LOGIN[:1] + ["smtpd_tls_security_level=none"], {
            "starttls-missing": "fault", "mail-in-clear": "warning"}
    yield "587 with TLS 1.3 only", 587, LOGIN + [
        "smtpd_tls_protocols=>=TLSv1.3", "smtpd_tls_mandatory_protocols=>=TLSv1.3"], {}
    yield "587 with TLS 1.2 only", 587, LOGIN + [
        "smtpd_tls_protocols=TLSv1.2", "smtpd_tls_mandatory_protocols=TLSv1.2"], {
            "tls1.3-missing": "note"}
    yield "an MX that asks for TLS", 25, ["smtpd_tls_security_level=encrypt"], {
        "tls-required-on-mx": "warning"}
    yield "an MX with logins", 25, ["smtpd_sasl_auth_enable=yes"], {"auth-on-mx": "note"}
    yield "587 without logins", 587, LOGIN[1:], {"auth-missing": "note"}
    for name, wanted in (
            ("expired", {"cert-expired": "fault"}),
            ("early", {"cert-not-yet-valid": "fault"}),
            ("five", {"cert-expires-7": "fault"}),
            ("ten", {"cert-expires-14": "warning"}),
            ("twenty", {"cert-expires-30": "note"}),
            ("other", {"cert-name": "fault"}),
            ("own", {"cert-self-signed": "fault"}),
            ("short", {"cert-key-short": "fault"}),
            ("sha1", {"cert-signature": "fault"}),
            ("incomplete", {"chain-incomplete": "fault"}),
            ("disordered", {"chain-order": "warning"})):
        yield "587, certificate: " + name, 587, LOGIN + [cert(name)], wanted
    yield "25, certificate: other", 25, [cert("other")], {"cert-name": "note"}
    yield "25, certificate: expired", 25, [cert("expired")], {"cert-expired": "fault"}


def make_certs(made):
    certs = {
        "good": made.server(),
        "expired": made.server("expired", days=-1, since=-30),
        "early": made.server("early", since=3),
        "five": made.server("five", days=5),
        "ten": made.server("ten", days=10),
        "twenty": made.server("twenty", days=20),
        "other": made.server("other", subject="www.example.org"),
        "own": made.sign("own", NAME, own=True),
        "short": made.server("short", bits=1024),
        "sha1": made.server("sha1", digest="sha1"),
        "incomplete": made.sign("incomplete", NAME, issuer=(made.middle,
                                                            made.middle_key)),
    }
    cert, key = made.sign("disordered", NAME, issuer=(made.middle, made.middle_key))
    certs["disordered"] = made.file("disordered.chain", cert, made.root, made.middle), key
    certs["dh"] = made.path("dh.pem")
    # A prime of 1024 bits takes seconds to find: this one was found before.
    made.write("dh.pem", DH1024)
    return certs


class Authority:
    """What the classes of the servers ask of one."""

    def __init__(self, cert):
        self.cert = cert


def with_postfix(made, certs, sasldb):
    table, services = [], []
    for i, (name, port, options, wanted) in enumerate(cases(certs)):
        address = "192.0.2.%d:%d" % (100 + i, port)
        services.append((address, ["-o {%s}" % o.replace("=", " = ", 1)
                                   for o in SECURE + options]))
        table.append((name, address, wanted))
    server = postfix.Postfix(namespace.ROOT + "/postfix", Authority(made.root),
                             certs["good"], sasldb, NAME, services, protocols="ipv4")
    server.start()
    try:
        for name, address, wanted in table:
            if "implicit-tls-missing" not in wanted and "starttls-missing" not in wanted:
                wanted = dict(wanted, **{"pq-missing": "note"})
            attempt(expect, name, "Postfix: " + name, ["--ca", made.root, address], wanted)
        attempt(forms, "forms", made, [a for _, a, _ in table[:4]])
    finally:
        server.stop()


def forms(made, addresses):
    """The other forms, and the profiles, tell the same."""
    good, bad = addresses[1], addresses[3]
    for words, status in ((["--nagios", good], 0), (["--nagios", bad], 2),
                          (["--nagios", "192.0.2.99:25"], 3)):
        done = audit_run.subprocess.run(
            [audit_run.warden.COMMAND, "audit", "--ca", made.root] + words,
            capture_output=True, check=False)
        line = done.stdout.decode()
        same(done.returncode, status, "monitoring: %s" % " ".join(words), line)
        same(line.count("\n"), 1, "monitoring: one line")
        if status != 3:
            ok("_587_days'=365;14:;7:" in line, "monitoring: days", line)
    text = audit_run.subprocess.run(
        [audit_run.warden.COMMAND, "audit", "--ca", made.root, bad],
        capture_output=True, check=False).stdout.decode()
    ok("      Postfix:\n# in main.cf:\nsmtpd_tls_auth_only = yes\n" in text,
       "text: what to change", text)
    ok("\n# in master.cf, under submission:\n  -o " in text, "text: under which service", text)
    ok("Sendmail:" not in text, "text: no lines for another server", text)
    ok("RFC 8314" in text, "text: why", text)
    for profile, wanted in (("mozilla-intermediate", {"profile-group"}),
                            ("modern", {"profile-version", "profile-group",
                                        "profile-key"}),
                            ("bsi", {"profile-suite", "profile-group", "profile-key"})):
        audit = audit_run.Audit("--ca", made.root, "--profile", profile, good)
        same(set(audit.severities()), wanted | {"pq-missing"}, "profile " + profile)
    audit = audit_run.Audit("8.8.8.8:25")
    same(audit.status, 2, "a strange address is not audited")
    ok("--remote" in audit.ports[0]["fault"], "and it is said why")


FLOOR = ("define(`confCIPHER_LIST', `%s')dnl\n"
         "define(`confSERVER_SSL_OPTIONS', `+SSL_OP_NO_SSLv3 +SSL_OP_NO_TLSv1 "
         "+SSL_OP_NO_TLSv1_1')dnl")


def sendmails(certs):
    """settings, certificate, and a list of (name, port, modifiers, findings)."""
    good = {"auth": "A p y", "extra": FLOOR % GOOD}
    yield good, "good", [
        ("a good MX", 25, "M=A", {}),
        ("a good 587", 587, "M=Ea", {}),
        ("a good 465", 465, "M=s", {}),
        ("587 where TLS may be", 587, "M=E", {"mail-in-clear": "warning"}),
        ("465 without M=s", 465, "M=E", {"implicit-tls-missing": "fault"}),
        ("an MX with logins", 25, "", {"auth-on-mx": "note"}),
        ("an MX without STARTTLS", 25, "M=AS", {"starttls-missing": "warning"})]
    yield dict(good, auth="A"), "good", [("587 without p", 587, "M=E", CLEAR)]
    yield {"auth": "A p y",
           "extra": "define(`confCIPHER_LIST', `%s:ECDHE+AES:@SECLEVEL=0')dnl" % GOOD}, \
        "good", [
               ("587 with TLS 1.0", 587, "M=Ea",
                {"tls1.0": "fault", "tls1.1": "fault", "suite-cbc": "note"})]
    yield {"auth": "A p y", "extra": FLOOR % (GOOD + ":AES128-GCM-SHA256")}, "good", [
        ("587 with RSA key exchange", 587, "M=Ea",
         {"suite-no-forward-secrecy": "warning", "client-chooses": "warning"})]
    yield good, "expired", [("587, certificate: expired", 587, "M=Ea",
                             {"cert-expired": "fault"})]
    yield good, "incomplete", [("587, a good chain, of two files", 587, "M=Ea", {})]
    yield good, "own", [("587, certificate: own", 587, "M=Ea",
                         {"cert-self-signed": "fault"})]


def with_sendmail(made, certs, sasldb, syslog):
    # Sendmail sends what it finds here, and nothing of the certificate's own file.
    ca = made.file("sendmail.ca", made.middle, made.root)
    for n, (settings, cert, ports) in enumerate(sendmails(certs)):
        daemons, table = [], []
        for i, (name, port, modifiers, wanted) in enumerate(ports):
            address = "192.0.2.%d" % (200 + n * 8 + i)
            daemons.append(("D%d" % i, address, port, modifiers))
            table.append((name, "%s:%d" % (address, port), wanted))
        server = sendmail.Sendmail("%s/sendmail%d" % (namespace.ROOT, n),
                                   Authority(ca), certs[cert], sasldb, NAME,
                                   daemons, syslog, **settings)
        server.start()
        try:
            for name, address, wanted in table:
                if not {"implicit-tls-missing", "starttls-missing"} & set(wanted):
                    wanted = dict(wanted, **{"pq-missing": "note"})
                attempt(expect, name, "Sendmail: " + name, ["--ca", made.root, address],
                        wanted)
        finally:
            server.stop()


def main():
    bed.enter()
    try:
        made = forge.Forge(namespace.ROOT + "/forge", NAME)
        certs = make_certs(made)
        sasldb = namespace.ROOT + "/sasl/sasldb2"
        os.makedirs(os.path.dirname(sasldb))
        bed.Bed.add_user(type("Place", (), {"sasldb": sasldb}), "ann")
        syslog = rsyslog.Syslog(namespace.ROOT + "/log")
        syslog.start()
        try:
            attempt(with_postfix, "Postfix", made, certs, sasldb)
            attempt(with_sendmail, "Sendmail", made, certs, sasldb, syslog)
        finally:
            syslog.stop()
    except Exception:
        tap.bail_out()
    return tap.PLAN.done()


DH1024 = """-----BEGIN DH PARAMETERS-----
MIGHAoGBAOgDhFIaOpA6/d/y2iEwVYMy4tDTlJ64783F96n6BkXsYmuv37WxuKv3
doQnMyXV/utq0Db89REeKNIuQzT2s6MVkw92aJDtLqaEHw1auKNvHB37qjZ24tWn
W8MLRcS8QloXvzOTSZZBy1FEOC9O7ewcfb38wSbG5hbJnLO6Lts/AgEC
-----END DH PARAMETERS-----
"""

if __name__ == "__main__":
    sys.exit(main())
