"""`tlswarden doctor --root': whether the mail server's user reaches the socket,
and configurations that are made to hurt.
"""

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

from tap import test, run, same, holds  # noqa: E402

TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("TOP_BUILDDIR", TOP)
TLSWARDEN = os.path.join(BUILD, "policy", "cli", "tlswarden")
BUILTIN = os.path.join(TOP, "packaging", "policy.conf")
RUN = "/run/tlswarden"
PATH = RUN + "/tlswarden.sock"
MAIN = """compatibility_level = 3.6
mail_owner = nobody
smtpd_tls_security_level = may
smtpd_tls_chain_files = /chain.pem
smtpd_milters = unix:%s
milter_default_action = accept
"""
MASTER = "smtp inet n - %s - - smtpd\n"


class Place:
    """A root with a directory for the socket, and a configuration beside it."""

    def __init__(self, path=PATH, milter=None, chroot="n", main=""):
        self.base = tempfile.mkdtemp(prefix="tw-reach-", dir="/tmp")
        self.root = self.base + "/root"
        self.socket = self.root + path
        self.spec = "unix:" + path
        os.makedirs(os.path.dirname(self.socket))
        self.touch("/chain.pem")
        self.write("main.cf", MAIN % (milter or path) + main)
        self.write("master.cf", MASTER % chroot)
        self.listener = None

    def write(self, name, text):
        with open(os.path.join(self.base, name), "w", encoding="utf-8") as f:
            f.write(text)

    def touch(self, path):
        with open(self.root + path, "w", encoding="utf-8"):
            pass

    def listen(self, mode=0o666):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.socket)
        self.listener.listen(5)
        os.chmod(self.socket, mode)

    def answer(self, form, *more, status=None):
        r = subprocess.run([TLSWARDEN, "doctor", "-c", BUILTIN, "--postfix-dir", self.base,
                            "-s", self.spec, "--format", form, *more], timeout=120,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, check=False)
        same(r.stderr, b"", "stderr")
        if status is not None:
            same(r.returncode, status, "exit status")
        return r.stdout.decode()

    def doctor(self, *more, **how):
        return json.loads(self.answer("json", *more, **how))["findings"]

    def sendmail(self, cf, prefix):
        """What is found in a sendmail.cf of this text, of names that begin so."""
        return [f for f in self.sendmail_answer(cf)["findings"]
                if f["id"].startswith(prefix)]

    def sendmail_answer(self, cf):
        self.write("sendmail.cf", cf)
        r = subprocess.run([TLSWARDEN, "doctor", "-c", BUILTIN, "--sendmail-cf",
                            self.base + "/sendmail.cf", "-s", self.spec, "--root",
                            self.root, "--format", "json"], stdout=subprocess.PIPE,
                           timeout=120, stdin=subprocess.DEVNULL, check=False)
        return json.loads(r.stdout)

    def names(self):
        return [f["id"] for f in self.doctor("--root", self.root)]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.listener:
            self.listener.close()
        for directory, _, _ in os.walk(self.base):
            os.chmod(directory, 0o755)
        shutil.rmtree(self.base)


@test
def good():
    """a socket that can be used"""
    with Place() as p:
        p.listen()
        same(p.names(), [])


@test
def files_of_certificates():
    """what is named and is not there, or is no file; a copy alone says nothing"""
    with Place(main="smtpd_tls_chain_files =\nsmtpd_tls_cert_file = /a.pem\n"
                    "smtpd_tls_key_file = /a.key\n") as p:
        p.listen()
        same(p.doctor(status=0), [])
        found = p.doctor("--root", p.root, status=1)
        same([f["id"] + " " + f["service"] for f in found], ["cert-unreadable smtp"])
        holds("smtpd_tls_cert_file names /a.pem: No such file" in found[0]["why"], found)
        p.touch("/a.pem")
        found = p.doctor("--root", p.root, status=1)
        holds("smtpd_tls_key_file names /a.key: No such file" in found[0]["why"], found)
        os.mkdir(p.root + "/a.key")
        found = p.doctor("--root", p.root, status=1)
        holds("Is a directory" in found[0]["why"], found)
        os.rmdir(p.root + "/a.key")
        p.touch("/a.key")
        same(p.names(), [])
        # the key stands in the certificate's file, unless it is said
        p.write("main.cf", MAIN % PATH + "smtpd_tls_chain_files =\n"
                "smtpd_tls_cert_file = /a.pem\n")
        same(p.names(), [])


