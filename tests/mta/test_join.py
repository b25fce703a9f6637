"""Records and the servers' own lines of the same traffic, read together: each
message and session once, as its record, and what has no record is a gap.
"""

import collections
import json
import random
import subprocess

import bed
import process
import test_logs
from tap import ok, same

CLIENTS = "198.18."


def read(bed_):
    """(entries of clients, counts) of all logs together."""
    done = subprocess.run([test_logs.ENTRIES, "-j", bed_.mtas["postfix"].log,
                           bed_.syslog.log], capture_output=True, check=True, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [e for e in lines[:-1] if (e.get("client") or CLIENTS).startswith(CLIENTS)
            and e["kind"] in ("message", "session")], lines[-1]


def short(told):
    return "%s %s %s %s" % (told["origin"], told["kind"], told.get("client"),
                            told.get("stage"))


def recorded(bed_):
    """How many messages and sessions of each client are on record."""
    return collections.Counter((r["event"], r["client"]) for r in bed_.syslog.records()
                               if r["event"] in ("message", "session")
                               and r["client"].startswith(CLIENTS))


def whole(seen, total):
    """Are both logs there?  Until then something has no record, or is missing."""
    found, counts = seen
    return counts["gaps"] == 0 and len(found) >= total \
        and all(e["origin"] == "record" for e in found)


def once(bed_):
    """Every kind of session there is, one by one and fifty at once."""
    wanted = collections.Counter()
    failed, clear = set(), collections.Counter()
    for mta in bed_.mtas:
        traffic = test_logs.Traffic(bed_, mta)
        kinds = traffic.all()
        for part, args in kinds:
            traffic.run(part, args)
        test_logs.hurry(traffic, kinds * 2)
        same(traffic.problems, [], mta + ": every session went as meant")
        for source, entries in traffic.wanted.items():
            for told in entries:
                failed |= {source} if told["handshake_failed"] else set()
                if told["auth_clear"]:
                    clear[source] += told["auth_clear"]
                wanted[source] += 1
        last = sorted(traffic.wanted)[-1]
        bed_.account(last)
    total = sum(wanted.values())
    records = process.settled(lambda: recorded(bed_), lambda r: sum(r.values()) >= total)
    found, counts = process.settled(lambda: read(bed_), lambda seen: whole(seen, total))
    others = [short(e) for e in found if e["origin"] != "record"]
    same(others, [], "nothing has no record")
    same(counts["gaps"], 0, "there is no gap")
    same(counts["broken"], 0, "and no broken line")
    got = collections.Counter((e["kind"], e["client"]) for e in found)
    same(got, records, "each record is told once")
    short_of = [s for s in wanted if wanted[s] != got["message", s] + got["session", s]]
    same(short_of, [], "as often as the servers' lines tell of it")
    same({e["client"] for e in found if e["handshake_failed"]}, failed,
         "with the handshakes that failed")
    told = collections.Counter()
    for e in found:
        if e["auth_clear"]:
            told[e["client"]] += e["auth_clear"]
    same(told, clear, "and the passwords that were sent in the clear")


def gap(bed_):
    """On port 25 Postfix takes mail while the daemon is down."""
    before = {e["client"] for e in read(bed_)[0] if e.get("gap")}
    same(before, set(), "no gap yet")
    missed = []
    for down in (False, True, False, True):
        if down:
            bed_.warden.kill()
        for _ in range(5):
            with bed_.connect("postfix", 25) as session:
                session.ehlo()
                if down:
                    missed.append(session.source)
                session.message()
                session.quit()
        if down:
            bed_.warden.start()
        else:
            bed_.account(session.source)
    found, counts = process.settled(
        lambda: read(bed_), lambda seen: seen[1]["gaps"] >= len(missed))
    same(sorted(e["client"] for e in found if e.get("gap")), sorted(missed),
         "what came while the daemon was down is a gap")
    same(counts["gaps"], len(missed), "and nothing else is")
    ok(all(e["origin"] == "postfix" for e in found if e.get("gap")), "told by the server")


def test(bed_):
    random.seed(5)
    bed.tap.attempt(once, "once", bed_)
    bed.tap.attempt(gap, "gap", bed_)


if __name__ == "__main__":
    bed.main(test, sendmail_settings={"loglevel": 9})
