#!/usr/bin/env python3
"""Start, stop, reload, options, sockets and exit statuses."""

import atexit
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time

import tap
from daemon import (Daemon, Directory, once, as_user, ended, wait_for, ROOT, USER,
                    PROGRAM)
import daemon
from fakemta import Mta
from tap import test, same, holds

USAGE, NOUSER, UNAVAILABLE, CANTCREAT = 64, 67, 69, 73
TEMPFAIL, NOPERM, CONFIG = 75, 77, 78
LIAR = os.path.join(daemon.BUILD, "tests", "milter", "liar")

# Where every user can read it, wherever the source is.
PLACE = Directory()
atexit.register(PLACE.remove)
POLICY = PLACE.file("shipped.conf", open(daemon.POLICY).read())

NO_OLD = 'rule old\n    if tls < TLSv1.3\n    reject 554 5.7.0 "new rule"\n'
MIDDLE = ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", "128")


def sock(directory, name="socket"):
    return "unix:" + directory.file(name)


def fails(status, *options, says=None):
    got, out, err = once(*options)
    same(got, status, "%r: %s" % (options, err))
    if status != 0:
        holds(err.startswith("tlswardend: ") or ": error: " in err,
              "no sentence: %r" % err)
    if says:
        holds(says in err, "%r is not in %r" % (says, err))
    return err


# --- options

@test
def version_and_help():
    """-V and -h"""
    for option in ("-V", "--version"):
        status, out, err = once(option)
        same([status, err], [0, ""])
        holds(out.startswith("tlswardend ") and "libmilter" in out, out)
    for option in ("-h", "--help"):
        status, out, err = once(option)
        same([status, err], [0, ""])
        for name in ("--policy", "--socket", "--user", "--pidfile", "--log",
                     "--observe", "--background", "--test", "--version"):
            holds(name in out, name)


@test
def wrong_options():
    """options that are none, and arguments that are missing or too many"""
    fails(USAGE, "-x", says="-x")
    fails(USAGE, "--nonsense", says="--nonsense")
    fails(USAGE, "-c", says="-c needs an argument")
    fails(USAGE, "-l", "paper", says="paper")
    fails(USAGE, "policy.conf", says="policy.conf")


@test
def test_option():
    """-t: 0 clean, 1 wrong, 2 not readable"""
    d = Directory()
    try:
        same(once("-t", "-c", POLICY)[0], 0)
        bad = d.file("bad.conf", "rule x\n    if tsl < TLSv1.2\n    accept\n")
        status, out, err = once("-t", "-c", bad)
        same(status, 1)
        holds("bad.conf:2:8: error:" in err and 'did you mean "tls"' in err,
              err)
        same(once("-t", "-c", d.file("missing"))[0], 2)
        same(once("-t")[0], 0)
    finally:
        d.remove()


@test
def wrong_policies():
    """a policy that is wrong, missing, a directory, open to everybody"""
    d = Directory()
    try:
        user = as_user()
        bad = d.file("bad.conf", "rule x\n    if tsl < TLSv1.2\n    accept\n")
        fails(CONFIG, "-c", bad, "-p", sock(d), *user, says="bad.conf:2:8")
        fails(CONFIG, "-c", d.file("missing"), "-p", sock(d), *user,
              says="missing")
        fails(CONFIG, "-c", d.path, "-p", sock(d), *user, says=d.path)
        fails(CONFIG, "-c", "/dev/null", "-p", sock(d), *user)
        os.mkfifo(d.file("fifo"))
        fails(CONFIG, "-c", d.file("fifo"), "-p", sock(d), *user)
        os.chmod(d.file("everybody.conf", "default accept\n"), 0o666)
        fails(CONFIG, "-c", d.file("everybody.conf"), "-p", sock(d), *user)
    finally:
        d.remove()


@test
def wrong_sockets():
    """sockets that are spelled wrong"""
    d = Directory()
    try:
        for spec in ("inet:8891", "inet:8891@", "inet:@127.0.0.1", "/a/path",
                     "unix:relative", "unix:", "unix:/" + "x" * 200, "fd:3",
                     "inet:0@127.0.0.1", "inet:65536@127.0.0.1", "unix:/tmp/",
                     "inet:smtp@127.0.0.1", "inet6:8891", ""):
            fails(USAGE, "-c", POLICY, "-p", spec, *as_user(), says="socket")
        bad = d.file("bad.conf", "set socket inet:8891\n")
        status = once("-c", bad, *as_user())[0]
        same(status, CONFIG)
    finally:
        d.remove()