@test
def files_of_sendmail():
    """both are named, and both are there"""
    cf = ("O ServerCertFile=%s\nO ServerKeyFile=%s\n"
          "Xw, S=unix:" + PATH + ", T=C:10s\nO InputMailFilters=w\n"
          "O DaemonPortOptions=Name=MTA, Port=25\n")
    with Place() as p:
        p.listen()
        for cert, key, wanted in (("/chain.pem", "/a.key", ["cert-unreadable"]),
                                  ("/no.pem", "/chain.pem", ["cert-unreadable"]),
                                  ("/chain.pem", "/chain.pem", []),
                                  ("/chain.pem", "", ["tls-off"])):
            found = p.sendmail(cf % (cert, key), ("cert", "tls"))
            same([f["id"] for f in found], wanted, "%s %s" % (cert, key))


@test
def way_of_sendmail():
    """above the socket nobody but the owner may write, or Sendmail does not ask"""
    cf = ("O ServerCertFile=/chain.pem\nO ServerKeyFile=/chain.pem\n%s"
          "Xw, S=unix:" + PATH + ", T=C:10s\nO InputMailFilters=w\n"
          "O DaemonPortOptions=Name=MTA, Port=25\n")
    group = "O DontBlameSendmail=,AssumeSafeChown,groupwritabledirpathsafe\n"
    sticky = "O DontBlameSendmail=TrustStickyBit,GroupReadableKeyFile\n"
    with Place() as p:
        p.listen()
        for name, mode, option, wanted in (
                ("/run", 0o755, "", 0), (RUN, 0o700, "", 0), (RUN, 0o770, "", 1),
                (RUN, 0o757, "", 1), (RUN, 0o1777, "", 1), ("/run", 0o775, "", 1),
                (RUN, 0o770, group, 0), (RUN, 0o777, group, 1),
                (RUN, 0o1777, sticky, 0), (RUN, 0o770, sticky, 1),
                (RUN, 0o770, "O DontBlameSendmail=GroupWritableForwardFile\n", 1)):
            os.chmod(p.root + "/run", 0o755)
            os.chmod(p.root + RUN, 0o755)
            os.chmod(p.root + name, mode)
            found = p.sendmail(cf % option, "socket")
            same([f["id"] for f in found], ["socket-unsafe"] * wanted,
                 "%s %o %s" % (name, mode, option))
            if wanted:
                same(found[0]["paste"][0]["lines"], "chmod go-w " + name + "\n", "the line")
        os.chmod(p.root + RUN, 0o777)
        p.spec = "inet:8891@127.0.0.1"
        same([f["id"] for f in p.sendmail(cf % "", "socket-unsafe")], [],
             "a socket that is no file has no directories")


@test
def auth_of_sendmail():
    """a password is what PLAIN and LOGIN send, and the list it has does not say them"""
    cf = ("%sO ServerCertFile=/chain.pem\nO ServerKeyFile=/chain.pem\n"
          "O DaemonPortOptions=Name=MSA, Port=587, M=%s\n")
    with Place() as p:
        for options, modifiers, wanted, clear in (
                ("", "E", "no password", 0), ("", "Ea", "no password", 0),
                ("O AuthMechanisms=DIGEST-MD5\n", "Ea", "no password", 0),
                ("O AuthMechanisms=DIGEST-MD5 PLAIN\n", "E", "in the clear", 1),
                ("O AuthMechanisms=login\n", "Ea", "in the clear", 1),
                ("O AuthMechanisms=LOGIN\nO AuthOptions=A,p\n", "E", "after TLS", 0),
                ("O AuthMechanisms=LOGIN\n", "EA", "off", 0)):
            answer = p.sendmail_answer(cf % (options, modifiers))
            same(answer["services"][0]["auth"], wanted, "%s %s" % (options, modifiers))
            same(len([f for f in answer["findings"] if f["id"] == "auth-clear"]), clear,
                 "%s %s: in the clear" % (options, modifiers))


