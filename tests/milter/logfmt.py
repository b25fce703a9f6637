"""Reads a record as record.h and tlswarden-log(5) describe it."""

import json
import re

FIELD = re.compile(r'([a-z_]+)=(?:"([^"]*)"|([^ "=\\]*))(?: |$)')
ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
MAX = 900


class Cut(str):
    """A value that was longer than the line had room for."""


NONE = type("None_", (), {"__repr__": lambda self: "<none>"})()


def value(text, quoted):
    if not quoted and text == "none":
        return NONE
    cut = text.endswith("\\...")
    if cut:
        text = text[:-4]
    if re.sub(ESCAPE, "", text).find("\\") != -1:
        raise ValueError("a backslash that escapes nothing: %r" % text)
    text = ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), text)
    return Cut(text) if cut else text


def parse(line):
    """The fields of a record, in their order."""
    if len(line) > MAX:
        raise ValueError("%d bytes" % len(line))
    if not re.fullmatch(r"[ -~]*", line):
        raise ValueError("not printable ASCII: %r" % line)
    if line.startswith("{"):
        pairs = json.loads(line, object_pairs_hook=list)
        record = {k: v if isinstance(v, int) else value(v, v != "none")
                  for k, v in pairs}
    else:
        record, at = {}, 0
        while at < len(line):
            m = FIELD.match(line, at)
            if m is None:
                raise ValueError("no field at %d of %r" % (at, line))
            quoted = m.group(2) is not None
            if m.group(1) in record:
                raise ValueError("twice: %s in %r" % (m.group(1), line))
            record[m.group(1)] = value(m.group(2) if quoted else m.group(3),
                                       quoted)
            at = m.end()
    if str(record.get("v")) != "1":
        raise ValueError("not a record: %r" % line)
    return record
