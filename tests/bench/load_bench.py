"""load_bench.py owns the figures of load.py: what is measured and how it is shown.
It runs as root, inside of a world of its own, for /dev/log and Postfix's ports.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import certs
import load
import milters
import namespace
import postfix
import process
from milters import run

THREADS = 8
PACE = 1000			# sessions a second: what a Postfix on two cores asks
MESSAGES = 1000
HOSTNAME = "mx.example.com"


def median(rounds, name):
    return statistics.median(r[name] for r in rounds)


def goal(value, limit, at_least):
    met = value >= limit if at_least else value <= limit
    return "%s %s %g" % ("good" if met else "MISSED", ">=" if at_least else "<=", limit)


def in_turn(every, measure, rounds=load.ROUNDS):
    """A B C A B C ...: what each milter's rounds said."""
    told = {m.name: [] for m in every}
    for _ in range(rounds):
        for m in every:
            told[m.name].append(measure(m))
    return told


def ratios(ours, base, name):
    """Of the medians, and of the best."""
    return (median(ours, name) / median(base, name),
            max(r[name] for r in ours) / max(r[name] for r in base))


# --- the milters alone

def sessions(every, log):
    def measure(m):
        before = log.seconds()
        told = run(m, "submission", load.SESSIONS, THREADS)
        told["log"] = (log.seconds() - before) / told["sessions"]
        return told

    told = in_turn(every, measure)
    base = told["empty"]
    print("\nsessions a second, %d at a time, %d rounds of %d; processor time of a session"
          % (THREADS, load.ROUNDS, load.SESSIONS))
    for m in every:
        rounds = told[m.name]
        middle, best = ratios(rounds, base, "rate")
        cpu = min(r["cpu"] for r in rounds)
        more = cpu - min(r["cpu"] for r in base)
        print("  %-11s median %6.0f (%.3f)  best %6.0f (%.3f)  %6.1f us (+%.1f), "
              "reader of the log %4.1f us  %s" % (
                  m.name, median(rounds, "rate"), middle, max(r["rate"] for r in rounds),
                  best, cpu * 1e6, more * 1e6, min(r["log"] for r in rounds) * 1e6,
                  goal(middle, load.GOALS[m.name], True) if m.name in load.GOALS else ""))


def latency(every):
    told = in_turn(every, lambda m: run(m, "submission", 2000, THREADS, PACE), 5)
    base = told["empty"]
    print("\nwaiting for a session's answers, at %d sessions a second, microseconds" % PACE)
    for m in every:
        rounds = told[m.name]
        ratio = median(rounds, "p99") / median(base, "p99")
        print("  %-11s half %5.0f  99 of 100 %6.0f (%.2f), least %6.0f (%.2f)  %s" % (
            m.name, median(rounds, "p50") / 1e3, median(rounds, "p99") / 1e3, ratio,
            min(r["p99"] for r in rounds) / 1e3,
            min(r["p99"] for r in rounds) / min(r["p99"] for r in base),
            goal(ratio, load.GOALS["p99"], False) if m.name in load.GOALS else ""))


def memory(directory):
    print("\nmemory of %d sessions held open" % load.HELD)
    for name, policy in (("default", milters.POLICY), ("1000-rules",
                                                       directory.file("rules.conf"))):
        with milters.tlswardend(directory, "held", policy) as ours, \
                milters.empty(directory, "beside") as empty:
            used = load.per_session(ours, load.HELD)
            base = load.per_session(empty, load.HELD)
            print("  %-11s %6.0f bytes each, empty %6.0f, the difference %6.0f  %s" % (
                name, used, base, used - base,
                goal(used - base, load.GOALS["memory"], False)))


def sizes(ours, empty):
    print("\nprocessor time of a session by what the message is, microseconds")
    for what, more in (("a small message", {}), ("20 MB", {"body": 20000000}),
                       ("100 recipients", {"recipients": 100})):
        told = in_turn((ours, empty), lambda m, more=more: run(
            m, "submission", 1000, THREADS, **more), 5)
        cpu = [min(r["cpu"] for r in told[m.name]) * 1e6 for m in (ours, empty)]
        print("  %-16s default %6.1f  empty %6.1f  the difference %5.1f; %d bytes sent" % (
            what, cpu[0], cpu[1], cpu[0] - cpu[1], told[ours.name][0]["bytes"]))


# --- through Postfix

# Mail is thrown away, out of a queue that is in memory: only the processors hold
# it back.  Or as on a server: queue and mailboxes on a disk, each file flushed.
DISCARDED = ""
DELIVERED = """mydestination =
virtual_mailbox_domains = example.com
virtual_mailbox_base = %s
virtual_mailbox_maps = static:bob/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
"""


