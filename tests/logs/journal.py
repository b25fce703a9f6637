"""What servers wrote, put into a journal by systemd's own tools and printed by
journalctl in each form that we read, comes to the same entries.  Speaks TAP."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("TOP_SRCDIR", ".")
ENTRIES = os.path.join(os.environ.get("TOP_BUILDDIR", "."), "tests/logs/entries")
REMOTE = "/lib/systemd/systemd-journal-remote"
LINE = re.compile(rb"(\S+) (\S+) ([^\[ ]+)\[(\d+)\]: (.*)", re.S)
# Forms for a terminal leave out what does not print; the others have it all.
PLAIN = ("short", "short-precise", "short-iso", "short-iso-precise")
WHOLE = ("json", "export")
RECORDS = (b"v=1 event=start version=0.1.0 policy=e611f74f144c generation=1",
           b'v=1 event=message id=1 verdict=accept rule=default stage=eom service=mx '
           b'port=25 client=192.0.2.7 helo="a \\x22b\\x22" tls=none outcome=cleartext '
           b'auth=none sender=ann@example.net qid=NOBODYS',
           b"v=1 event=alarm kind=password-exposed user=ann client=192.0.2.7 count=2")
# A message of several lines is one message still.
FORGED = (b"hello\n2026-11-20T10:00:00+00:00 mx tlswardend[1]: v=1 event=message id=9 "
          b"verdict=accept stage=eom client=192.0.2.99 tls=none outcome=cleartext\n"
          b"MESSAGE=v=1 event=session id=8 verdict=accept client=192.0.2.99")

count = failed = 0


def ok(good, name, *why):
    global count, failed
    count += 1
    failed += not good
    print("%s %d - %s" % ("ok" if good else "not ok", count, name))
    if not good:
        for line in why:
            print("# %s" % (line,))


def seconds(stamp):
    whole, fraction = stamp[:19].decode(), stamp[19:26].decode()
    at = time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S"))
    return at + (float(fraction) if fraction.startswith(".") else 0)


def read(path):
    """[(time, host, program, pid, text)], all of the last hours."""
    with open(path, "rb") as f:
        found = [LINE.match(line).groups() for line in f.read().split(b"\n")[:-1]]
    last = max(seconds(stamp) for stamp, *_ in found)
    shift = int(time.time()) - 3600 - int(last)
    found = [(seconds(stamp) + shift, host, program, pid, text)
             for stamp, host, program, pid, text in found]
    at = found[-1][0]
    found += [(at + i, b"mx", b"tlswardend", b"77", text)
              for i, text in enumerate(RECORDS)]
    return found + [(at + 5, b"mx", b"other", b"78", FORGED)]


def as_lines(messages):
    """As a syslog file; without what would be lines of its own there."""
    return b"".join(
        time.strftime("%Y-%m-%dT%H:%M:%S+00:00 ", time.gmtime(at)).encode()
        + b"%s %s[%s]: %s\n" % (host, program, pid, text)
        for at, host, program, pid, text in messages if b"\n" not in text)


def as_export(messages):
    """As journald would be asked to take it, text that does not print as bytes."""
    out = []
    for at, host, program, pid, text in messages:
        fields = [b"__REALTIME_TIMESTAMP=%d" % int(at * 1000000),
                  b"__MONOTONIC_TIMESTAMP=%d" % int(at * 1000000 % 1e12),
                  b"_BOOT_ID=5f0c9a2b77e1d3045f0c9a2b77e1d304",
                  b"_MACHINE_ID=5f0c9a2b77e1d3045f0c9a2b77e1d305",
                  b"_TRANSPORT=syslog", b"PRIORITY=6", b"SYSLOG_FACILITY=2",
                  b"_HOSTNAME=" + host, b"SYSLOG_IDENTIFIER=" + program,
                  b"SYSLOG_PID=" + pid, b"_PID=" + pid, b"_COMM=" + program[:15]]
        if b"\n" in text or not printable(text):
            fields.append(b"MESSAGE\n" + len(text).to_bytes(8, "little") + text)
        else:
            fields.append(b"MESSAGE=" + text)
        out.append(b"\n".join(fields) + b"\n\n")
    return b"".join(out)


def printable(text):
    try:
        return text.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def entries(path):
    done = subprocess.run([ENTRIES, "-j", path], capture_output=True, check=True)
    lines = done.stdout.decode("utf-8").splitlines()
    return sorted(lines[:-1]), json.loads(lines[-1])


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


def compare(name, directory, messages):
    journal = os.path.join(directory, name + ".journal")
    done = subprocess.run([REMOTE, "--output=" + journal, "-"],
                          input=as_export(messages), capture_output=True, check=False)
    ok(done.returncode == 0, name + ": a journal", done.stderr)
    whole = entries(write(os.path.join(directory, "lines"), as_lines(messages)))
    plain = entries(write(os.path.join(directory, "lines"), as_lines(
        [m for m in messages if printable(m[4])])))
    ok(len(whole[0]) > len(RECORDS), name + ": there is something to compare")
    for form in PLAIN + WHOLE:
        path = os.path.join(directory, form)
        with open(path, "wb") as out:
            done = subprocess.run(["journalctl", "--quiet", "--no-pager", "--file",
                                   journal, "-o", form], stdout=out, check=False)
        got, counts = entries(path)
        wanted, of_file = plain if form in PLAIN else whole
        ok(done.returncode == 0 and got == wanted,
           "%s: journalctl -o %s: %d entries" % (name, form, len(wanted)),
           *["got " + e for e in set(got) - set(wanted)],
           *["missed " + e for e in set(wanted) - set(got)])
        ok(counts["used"] == of_file["used"] and counts["broken"] == 0,
           "%s: journalctl -o %s: as many lines of use" % (name, form), counts, of_file)


def main():
    if not os.path.exists(REMOTE) or not shutil.which("journalctl"):
        print("1..0 # SKIP systemd-journal-remote is not here")
        return 0
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory() as directory:
        for name in ("postfix", "postfix-filters", "sendmail", "sendmail-14"):
            compare(name, directory, read(os.path.join(TOP, "tests/logs",
                                                       name + ".lines")))
    print("1..%d" % count)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