# --- who it runs as

@test
def refuses_root():
    """root without -u, with -u root, with a user that is none"""
    if not ROOT:
        return
    fails(NOPERM, "-c", POLICY, says="root")
    fails(NOPERM, "-c", POLICY, "-u", "root", says="root")
    fails(NOPERM, "-c", POLICY, "-u", "0", says="root")
    fails(NOUSER, "-c", POLICY, "-u", "no-such-user", says="no-such-user")
    fails(NOUSER, "-c", POLICY, "-u", USER + ":no-such-group",
          says="no-such-group")


@test
def not_root_stays():
    """a user that is not root cannot become another"""
    if not ROOT:
        fails(NOPERM, "-c", POLICY, "-u", "root")
        return
    d = Directory()
    try:
        copy = d.file("tlswardend")
        shutil.copy(PROGRAM, copy)
        r = subprocess.run([copy, "-c", POLICY, "-p", sock(d), "-u", "daemon"],
                           user=USER, stderr=subprocess.PIPE, timeout=20)
        same(r.returncode, NOPERM)
        holds(b"only root" in r.stderr, r.stderr)
    finally:
        d.remove()


@test
def becomes_user():
    """after -u no trace of root is left, and groups are the user's"""
    if not ROOT:
        return
    with Daemon() as d:
        status = open("/proc/%d/status" % d.process.pid).read()
        import pwd
        entry = pwd.getpwnam(USER)
        fields = dict(line.split(":\t", 1) for line in status.splitlines())
        same(set(fields["Uid"].split()), {str(entry.pw_uid)})
        same(set(fields["Gid"].split()), {str(entry.pw_gid)})
        holds("0" not in fields["Groups"].split(), "group 0")
        same(int(fields["CapEff"], 16), 0)
        same(fields["NoNewPrivs"].strip(), "1")
        s = os.stat(d.socket)
        same([s.st_uid, s.st_gid, stat.S_IMODE(s.st_mode)],
             [entry.pw_uid, entry.pw_gid, 0o660])


@test
def as_in_its_profile():
    """a start as root needs no capability but those of the AppArmor profile"""
    if not ROOT:
        return
    with open(os.path.join(daemon.SOURCE, "packaging", "apparmor",
                           "usr.sbin.tlswardend")) as f:
        allowed = re.findall(r"(?m)^ +capability (\w+),$", f.read())
    holds("setuid" in allowed, "capabilities: %r" % allowed)
    d = Directory()
    log = open(d.file("log", ""), "ab")
    p = subprocess.Popen(
        ["setpriv", "--bounding-set", ",".join(["-all"] + ["+" + c for c in allowed]),
         PROGRAM, "-c", POLICY, "-p", sock(d), "-l", "stderr", "-u", USER],
        stdin=subprocess.DEVNULL, stderr=log)
    try:
        wait_for(lambda: "event=start" in open(log.name).read() or
                 p.poll() is not None, "no start", 60)
        p.terminate()
        ended(d.file("socket"), lambda: p.poll() is not None)
        same(p.returncode, 0, open(log.name).read())
    finally:
        p.kill()
        p.wait()
        log.close()
        d.remove()


@test
def unreadable_policy():
    """a policy that only root can read is refused at once, not at a reload"""
    if not ROOT:
        return
    d = Directory()
    try:
        path = d.file("policy.conf", "default accept\n")
        os.chmod(path, 0o600)
        fails(NOPERM, "-c", path, "-p", sock(d), "-u", USER, "-l", "stderr")
        holds(not os.path.exists(d.file("socket")), "the socket was left")
    finally:
        d.remove()


@test
def socket_mode_and_group():
    """set socket PATH mode MODE group GROUP"""
    d = Directory()
    try:
        if ROOT:
            import grp
            group = grp.getgrnam("daemon")
            policy = "set socket unix:%s mode 0600 group daemon\n"
        else:
            policy = "set socket unix:%s mode 0600\n"
        path = d.file("elsewhere")
        with Daemon(policy % path, directory=d) as running:
            running.stop()
            running.process = subprocess.Popen(
                [PROGRAM, "-c", running.policy, "-l", "stderr"] + as_user(),
                stderr=open(running.log, "ab"))
            running.record(event="stop")
            running.record(event="start", socket="unix:" + path)
            s = os.stat(path)
            same(stat.S_IMODE(s.st_mode), 0o600)
            if ROOT:
                same(s.st_gid, group.gr_gid)
        fails(NOUSER, "-c", d.file("bad.conf", "set socket unix:%s group "
                                   "no-such-group\n" % path), *as_user(),
              says="no-such-group")
    finally:
        d.remove()


