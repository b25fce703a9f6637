#!/usr/bin/env python3
"""set metrics-file: what is in it, when, and what happens when it cannot be."""

import os
import re
import signal
import stat
import subprocess
import threading

import daemon
import tap
from daemon import Daemon, Directory, wait_for
from fakemta import Mta
from tap import test, same, holds

SHIPPED = open(daemon.POLICY).read()
LINE = re.compile(r'([a-z_]+)(\{[^}]*\})? (-?\d+)\Z')


def read(path):
    """Name with labels to value; a file that is not whole is an error."""
    with open(path) as f:
        text = f.read()
    holds(text.endswith("\n"), "cut: %r" % text[-60:])
    values = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        found = LINE.match(line)
        holds(found, line)
        name = found.group(1) + (found.group(2) or "")
        holds(name not in values, "twice: " + name)
        values[name] = int(found.group(3))
    holds('tlswarden_faults_total{kind="other"}' in values, "the last family")
    return values


class Metered:
    def __init__(self, policy=SHIPPED, name="m.prom", options=()):
        self.dir = Directory()
        self.path = self.dir.file(name)
        self.daemon = Daemon('set metrics-file "%s"\n' % self.path + policy,
                             directory=self.dir, options=options)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.daemon.__exit__()
        self.dir.remove()

    def reload(self, result="ok"):
        """A reload writes the file; the generation or the count says so."""
        before = read(self.path)
        name = 'tlswarden_reloads_total{result="%s"}' % result
        self.daemon.kill(signal.SIGUSR1)
        self.daemon.record(event="reload", result=result)
        return wait_for(lambda: (lambda v: v if v[name] > before[name] else None)(
            read(self.path)), "not written at a reload")


@test
def counts():
    """sessions, messages, verdicts and alarms arrive; the mode lets it be read"""
    with Metered() as m:
        wait_for(lambda: os.path.exists(m.path), "not written at the start")
        same(stat.S_IMODE(os.stat(m.path).st_mode), 0o644)
        same(read(m.path)["tlswarden_up"], 1)
        a = Mta(m.daemon.socket).port(587)
        a.connect()
        a.helo()
        a.login("PLAIN", "ann")
        holds(a.mail().startswith("530"), "MAIL")
        b = Mta(m.daemon.socket)
        b.connect()
        b.helo()
        b.message(qid="OK")
        b.quit()
        m.daemon.record(event="message", qid="OK")
        v = m.reload()
        for name, value in (
                ('messages_total{service="submission",outcome="cleartext"}', 1),
                ('messages_total{service="mx",outcome="cleartext"}', 1),
                ('tls_total{event="message",tls="none"}', 2),
                ('verdicts_total{rule="auth-in-clear",action="reject"}', 1),
                ('observed_total{rule="auth-in-clear",action="reject"}', 0),
                ('verdicts_total{rule="default",action="accept"}', 1),
                ('alarms_total{kind="password-exposed"}', 1),
                ('sessions_open', 1), ('policy_generation', 2),
                ('policy_rules', 4), ('last_reload_successful', 1),
                ('log_queue_limit_lines', 16384), ('observing', 0)):
            same(v["tlswarden_" + name], value, name)
        last = [r for r in m.daemon.records() if r["event"] == "reload"][-1]
        same(v['tlswarden_policy_info{policy="%s"}' % last["policy"]], 1)
        holds(0 <= v["tlswarden_metrics_timestamp_seconds"] -
              v["tlswarden_policy_loaded_timestamp_seconds"] < 60, v)
        a.quit()


@test
def without_reload():
    """it is written again without anything to make it so"""
    with Metered() as m:
        wait_for(lambda: os.path.exists(m.path), "not written at the start")
        first = os.stat(m.path).st_ino, os.stat(m.path).st_mtime_ns
        wait_for(lambda: (os.stat(m.path).st_ino,
                          os.stat(m.path).st_mtime_ns) != first,
                 "not written again", 120)
        read(m.path)


@test
def observed():
    """-O: what would have been refused stands apart"""
    with Metered(options=["-O"]) as m:
        wait_for(lambda: os.path.exists(m.path), "not written at the start")
        a = Mta(m.daemon.socket).port(465)
        a.connect()
        same(a.helo(), "c")
        a.message()
        a.quit()
        m.daemon.record(event="message")
        v = m.reload()
        same(v["tlswarden_observing"], 1)
        same(v['tlswarden_verdicts_total{rule="tls-required",action="reject"}'], 0)
        same(v['tlswarden_observed_total{rule="tls-required",action="reject"}'], 1)


@test
def failed_reload():
    """a reload that fails is counted, and the old policy goes on"""
    with Metered() as m:
        wait_for(lambda: os.path.exists(m.path), "not written at the start")
        with open(m.daemon.policy, "w") as f:
            f.write("rule x\n    if\n")
        v = m.reload("failed")
        same(v["tlswarden_last_reload_successful"], 0)
        same(v["tlswarden_policy_generation"], 1)


