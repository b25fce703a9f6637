#!/usr/bin/env python3
"""Files that change while they are read, become something else, or do not fit.

Some of it wants root, for a file system of one page.
"""

import os
import signal
import subprocess
import sys
import time

import fault
import daemon
import tap
from daemon import Daemon, Directory, ROOT, once, wait_for
from fakemta import Mta
from policies import answers, by_rename, digest, policy, reload, right
from tap import test, same, holds

CANTCREAT = 73
SETTLE = 0.008  # what milter/reload.c waits, less a step of the clock of files


# --- a writer that never rests

def by_truncation(path, text):
    """As editors and shells do that write in place: not there, half, whole."""
    with open(path, "wb", buffering=0) as f:
        f.write(text[:len(text) // 2].encode())
        time.sleep(0.001)
        f.write(text[len(text) // 2:].encode())


def in_place(path, text):
    """Of the same length, so that its size says nothing."""
    fd = os.open(path, os.O_WRONLY)
    os.pwrite(fd, text[:len(text) // 2].encode(), 0)
    time.sleep(0.001)
    os.pwrite(fd, text[len(text) // 2:].encode(), len(text) // 2)
    os.close(fd)


def write_for_ever(name, path):
    """Always another text, until told; says when one took long."""
    write, over = WAYS[name], []
    signal.signal(signal.SIGTERM, lambda *_: over.append(True))
    print("begins", flush=True)
    for i in range(10 ** 9):
        begin = time.monotonic()
        write(path, policy("ab"[i % 2] * 4))
        end = time.monotonic()
        if end - begin > SETTLE:
            print(begin, end, flush=True)
        if over:
            return
        if i % 20 == 0:
            # it is whole for long enough to be taken
            time.sleep(0.03)


def reloads_under(name, d):
    """Results, each with its time; and when a write took long."""
    writer = subprocess.Popen(
        [sys.executable, "-B", __file__, "write", name, d.policy],
        stdout=subprocess.PIPE)
    writer.stdout.readline()
    results = []
    try:
        for _ in range(20):
            begin = time.monotonic()
            results.append((begin, reload(d), time.monotonic()))
    finally:
        writer.terminate()
        said = writer.communicate()[0].decode()
    return results, [tuple(map(float, line.split()))
                     for line in said.splitlines()]


def is_replaced(name):
    def run():
        whole = {digest(policy(c * 4)) for c in "ab"}
        with Daemon(policy("aaaa")) as d:
            results, long = reloads_under(name, d)
            for begin, r, end in results:
                # of who is held up in the middle, nobody can tell
                holds(r["policy"] in whole or
                      any(a < end and begin < b for a, b in long),
                      "a mixture: %r, %r" % ((begin, r, end), long))
            WAYS[name](d.policy, policy("last"))
            same(reload(d)["policy"], digest(policy("last")))
            same(answers(d), right("last"))
    run.__doc__ = "a policy that is replaced while it is read, " + name
    test(run)


WAYS = {"by another file": by_rename, "after it was cut": by_truncation,
        "in place": in_place}
for way in WAYS:
    is_replaced(way)


# --- a policy that is no file any more

@test
def becomes_something_else():
    """a policy that becomes a FIFO, a directory, a device, a terminal, a loop"""
    with Daemon(policy("good")) as d:
        def others():
            os.mkfifo(d.policy)
            yield "a FIFO"
            os.unlink(d.policy)
            os.mkdir(d.policy)
            yield "a directory"
            os.rmdir(d.policy)
            for device in ("/dev/zero", "/dev/full", "/dev/tty", "/proc/self/mem"):
                os.symlink(device, d.policy)
                yield device
                os.unlink(d.policy)
            os.symlink(d.policy, d.policy)
            yield "a link to itself"
            os.unlink(d.policy)
            yield "nothing"
        os.unlink(d.policy)
        for what in others():
            same([reload(d)["result"], answers(d)], ["failed", right("good")], what)
        by_truncation(d.policy, policy("back"))
        os.chmod(d.policy, 0o644)
        same([reload(d)["result"], answers(d)], ["ok", right("back")])


@test
def list_that_is_cut():
    """a file that a list is read from, empty or wrong for a moment, is waited for"""
    d = Directory()
    try:
        items = d.file("items", "first@example.net\n")
        with Daemon('list items = file "%s"\nrule first\n'
                    '    if sender in items\n    reject 550 5.7.1 "x"\n' % items,
                    directory=d) as running:
            for i in range(10):
                with open(items, "w") as f:
                    f.write(("", "\"first")[i % 2])
                running.kill(signal.SIGUSR1)
                with open(items, "w") as f:
                    f.write("first@example.net\n")
                same(running.record(event="reload")["result"], "ok")
                m = Mta(running.socket)
                m.connect()
                m.helo()
                answer = m.mail("<first@example.net>")
                m.quit()
                if answer != "550 5.7.1 x":
                    # it may have been empty for longer than anybody waits
                    same(reload(running)["result"], "ok")
    finally:
        d.remove()


# --- the disk is full

def full_disk(size="4k"):
    def decorate(function):
        def run():
            d = Directory()
            full = None
            try:
                full = fault.Full(d, size)
                function(d, full)
            finally:
                if full:
                    subprocess.call(["umount", "-l", full.path])
                d.remove()
        run.__doc__ = function.__doc__
        return test(run)
    return decorate


def disk_tests():
    @full_disk()
    def metrics(d, full):
        """a full disk: the metrics stay as they were, and mail is judged"""
        full.room()
        path = full.file("m.prom")
        # the numbers have more than a page: they never fit
        with Daemon('set metrics-file "%s"\n' % path + policy("good"),
                    directory=d) as running:
            running.record(event="fault", kind="metrics")
            same(answers(running), right("good"))
            same(reload(running)["result"], "ok")
            same(os.listdir(full.path), [])

    @full_disk("32k")
    def log(d, full):
        """a full disk under the log: mail is judged, and a line begins anew"""
        with Daemon(policy("good"), directory=d) as running:
            running.process.kill()
            running.process.wait()
            full.room()
            running.log, running.seen = full.file("log"), 0
            running.start()
            full.fill()
            for _ in range(20):
                same(answers(running), right("good"))
            full.room()
            m = Mta(running.socket)
            m.connect()
            m.helo()
            m.message("<third@example.net>", qid="AGAIN")
            m.quit()
            wait_for(lambda: "qid=AGAIN" in running.text(), "the log is not back")
            lines = running.text().splitlines()
            holds(all(line.count("v=1 event=") == 1 for line in lines), lines)

    @full_disk()
    def start(d, full):
        """a full disk at start: a pid file or a key file cannot be made, no half one"""
        path = d.file("policy.conf", 'set log-user hashed\nset key-file "%s"\n' %
                      full.file("key") + policy("good"))
        base = ("-p", "unix:" + full.file("socket"), "-l", "stderr")
        for options, name in (
                (("-c", path), "key"),
                (("-c", d.file("plain.conf", policy("good")), "-P",
                  full.file("pid")), "pid")):
            status, out, err = once(*options + base, *daemon.as_user())
            same(status, CANTCREAT, err)
            holds(name in err and "No space left" in err, err)
            holds(not os.path.exists(full.file("key")), "half a key")
            holds(not os.path.exists(full.file("pid")) or
                  os.path.getsize(full.file("pid")) == 0, "half a pid")


def enter():
    """Once more, in a mount namespace of its own."""
    if not ROOT or subprocess.call(["unshare", "--mount", "true"],
                                   stderr=subprocess.DEVNULL) != 0:
        return
    os.environ["TW_NAMESPACE"] = "yes"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private",
                          sys.executable, "-B", os.path.abspath(__file__)])


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write_for_ever(*sys.argv[2:])
    else:
        if "TW_NAMESPACE" not in os.environ:
            enter()
        if "TW_NAMESPACE" in os.environ:
            disk_tests()
        tap.run()