@test
def tls_first_without_a_certificate():
    """a port of implicit TLS that cannot speak it does not keep passwords back"""
    cf = ("O AuthMechanisms=PLAIN\n%sO DaemonPortOptions=Name=TLSMTA, Port=465, M=s\n")
    with Place() as p:
        for certificate, wanted in (
                ("", 1), ("O ServerCertFile=/chain.pem\nO ServerKeyFile=/chain.pem\n", 0)):
            found = p.sendmail(cf % certificate, "auth-clear")
            same(len(found), wanted, "with %r" % certificate)


@test
def another_kind_of_socket():
    """where the daemon listens on a port, no path of it is wrong for a chroot"""
    for spec, told in (("inet:8891@127.0.0.1", False), ("unix:/run/other.sock", True)):
        with Place(chroot="y") as p:
            p.spec = spec
            found = [f for f in p.doctor() if f["id"] == "milter-path"]
            same(len(found), 1, spec)
            same("chrooted" in found[0]["why"], told, spec)


@test
def groups_of_sendmail():
    """it is root and needs no group, or is somebody whose group is known"""
    cf = "%sXw, S=unix:" + PATH + ", T=C:10s\nO InputMailFilters=w\n"
    with Place() as p:
        for option, directory, daemon in (
                ("", "-o tlswarden -m 0755", "tlswarden"),
                ("O RunAsUser=nobody\n", "-o tlswarden -g nobody -m 2750",
                 "tlswarden:nobody"),
                ("O RunAsUser=nobody:mail\n", "-o tlswarden -g mail -m 2750",
                 "tlswarden:mail")):
            os.makedirs(p.root + RUN, exist_ok=True)
            found = p.sendmail(cf % option, "socket-missing")
            same([f["paste"][0]["lines"] for f in found],
                 ["tlswardend -b -u %s\n" % daemon], "the daemon, %r" % option)
            os.rmdir(p.root + RUN)
            found = p.sendmail(cf % option, "socket-missing")
            same([f["paste"][0]["lines"] for f in found],
                 ["install -d %s /run/tlswarden\n" % directory],
                 "the directory, %r" % option)


@test
def copy():
    """without --root nobody looks"""
    with Place() as p:
        same(p.doctor(status=0), [])


@test
def missing():
    """no socket there, a file of its name, and no directory either"""
    with Place() as p:
        same(p.names(), ["socket-missing"])
        with open(p.socket, "w", encoding="ascii"):
            pass
        os.chmod(p.socket, 0o666)
        same(p.names(), ["socket-missing"])
        os.remove(p.socket)
        os.rmdir(p.root + RUN)
        same(p.names(), ["socket-missing"])


@test
def closed():
    """a socket of a daemon that is gone"""
    with Place() as p:
        p.listen()
        p.listener.close()
        found = p.doctor("--root", p.root, status=1)
        same([f["id"] for f in found], ["socket-closed"])
        holds("tlswardend -b -u tlswarden:nobody" in found[0]["paste"][0]["lines"], found)


@test
def unit():
    """where systemd has a unit, it starts the daemon"""
    with Place() as p:
        os.makedirs(p.root + "/run/systemd/system")
        wanted = "tlswardend -b -u tlswarden:nobody\n"
        for path in ("/lib/systemd/system", "/etc/systemd/system"):
            found = p.doctor("--root", p.root, status=1)
            same([f["paste"][0]["lines"] for f in found][:1], [wanted])
            os.makedirs(p.root + path, exist_ok=True)
            p.touch(path + "/tlswardend.service")
            found = p.doctor("--root", p.root, status=1)
            same([f["paste"][0]["lines"] for f in found],
                 ["systemctl restart tlswardend\n"])
            os.unlink(p.root + path + "/tlswardend.service")


