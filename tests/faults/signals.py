#!/usr/bin/env python3
"""System calls that are interrupted, a thousand times a second.

In the daemon every thread gets signals whose handler does not restart what it
interrupts; see world.c.  The command is stopped, continued and told that its
window changed.
"""

import os
import signal
import subprocess
import threading
import time

import fault
import daemon
import tap
from daemon import Daemon, Directory, wait_for
from fakemta import Mta
from fault import DAEMON, Faults
from tap import test, same, holds

POLICY = """
set metrics-file "%s/m.prom"
set key-file "%s/key"
set log-user hashed
rule clear
    if auth and not tls
    reject 530 5.7.0 "%s"
default accept
"""
COMMAND = os.path.join(fault.BUILD, "policy", "cli", "tlswarden")
USEC = 1000


def write(directory, name):
    path = directory.file("new", POLICY % (directory.path, directory.path, name))
    os.rename(path, directory.file("policy.conf"))


def session(d, names, qid):
    """A message that is taken, and one that is refused."""
    m = Mta(d.socket).port(587)
    m.connect()
    same(m.helo(), "c")
    m.tls().message(qid=qid)
    m.quit()
    m = Mta(d.socket).port(587).login()
    m.connect()
    m.helo()
    answer = m.mail()
    holds(answer in ["530 5.7.0 " + name for name in names], answer)
    m.quit()


def traffic(d, count, names):
    for i in range(count):
        session(d, names, "Q%d" % i)
        if i % 10 == 0:
            write(d.dir, names[i // 10 % 2])
            d.kill(signal.SIGUSR1)
    wait_for(lambda: "qid=Q%d" % (count - 1) in d.text(), "the last is not on record",
             60)
    taken = [r["qid"] for r in d.records() if r["event"] == "message" and
             r["verdict"] == "accept"]
    same(taken, ["Q%d" % i for i in range(count)])
    # signals that come close are one: the last file is read in the end
    wait_for(lambda: "event=reload result=ok" in d.text(), "no reload")
    holds("result=failed" not in d.text(), "a reload failed")


@test
def interrupted():
    """sessions, reloads and the log, each call interrupted"""
    faults, d = Faults(storm=True), Directory()
    os.environ.update(faults.environment)
    program, daemon.PROGRAM = daemon.PROGRAM, DAEMON
    try:
        faults["storm"] = USEC
        write(d, "one")
        text = open(d.file("policy.conf")).read()
        # each start makes the key, the lock, the socket
        for i in range(5):
            with Daemon(text, directory=d) as running:
                session(running, ["one"], "S")
                wait_for(lambda: os.path.exists(d.file("m.prom")), "no metrics")
            os.unlink(d.file("key"))
            os.unlink(d.file("m.prom"))
        before = faults["signals"]
        with Daemon(text, directory=d) as running:
            traffic(running, 60, ["one", "two"])
            wait_for(lambda: faults["signals"] > before + 2000, "no storm", 60)
            same(running.stop(), 0)
    finally:
        daemon.PROGRAM = program
        for name in faults.environment:
            os.environ.pop(name, None)
        d.remove()


class Storm:
    """Signals to a process, until it is left."""

    def __init__(self, pid, *numbers):
        self.pid, self.numbers, self.sent = pid, numbers, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.is_set():
            for number in self.numbers:
                try:
                    os.kill(self.pid, number)
                except ProcessLookupError:
                    return
                self.sent += 1
                time.sleep(0.0005)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.over.set()
        self.thread.join()


@test
def stopped_and_continued():
    """the daemon, stopped and continued again and again"""
    d = Directory()
    try:
        write(d, "one")
        with Daemon(open(d.file("policy.conf")).read(), directory=d) as running:
            with Storm(running.process.pid, signal.SIGSTOP, signal.SIGCONT) as storm:
                traffic(running, 30, ["one", "two"])
            holds(storm.sent > 20, storm.sent)
            running.kill(signal.SIGCONT)
            same(running.stop(), 0)
    finally:
        d.remove()


LINE = ("Nov 20 09:%02d:%02d mx tlswardend[9]: v=1 event=message id=%016x "
        "verdict=accept rule=default stage=eom service=submission port=587 "
        "client=192.0.2.%d helo=x tls=TLSv1.%d cipher=AES128-SHA cipher_bits=128 "
        "outcome=encrypted auth=PLAIN user=ann%d sender=eve%d@example.net qid=Q%d\n")


@test
def command():
    """report reads a pipe and writes one, slowly, under a storm"""
    log = "".join(LINE % (i // 60 % 60, i % 60, i, i % 250, i % 3 + 1, i, i, i)
                  for i in range(20000)).encode()
    arguments = [COMMAND, "report", "--top", "0", "-"]
    # A sanitizer that looks for leaks stops the process itself, and waits for
    # ever when others do, too.
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
    right = subprocess.run(arguments, input=log, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=120, env=environment)
    for numbers in ((signal.SIGWINCH, signal.SIGCONT),
                    (signal.SIGSTOP, signal.SIGCONT)):
        p = subprocess.Popen(arguments, stdin=subprocess.PIPE, env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        got = []
        reader = threading.Thread(target=lambda: got.append(p.stdout.read()))
        with Storm(p.pid, *numbers) as storm:
            reader.start()
            for at in range(0, len(log), 65536):
                p.stdin.write(log[at:at + 65536])
                p.stdin.flush()
                sent = storm.sent + 4
                wait_for(lambda: storm.sent >= sent, "no signals")
            p.stdin.close()
            # what is stopped last is continued here
            reader.join(1)
            while reader.is_alive():
                reader.join(0.1)
        os.kill(p.pid, signal.SIGCONT)
        same([p.wait(60), got[0], p.stderr.read()],
             [right.returncode, right.stdout, right.stderr])
        p.stderr.close()
        holds(storm.sent > 100, storm.sent)


if __name__ == "__main__":
    tap.run()
