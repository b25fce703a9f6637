#!/usr/bin/env python3
"""How many descriptors the daemon may have; and none is left, at the start and later."""

import os
import resource
import signal

import fault  # noqa: F401
import daemon
import tap
from daemon import Daemon, Directory, once, wait_for
from fakemta import Mta
from policies import answers, by_rename, policy, reload, right
from tap import test, same, holds


def files_limit(d):
    with open("/proc/%d/limits" % d.process.pid) as f:
        for line in f:
            if line.startswith("Max open files"):
                return [int(n) for n in line.split()[3:5]]


@test
def fewer_files_than_threads():
    """no more open files than there can be threads, one for each"""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    old = resource.getrlimit(resource.RLIMIT_NPROC)
    try:
        for tasks in (old[0], 9000, 8000):
            if old[1] != resource.RLIM_INFINITY and tasks > old[1]:
                continue
            resource.setrlimit(resource.RLIMIT_NPROC, (tasks, old[1]))
            most = tasks - 64 if 0 < tasks < 16384 else 16384
            with Daemon() as d:
                same(files_limit(d), [min(most, files), files], tasks)
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, old)


class Limited(Daemon):
    """A daemon that may have so many descriptors, and no more."""

    def __init__(self, limit, text, directory):
        self.program = directory.file(
            "limited", "#!/bin/sh\nulimit -n %d\nexec %s \"$@\"\n" % (
                limit, daemon.PROGRAM))
        os.chmod(self.program, 0o755)
        super().__init__(text, directory=directory)

    def arguments(self):
        return [self.program] + super().arguments()[1:]


@test
def descriptors():
    """no descriptor is left: open sessions go on, a reload changes nothing"""
    d = Directory()
    try:
        text = 'set metrics-file "%s"\n' % d.file("m.prom") + policy("good")
        with Limited(40, text, d) as running:
            here = Mta(running.socket)
            here.connect()
            waiting = [Mta(running.socket, negotiate=False) for _ in range(60)]
            fds = "/proc/%d/fd" % running.process.pid
            wait_for(lambda: len(os.listdir(fds)) == 40, "not all are taken")
            same(here.helo(), "c")
            by_rename(running.policy, text.replace("good", "next"))
            same(reload(running)["result"], "failed")
            same(here.mail("<first@example.net>"), "550 5.7.1 good")
            same(here.mail("<third@example.net>"), "c")
            # some go, and those who waited are served
            for m in waiting[:40]:
                m.vanish()
            for m in waiting[40:]:
                m.negotiate()
                m.connect()
                m.helo()
                same(m.mail("<first@example.net>"), "550 5.7.1 good")
            same(here.mail("<second@example.net>"), "550 5.7.1 good")
            for m in waiting[40:] + [here]:
                m.quit()
            wait_for(lambda: len(os.listdir(fds)) < 20, "they are not given back")
            same(reload(running)["result"], "ok")
            same(answers(running), right("next"))
    finally:
        d.remove()


@test
def descriptors_at_start():
    """too few descriptors to start with: a status and a sentence, or it runs"""
    d = Directory()
    # the sanitizer that looks for leaks wants descriptors of its own
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
    try:
        path = d.file("policy.conf", policy("good"))
        seen = set()
        for limit in range(4, 14):
            status, _, err = once(
                "-c", path, "-p", "unix:" + d.file("socket"), "-P", d.file("pid"),
                "-b", *daemon.as_user(), env=env, preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_NOFILE, (limit, limit)))
            seen.add(status)
            # 127: the libraries could not be opened
            holds(status in (0, 67, 69, 71, 73, 77, 78, 127), (limit, status, err))
            holds(status == 0 or err.strip(), (limit, status, err))
            if status == 0:
                pid = int(open(d.file("pid")).read())
                # it has let the terminal go, whatever its threads had open
                same([os.readlink("/proc/%d/fd/%d" % (pid, fd)) for fd in range(3)],
                     ["/dev/null"] * 3)
                os.kill(pid, signal.SIGKILL)
                wait_for(lambda: not os.path.exists("/proc/%d" % pid), "no end")
        holds(0 in seen and len(seen) > 1, seen)
    finally:
        d.remove()


if __name__ == "__main__":
    tap.run()
