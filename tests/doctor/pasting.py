"""pasting.py owns how the lines that `tlswarden doctor' gives get into files: as a
person would paste them.
"""

import os


def begins(line, start):
    return line.startswith(start) and line[len(start):len(start) + 1] in ("", " ", "=", ",", "\n")


def paste_lines(text, replaces, lines):
    """In place of the line that begins so, or at the end."""
    old = text.splitlines(keepends=True)
    for i, line in enumerate(old):
        if replaces and (begins(line, replaces) or line.rstrip("\n") == replaces):
            end = i + 1
            while end < len(old) and old[end][:1] in (" ", "\t"):
                end += 1
            return "".join(old[:i]) + lines + "".join(old[end:])
    if lines in text:
        return text
    return text + lines


def unfold(text):
    """Logical lines of sendmail.cf on one line each."""
    return text.replace("\n\t", "  ").replace("\n ", "  ")


def paste_master(text, under, lines):
    old = text.splitlines(keepends=True)
    for i, line in enumerate(old):
        if line[:1] in ("#", " ", "\t", "\n"):
            continue
        if line.split()[:8] == under.split():
            end = i + 1
            while end < len(old) and old[end][:1] in (" ", "\t", "#", "\n"):
                end += 1
            return "".join(old[:end]) + lines + "".join(old[end:])
    raise AssertionError("no entry %r" % under)


def paste_mc(text, replaces, lines):
    """In place of the line that begins so, or before the mailers."""
    if lines in text:
        return text
    old = text.splitlines(keepends=True)
    if replaces and any(begins_mc(line, replaces) for line in old):
        return "".join(lines if begins_mc(line, replaces) else line for line in old)
    at = next((i for i, line in enumerate(old) if line.startswith("MAILER(")), len(old))
    return "".join(old[:at]) + lines + "".join(old[at:])


def begins_mc(line, start):
    return line.startswith(start) and line[len(start):len(start) + 1] in ("'", ",", ")")


def paste(directory, answer, skip=("a shell", "sendmail.mc")):
    for finding in answer["findings"]:
        for p in finding["paste"]:
            if p["file"] in skip:
                continue
            path = os.path.join(directory, p["file"])
            with open(path, encoding="utf-8") as f:
                text = f.read()
            if p["file"] == "sendmail.cf":
                text = unfold(text)
            if p["file"] == "sendmail.mc":
                text = paste_mc(text, p["replaces"], p["lines"])
            elif p["under"]:
                text = paste_master(text, p["under"], p["lines"])
            else:
                text = paste_lines(text, p["replaces"], p["lines"])
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
