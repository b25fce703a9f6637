#!/usr/bin/env python3
"""What the service manager is told: ready, reloading, stopping, alive."""

import os
import re
import signal
import socket
import time

import daemon
import tap
from daemon import Daemon, Directory
from fakemta import Mta
from tap import test, same, holds

LIAR = os.path.join(daemon.BUILD, "tests", "milter", "liar")
BAD = "rule a\n    if tsl < TLSv1.2\n    accept\n"
GOOD = re.compile(r"policy [0-9a-f]{12}, generation (\d+), (\w+)\Z")


class Manager:
    """The other end of NOTIFY_SOCKET, as the service manager has it."""

    def __init__(self, name, abstract=False, capacity=None):
        self.name = ("@" + name.strip("/")) if abstract else name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        if capacity:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, capacity)
        self.socket.bind("\0" + self.name[1:] if abstract else name)
        if not abstract:
            os.chmod(name, 0o777)
        self.socket.settimeout(30)

    def next(self, *keys):
        """The next message that says all of these, as a dict."""
        while True:
            said = self.socket.recv(4096).decode("ascii")
            message = dict(line.split("=", 1) for line in said.split("\n"))
            if all(key in message for key in keys):
                return message

    def silent(self, seconds):
        """Nothing is said for so long; what was on its way does not count."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096).decode("ascii")
        except socket.timeout:
            return None
        finally:
            self.socket.settimeout(30)

    def close(self):
        self.socket.close()


class Watched:
    """A daemon with a service manager; the environment is the daemon's."""

    def __init__(self, abstract=False, program=None, capacity=None, options=(),
                 log=True, **environment):
        self.dir = Directory()
        self.manager = Manager(self.dir.file("notify"), abstract, capacity)
        self.environment = dict(environment, NOTIFY_SOCKET=self.manager.name)
        self.saved = {k: os.environ.get(k) for k in self.environment}
        self.program = daemon.PROGRAM
        os.environ.update(self.environment)
        if program:
            daemon.PROGRAM = program
        try:
            self.daemon = Daemon(directory=self.dir, options=options, log=log)
        finally:
            daemon.PROGRAM = self.program
            for name, value in self.saved.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def __enter__(self):
        return self.daemon, self.manager

    def __exit__(self, *exception):
        self.daemon.__exit__()
        self.manager.close()
        self.dir.remove()


def answers(d):
    m = Mta(d.socket)
    m.connect()
    same(m.helo(), "c")
    m.quit()


@test
def ready():
    """READY=1 comes when the socket answers, with the policy; then STOPPING=1"""
    for abstract in (False, True):
        with Watched(abstract) as (d, manager):
            message = manager.next("READY")
            answers(d)
            same(message["READY"], "1")
            found = GOOD.match(message["STATUS"])
            holds(found, message)
            same(found.groups(), ("1", "enforcing"))
            start = d.records()[0]
            holds(start["policy"] in message["STATUS"], message)
            same(d.stop(), 0)
            same(manager.next("STOPPING"), {"STOPPING": "1"})


@test
def ready_is_late_enough():
    """who connects upon READY=1 is answered, each time"""
    for _ in range(10):
        with Watched(log=False) as (d, manager):
            manager.next("READY")
            answers(d)


@test
def not_ready():
    """a daemon that does not start never says that it is ready"""
    d = Directory()
    manager = Manager(d.file("notify"))
    try:
        status, _, err = daemon.once(
            "-c", d.file("policy.conf", BAD), "-p", "unix:" + d.file("s"),
            *daemon.as_user(), env=dict(os.environ, NOTIFY_SOCKET=manager.name))
        same(status, 78, err)
        same(manager.silent(0.2), None)
    finally:
        manager.close()
        d.remove()


@test
def reload():
    """a reload is announced, and READY=1 says what it came to"""
    with Watched() as (d, manager):
        first = manager.next("READY")
        good = open(d.policy).read()
        for text, generation, why in (
                (good + "\n# more\n", "2", None), (BAD, "2", "policy.conf:2:8"),
                (good, "3", None)):
            with open(d.policy, "w") as f:
                f.write(text)
            before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            d.kill(signal.SIGUSR1)
            message = manager.next("RELOADING")
            same(message["RELOADING"], "1")
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            said = int(message["MONOTONIC_USEC"])
            holds(before <= said <= now, (before, said, now))
            status = manager.next("READY")["STATUS"]
            same(status.startswith("reload failed: "), why is not None, status)
            holds(why is None or why in status, status)
            holds("generation %s, enforcing" % generation in status, status)
            # the result is in force when it is said
            same(d.record(event="reload")["generation"], generation)
        holds(status == first["STATUS"].replace("generation 1", "generation 3"),
              status)


