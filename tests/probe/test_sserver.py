"""`tlswarden audit' on openssl's own server: TLS from the start, with versions, suites,
groups and certificates that no mail server is set up with so easily.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading

from server import COMMAND, LONGEST, Audit

from tap import PLAN, attempt, ok, same
import certs

SECLEVEL0 = ":@SECLEVEL=0"
# No OpenSSL before 3.5 has hybrids; whether this one does is no matter here.
ANYWAY = {"pq-missing", "cert-expires-30", "cert-expires-14"}


class Sserver:
    """One `openssl s_server', behind which somebody speaks SMTP."""

    def __init__(self, *options):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.program = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:%d" % self.port] + list(options),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.ready = threading.Event()
        threading.Thread(target=self.speak, daemon=True).start()

    def say(self, text):
        try:
            self.program.stdin.write(text + b"\r\n")
            self.program.stdin.flush()
        except OSError:
            pass

    def speak(self):
        for line in self.program.stdout:
            line = line.strip()
            if line == b"ACCEPT":
                self.ready.set()
            elif line.startswith(b"Secure Renegotiation"):	# the last of a handshake
                self.say(b"220 fake.example.com ESMTP")
            elif line.startswith(b"EHLO"):
                self.say(b"250-fake.example.com\r\n250 AUTH PLAIN")
        self.ready.set()

    def __enter__(self):
        if not self.ready.wait(30) or self.program.poll() is not None:
            raise OSError("openssl s_server does not serve")
        return self

    def __exit__(self, *_):
        self.program.kill()
        self.program.wait()
        self.program.stdin.close()


def audit(authority, *options):
    with Sserver(*options) as server:
        run = Audit(["127.0.0.1:%d/submissions" % server.port], "--ca", authority.cert,
                    "--name", "fake.example.com", "--timeout", str(LONGEST),
                    timeout=LONGEST + 60)
    return run


class Keys:
    def __init__(self, directory):
        self.authority = certs.Authority(directory)
        cert, key = self.authority.issue("rsa", "/CN=fake.example.com",
                                         ["fake.example.com"])
        self.rsa = ("-cert", cert, "-key", key)
        self.ec = ("-cert",) + self.elliptic("ec", "fake.example.com", 10)
        self.strange = self.elliptic("strange", "other.example.com", 20)

    def elliptic(self, name, host, days):
        """cert, -key, key"""
        a = self.authority
        cert, key, request, more = (a.path(name + e)
                                    for e in (".pem", ".key", ".csr", ".ext"))
        certs.openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
                      "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + host,
                      "-keyout", key, "-out", request)
        with open(more, "w", encoding="ascii") as f:
            f.write("subjectAltName=DNS:%s\n" % host)
        certs.openssl("x509", "-req", "-in", request, "-CA", a.cert, "-CAkey", a.key,
                      "-CAcreateserial", "-days", str(days), "-extfile", more,
                      "-out", cert)
        return cert, "-key", key


# name, options, versions with their suites, groups, findings beside those of ANYWAY
CASES = (
    ("TLS 1.2, one suite, one curve",
     ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-named_curve", "P-256"),
     {"TLSv1.2": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]}, ["secp256r1"],
     {"tls1.3-missing"}),
    ("TLS 1.3, AES-CCM and X448",
     ("-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256", "-groups", "X448"),
     {"TLSv1.3": ["TLS_AES_128_CCM_SHA256"]}, ["x448"], set()),
    ("TLS 1.2 and a curve of Brainpool",
     ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-named_curve",
      "brainpoolP384r1"),
     {"TLSv1.2": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]}, ["brainpoolP384r1"],
     {"tls1.3-missing"}),
    ("TLS 1.0 and RSA key exchange",
     ("-tls1", "-cipher", "AES128-SHA" + SECLEVEL0),
     {"TLSv1": ["TLS_RSA_WITH_AES_128_CBC_SHA"]}, [],
     {"tls1.0", "tls1.2-missing", "forward-secrecy-missing"}),
    ("NULL, and the server chooses",
     ("-tls1_2", "-serverpref", "-cipher",
      "NULL-SHA256:ECDHE-RSA-AES256-GCM-SHA384" + SECLEVEL0, "-groups", "P-384:P-521"),
     {"TLSv1.2": ["TLS_RSA_WITH_NULL_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]},
     ["secp384r1", "secp521r1"], {"tls1.3-missing", "suite-null"}),
    ("no tickets, no renegotiation",
     ("-no_ticket", "-no_renegotiation", "-cipher", "ECDHE+AESGCM", "-groups",
      "X25519:P-256"), None, ["x25519", "secp256r1"], set()),
)


def one(keys, name, options, versions, groups, wanted):
    run = audit(keys.authority, *keys.rsa, *options)
    found = run.ids() - ANYWAY - {"renegotiation-client"}
    same(found, wanted, name + ": exactly the findings", run.text[:4000])
    port = run.ports[0]
    if versions is not None:
        same({v: port["versions"][v]["suites"] for v in port["versions"]}, versions,
             name + ": versions and suites")
    same(port["groups"], groups, name + ": groups")
    same(port["in_tls"]["login"], "PLAIN", name + ": what is offered inside")
    ok("renegotiation-client" not in run.ids() or "-no_renegotiation" not in options,
       name + ": renegotiation")


def two_certificates(keys):
    """Both are judged, whichever a client of today is shown."""
    for version in ("-tls1_2", "-tls1_3"):
        run = audit(keys.authority, *keys.rsa, "-dcert", keys.strange[0], "-dkey",
                    keys.strange[2], version)
        port = run.ports[0]
        both = {c["key"]: c for c in (port["certificate"], port["other_certificate"])}
        same(sorted(both), ["EC", "RSA"], "two certificates: both are seen, " + version)
        same([both["EC"]["name_fits"], both["RSA"]["name_fits"]], [False, True],
             "two certificates: each for itself")
        detail = run.finding("cert-name")["detail"]
        same(detail, "EC: fake.example.com is not among: other.example.com",
             "two certificates: it is said which is wrong")
        ok("expires" in str(run.ids()) and "RSA: " in
           run.finding("cert-expires-30")["detail"], "two certificates: RSA ends, too")
    for mine in (keys.rsa, keys.ec):
        run = audit(keys.authority, *mine)
        same(run.ports[0]["other_certificate"], None, "one certificate: no other is seen")
    run = audit(keys.authority, *keys.rsa, *["-d" + w[1:] if w[0] == "-" else w
                                             for w in keys.ec])
    same(run.finding("cert-expires-14")["detail"][:4], "EC: ",
         "two certificates: the one that ends first")


def only_here(directory):
    """signed by itself, and among the roots of this machine, as Debian's ssl-cert puts it"""
    cert, key = directory + "/here.pem", directory + "/here.key"
    certs.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj",
                  "/CN=fake.example.com", "-addext", "subjectAltName=DNS:fake.example.com",
                  "-keyout", key, "-out", cert)
    with Sserver("-cert", cert, "-key", key) as server:
        words = ["127.0.0.1:%d/submissions" % server.port], "--name", "fake.example.com"
        old = os.environ.get("SSL_CERT_FILE")
        os.environ["SSL_CERT_FILE"] = cert
        try:
            run = Audit(*words)
            meant = Audit(*words, "--ca", cert)
        finally:
            del os.environ["SSL_CERT_FILE"]
            if old is not None:
                os.environ["SSL_CERT_FILE"] = old
        strange = Audit(*words)
    same(run.finding("cert-self-signed")["detail"],
         "this machine trusts it, and others do not", "signed by itself, trusted here alone")
    same(strange.finding("cert-self-signed")["detail"], "", "trusted nowhere")
    ok("cert-self-signed" not in meant.ids(), "trusted by --ca: it is meant", meant.text)


def nobody():
    """in a network of its own, where nothing listens"""
    done = subprocess.run(["unshare", "--net", "--map-root-user", COMMAND, "audit"],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          check=False)
    if b"unshare" in done.stderr:
        done = subprocess.run([COMMAND, "audit", "127.255.255.254"], timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
    said = done.stderr.decode()
    same(done.returncode, 2, "nobody answers: status")
    ok("127." in said and "port 25, 587, 465, 143" in said and "HOST[:PORT]" in said,
       "nobody answers: where, and what to say", said)


def main():
    attempt(nobody, "nobody")
    with tempfile.TemporaryDirectory() as directory:
        keys = Keys(directory)
        for case in CASES:
            attempt(one, case[0], keys, *case)
        attempt(two_certificates, "two certificates", keys)
        attempt(only_here, "only here", directory)
    return PLAN.done()


if __name__ == "__main__":
    sys.exit(main())
