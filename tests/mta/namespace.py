"""namespace.py owns the private world the bed runs in: its network, its /dev,
/etc and /run, its users and its host name.  It knows nothing of mail.

The world is made of namespaces.  What is mounted, bound or started inside
ends with the first process inside, however that one ends, and the machine
outside never sees it.
"""

import os
import shutil
import subprocess
import sys

INSIDE = "TLSWARDEN_BED"
ROOT = "/run/bed"
HOSTNAME = "mx.example.com"

# The whole network is local: every address can listen and can be a client.
NETWORKS4 = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/16")
NETWORKS6 = ("2001:db8::/32",)

HOSTS = """127.0.0.1 localhost
::1 localhost
192.0.2.25 mx.example.com mx
192.0.2.26 mx2.example.com mx2
198.51.100.7 client.example.net
2001:db8::7 client6.example.net
"""

# Accounts that Debian's packages would make.
ACCOUNTS = ("tlswarden", "smmta", "smmsp")

# What programs need of /dev, beside a /dev/log of our own.
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "pts", "shm")
DEVICE_LINKS = {
    "fd": "/proc/self/fd", "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}

UNSHARE = ["unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork",
           "--mount-proc", "--kill-child"]


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def possible():
    """Does the system let this process make such a world?"""
    return subprocess.run(UNSHARE + ["ip", "link", "set", "lo", "up"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


def enter():
    """Run this very script again inside, and never return outside."""
    if os.environ.get(INSIDE) == "inside":
        furnish()
        return
    if os.geteuid() != 0:
        sys.exit("%s: only root can make network and mount namespaces" % sys.argv[0])
    os.environ[INSIDE] = "inside"
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    os.environ["LC_ALL"] = "C"
    os.execvp(UNSHARE[0], UNSHARE + [sys.executable, "-B"] + sys.argv)


def furnish():
    os.environ[INSIDE] = "furnished"
    os.umask(0o022)
    run("hostname", HOSTNAME)
    run("ip", "link", "set", "lo", "up")
    for net in NETWORKS4:
        run("ip", "addr", "add", net.replace(".0/", ".1/"), "dev", "lo")
    for net in NETWORKS6:
        run("ip", "-6", "route", "add", "local", net, "dev", "lo")
    # Programs bind addresses that only the route above makes local.
    with open("/proc/sys/net/ipv6/ip_nonlocal_bind", "w", encoding="ascii") as f:
        f.write("1")
    run("mount", "-t", "tmpfs", "-o", "mode=0755", "bed", "/run")
    os.mkdir(ROOT)
    private_etc()
    private_dev()


def private_etc():
    shutil.copytree("/etc", ROOT + "/etc", symlinks=True)
    run("mount", "--bind", ROOT + "/etc", "/etc")
    write("/etc/hosts", HOSTS)
    for name, text in (("/etc/resolv.conf", "nameserver 127.0.0.1\n"),
                       ("/etc/nsswitch.conf",
                        "passwd: files\ngroup: files\nshadow: files\n"
                        "hosts: files\nservices: files\nprotocols: files\n")):
        if os.path.islink(name):
            os.unlink(name)
        write(name, text)
    with open("/etc/passwd", encoding="utf-8") as f:
        known = {line.split(":")[0] for line in f}
    for i, name in enumerate(n for n in ACCOUNTS if n not in known):
        number = 64500 + i
        append("/etc/passwd", "%s:x:%d:%d::/nonexistent:/usr/sbin/nologin\n"
               % (name, number, number))
        append("/etc/group", "%s:x:%d:\n" % (name, number))


def private_dev():
    """A /dev with an empty place for /dev/log; the nodes are the machine's."""
    new = ROOT + "/dev"
    os.mkdir(new)
    run("mount", "-t", "tmpfs", "-o", "mode=0755", "bed", new)
    for name in DEVICES:
        source = "/dev/" + name
        if not os.path.exists(source):
            continue
        if os.path.isdir(source):
            os.mkdir(new + "/" + name)
        else:
            write(new + "/" + name, "")
        run("mount", "--rbind", source, new + "/" + name)
    for name, target in DEVICE_LINKS.items():
        os.symlink(target, new + "/" + name)
    run("mount", "--move", new, "/dev")


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def append(path, text):
    with open(path, "a", encoding="utf-8") as f:
        f.write(text)
