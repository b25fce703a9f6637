#!/usr/bin/env python3
"""judge.py holds what gcovr counted against the goals and the list of what is left.

    judge.py [--more] [--list] COVERAGE.json SOURCE

What is counted is said here and nowhere else.  With --more more tests ran than
the list was made for: what it has and they reached is no error.  With --list it
prints what the list has to hold, with the reasons that are known.
"""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# What policy/ and all below it has to reach, in percent.
LINES = 95.0
BRANCHES = 90.0
# Evaluation, replies and escaping: each branch, or a reason for it.
WHOLE = [
    "policy/eval.c", "policy/match.c", "policy/walk.c", "policy/verdict.c",
    "policy/asked_facts.c", "policy/index.c", "policy/index_keys.c",
    "policy/pattern_prefix.c",
    "policy/reply.c", "policy/reply_check.c",
    "policy/buf.c", "policy/exposition.c", "policy/xtext.c", "policy/record.c",
    "policy/record_facts.c", "policy/record_read.c",
    "policy/logs/csv.c", "policy/logs/html.c", "policy/logs/json.c",
]
# Our own mistakes: no input makes an assertion fail, and none may.
ASSERTION = re.compile(r"\s*assert\(")
# gcc counts an edge past the cases of a switch.  Where these are the values of
# an enum, and there is no default, no value takes it: -Wswitch watches that
# each has its case.
SWITCH = re.compile(r"(\t+)switch \(")
ENUMERATOR = re.compile(r"\t+case [A-Z][A-Z0-9_]*:")
# In this house's style a function begins at the start of a line.
FUNCTION = re.compile(r"([a-z_][a-z0-9_]*)\(")


class Count:
    def __init__(self):
        self.lines = self.lines_hit = self.branches = self.branches_hit = 0

    def add(self, line, branches):
        self.lines += 1
        self.lines_hit += line["count"] > 0
        self.branches += len(branches)
        self.branches_hit += sum(b["count"] > 0 for b in branches)

    def include(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def percent(self):
        return (100.0 * self.lines_hit / max(self.lines, 1),
                100.0 * self.branches_hit / max(self.branches, 1))


def functions(text):
    """The function that each line belongs to."""
    name, names = "-", []
    for line in text:
        found = FUNCTION.match(line)
        if found:
            name = found.group(1)
        names.append(name)
    return names


def names_each_value(text, number):
    """Whether the switch on this line has cases for enumerators, and no default."""
    begin = SWITCH.match(text[number - 1])
    if not begin:
        return False
    for line in text[number:]:
        if line.startswith(begin.group(1) + "}"):
            return True
        if re.match(begin.group(1) + "(case|default)", line) and \
                not ENUMERATOR.match(line):
            return False
    return False


def count_file(entry, source):
    """What a file reaches, and the lines that do not: (function, line, missing)."""
    with open(os.path.join(source, entry["file"]), encoding="utf-8") as f:
        text = f.read().split("\n")
    names = functions(text)
    count, missing = Count(), []
    for line in entry["lines"]:
        if line.get("gcovr/noncode") or line.get("gcovr/excluded"):
            continue
        number = line["line_number"]
        branches = line["branches"]
        if ASSERTION.match(text[number - 1]):
            branches = []
        elif names_each_value(text, number):
            branches = branches[:-1]
        count.add(line, branches)
        # What is missing of a line are its branches; the line itself if it has none.
        lost = sum(b["count"] == 0 for b in branches) or (line["count"] == 0)
        if lost:
            missing.append((names[number - 1], number, int(lost)))
    return count, missing


def read_left(path):
    """The words for reasons, and by (file, function) the number and the reason."""
    words, left, bad = {}, {}, []
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            fields = line.split(None, 3)
            if not fields or fields[0].startswith("#"):
                continue
            if fields[0] == "=":
                words[fields[1]] = line.split(None, 2)[2].strip()
            elif len(fields) < 4 or fields[3].split()[0].rstrip(":") not in words:
                bad.append("left:%d: FILE FUNCTION NUMBER REASON" % n)
            else:
                left[fields[0], fields[1]] = (int(fields[2]), fields[3].strip())
    return words, left, bad


def compare(lost, left, more):
    """What is not reached and not explained, and the other way round."""
    bad = []
    for (name, function), lines in sorted(lost.items()):
        if not name.startswith("policy/"):
            continue
        missing = sum(n for _, n in lines)
        allowed = left.get((name, function), (0, ""))[0]
        if missing > allowed:
            bad.append("%s: %s(): %d not reached, %d explained: line %s" % (
                name, function, missing, allowed,
                ", ".join("%d" % number for number, _ in lines)))
        elif missing < allowed and name in WHOLE and not more:
            bad.append("%s: %s(): %d explained, %d not reached" % (
                name, function, allowed, missing))
    for name, function in sorted(left):
        if (name, function) not in lost and name in WHOLE and not more:
            bad.append("%s: %s(): explained, and reached" % (name, function))
    return bad


def show(title, count):
    print("%-16s %6d lines %6.2f%%  %6d branches %6.2f%%" % (
        title, count.lines, count.percent()[0], count.branches, count.percent()[1]))


def print_list(lost, left):
    for (name, function), lines in sorted(lost.items()):
        if name.startswith("policy/"):
            print("%s %s %d %s" % (name, function, sum(n for _, n in lines),
                                   left.get((name, function), (0, "?"))[1]))


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    with open(arguments[0], encoding="utf-8") as f:
        data = json.load(f)
    _, left, bad = read_left(os.path.join(HERE, "left"))
    total, whole, rooms, lost, seen = Count(), Count(), {}, {}, set()
    for entry in data["files"]:
        name = entry["file"]
        count, missing = count_file(entry, arguments[1])
        seen.add(name)
        rooms.setdefault(os.path.dirname(name), Count()).include(count)
        if name.startswith("policy/"):
            total.include(count)
        if name in WHOLE:
            whole.include(count)
        for function, number, n in missing:
            lost.setdefault((name, function), []).append((number, n))
    if "--list" in sys.argv:
        print_list(lost, left)
        return 0
    for room in sorted(rooms):
        show(room, rooms[room])
    show("policy/ in all", total)
    show("held whole", whole)
    bad += ["%s: was not counted" % name for name in WHOLE if name not in seen]
    bad += compare(lost, left, "--more" in sys.argv)
    lines, branches = total.percent()
    if lines < LINES or branches < BRANCHES:
        bad.append("policy/ reaches less than %.0f%% of lines and %.0f%% of branches" % (
            LINES, BRANCHES))
    for line in bad:
        print(line)
    print("%d explained, %d wrong" % (len(left), len(bad)))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