@test
def not_root():
    """who may not look says so, and finds nothing missing"""
    root = os.getuid() == 0
    with Place() as p:
        p.listen()
        os.chmod(p.base, 0o755)
        # where the one that asks may read them, whoever built them
        command = [shutil.copy(TLSWARDEN, p.base), "doctor", "-s", p.spec, "-c",
                   shutil.copy(BUILTIN, p.base), "--postfix-dir", p.base,
                   "--root", p.root, "--format", "json"]
        for directory in ("/run", RUN):
            # for others than its owner, who asks
            os.chmod(p.root + directory, 0o001)
            if root:
                os.chown(p.root + directory, 1, 1)
            r = subprocess.run(command, timeout=120, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, check=False,
                               user=1 if root else None, group=1 if root else None,
                               extra_groups=[] if root else None)
            os.chmod(p.root + directory, 0o755)
            found = json.loads(r.stdout)["findings"]
            same([(f["id"], f["severity"]) for f in found], [("socket-unknown", "note")])
            holds("ask as root" in found[0]["why"], found)
            same(r.returncode, 0)


@test
def text():
    """the lines to paste stand as they are pasted: not indented"""
    with Place(chroot="y") as p:
        p.listen()
        shown = p.answer("text", "--root", p.root, status=1).splitlines()
        holds("set socket unix:/var/spool/postfix/tlswarden/tlswarden.sock mode 0660 "
              "group nobody" in shown, shown)


@test
def mode():
    """a socket that its user may not write to"""
    with Place() as p:
        p.listen(0o600)
        found = p.doctor("--root", p.root, status=1)
        same([f["id"] for f in found], ["socket-denied"])
        same(found[0]["paste"][0], {
            "file": "policy.conf", "under": "", "replaces": "set socket",
            "lines": "set socket unix:%s mode 0660 group nobody\n" % PATH})
        os.chmod(p.socket, 0o666)
        same(p.names(), [])


@test
def directory():
    """a directory that its user may not enter: the socket's, and one above"""
    with Place() as p:
        p.listen()
        os.chmod(p.root + RUN, 0o700)
        found = p.doctor("--root", p.root, status=1)
        same([f["id"] for f in found], ["socket-denied"])
        same(found[0]["paste"][0]["lines"],
             "install -d -o tlswarden -g nobody -m 2750 %s\n" % RUN)
        os.chmod(p.root + RUN, 0o755)
        os.chmod(p.root + "/run", 0o700)
        found = p.doctor("--root", p.root, status=1)
        same(found[0]["paste"][0]["lines"], "chmod a+x /run\n")
        os.chmod(p.root + "/run", 0o755)
        same(p.names(), [])


@test
def jail():
    """chrooted: what is above the queue directory is of no matter"""
    with Place("/q/spool/tlswarden/tlswarden.sock", "/tlswarden/tlswarden.sock", "y",
               "queue_directory = /q/spool\n") as p:
        p.listen()
        same(p.names(), [])
        os.chmod(p.root + "/q/spool/tlswarden", 0o700)
        same(p.names(), ["socket-denied"])


@test
def nobody():
    """a user that is not there: a note"""
    with Place(main="mail_owner = no-such-user-here\n") as p:
        p.listen()
        same(p.doctor("--root", p.root, status=0)[0]["id"], "socket-unknown")


@test
def inet():
    """nobody listens on a TCP port"""
    with Place() as p:
        probe = socket.socket()
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        p.spec = "inet:%d@127.0.0.1" % port
        p.write("main.cf", (MAIN % PATH).replace("unix:" + PATH,
                                                 "inet:localhost:%d" % port))
        same(p.names(), ["socket-closed"])
        probe.listen(5)
        same(p.names(), [])
        probe.close()


