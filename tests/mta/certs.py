"""certs.py owns the keys and certificates of the bed: one authority, the
servers' certificate, and client certificates with any subject a test wants.
"""

import os
import subprocess


def openssl(*args):
    subprocess.run(("openssl",) + args, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Authority:
    """A certificate authority in a directory."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self.cert = self.path("ca.pem")
        self.key = self.path("ca.key")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                "-subj", "/O=Bed/CN=Bed authority", "-utf8",
                "-keyout", self.key, "-out", self.cert)

    def path(self, name):
        return os.path.join(self.directory, name)

    def issue(self, name, subject, names=()):
        """(certificate, key) for a subject in openssl's /A=b/C=d form."""
        cert, key, request = (self.path(name + e) for e in (".pem", ".key", ".csr"))
        # RSA, for the ciphers without encryption exist for RSA alone.
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-utf8",
                "-subj", subject, "-keyout", key, "-out", request)
        extensions = self.path(name + ".ext")
        with open(extensions, "w", encoding="ascii") as f:
            f.write("basicConstraints=CA:FALSE\n")
            if names:
                f.write("subjectAltName=" + ",".join("DNS:" + n for n in names) + "\n")
        openssl("x509", "-req", "-in", request, "-CA", self.cert, "-CAkey", self.key,
                "-CAcreateserial", "-days", "20", "-extfile", extensions, "-out", cert)
        os.chmod(key, 0o600)
        return cert, key