# --- sockets that are there already

@test
def second_instance():
    """a second instance on the same socket ends, the first goes on"""
    with Daemon() as d:
        fails(TEMPFAIL, "-c", d.policy, "-p", "unix:" + d.socket, *as_user(),
              says="already running")
        m = Mta(d.socket)
        m.connect()
        same(m.helo(), "c")
        m.message(qid="STILL")
        m.quit()
        d.record(qid="STILL")


@test
def stale_socket():
    """kill -9, and a start on the socket that was left"""
    with Daemon() as d:
        for _ in range(2):
            d.process.kill()
            d.process.wait()
            holds(os.path.exists(d.socket), "the socket is gone")
            d.start()
            m = Mta(d.socket)
            m.connect()
            m.quit()
            d.record(event="session")


@test
def killed_while_it_starts():
    """kill -9 at some moment of a start, again and again: the next one stands"""
    with Daemon() as d:
        d.process.kill()
        d.process.wait()
        begun = time.monotonic()
        d.start()
        took = time.monotonic() - begun
        for n in range(30):
            d.process.kill()
            d.process.wait()
            with subprocess.Popen(d.arguments(), stderr=d.output,
                                  stdin=subprocess.DEVNULL) as p:
                time.sleep(took * n / 30)
                p.kill()
            d.seen = len(d.records())
            d.start()
        same(sorted(n for n in os.listdir(d.dir.path) if n.startswith("socket")),
             ["socket", "socket.lock"])
        m = Mta(d.socket)
        m.connect()
        m.quit()
        d.record(event="session")


@test
def foreign_listener():
    """a socket on which somebody else answers is left alone"""
    d = Directory()
    try:
        s = socket.socket(socket.AF_UNIX)
        s.bind(d.file("socket"))
        s.listen(1)
        fails(TEMPFAIL, "-c", POLICY, "-p", sock(d), *as_user(),
              says="somebody answers")
        holds(os.path.exists(d.file("socket")), "the socket is gone")
        s.close()
    finally:
        d.remove()


@test
def not_a_socket():
    """a file, a directory, a link, no directory at all"""
    d = Directory()
    try:
        d.file("file", "precious\n")
        os.mkdir(d.file("directory"))
        os.symlink("file", d.file("link"))
        for name in ("file", "directory", "link"):
            fails(CANTCREAT, "-c", POLICY, "-p", sock(d, name), *as_user(),
                  says="not a socket")
        same(open(d.file("file")).read(), "precious\n")
        fails(CANTCREAT, "-c", POLICY, "-p", sock(d, "missing/socket"),
              *as_user(), says="missing")
        fails(CANTCREAT, "-c", POLICY, "-p", sock(d, "file/socket"),
              *as_user())
    finally:
        d.remove()


@test
def linked_lock():
    """a lock that is a link to another file is not followed"""
    d = Directory()
    try:
        os.symlink(d.file("victim"), d.file("socket.lock"))
        fails(CANTCREAT, "-c", POLICY, "-p", sock(d), *as_user(),
              says="socket.lock")
        holds(not os.path.exists(d.file("victim")), "the link was followed")
    finally:
        d.remove()


