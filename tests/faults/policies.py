"""A policy of two rules with much between them, whose answers say which text they
are of, and how a file is replaced by it."""

import hashlib
import os
import signal

from fakemta import Mta

POLICY = """# %(pad)s
rule first
    if sender = first@example.net
    reject 550 5.7.1 "%(name)s"
# %(pad)s
rule second
    if sender = second@example.net
    reject 550 5.7.1 "%(name)s"
"""
PAD = "x" * 3000


def policy(name):
    return POLICY % {"name": name, "pad": PAD}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def answers(d):
    """What the two rules say, for a session that begins now."""
    m = Mta(d.socket)
    m.connect()
    m.helo()
    got = [m.mail("<first@example.net>"), m.mail("<second@example.net>"),
           m.mail("<third@example.net>")]
    m.quit()
    return got


def right(name):
    return ["550 5.7.1 " + name] * 2 + ["c"]


def reload(d):
    d.kill(signal.SIGUSR1)
    return d.record(event="reload")


def by_rename(path, text):
    with open(path + ".new", "w") as f:
        f.write(text)
    os.chmod(path + ".new", 0o644)
    os.rename(path + ".new", path)