HOSTILE = {
    "names that turn in circles": "a = $b$b$b$b\nb = $a$a$a$a\nsmtpd_milters = $a\n",
    "names that double": "".join("n%d = $n%d$n%d\n" % (i, i + 1, i + 1) for i in range(40))
                         + "n40 = x\nsmtpd_milters = $n0\nmilter_macro_defaults = $n0\n",
    "names that double, of nothing": "".join("n%d = $n%d$n%d\n" % (i, i + 1, i + 1)
                                             for i in range(40)) + "smtpd_milters = $n0\n",
    "braces without end": "smtpd_milters = " + "{ " * 30000 + "\n",
    "braces that end only": "smtpd_milters = " + "} " * 30000 + "\n",
    "conditions without end": "smtpd_milters = " + "${a?{" * 20000 + "\n"
                              + "smtpd_tls_security_level = " + "${{" * 20000 + "\n",
    "dollars": "smtpd_milters = $\nmilter_macro_defaults = $$ ${ $( ${} $() $\n"
               "smtpd_tls_protocols = >= ! !, >=zzz\nsmtpd_milter_maps = ${{x\n",
    "a very long value": "smtpd_milters = " + "unix:/x, " * 60000 + "\n",
    "many parameters": "".join("p%d = %d\n" % (i, i) for i in range(50000)),
    "bytes": "smtpd_milters = \x01\x1b[31m\udc80\udcff\n\x00\nmyhost\x00name = x\n = y\n=\n",
    "a macro list of junk": "milter_macro_defaults = {{{, }=}, ={}, {tls_version, }} = {\n",
}


def spent_by_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def hostile(main, master):
    with Place() as p:
        for name, text in (("main.cf", main), ("master.cf", master)):
            with open(os.path.join(p.base, name), "wb") as f:
                f.write(text.encode("utf-8", "surrogateescape"))
        start = spent_by_children()
        for form in ("json", "text"):
            r = subprocess.run([TLSWARDEN, "doctor", "-c", BUILTIN, "--postfix-dir", p.base,
                                "--format", form], timeout=60, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            holds(r.returncode in (0, 1), "exit %d: %r" % (r.returncode, r.stderr[:400]))
            holds(all(b in b"\n" or 32 <= b < 127 for b in r.stdout), "bytes in the answer")
            if form == "json":
                json.loads(r.stdout)
        holds(spent_by_children() - start < 20, "it took too long")


def register(name, main, master):
    def check():
        hostile(main, master)
    check.__doc__ = name
    test(check)


for title, text in HOSTILE.items():
    register(title, MAIN % PATH + text, MASTER % "n" + "587 inet n - n - - smtpd\n")
register("entries of junk", MAIN % PATH,
         "smtp inet\nsmtp inet n - - - - \n{ { {\n" + "x inet n - y - - smtpd\n" * 3000
         + "\x1b[2J inet n - n - - smtpd -o {a=b\n -o\n -o {\n -o =\n -o { smtpd_milters\n"
         + "99999999 inet n - n - - smtpd\n: inet n - n - - smtpd\n[::1 inet n - n - - /\n"
         + "smtp inet n - n - 1 postscreen\n")


@test
def unreadable():
    """what cannot be read is a failure, and said"""
    with Place() as p:
        os.unlink(p.base + "/master.cf")
        os.mkdir(p.base + "/master.cf")
        for options in (("--postfix-dir", p.base), ("--postfix-dir", "/nonexistent"),
                        ("--sendmail-cf", "/nonexistent"), ("--sendmail-cf", "/dev/zero")):
            r = subprocess.run([TLSWARDEN, "doctor", "-c", BUILTIN, *options],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, check=False, timeout=120)
            same((r.returncode, r.stdout), (2, b""), options)
            holds(r.stderr.startswith(b"tlswarden doctor: "), r.stderr)


run()