@test
def another_socket():
    """a socket of root's, linked in place of ours, is not given to the user"""
    if not ROOT:
        return
    d = Directory()
    try:
        victim, path = d.file("victim"), d.file("socket")
        s = socket.socket(socket.AF_UNIX)
        s.bind(victim)
        r = subprocess.run(
            [LIAR, "-c", POLICY, "-p", "unix:" + path, "-u", USER],
            env=dict(os.environ, LIAR_SOCKET=victim, LIAR_PATH=path), timeout=20,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        same(r.returncode, CANTCREAT, r.stderr.decode())
        holds(b"is not the socket" in r.stderr, r.stderr.decode())
        same(os.stat(victim).st_uid, 0)
        s.close()
    finally:
        d.remove()


def free_port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    return port


@test
def inet_sockets():
    """TCP, in libmilter's spelling and in Postfix's; a port that is taken"""
    d = Directory()
    try:
        for spelling in ("inet:%d@127.0.0.1", "inet:127.0.0.1:%d"):
            port = free_port()
            log = open(d.file("log%d" % port), "wb")
            p = subprocess.Popen([PROGRAM, "-c", POLICY, "-p", spelling % port,
                                  "-l", "stderr"] + as_user(), stderr=log)
            try:
                wait_for(lambda: b"event=start" in
                         open(log.name, "rb").read(), "no start")
                m = Mta(("127.0.0.1", port))
                m.connect()
                same(m.helo(), "c")
                m.quit()
                fails(TEMPFAIL, "-c", POLICY, "-p", spelling % port,
                      *as_user(), says="in use")
            finally:
                p.terminate()
                ended(("127.0.0.1", port), lambda: p.poll() is not None)
                same(p.returncode, 0)
        fails(UNAVAILABLE, "-c", POLICY, "-p", "inet:8899@192.0.2.1",
              *as_user())
    finally:
        d.remove()


@test
def pid_files_that_are_none():
    """a pid file that is a FIFO, a link or another's file is not written"""
    d = Directory()
    try:
        precious = d.file("precious", "kept")
        d.own(precious)
        os.link(precious, d.file("linked"))
        os.symlink(precious, d.file("symbolic"))
        os.mkfifo(d.file("fifo"))
        for name in ("linked", "symbolic", "fifo"):
            fails(CANTCREAT, "-c", POLICY, "-p", sock(d), "-P", d.file(name),
                  *as_user(), says=name)
        same(open(precious).read(), "kept")
    finally:
        d.remove()


# --- the background

@test
def background():
    """-b returns when the daemon listens, or with what went wrong"""
    d = Directory()
    try:
        pidfile = d.file("pid")
        options = ["-c", POLICY, "-p", sock(d), "-P", pidfile, "-b"]
        status, out, err = once(*(options + as_user()))
        same([status, out, err], [0, "", ""])
        pid = int(open(pidfile).read())
        try:
            m = Mta(d.file("socket"))
            m.connect()
            same(m.helo(), "c")
            m.quit()
            same(os.getsid(pid), pid)
            same(os.readlink("/proc/%d/cwd" % pid), "/")
            fails(TEMPFAIL, *(options + as_user()), says="already running")
            same(int(open(pidfile).read()), pid)
        finally:
            os.kill(pid, signal.SIGTERM)
        ended(d.file("socket"), lambda: not os.path.exists("/proc/%d" % pid))
        holds(not os.path.exists(d.file("socket")), "the socket was left")
        holds(not os.path.exists(pidfile), "the pid file was left")
        fails(CANTCREAT, "-c", POLICY, "-p", sock(d), "-P",
              d.file("missing/pid"), "-b", *as_user(), says="missing/pid")
        fails(CONFIG, "-c", d.file("missing"), "-p", sock(d), "-b", *as_user())
    finally:
        d.remove()


@test
def closed_descriptors():
    """started with nothing open"""
    d = Directory()
    try:
        pidfile = d.file("pid")
        same(subprocess.call(
            "exec 0<&- 1>&- 2>&-; exec %s -c %s -p %s -P %s -b %s" % (
                PROGRAM, POLICY, sock(d), pidfile, " ".join(as_user())),
            shell=True), 0)
        os.kill(int(open(pidfile).read()), signal.SIGTERM)
        ended(d.file("socket"), lambda: not os.path.exists(pidfile))
    finally:
        d.remove()


# --- signals

@test
def stops():
    """SIGTERM, SIGINT and SIGHUP stop it: summary, stop, no socket"""
    with Daemon() as a, Daemon() as b, Daemon() as c:
        for d, number in ((a, signal.SIGTERM), (b, signal.SIGINT), (c, signal.SIGHUP)):
            m = Mta(d.socket)
            m.connect()
            m.helo()
            m.message()
            m.quit()
            d.record(event="message")
            d.kill(number)
        for d in (a, b, c):
            # Nobody connects meanwhile: it ends all the same.
            same(d.process.wait(20 * daemon.PATIENCE), 0)
            r = d.record(event="summary")
            holds(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", r["since"]),
                  "since %r" % r.get("since"))
            same([r["messages"], r["sessions"], r["services"]],
                 ["1", "0", "mx:1"])
            d.record(event="stop")
            same(d.fresh(), [], "after the stop")
            holds(not os.path.exists(d.socket), "the socket was left")


@test
def stops_in_sessions():
    """SIGTERM with sessions open"""
    with Daemon() as d:
        open_ones = []
        for i in range(50):
            m = Mta(d.socket)
            m.connect()
            m.helo()
            if i % 2:
                m.mail()
            open_ones.append(m)
        same(d.stop(), 0)
        d.record(event="stop")
        for m in open_ones:
            m.vanish()


@test
def starts():
    """event=start says what runs"""
    with Daemon() as d:
        r = d.records()[0]
        same(list(r), ["v", "event", "version", "policy", "generation", "mode",
                       "socket"])
        same([r["event"], r["generation"], r["mode"], r["socket"],
              len(r["policy"])],
             ["start", "1", "enforce", "unix:" + d.socket, 12])


def spare(path, text):
    """Replace a file in one step, as editors do."""
    with open(path + ".new", "w") as f:
        f.write(text)
    os.chmod(path + ".new", 0o644)
    os.rename(path + ".new", path)


@test
def reload_good():
    """SIGUSR1: new sessions follow the new policy, old ones keep theirs"""
    with Daemon() as d:
        old = Mta(d.socket).tls(*MIDDLE)
        old.connect()
        first = d.records()[0]["policy"]
        spare(d.policy, NO_OLD)
        d.kill(signal.SIGUSR1)
        r = d.record(event="reload")
        same([r["result"], r["generation"]], ["ok", "2"])
        holds(r["policy"] != first, "the same hash")
        new = Mta(d.socket).tls(*MIDDLE)
        new.connect()
        same(new.helo(), "554 5.7.0 new rule")
        same(old.helo(), "c")
        old.message(qid="KEEPS")
        same(d.record(event="message", qid="KEEPS")["policy"], first)
        old.quit()
        new.quit()


@test
def reload_mode():
    """a reload says whether anything is refused from now on"""
    with Daemon() as d:
        text = open(d.policy).read()
        for policy, mode in (("set mode observe\n" + text, "observe"),
                             (text, "enforce")):
            spare(d.policy, policy)
            d.kill(signal.SIGUSR1)
            r = d.record(event="reload")
            same(list(r), ["v", "event", "result", "policy", "generation", "mode"])
            same([r["result"], r["mode"]], ["ok", mode])
    with Daemon(options=("-O",)) as d:
        d.kill(signal.SIGUSR1)
        same(d.record(event="reload")["mode"], "observe")


@test
def reload_bad():
    """a bad file keeps the old policy, and every error is on record"""
    with Daemon() as d:
        before = d.records()[0]["policy"]
        spare(d.policy, "rule a\n    if tsl < TLSv1.2\n    accept\n\n"
              "rule b\n    if prot = 25\n    accept\n")
        d.kill(signal.SIGUSR1)
        one = d.record(event="diagnostic")
        two = d.record(event="diagnostic")
        holds(one["place"].endswith("policy.conf:2:8"), one)
        holds(two["place"].endswith("policy.conf:6:8"), two)
        same([one["level"], two["level"]], ["error", "error"])
        holds("tsl" in one["message"] and "prot" in two["message"], "messages")
        r = d.record(event="reload")
        same([r["result"], r["policy"], r["generation"]],
             ["failed", before, "1"])
        m = Mta(d.socket).port(465)
        m.connect()
        holds(m.helo().startswith("530"), "the old policy is gone")
        m.quit()
        os.unlink(d.policy)
        d.kill(signal.SIGUSR1)
        d.record(event="diagnostic", level="error")
        d.record(event="reload", result="failed")
        spare(d.policy, "default accept\n")
        d.kill(signal.SIGUSR1)
        d.record(event="reload", result="ok", generation="2")


@test
def reload_socket():
    """a socket that changed is named, and stays"""
    with Daemon() as d:
        text = open(d.policy).read()
        # -p was given: the policy's socket does not matter
        spare(d.policy, "set socket unix:/run/other\n" + text)
        d.kill(signal.SIGUSR1)
        d.record(event="reload", result="ok")
        same([r for r in d.records() if r["event"] == "diagnostic"], [])
    d = Directory()
    try:
        path = d.file("policy.conf", "set socket unix:%s\n" % d.file("one"))
        log = open(d.file("log"), "wb")
        p = subprocess.Popen([PROGRAM, "-c", path, "-l", "stderr"] + as_user(),
                             stderr=log)
        says = lambda text: lambda: text in open(log.name).read()
        try:
            wait_for(says("event=start"), "no start")
            spare(path, "set socket unix:%s\n" % d.file("two"))
            p.send_signal(signal.SIGUSR1)
            wait_for(says("event=reload result=ok"), "no reload")
            holds("takes effect at the next start" in open(log.name).read(),
                  "not named")
        finally:
            p.terminate()
            ended(d.file("one"), lambda: p.poll() is not None)
    finally:
        d.remove()


DEEP = """
list modern = ciphers "ECDHE+AESGCM:ECDHE+CHACHA20"
service all    port %s
rule deep
    if %stls = TLSv1.3%s
    reject 550 5.7.1 "deep"
rule pattern
    if helo ~ /^%sa+%s$/
    reject 550 5.7.1 "pattern"
""" % (" ".join(str(port) for port in range(1000, 1200)), "not (" * 44, ")" * 44,
       "(" * 50, ")" * 50)


@test
def small_stacks():
    """threads of 256 KB, where others have 8 MB: reloads and sessions"""
    class Small(Daemon):
        def arguments(self):
            return ["sh", "-c", 'ulimit -s 256; exec "$@"', "sh"] + super().arguments()

    with Small() as d:
        spare(d.policy, DEEP)
        d.kill(signal.SIGUSR1)
        same(d.record(event="reload")["result"], "ok", d.text())
        newest = ("TLSv1.3", "TLS_AES_128_GCM_SHA256", "128")
        for tls, helo, verdict in ((newest, "b", "550 5.7.1 deep"),
                                   (MIDDLE, "a" * 100, "550 5.7.1 pattern")):
            m = Mta(d.socket).tls(*tls)
            m.connect()
            same(m.helo(helo), verdict)
            m.quit()
        same(d.stop(), 0)


@test
def reload_often():
    """many reloads under traffic: every session is answered"""
    with Daemon() as d:
        texts = [open(d.policy).read(), NO_OLD, "rule x\n    if\n"]
        for i in range(60):
            spare(d.policy, texts[i % 3])
            d.kill(signal.SIGUSR1)
            m = Mta(d.socket).tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", "128")
            m.connect()
            same(m.helo(), "c")
            m.message(qid="R%d" % i)
            m.quit()
            d.record(qid="R%d" % i)


@test
def many_sessions():
    """a thousand sessions at once"""
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(1000, hard - 200 if hard > 0 else 1000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Daemon() as d:
        sessions = [Mta(d.socket) for _ in range(count)]
        for m in sessions:
            m.connect()
        for m in sessions:
            same(m.helo(), "c")
        for m in sessions:
            m.quit()
        wait_for(lambda: d.text().count("event=session") == count,
                 "not all on record")
        ids = {r["id"] for r in d.records() if r["event"] == "session"}
        same(len(ids), count)


def busy_until(d, over):
    """Sessions whose names are hashed, one behind the other."""
    while not over.is_set():
        try:
            m = Mta(d.socket).port(587)
            m.connect(address="192.0.2.1")
            m.helo()
            for _ in range(9):
                m.mail("<a@b.example>")
        except Exception:  # the daemon ends: that is what is looked at
            time.sleep(0.01)


@test
def ends_in_order_while_busy():
    """SIGTERM among sessions and reloads: no thread is left without libcrypto"""
    over = threading.Event()
    places = [Directory() for _ in range(8)]
    daemons = [Daemon("set log-client hashed\nset log-sender hashed\n"
                      "set key-file \"%s\"\n" % place.file("key"), directory=place)
               for place in places]
    try:
        for d in daemons * 4:
            threading.Thread(target=busy_until, args=(d, over), daemon=True).start()
        for d in daemons:
            wait_for(lambda d=d: "event=message" in d.text(), "no session", 60)
        for d in daemons * 5:
            d.kill(signal.SIGUSR1)
        for d in daemons:
            d.kill(signal.SIGTERM)
        same([d.process.wait(60) for d in daemons], [0] * len(daemons))
    finally:
        over.set()
        for d, place in zip(daemons, places):
            d.process.kill()
            d.process.wait()
            d.output.close()
            place.remove()


if __name__ == "__main__":
    tap.run()
