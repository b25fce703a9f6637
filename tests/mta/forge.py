"""forge.py owns certificates as servers should not have them, and one as they
should: expired, too short, signed by nobody, for somebody else.
"""

import datetime
import os

from certs import openssl

CONF = """[ca]
default_ca = d
[d]
database = %(dir)s/index
serial = %(dir)s/serial
new_certs_dir = %(dir)s
default_md = sha256
policy = p
unique_subject = no
copy_extensions = none
[p]
commonName = optional
organizationName = optional
"""


class Forge:
    """Root, intermediate and what they sign; all files in a directory."""

    def __init__(self, directory, name):
        self.directory, self.name = directory, name
        os.makedirs(directory, exist_ok=True)
        self.write("conf", CONF % {"dir": directory})
        self.write("index", "")
        self.write("serial", "1000\n")
        self.root, self.root_key = self.path("root.pem"), self.path("root.key")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650",
                "-subj", "/CN=Forge root", "-keyout", self.root_key, "-out", self.root)
        self.middle, self.middle_key = self.sign(
            "middle", "Forge between", extensions="basicConstraints=critical,CA:TRUE\n")

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as f:
            f.write(text)
        return self.path(name)

    def sign(self, name, subject, days=365, since=-2, bits=2048, digest="sha256",
             issuer=None, extensions=None, own=False):
        """(certificate, key); issuer: (certificate, key), the root if none."""
        key, request, out = (self.path(name + e) for e in (".key", ".csr", ".pem"))
        openssl("req", "-new", "-newkey", "rsa:%d" % bits, "-nodes",
                "-subj", "/CN=" + subject, "-keyout", key, "-out", request)
        text = extensions or "basicConstraints=CA:FALSE\nsubjectAltName=DNS:%s\n" % subject
        by = (out, key) if own else issuer or (self.root, self.root_key)
        now = datetime.datetime.now(datetime.timezone.utc)
        begins, ends = ((now + datetime.timedelta(days=d, hours=1)).strftime(
            "%Y%m%d%H%M%SZ") for d in (since, days))
        openssl("ca", "-batch", "-notext", "-config", self.path("conf"), "-md", digest,
                "-in", request, "-out", out, "-startdate", begins, "-enddate", ends,
                "-extfile", self.write(name + ".ext", text), "-keyfile", by[1],
                *(("-selfsign",) if own else ("-cert", by[0])))
        return out, key

    def file(self, name, *parts):
        """One file of all parts, in order."""
        text = ""
        for part in parts:
            with open(part, encoding="ascii") as f:
                text += f.read()
        path = self.write(name, text)
        os.chmod(path, 0o600)
        return path

    def server(self, name="good", **how):
        """A server's certificate by the intermediate: (chain, key)."""
        cert, key = self.sign(name, how.pop("subject", self.name), issuer=(
            self.middle, self.middle_key), **how)
        return self.file(name + ".chain", cert, self.middle), key
