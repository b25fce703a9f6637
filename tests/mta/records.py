"""records.py owns reading a log record as tlswarden-log(5) and record.h define
it, strictly, and independently of the program's own reader: what it does not
take is not a record.
"""

import json
import re

MAX = 900
PRINTABLE = re.compile(r"[ -~]*\Z")
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
PAIR = re.compile(r'([^ ="\\]+)=(?:"([^"]*)"|([^ ="\\]*))(?: |\Z)')
ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
CUT = "\\..."


class NoRecord(Exception):
    pass


class Record(dict):
    """Field names to values; `cut' names the values that were cut."""

    def __init__(self):
        super().__init__()
        self.cut = set()
        self.line = ""

    def __repr__(self):
        return self.line


def unescape(record, name, text):
    """The bytes behind an escaped value, as text of Latin-1 characters."""
    if text.endswith(CUT):
        record.cut.add(name)
        text = text[:-len(CUT)]
    rest = ESCAPE.sub("", text)
    if "\\" in rest:
        raise NoRecord("a stray backslash in %s" % name)
    return ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), text)


def parse(line):
    if len(line) > MAX:
        raise NoRecord("%d bytes: %s" % (len(line), line))
    if not PRINTABLE.match(line):
        raise NoRecord("not printable: %r" % line)
    record = Record()
    record.line = line
    pairs = pairs_json(line) if line.startswith("{") else pairs_logfmt(line)
    for name, value in pairs:
        if not NAME.match(name):
            raise NoRecord("a field is named %r: %s" % (name, line))
        if name in record:
            raise NoRecord("two fields are named %s: %s" % (name, line))
        record[name] = unescape(record, name, value)
    if list(record)[:2] != ["v", "event"] or record["v"] != "1":
        raise NoRecord("does not start with v=1 event=: %s" % line)
    return record


def pairs_logfmt(line):
    found, at = [], 0
    while at < len(line):
        match = PAIR.match(line, at)
        if not match:
            raise NoRecord("at byte %d: %s" % (at, line))
        name, quoted, bare = match.groups()
        if quoted is None and bare == "":
            raise NoRecord("%s has no value: %s" % (name, line))
        found.append((name, bare if quoted is None else quoted))
        at = match.end()
    return found


def pairs_json(line):
    def strict(pairs):
        return pairs
    try:
        pairs = json.loads(line, object_pairs_hook=strict)
    except ValueError as e:
        raise NoRecord("not JSON: %s: %s" % (e, line)) from e
    found = []
    for name, value in pairs:
        if value is None:
            value = "none"
        elif isinstance(value, bool) or not isinstance(value, (str, int)):
            raise NoRecord("%s is neither text nor a number: %s" % (name, line))
        found.append((name, str(value)))
    return found
