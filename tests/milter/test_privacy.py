#!/usr/bin/env python3
"""Logs that hide people: what is in them, and what report and replay make of it."""

import json
import os
import subprocess

import daemon
import tap
from daemon import Daemon, Directory
from fakemta import Mta
from tap import test, same, holds

TLSWARDEN = os.path.join(daemon.BUILD, "policy", "cli", "tlswarden")
SHIPPED = open(daemon.POLICY).read()


def policy(how, key):
    return ('set log-client %s\nset log-user %s\nset log-sender %s\n'
            'set key-file "%s"\n' % (how, how, how, key)) + SHIPPED


def exposed(d, *users):
    """A login in the clear of each; a record each, an alarm for each new one."""
    for user in users:
        m = Mta(d.socket).port(587)
        m.connect()
        m.helo()
        m.login("PLAIN", user)
        holds(m.mail().startswith("530"), "MAIL")
        m.quit()
        d.record(event="message", rule="auth-in-clear")


def command(*arguments):
    r = subprocess.run([TLSWARDEN] + list(arguments), stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=60, check=False)
    holds(r.returncode in (0, 1), r.stderr)
    return r.stdout.decode()


def users_of(log):
    table = json.loads(command("report", "--format", "json", log))["tables"][
        "exposed_passwords"]["rows"]
    return [(row["messages"], row["alarms"]) for row in table], \
        [row["user"] for row in table]


@test
def counted_once():
    """hashed and truncated: report knows two users, by records and alarms alike"""
    for how in ("hashed", "truncated"):
        directory = Directory()
        try:
            with Daemon(policy(how, directory.file("key")),
                        directory=directory) as d:
                exposed(d, "anna", "bob", "anna")
                for secret in ("anna", "bob"):
                    holds(secret not in d.text(), (how, secret))
                counts, names = users_of(d.log)
                same(sorted(counts), [(1, 1), (2, 1)], how)
                same(len(set(names)), 2, how)
        finally:
            directory.remove()


@test
def undecided():
    """replay says that it lacks the fact, instead of guessing"""
    for how in ("hashed", "truncated", "none"):
        directory = Directory()
        try:
            with Daemon(policy(how, directory.file("key")),
                        directory=directory) as d:
                exposed(d, "anna")
                new = directory.file("new.conf", "rule u\n    if user = anna\n"
                                     "    reject 554 5.7.0 \"No\"\n")
                said = command("replay", "-c", new, d.log)
                holds("1 could not be decided" in said, said)
                holds("0  newly refused" in said, said)
        finally:
            directory.remove()


@test
def rotation():
    """a new key makes new names, from the next reload on"""
    directory = Directory()
    key = directory.file("key")
    try:
        with Daemon(policy("hashed", key), directory=directory) as d:
            exposed(d, "anna")
            os.unlink(key)
            d.kill(daemon.signal.SIGUSR1)
            d.record(event="reload", result="ok")
            same(os.stat(key).st_mode & 0o777, 0o600)
            exposed(d, "anna")
            _, names = users_of(d.log)
            same(len(set(names)), 2, names)
    finally:
        directory.remove()


@test
def open_key():
    """a key that others can read is refused, and the old policy stays"""
    directory = Directory()
    key = directory.file("key")
    try:
        with Daemon(policy("hashed", key), directory=directory) as d:
            os.chmod(key, 0o644)
            d.kill(daemon.signal.SIGUSR1)
            r = d.record(event="diagnostic", level="error")
            holds("open to everybody" in r["message"], r)
            d.record(event="reload", result="failed")
    finally:
        directory.remove()


if __name__ == "__main__":
    tap.run()
