"""How fast logs are read, and in how much memory: as ratios, each of one run on
the same file.

    logs.py         speaks TAP: short logs, no figures, are the numbers right?
    logs.py bench   prints the figures; wants mawk, gawk and pflogsumm

The report is held against what awk needs to count one field of the same records,
and what pflogsumm needs for a log of Postfix.  Processor time counts, of several
rounds the fastest, for what else the machine did can only have made the others
slower.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../milter"), os.path.join(HERE, "../logs")]
import tap
from memory import measure
from tap import holds, same

BUILD = os.environ.get("TOP_BUILDDIR", ".")
TLSWARDEN = os.path.join(BUILD, "policy/cli/tlswarden")
DRAW = os.path.join(BUILD, "tests/bench/draw_log")
KINDS = ("records", "postfix", "sendmail")
CLIENTS = 20000
MB = 1 << 20
ROUNDS = 5
SANITIZED = subprocess.check_output(
    [os.path.join(BUILD, "tests/logs/damage"), "build"]) == b"sanitized\n"

# RFC 3164 has no time zone: the log is of the one it is read in.
os.environ.update(TZ="UTC", LC_ALL="C")


def draw(directory, kind, lines):
    path = os.path.join(directory, "%s.%d.log" % (kind, lines))
    if not os.path.exists(path):
        with open(path, "wb") as f:
            subprocess.check_call([DRAW, kind, str(lines), str(CLIENTS)], stdout=f)
    return path


def ask(path, *options):
    """The report as JSON, and the most memory it had."""
    with tempfile.TemporaryFile() as out:
        status, memory, _ = measure([TLSWARDEN, "report", "--format", "json", *options, path],
                                    stdout=out)
        holds(status in (0, 1), "status %d" % status)
        out.seek(0)
        return json.load(out), memory


# --- is it right?

def reckon(path, kind):
    """What the log says, as plainly as one can read it."""
    with open(path, encoding="ascii") as f:
        lines = f.readlines()
    if kind == "records":
        return {"messages": len(lines),
                "cleartext": sum(" tls=none " in line for line in lines),
                "deprecated": sum(" tls=TLSv1 " in line for line in lines)}
    if kind == "sendmail":
        mail = [line for line in lines if ": from=<" in line]
        # proto=ESMTP, or ESMTPA with a login; an S is TLS.
        return {"messages": len(mail),
                "cleartext": sum("ESMTP," in line or "ESMTPA," in line for line in mail)}
    return {"messages": sum(": client=" in line for line in lines)}


def numbers(directory, kind):
    path = draw(directory, kind, 20000)
    said, _ = ask(path)
    want = reckon(path, kind)
    same({name: said["numbers"][name] for name in want}, want)
    same(said["numbers"]["lines"], 20000)
    holds(said["numbers"].get("broken", 0) == 0, said["numbers"])


@tap.test
def records(directory):
    """a log of records: every number"""
    numbers(directory, "records")


@tap.test
def postfix(directory):
    """a log of Postfix: every message"""
    numbers(directory, "postfix")


@tap.test
def sendmail(directory):
    """a log of Sendmail: every number"""
    numbers(directory, "sendmail")


@tap.test
def bounded(directory):
    """memory is that of the names, and --max-memory says what it costs"""
    path = draw(directory, "records", 200000)
    exact, _ = ask(path, "--by", "client", "--top", "0")
    same(exact["error"], 0)
    rows = exact["tables"]["by"]["rows"]
    holds(len(rows) > CLIENTS / 2, len(rows))
    same(sum(row["messages"] for row in rows), 200000)
    counts = {row["client"]: row["messages"] for row in rows}
    near, _ = ask(path, "--by", "client", "--top", "100", "--max-memory", "256K")
    error = near["error"]
    holds(0 < error < 200000 / 100, error)
    holds(near["tables"]["by"]["error"] == error, near["tables"]["by"])
    for row in near["tables"]["by"]["rows"]:
        holds(row["messages"] <= counts[row["client"]] <= row["messages"] + error, row)
    # Sanitizers remember what was freed.
    if not SANITIZED:
        small, large = ask(path)[1], ask(draw(directory, "records", 400000))[1]
        holds(large < 64 * MB, "%d bytes" % large)
        holds(large < 1.3 * small, "%d bytes, of half the lines %d" % (large, small))


# --- how fast?

def fastest(command):
    """Seconds of the fastest round, and the most memory of any."""
    best, most = None, 0
    for _ in range(ROUNDS):
        with open(os.devnull, "wb") as out:
            status, memory, seconds = measure(command, stdout=out)
        if status not in (0, 1):
            sys.exit("%s: status %d" % (command[0], status))
        best = seconds if best is None else min(best, seconds)
        most = max(most, memory)
    return best, most


def figure(name, seconds, lines, memory=None, ours=None):
    print("%-44s %7.2f s  %9.0f lines/s%s%s" % (
        name, seconds, lines / seconds,
        "" if memory is None else "  %4.0f MB" % (memory / MB),
        "" if ours is None else "  x %.2f of the report" % (seconds / ours)))
    sys.stdout.flush()


def have(*programs):
    missing = [p for p in programs if shutil.which(p) is None]
    if missing:
        sys.exit("bench: not here: %s" % " ".join(missing))


def bench_records(directory):
    lines = 1000000
    path = draw(directory, "records", lines)
    ours, memory = fastest([TLSWARDEN, "report", path])
    figure("records: the report", ours, lines, memory)
    seconds, memory = fastest([TLSWARDEN, "report", "--by", "tls", path])
    figure("records: the report --by tls", seconds, lines, memory, ours)
    # Where the field stands in these records, and where it stands in any.
    by_place = "{ n[$15]++ } END { for (k in n) print k, n[k] }"
    by_name = ("match($0, / tls=[^ ]*/) { n[substr($0, RSTART, RLENGTH)]++ } "
               "END { for (k in n) print k, n[k] }")
    for awk in ("mawk", "gawk"):
        for what, program in (("by place", by_place), ("by name", by_name)):
            seconds, _ = fastest([awk, program, path])
            figure("records: %s counts one field, %s" % (awk, what), seconds, lines, ours=ours)


def bench_servers(directory):
    # So many that starting, some milliseconds, is no part of it.
    lines = 1000000
    for kind in ("sendmail", "postfix"):
        path = draw(directory, kind, lines)
        ours, memory = fastest([TLSWARDEN, "report", path])
        figure("%s: the report" % kind, ours, lines, memory)
    seconds, _ = fastest(["pflogsumm", path])
    figure("postfix: pflogsumm", seconds, lines, ours=ours)


def bench_memory():
    """Many lines, through a pipe: no file so large is needed."""
    for lines in (1000000, 10000000):
        for options in ((), ("--max-memory", "1M")):
            source = subprocess.Popen([DRAW, "records", str(lines), str(CLIENTS)],
                                      stdout=subprocess.PIPE)
            with open(os.devnull, "wb") as out:
                _, memory, seconds = measure([TLSWARDEN, "report", *options, "-"],
                                             stdin=source.stdout, stdout=out)
            source.stdout.close()
            source.wait()
            figure("records: %d lines %s" % (lines, " ".join(options)), seconds, lines, memory)


def bench(directory):
    have("mawk", "gawk", "pflogsumm")
    bench_records(directory)
    bench_servers(directory)
    bench_memory()


with tempfile.TemporaryDirectory() as scratch:
    if sys.argv[1:] == ["bench"]:
        bench(scratch)
    else:
        tap.run(scratch)