@test
def status_is_one_line():
    """what a wrong policy quotes cannot make a statement of its own"""
    with Watched() as (d, manager):
        manager.next("READY")
        with open(d.policy, "wb") as f:
            f.write(b"rule a\n    if tls = \"\x1b\xff\rWATCHDOG=1" + b"x" * 900 +
                    b"\"\n    accept\n")
        d.kill(signal.SIGUSR1)
        message = manager.next("READY")
        same(sorted(message), ["READY", "STATUS"])
        holds(len(message["STATUS"]) < 512, len(message["STATUS"]))
        holds("generation 1" in message["STATUS"], message)
        holds(re.match(r"[ -~]+\Z", message["STATUS"]), message)


@test
def observing():
    """the status says so when nothing is refused"""
    with Watched(options=["-O"]) as (_, manager):
        same(GOOD.match(manager.next("READY")["STATUS"]).group(2), "observing")


@test
def no_listener():
    """a socket that is not there, not ours, or no socket: the daemon serves"""
    d = Directory()
    try:
        for name in (d.file("missing"), "relative", "@", "/", "/" + "x" * 200,
                     "@" + "x" * 200, "vsock:2:1234", "", "/dev/null"):
            os.environ["NOTIFY_SOCKET"] = name
            try:
                with Daemon() as one:
                    answers(one)
                    one.kill(signal.SIGUSR1)
                    one.record(event="reload", result="ok")
            finally:
                del os.environ["NOTIFY_SOCKET"]
    finally:
        d.remove()


@test
def full_listener():
    """a manager that takes nothing: the daemon serves, reloads and stops"""
    with Watched(capacity=1, WATCHDOG_USEC="3000") as (d, manager):
        for _ in range(3):
            answers(d)
            d.kill(signal.SIGUSR1)
            d.record(event="reload", result="ok")
        same(d.stop(), 0)


@test
def watchdog():
    """WATCHDOG=1 comes again and again, and does not disturb the log"""
    with Watched(WATCHDOG_USEC="300000") as (d, manager):
        begin = time.monotonic()
        for _ in range(20):
            same(manager.next("WATCHDOG"), {"WATCHDOG": "1"})
        # twenty thirds; that they are not too late nobody can promise here
        holds(time.monotonic() - begin > 1.7, "too often")
        d.kill(signal.SIGUSR1)
        manager.next("READY")
        manager.next("WATCHDOG")
        same([r["event"] for r in d.records()], ["start", "reload"])


@test
def watchdog_observing():
    """the known answers hold when nothing is refused"""
    with Watched(WATCHDOG_USEC="300000", options=["-O"]) as (d, manager):
        for _ in range(3):
            manager.next("WATCHDOG")


@test
def watchdog_of_others():
    """no watchdog, or one meant for another process: not fed"""
    for environment in ({}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "-5"},
                        {"WATCHDOG_USEC": "3000x"}, {"WATCHDOG_USEC": ""},
                        {"WATCHDOG_USEC": "9" * 30},
                        {"WATCHDOG_USEC": "3000", "WATCHDOG_PID": "1"},
                        {"WATCHDOG_USEC": "3000", "WATCHDOG_PID": "x"}):
        with Watched(**environment) as (d, manager):
            manager.next("READY")
            same(manager.silent(0.1), None, environment)


@test
def wrong_answer():
    """a known session that is judged wrongly: not fed any more, and logged"""
    for name, trouble in (
            ("LIAR_VERDICT", "a known session was judged wrongly"),
            ("LIAR_LATER",
             "the policy answers a session otherwise than before")):
        d = Directory()
        lie = d.file("lie")
        try:
            with Watched(program=LIAR, WATCHDOG_USEC="300000",
                         **{name: lie}) as (one, manager):
                for _ in range(3):
                    manager.next("WATCHDOG")
                open(lie, "w").close()
                same(manager.next("STATUS")["STATUS"], trouble)
                r = one.record(event="fault")
                same([r["kind"], r["message"]], ["watchdog", trouble])
                # another policy, and truth again: what was wrong once may be
                # wrong again
                os.unlink(lie)
                one.kill(signal.SIGUSR1)
                one.record(event="reload", result="ok")
                manager.next("READY")
                same(manager.silent(1.0), None, "fed")
        finally:
            d.remove()


@test
def stuck_writer():
    """the thread that writes the log hangs: not fed, until it goes on"""
    d = Directory()
    stall = d.file("stall")
    try:
        with Watched(program=LIAR, WATCHDOG_USEC="900000",
                     LIAR_STALL=stall) as (one, manager):
            for _ in range(3):
                manager.next("WATCHDOG")
            open(stall, "w").close()
            answers(one)
            same(manager.next("STATUS")["STATUS"],
                 "the thread that writes the log does not answer")
            same(manager.silent(1.0), None, "fed")
            # sessions do not notice
            answers(one)
            os.unlink(stall)
            manager.next("WATCHDOG")
            one.record(event="session")
            one.record(event="fault", kind="watchdog")
    finally:
        d.remove()


if __name__ == "__main__":
    tap.run()