def through_memory(every):
    through_postfix(every, os.path.join(namespace.ROOT, "load"), DISCARDED,
                    "queue in memory, thrown away", load.ROUNDS)


def through_disk(every):
    root = tempfile.mkdtemp(prefix="tw-", dir="/var/tmp")
    try:
        os.chmod(root, 0o755)
        mail = os.path.join(root, "mail")
        os.mkdir(mail)
        os.chown(mail, 65534, 65534)
        through_postfix(every, root, DELIVERED % mail, "on the disk, delivered", 7)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def through_postfix(every, root, extra, how, rounds):
    """One Postfix, an address for each milter, and one without any."""
    authority = certs.Authority(os.path.join(root, "certs"))
    addresses = {"none": "192.0.2.25:25"}
    services = [(addresses["none"], ["-o smtpd_milters="])]
    for i, m in enumerate(every):
        addresses[m.name] = "192.0.2.%d:25" % (26 + i)
        os.chmod(m.socket, 0o666)
        services.append((addresses[m.name], ["-o smtpd_milters=unix:" + m.socket]))
    sasldb = os.path.join(root, "sasldb")
    namespace.write(sasldb, "")
    server = postfix.Postfix(os.path.join(root, "postfix"), authority,
                             authority.issue("server", "/CN=" + HOSTNAME, (HOSTNAME,)),
                             sasldb, HOSTNAME, services, protocols="ipv4",
                             extra="smtpd_peername_lookup = no\nsmtpd_tls_loglevel = 0\n"
                             + extra)
    server.start()
    try:
        rates = rounds_of_mail(server, addresses, rounds)
    finally:
        server.stop()
    print("\nmessages a second through Postfix (%s), by smtp-source, a session each;"
          " beside no milter, and beside the empty one" % how)
    for name, told in rates.items():
        middle, best = ratios(told, rates["none"], "rate")
        beside, beside_best = ratios(told, rates["empty"], "rate")
        print("  %-11s median %5.0f (%.3f, %.3f)  best %5.0f (%.3f, %.3f)  %s" % (
            name, median(told, "rate"), middle, beside,
            max(r["rate"] for r in told), best, beside_best,
            goal(middle, load.GOALS["postfix"], True) if name == "default" else ""))


def rounds_of_mail(server, addresses, rounds):
    rates = {name: [] for name in addresses}
    for number in range(rounds + 1):
        for name, address in addresses.items():
            start = time.monotonic()
            subprocess.run(["smtp-source", "-s", "10", "-m", str(MESSAGES), "-l", "2000",
                            "-f", "ann@example.net", "-t", "bob@example.com", address],
                           check=True, stdin=subprocess.DEVNULL)
            if number > 0:	# the first one starts Postfix's processes
                rates[name].append({"rate": MESSAGES / (time.monotonic() - start)})
            process.until(lambda: empty_queue(server), 120, "an empty queue")
    return rates


def empty_queue(server):
    return not any(files for name in ("maildrop", "incoming", "active")
                   for _, _, files in os.walk(os.path.join(server.queue, name)))


def main():
    # as systemd sets it on the machines that it starts
    with open("/proc/sys/net/unix/max_dgram_qlen", "w", encoding="ascii") as f:
        f.write("512")
    with milters.Directory() as directory:
        log = milters.Syslog()
        directory.file("rules.conf", load.rules(1000))
        empty = milters.empty(directory)
        ours = milters.tlswardend(directory, "default")
        many = milters.tlswardend(directory, "1000-rules", directory.file("rules.conf"))
        least = milters.least(directory)
        python = milters.pymilter(directory)
        every = (empty, least, ours, many, python)
        try:
            for m in every:
                told = run(m, "submission", 1000, THREADS)
                if told["answers"] != load.VERDICTS["submission"] or told["odd"]:
                    raise RuntimeError("%s: %r" % (m.name, told))
            for kind in load.VERDICTS:
                told = run(python, kind, 100, THREADS)
                if told["answers"] != load.VERDICTS[kind] or told["odd"]:
                    raise RuntimeError("pymilter: %s: %r" % (kind, told))
            parts = {"sessions": lambda: sessions(every, log),
                     "latency": lambda: latency(every),
                     "sizes": lambda: sizes(ours, empty),
                     "memory": lambda: memory(directory),
                     "postfix": lambda: through_memory((empty, ours, python)),
                     "disk": lambda: through_disk((empty, ours, python))}
            for name in sys.argv[2:] or parts:
                parts[name]()
        finally:
            for m in every:
                m.stop()
            log.stop()