@test
def faults():
    """contradicting macros are counted each time, though logged once"""
    with Metered() as m:
        wait_for(lambda: os.path.exists(m.path), "not written at the start")
        for _ in range(3):
            a = Mta(m.daemon.socket).tls("TLSv1.3", "", "")
            a.connect()
            a.helo()
            a.quit()
            m.daemon.record(event="session")
        v = m.reload()
        holds(v["tlswarden_inconsistent_macros_total"] >= 3, v)
        same(m.daemon.text().count("tls-inconsistent"), 1)


@test
def whole():
    """whoever reads at any moment finds a whole file"""
    with Metered() as m:
        wait_for(lambda: os.path.exists(m.path), "not written at the start")
        wrong, done, reads = [], threading.Event(), [0]

        def look():
            while not done.is_set():
                try:
                    read(m.path)
                    reads[0] += 1
                except Exception as e:
                    wrong.append(repr(e))
                    return
        reader = threading.Thread(target=look)
        reader.start()
        for _ in range(50):
            m.daemon.kill(signal.SIGUSR1)
            m.daemon.record(event="reload")
        done.set()
        reader.join()
        same(wrong, [])
        holds(reads[0] > 10, reads)
        same([n for n in os.listdir(m.dir.path) if n.endswith(".new")], [])


@test
def stopped():
    """the last words say that it is down"""
    with Metered() as m:
        wait_for(lambda: os.path.exists(m.path), "not written at the start")
        same(m.daemon.stop(), 0)
        same(read(m.path)["tlswarden_up"], 0)


@test
def last_word():
    """while it still writes its log at the end, a reload does not say it is up"""
    d = Directory()
    path = d.file("m.prom")
    policy = d.file("policy.conf", 'set metrics-file "%s"\n' % path + SHIPPED)
    ours, theirs = os.pipe()
    program = subprocess.Popen(
        [daemon.PROGRAM, "-l", "stderr", "-c", policy, "-p", "unix:" + d.file("socket"),
         *daemon.as_user()], stderr=theirs, stdin=subprocess.DEVNULL)
    os.close(theirs)
    try:
        wait_for(lambda: os.path.exists(path), "not written at the start")
        # Nobody reads: what is logged fills the pipe.
        while read(path)["tlswarden_log_queue_lines"] < 50:
            for _ in range(100):
                a = Mta(d.file("socket"))
                a.connect()
                a.helo()
                a.quit()
            program.send_signal(signal.SIGUSR1)
        program.send_signal(signal.SIGTERM)
        wait_for(lambda: read(path)["tlswarden_up"] == 0, "not down")
        program.send_signal(signal.SIGUSR1)
        program.wait(30)
        same(read(path)["tlswarden_up"], 0)
    finally:
        program.kill()
        program.wait()
        os.close(ours)
        d.remove()


@test
def moved():
    """another name: the old file is gone; no name: none is left"""
    with Metered() as m:
        wait_for(lambda: os.path.exists(m.path), "not written at the start")
        other = m.dir.file("other.prom")
        for text, is_there in (('set metrics-file "%s"\n' % other, other),
                               ("", None)):
            with open(m.daemon.policy, "w") as f:
                f.write(text + SHIPPED)
            m.daemon.kill(signal.SIGUSR1)
            m.daemon.record(event="reload", result="ok")
            want = [os.path.basename(is_there)] if is_there else []
            wait_for(lambda: [n for n in os.listdir(m.dir.path)
                              if n.endswith(".prom")] == want, want)


@test
def cannot():
    """a place that cannot be written: one fault, and mail goes on"""
    for name in ("missing/m.prom", "m.prom"):
        with in_the_way(name) as m:
            m.daemon.record(event="fault", kind="metrics")
            for _ in range(3):
                m.daemon.kill(signal.SIGUSR1)
                m.daemon.record(event="reload", result="ok")
            a = Mta(m.daemon.socket)
            a.connect()
            same(a.helo(), "c")
            a.quit()
            m.daemon.record(event="session")
            same(m.daemon.text().count("kind=metrics"), 1)


def in_the_way(name):
    """A daemon whose file cannot be: no directory, or one of its name."""
    m = Metered.__new__(Metered)
    m.dir = Directory()
    m.path = m.dir.file(name)
    if "/" not in name:
        os.mkdir(m.path)
        open(os.path.join(m.path, "x"), "w").close()
    m.daemon = Daemon('set metrics-file "%s"\n' % m.path + SHIPPED,
                      directory=m.dir)
    return m


@test
def links():
    """a link where the new file is written is not followed"""
    d = Directory()
    try:
        victim = d.file("victim", "precious")
        path = d.file("m.prom")
        os.symlink(victim, path + ".new")
        with Daemon('set metrics-file "%s"\n' % path + SHIPPED, directory=d):
            wait_for(lambda: os.path.exists(path), "not written")
            read(path)
        same(open(victim).read(), "precious")
        holds(not os.path.islink(path), "a link")
    finally:
        d.remove()


if __name__ == "__main__":
    tap.run()
