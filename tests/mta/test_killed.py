"""The daemon is killed again and again while mail is submitted, and started
again by a supervisor, behind a real Postfix and a real Sendmail that are told to
tempfail meanwhile.

Here some kills, each when every kind of client has had its answer from either
server since the last one.  With TLSWARDEN_SOAK=1 one every five seconds for ten
minutes, and 500 sessions open at the stop: `make soak' as root.
"""

import os
import random
import signal
import ssl
import threading
import time

import bed
import process
from tap import ok, same

SOAK = os.environ.get("TLSWARDEN_SOAK", "") not in ("", "0")
KILLS = 120 if SOAK else 6
EVERY = 5
OPEN = 500 if SOAK else 40
THREADS = 2

LATER, RIGHT = "4xx", "right"
# With its milter gone Sendmail ends a connection on port 465 before there is TLS
# in which it could say 4xx, or in the middle of the handshake; or says it all the same.
ENDED, CLEAR = "ended before TLS", "4xx where TLS was due"
NO_TLS = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class Wrong(Exception):
    """A client was told what it should not be told."""


def step(answer, good=2):
    """A reply on the way: True, or False when the client is to come later."""
    if answer.code // 100 == 4:
        return False
    if answer.code // 100 != good:
        raise Wrong(answer.text)
    return True


def secure(session, version):
    if not step(session.ehlo()):
        return False
    if session.cipher is None:
        answer = session.starttls(version=version)
        if not step(answer) or not step(session.ehlo()):
            return False
    return True


def taken(session, version):
    """Modern TLS and a login: 250."""
    if not secure(session, version) or not step(session.login()):
        return LATER
    return RIGHT if step(session.message()) else LATER


def too_old(session):
    """TLS 1.1: neither a login nor mail."""
    if not secure(session, "TLSv1.1"):
        return LATER
    for answer in (session.login(), session.message()):
        if answer.code // 100 == 4:
            return LATER
        if not answer.text.startswith("554 5.7.0 TLS 1.2 or later"):
            raise Wrong(answer.text)
    return RIGHT


def in_clear(session):
    """A login in the clear: no mail."""
    if not step(session.ehlo()) or not step(session.login()):
        return LATER
    answer = session.message()
    if answer.code // 100 == 4:
        return LATER
    if not answer.text.startswith("530 5.7.0 Encryption required"):
        raise Wrong(answer.text)
    return RIGHT


# name: port, whether the policy takes its mail, what it does
KINDS = {
    "TLS 1.3 on 587": (587, True, lambda s: taken(s, "TLSv1.3")),
    "TLS on 465": (465, True, lambda s: taken(s, None)),
    "TLS 1.1 on 587": (587, False, too_old),
    "in the clear on 587": (587, False, in_clear),
}
# What a server does with a session when the milter has gone: Postfix as it was
# told for each port, Sendmail as for the milter.
GONE = {"postfix": {25: 2, 587: 4}, "sendmail": {25: 4, 587: 4}}


class Clients:
    """Of one kind, one after the other, before one server."""

    def __init__(self, bed_, mta, name, over):
        self.bed, self.mta, self.name, self.over = bed_, mta, name, over
        self.port, self.taken, self.speak = KINDS[name]
        self.title = "%s: %s" % (mta, name)
        self.lock = threading.Lock()
        self.heard = {LATER: 0, RIGHT: 0, ENDED: 0, CLEAR: 0}
        self.wrong = []
        self.sources = [next(bed_.place.sources["4"]) for _ in range(THREADS)]
        self.threads = [threading.Thread(target=self.run, args=(source,))
                        for source in self.sources]
        for thread in self.threads:
            thread.start()

    def once(self, source):
        dialogue = []
        try:
            with self.bed.connect(self.mta, self.port, source=source) as session:
                dialogue = session.dialogue
                if not step(session.greeting):
                    return LATER
                said = self.speak(session)
                session.quit()
                return said
        except (Wrong, bed.client.Closed, OSError, ssl.SSLError) as e:
            if (self.mta, self.port, dialogue) == ("sendmail", 465, []) and \
                    isinstance(e, NO_TLS):
                return ENDED
            if (self.mta, self.port) == ("sendmail", 465) and \
                    isinstance(e, bed.client.InClear) and e.args[0].startswith("4"):
                return CLEAR
            with self.lock:
                self.wrong.append("\n".join([self.title, repr(e)] + dialogue))
            return None

    def run(self, source):
        while not self.over.is_set():
            said = self.once(source)
            if said:
                with self.lock:
                    self.heard[said] += 1

    def queued(self):
        return [q for s in self.sources for q in self.bed.mtas[self.mta].taken(s)]


