#!/usr/bin/env python3
"""The daemon under load while its policy changes, watched by an analyser.

    tests/analyse/load.py [SECONDS [COMMAND...]]

Sessions of every kind over the milter protocol, a reload every 50 ms between
two policies that differ in all that can be set, and a stop in the middle of
it.  COMMAND goes before the daemon, as `valgrind --tool=helgrind' does; without
one the daemon of TOP_BUILDDIR was built with a sanitizer.  PROGRAM names another
daemon, as TOP_BUILDDIR/tests/analyse/planted.  The daemon has to end with status
0 and every session to be answered; what the analyser says is for who called to
look at.  One line tells what was done.
"""

import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, "milter"))

import daemon
from daemon import Daemon, Directory
from fakemta import Closed, Mta, sendmail

PROGRAM = os.environ.get("PROGRAM", daemon.PROGRAM)
PERIOD = 0.05
THREADS = 6
OPEN = 20			# sessions that are there when it stops
PATIENCE = 120			# an analyser slows all down

FIRST = """
set mode observe
set log-format json
set log-client hashed
set log-user hashed
set log-sender truncated
set key-file "%(dir)s/key"
set metrics-file %(dir)s/one.prom

list networks = { 192.0.2.0/24, 2001:db8::/32 }

rule in-clear
    if auth and not tls
    reject 530 5.7.0 "Encryption required. %%{service}"
    alarm password-exposed

rule some
    if client in networks and sender ~ /^[a-m]+@example\\.net$/
    reject 550 5.7.1 "Not you"
    share 50%%

default accept
"""

SECOND = """
set metrics-file %(dir)s/two.prom

rule in-clear
    if auth and not tls
    reject 530 5.7.0 "Encryption required. %%{service}"
    alarm password-exposed

rule recipients
    if recipient = "never@example.org"
    tempfail 450 4.7.1 "Not to them"

rule endless
    if sender ~ /^(a+)+$/
    reject 550 5.7.1 "Nobody"

default accept
"""


class Load:
    def __init__(self, seconds):
        self.dir = Directory()
        self.policies = [p % {"dir": self.dir.path} for p in (FIRST, SECOND)]
        self.seconds = seconds
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.sessions = 0
        self.reloads = 0
        self.troubles = []

    # --- sessions

    def begin(self, draw):
        m = Mta(self.socket)
        m.socket.settimeout(PATIENCE)
        if draw.random() < 0.3:
            sendmail(m)
        m.port(draw.choice((25, 465, 587)))
        if draw.random() < 0.5:
            m.tls(draw.choice(("TLSv1", "TLSv1.2", "TLSv1.3")),
                  draw.choice(("ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA")),
                  "128")
        m.connect(draw.choice(("192.0.2.%d" % draw.randrange(256), "2001:db8::7",
                               "198.51.100.7")))
        return m

    def message(self, m, draw):
        sender = draw.choice(("<ann@example.net>", "<zoe@example.org>", "<>",
                              "<%s!>" % ("a" * 40)))
        if m.mail(sender) != "c":
            return
        for to in draw.choice(((), ("bob",), ("never", "bob"))):
            m.rcpt("<%s@example.org>" % to)
        if draw.random() < 0.2:
            m.abort()
        else:
            m.eom("%X" % draw.getrandbits(40))

    def session(self, draw):
        m = self.begin(draw)
        if draw.random() < 0.9:
            m.helo()
        if draw.random() < 0.3:
            m.login(user="user%d" % draw.randrange(50))
        for _ in range(draw.randrange(3)):
            self.message(m, draw)
        m.vanish() if draw.random() < 0.2 else m.quit()

    def client(self, seed):
        draw = random.Random(seed)
        while not self.stopping.is_set():
            try:
                self.session(draw)
            except (Closed, OSError) as e:
                # at the end libmilter cuts what is still there
                if not self.stopping.is_set():
                    self.troubles.append("a session: %r" % e)
                return
            with self.lock:
                self.sessions += 1

    # --- reloads

    def reload(self, d):
        text = self.policies[self.reloads % 2]
        # in place of the old file at once: no reload reads half of it
        os.rename(self.dir.file("policy.new", text), d.policy)
        d.kill(signal.SIGUSR1)
        self.reloads += 1

    def reload_until(self, d, end):
        due = time.monotonic()
        while time.monotonic() < end and not self.troubles:
            self.reload(d)
            due += PERIOD
            time.sleep(max(0, due - time.monotonic()))

    # --- the whole

    def run(self, command):
        class Watched(Daemon):
            def arguments(self):
                return command + [PROGRAM] + super().arguments()[1:]

        with Watched(self.policies[0], directory=self.dir) as d:
            self.socket = d.socket
            threads = [threading.Thread(target=self.client, args=(i,))
                       for i in range(THREADS)]
            for t in threads:
                t.start()
            held = [self.begin(random.Random(i)) for i in range(OPEN)]
            self.reload_until(d, time.monotonic() + self.seconds)
            self.stopping.set()
            d.kill(signal.SIGTERM)
            status = d.process.wait(PATIENCE)
            for t in threads:
                t.join()
            for m in held:
                m.vanish()
            self.judge(d, status)

    def judge(self, d, status):
        if status != 0:
            self.troubles.append("exit status %d:\n%s" % (status,
                                                          d.text()[-4000:]))
        taken = d.text().count("event=reload") + \
            d.text().count('"event":"reload"')
        if taken == 0:
            self.troubles.append("no reload was recorded:\n%s" %
                                 d.text()[-4000:])
        if self.sessions == 0:
            self.troubles.append("no session came to its end")
        print("%d sessions, %d reloads asked for, %d done" %
              (self.sessions, self.reloads, taken))


def main():
    load = Load(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
    try:
        load.run(sys.argv[2:])
    finally:
        load.dir.remove()
    for trouble in load.troubles:
        print(trouble, file=sys.stderr)
    sys.exit(1 if load.troubles else 0)


if __name__ == "__main__":
    main()
