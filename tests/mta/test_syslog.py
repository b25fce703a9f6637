"""The system log stalls, or is gone, while mail flows: mail is not delayed, and
what could not be kept is counted and said when the log is back.
"""

import time

import bed
from tap import ok, same

PATIENCE = 2.0      # seconds that no reply may take, log or no log
FLOOD = 20000       # records: more than the daemon keeps in memory
BATCH = 20          # transactions given up that one session has on record


def slowest(bed_, count=30):
    """Whole sessions, one after the other; the longest in seconds."""
    worst = 0.0
    sources = []
    for _ in range(count):
        begin = time.monotonic()
        with bed_.connect("postfix", 25) as session:
            session.ehlo()
            assert session.message().code == 250, session.dialogue
            session.quit()
        worst = max(worst, time.monotonic() - begin)
        sources.append(session.source)
    return worst, sources


def on_record(bed_, sources, since):
    def all_there():
        seen = {r.get("client") for r in bed_.syslog.records(since)
                if r["event"] == "message"}
        return seen >= set(sources)
    end = time.monotonic() + 20
    while not all_there() and time.monotonic() < end:
        time.sleep(0.1)
    return all_there()


def stalled(bed_):
    since = bed_.syslog.size()
    bed_.syslog.stall()
    try:
        worst, sources = slowest(bed_)
    finally:
        bed_.syslog.resume()
    ok(worst < PATIENCE, "syslogd stalled: mail is not delayed", worst)
    ok(on_record(bed_, sources, since), "syslogd back: every record comes, late")
    same([r for r in bed_.syslog.records(since) if r["event"] == "dropped"], [],
         "syslogd back: nothing was dropped")


def gone(bed_):
    since = bed_.syslog.size()
    bed_.syslog.stop()
    worst, sources = slowest(bed_)
    ok(worst < PATIENCE, "syslogd gone: mail is not delayed", worst)
    bed_.syslog.start()
    more, later = slowest(bed_, 3)
    ok(more < PATIENCE, "syslogd started again: mail is not delayed", more)
    ok(on_record(bed_, sources + later, since),
       "syslogd started again: every record comes, late")


def flooded(bed_):
    """More records than are kept: written + dropped = all there were."""
    since = bed_.syslog.size()
    bed_.syslog.stall()
    worst = 0.0
    try:
        for _ in range(FLOOD // BATCH):
            begin = time.monotonic()
            with bed_.connect("postfix", 25, source="198.18.255.1") as session:
                session.ehlo()
                session.send(b"MAIL FROM:<a@example.net>\r\nRSET\r\n" * BATCH)
                for _ in range(2 * BATCH):
                    session.line()
                session.quit()
            worst = max(worst, time.monotonic() - begin)
    finally:
        bed_.syslog.resume()
    ok(worst < PATIENCE, "a flood with syslogd stalled: no reply is delayed", worst)
    dropped = bed_.syslog.wait(lambda r: r["event"] == "dropped", since, timeout=60)
    if not ok(dropped, "syslogd back: it is said that records were dropped"):
        return

    def total():
        kept = [r for r in bed_.syslog.records(since) if r.get("client") == session.source]
        lost = [r for r in bed_.syslog.records(since) if r["event"] == "dropped"]
        return len(kept), sum(int(r["count"]) for r in lost), lost
    end = time.monotonic() + 30
    kept, lost, lines = total()
    while kept + lost < FLOOD and time.monotonic() < end:
        time.sleep(0.3)
        kept, lost, lines = total()
    same(kept + lost, FLOOD, "written and dropped make up all there were", kept, lost,
         *lines)
    ok(lost > 0 and kept > 1000, "some were kept, and the count is not zero", kept, lost)
    ok(all("since" in r for r in lines), "the line says since when", *lines)
    worst, sources = slowest(bed_, 3)
    ok(on_record(bed_, sources, since), "and then all is as before")


def test(bed_):
    for part in (stalled, gone, flooded):
        bed.tap.attempt(part, part.__name__, bed_)


if __name__ == "__main__":
    bed.main(test, mtas=("postfix",))