class Load:
    """Clients of every kind before every server, each from addresses of their
    own."""

    def __init__(self, bed_):
        self.over = threading.Event()
        self.clients = [Clients(bed_, mta, name, self.over)
                        for mta in bed_.mtas for name in KINDS]

    def right(self):
        return [c.heard[RIGHT] for c in self.clients]

    def wrong(self):
        return [w for c in self.clients for w in c.wrong]

    def all_since(self, before):
        return self.wrong() or all(now > then for now, then in zip(self.right(), before))

    def stop(self):
        self.over.set()
        for clients in self.clients:
            for thread in clients.threads:
                thread.join()


class Supervisor:
    """Starts the daemon again when it has ended, as a service manager does."""

    def __init__(self, warden):
        self.warden, self.over = warden, threading.Event()
        self.took, self.failed = [], []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.is_set():
            if self.warden.program.alive():
                time.sleep(0.02)
                continue
            self.warden.program.out.close()
            begun = time.monotonic()
            try:
                self.warden.start()
            except process.Failed as e:
                self.failed.append(str(e))
                return
            self.took.append(time.monotonic() - begun)

    def stop(self):
        self.over.set()
        self.thread.join()


def kill_on(bed_, load, supervisor):
    for n in range(KILLS):
        before = load.right()
        if SOAK:
            time.sleep(EVERY)
        else:
            process.until(lambda before=before: load.all_since(before), 60,
                          "every kind of client has its answer")
            time.sleep(random.uniform(0, 0.2))
        if load.wrong() or supervisor.failed:
            return n
        os.kill(bed_.warden.program.pid, signal.SIGKILL)
        process.until(lambda n=n: len(supervisor.took) > n or supervisor.failed, 60,
                      "the daemon is started again")
    return KILLS


def killed(bed_):
    """kill -9 under load."""
    load, supervisor = Load(bed_), Supervisor(bed_.warden)
    begun = time.monotonic()
    try:
        kills = kill_on(bed_, load, supervisor)
        before = load.right()
        process.until(lambda: load.all_since(before), 60, "all is well in the end")
    finally:
        load.stop()
        supervisor.stop()
    print("# %d kills in %.0f s; started again within %.2f s" % (
        kills, time.monotonic() - begun, max(supervisor.took, default=0)))
    for clients in load.clients:
        print("# %s: " % clients.title + ", ".join(
            "%d times %s" % (n, what) for what, n in clients.heard.items() if n))
    same(kills, KILLS, "killed %d times, and each time it came again" % KILLS,
         *supervisor.failed)
    ok(not load.wrong(), "every client got 4xx or the right answer", *load.wrong()[:3])
    nothing_passed(bed_, load)
    left = sorted(os.listdir(os.path.dirname(bed_.warden.socket)))
    name = os.path.basename(bed_.warden.socket)
    same(left, [name, name + ".lock"], "beside the socket only its lock")


def nothing_passed(bed_, load):
    """What the servers took, and what the daemon wrote of it before it was killed."""
    # First those that must be there: then the log has come so far.
    for clients in load.clients:
        right = clients.heard[RIGHT]
        if clients.taken:
            ids = process.settled(lambda clients=clients: len(clients.queued()),
                                  lambda count, right=right: count >= right)
            ok(ids >= right > 0, "%s: what was answered 250 is queued" % clients.title,
               ids, clients.heard)
    refused = [clients for clients in load.clients if not clients.taken]
    same([q for clients in refused for q in clients.queued()], [],
         "no server took a message that the policy refuses")
    sources = {s for clients in refused for s in clients.sources}
    odd = [r for r in bed_.syslog.records() if r["event"] == "message"
           and r.get("client") in sources and r.get("verdict") == "accept"]
    same(odd, [], "and no record says so")


def stopped(bed_, mta):
    """SIGTERM: the server does with each session that is open what it was told to."""
    ports = sorted(GONE[mta])
    sessions = [bed_.connect(mta, ports[n % 2]) for n in range(OPEN)]
    for session in sessions:
        session.ehlo()
    begun = time.monotonic()
    status = bed_.warden.stop(signal.SIGTERM)
    print("# %d sessions open: ended within %.1f s" % (OPEN, time.monotonic() - begun))
    same(status, 0, "%s: SIGTERM with %d sessions open: exit status 0" % (mta, OPEN))
    ok(not os.path.exists(bed_.warden.socket), "%s: SIGTERM: the socket is gone" % mta)
    for n, port in enumerate(ports):
        heard = {s.message().code // 100 for s in sessions[n::2]}
        same(heard, {GONE[mta][port]}, "%s: SIGTERM: each session on %d gets %dxx" % (
            mta, port, GONE[mta][port]))
    for session in sessions:
        session.close()
    bed_.warden.start()


def test(bed_):
    bed.tap.attempt(killed, "killed", bed_)
    for mta in bed_.mtas:
        bed.tap.attempt(stopped, "%s stopped" % mta, bed_, mta)


if __name__ == "__main__":
    bed.main(test, postfix_extra="default_process_limit = 700")
