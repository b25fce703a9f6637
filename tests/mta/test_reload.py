"""A new policy while mail flows: SIGUSR1 with a good file, with a bad one,
during sessions and under load.
"""

import itertools
import threading

import bed
import process
from tap import ok, same

OPEN = """default accept
"""
CLOSED = """rule closed
    if service = mx
    reject 550 5.7.1 "Closed for a test"

default accept
"""
BAD = """rule closed
    if tsl < TLSv1.2
    reject 450 5.7.1 "Two mistakes"
default acept
"""


def reload(bed_, text):
    """Write, signal, and wait for what the daemon says about it."""
    since = bed_.syslog.size()
    bed_.warden.write(text)
    bed_.warden.reload()
    found = bed_.syslog.wait(lambda r: r["event"] == "reload", since)
    return found[0] if found else {}, since


def mail(bed_, mta):
    with bed_.connect(mta, 25) as session:
        session.ehlo()
        answer = session.message()
        session.quit()
    return answer, bed_.account(session.source)[0]


def during_a_session(bed_, mta):
    name = "%s: " % mta
    reload(bed_, OPEN)
    with bed_.connect(mta, 25) as old:
        old.ehlo()
        said, _ = reload(bed_, CLOSED)
        same(said.get("result"), "ok", name + "a good file is taken", said)
        answer, record = mail(bed_, mta)
        ok(answer.text.startswith("550 5.7.1 Closed for a test"),
           name + "a new session is judged by it", answer)
        same(record.get("policy"), said.get("policy"),
             name + "and its record names it", record)
        answer = old.message()
        same(answer.code, 250, name + "a session that had begun keeps its policy",
             *old.dialogue)
        old.message()
        old.quit()
    kept = bed_.account(old.source, 2)
    ok(len(kept) == 2 and all(r.get("policy") != said.get("policy") for r in kept),
       name + "and its records name the old one", *kept)


def bad_file(bed_, mta):
    name = "%s: a bad file" % mta
    before, _ = reload(bed_, CLOSED)
    said, since = reload(bed_, BAD)
    same((said.get("result"), said.get("policy"), said.get("generation")),
         ("failed", before.get("policy"), before.get("generation")),
         name + " is refused, and the old one stays", said)
    found = [r for r in bed_.syslog.records(since) if r["event"] == "diagnostic"]
    places = [r.get("place", "") for r in found]
    for line, column in ((2, 8), (3, 12), (4, 9)):
        ok(any(p.endswith("policy.conf:%d:%d" % (line, column)) for p in places),
           name + ": error at line %d, column %d" % (line, column), *found)
    answer, _ = mail(bed_, mta)
    ok(answer.text.startswith("550 5.7.1"), name + ": mail is judged as before", answer)
    bed_.warden.policy = None
    after, _ = reload_as_is(bed_)
    same(after.get("result"), "failed", name + " stays bad until it is mended", after)
    bed_.warden.policy = bed_.path("warden/policy.conf")
    after, _ = reload(bed_, OPEN)
    same((after.get("result"), after.get("generation")),
         ("ok", str(int(before.get("generation", -1)) + 1)),
         name + ", mended, is taken", before, after)
    answer, _ = mail(bed_, mta)
    same(answer.code, 250, name + ", mended: mail is taken again", answer)


def reload_as_is(bed_):
    since = bed_.syslog.size()
    bed_.warden.reload()
    found = bed_.syslog.wait(lambda r: r["event"] == "reload", since)
    return found[0] if found else {}, since


def under_load(bed_, mta):
    """Reloads while mail flows: every message gets a whole verdict.

    Forty of them, and on a slow machine as many more as it takes until ten
    messages met each policy.
    """
    replies, results, end = [], [], threading.Event()

    def flow(first):
        n = 0
        while not end.is_set():
            n += 1
            with bed_.connect(mta, 25, source="198.51.100.%d" % (first + n % 5)) as s:
                s.ehlo()
                replies.append(s.message().text[:9])
                s.quit()

    threads = [threading.Thread(target=flow, args=(200 + 10 * i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    texts = itertools.cycle((OPEN, CLOSED))

    def another():
        results.append(reload(bed_, next(texts))[0].get("result"))
        met = [r[:3] for r in replies]
        return min(met.count("250"), met.count("550"))

    process.settled(another, lambda met: len(results) >= 40 and met >= 10, 120)
    end.set()
    for thread in threads:
        thread.join()
    ok(len(results) >= 40 and set(results) == {"ok"},
       "%s: every one of forty reloads and more under load is taken" % mta, *results)
    odd = [r for r in replies if not r.startswith(("250 2.0.0", "550 5.7.1"))]
    ok(replies and not odd, "%s: %s" % (mta, "every message got one verdict or the other"),
       len(replies), *odd)
    ok({r[:3] for r in replies} == {"250", "550"}, "%s: both were seen" % mta,
       len(replies))


def test(bed_):
    for mta in bed_.mtas:
        for part in (during_a_session, bad_file, under_load):
            bed.tap.attempt(part, "%s %s" % (mta, part.__name__), bed_, mta)
    ok(bed_.warden.program.alive(), "the daemon lives")


if __name__ == "__main__":
    bed.main(test, policy=OPEN)
