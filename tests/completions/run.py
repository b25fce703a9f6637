"""The completions of bash and zsh offer what the programs take: in the shells
themselves, on a terminal, and against the help that the option tables print.
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

from tap import Tap  # noqa: E402

TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("TOP_BUILDDIR", TOP)
TLSWARDEN = os.path.join(BUILD, "policy", "cli", "tlswarden")
TLSWARDEND = os.path.join(BUILD, "milter", "tlswardend")
TABLES = os.path.join(BUILD, "tests", "lint", "tables")
BASH = os.path.join(TOP, "packaging", "completions", "bash")
ZSH = os.path.join(TOP, "packaging", "completions", "zsh")
TERMINAL = {"TERM": "dumb", "PATH": os.environ["PATH"], "LC_ALL": "C"}


def output(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=True, timeout=30).stdout.decode()


def options_of(text):
    """The options of a help text, each spelling."""
    found = set()
    for line in text.splitlines():
        m = re.match(r"  (?=-)((?:-\w)?(?:, )?(?:--[\w-]+)?)", line)
        if m:
            found.update(m.group(1).split(", "))
    return found


def choices_of(text, option):
    """The values that the help names: --format text|json."""
    m = re.search(r"--%s ([a-z|]+\|[a-z|]+) " % option, text)
    return set(m.group(1).split("|")) if m else None


COMMANDS = set(re.findall(r"(?m)^  ([a-z]+)  ", output(TLSWARDEN, "help")))
HELP = {c: output(TLSWARDEN, "help", c) for c in COMMANDS - {"help"}}
ATTRIBUTES = {line.split("|")[0] for line in output(TABLES, "attributes").splitlines()}


# --- bash, by its function

def bash(*words):
    """What the function offers for the last of the words."""
    script = ('. "$1/$2"; shift; f=_$1; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
              '"$f"; printf "%s\\n" "${COMPREPLY[@]}"')
    return set(output("bash", "--norc", "-c", script, "bash", BASH, *words).split())


def bash_functions(tap):
    same(tap, bash("tlswarden", ""), COMMANDS | {"--version", "--help"},
         "bash: the commands")
    same(tap, bash("tlswarden", "help", ""), set(HELP), "bash: help of each command")
    for command, text in sorted(HELP.items()):
        same(tap, bash("tlswarden", command, "-"), options_of(text),
             "bash: the options of " + command)
        for option in ("format",):
            if choices_of(text, option):
                same(tap, bash("tlswarden", command, "--" + option, ""),
                     choices_of(text, option), "bash: %s --%s" % (command, option))
        for option, argument in re.findall(r"(--[\w-]+)( [A-Z])?", text):
            takes = subprocess.run(
                ["bash", "--norc", "-c", '. "$1"; _tlswarden_values "$2" "$3"', "bash",
                 os.path.join(BASH, "tlswarden"), command, option],
                stdout=subprocess.DEVNULL, check=False).returncode == 0
            takes_one = bool(argument) or bool(choices_of(text, option[2:]))
            if takes != takes_one:
                tap.ok(False, "bash: %s %s" % (command, option),
                       "an argument: %s, by the help %s" % (takes, takes_one))
    same(tap, bash("tlswardend", "-"), options_of(output(TLSWARDEND, "-h")),
         "bash: the options of tlswardend")
    same(tap, bash("tlswarden", "explain", ""), {a + "=" for a in ATTRIBUTES | {"date"}},
         "bash: the facts of explain")
    same(tap, bash("tlswarden", "explain", "tls", "=", "TLSv1."),
         {"TLSv1.1", "TLSv1.2", "TLSv1.3"}, "bash: a value of a fact")
    same(tap, bash("tlswarden", "report", "--by", "user,cl"), {"user,client"},
         "bash: --by takes a list")


# --- values that only the programs know

NOTHING_READ = 1    # what a report ends with on an empty log, and not on a wrong word

def values(tap):
    """Each value that is offered is taken."""
    for name in sorted(bash("tlswarden", "report", "--by", "")):
        status = subprocess.run([TLSWARDEN, "report", "--by", name, "-"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, check=False).returncode
        tap.ok(status == NOTHING_READ, "report takes --by " + name, status)
    for name in sorted(bash("tlswarden", "audit", "--profile", "")):
        status = subprocess.run([TLSWARDEN, "audit", "--profile", name, "--help"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, check=False).returncode
        tap.ok(status == 0, "audit takes --profile " + name, status)
    for since in sorted(bash("tlswarden", "report", "--since", "")):
        status = subprocess.run([TLSWARDEN, "report", "--since", since, "-"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, check=False).returncode
        tap.ok(status == NOTHING_READ, "report takes --since " + since, status)


# --- a shell on a terminal

class Terminal:
    """A shell behind a pseudo terminal."""

    def __init__(self, command, directory, setup):
        self.seen = ""
        self.turn = 0
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.chdir(directory)
            os.execvpe(command[0], command, dict(TERMINAL, HOME=directory))
        self.send("stty columns 200 rows 200\n")
        self.send(setup + "\nprintf '%s%s' rea dy\n")
        self.until(lambda: "ready" in self.seen, "the shell begins")

    def send(self, text):
        os.write(self.fd, text.encode())

    def until(self, condition, what, limit=60):
        end = time.monotonic() + limit
        while not condition():
            if time.monotonic() > end:
                raise AssertionError("%s: not within %d s; seen: %r"
                                     % (what, limit, self.seen[-2000:]))
            if select.select([self.fd], [], [], 0.1)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")

    def type(self, text, wanted):
        """Type it, and wait for what the shell makes of it."""
        self.seen = ""
        self.send(text)
        try:
            self.until(lambda: wanted(self.seen), "after %r" % text)
        finally:
            seen = self.seen
            self.clear()
            self.seen = seen

    def clear(self):
        """Forget the line, and wait until nothing of it is still to come."""
        self.turn += 1
        self.send("\x15printf '%%s%%d' clear %d\n" % self.turn)
        self.until(lambda: "clear%d" % self.turn in self.seen, "an empty line")

    def end(self):
        os.close(self.fd)
        os.waitpid(self.child, 0)


def words_on(screen):
    return set(screen.replace("\r", "\n").split())


def bash_terminal(tap, directory):
    shell = Terminal(["bash", "--norc", "-i"], directory,
                     "bind 'set enable-bracketed-paste off'; bind 'set page-completions off'\n"
                     ". '%s/tlswarden'; . '%s/tlswardend'" % (BASH, BASH))
    try:
        for typed, wanted in (("tlswarden repo\tx", "report"),
                              ("tlswarden report --form\tj\tx", "--format json"),
                              ("tlswarden explain tls=TLSv1.3 serv\tmx x", "service=mx"),
                              ("tlswarden explain tls=SS\tx", "tls=SSLv3"),
                              ("tlswardend --obs\tx", "--observe"),
                              ("tlswarden check poli\tx", "policy.conf")):
            shell.type(typed, lambda seen, w=wanted: w in seen)
            tap.ok(True, "bash, on a terminal: " + wanted)
    finally:
        shell.end()


def zsh_terminal(tap, directory):
    shell = Terminal(
        ["zsh", "-f", "-i"], directory,
        "PS1='' PROMPT_EOL_MARK=''; unsetopt zle_bracketed_paste; unset zle_bracketed_paste\n"
        "setopt no_beep; LISTMAX=1000; fpath=('%s' $fpath); autoload -U compinit; compinit -u -D\n"
        "zstyle ':completion:*' verbose no; zstyle ':completion:*' menu no" % ZSH)
    try:
        zsh_lists(tap, shell)
        for typed, wanted in (("tlswarden repo\tx", "report"),
                              ("tlswarden report --form\tj\tx", "json"),
                              ("tlswarden explain service=submissions tl\t", "tls="),
                              ("tlswarden report --by user,cl\tx", "user,client"),
                              ("tlswardend --obs\tx", "--observe"),
                              ("tlswarden check poli\tx", "policy.conf")):
            shell.type(typed, lambda seen, w=wanted: w in seen)
            tap.ok(True, "zsh, on a terminal: " + wanted)
    finally:
        shell.end()


def listed(tap, shell, typed, wanted, name):
    """The list that Tab shows holds these words, and no other options."""
    try:
        shell.type(typed + "\t", lambda seen: wanted <= words_on(seen))
    except AssertionError as why:
        tap.ok(False, name, "%s\nlacking: %s" % (why, sorted(wanted - words_on(shell.seen))))
        return
    more = {w for w in words_on(shell.seen) if w.startswith("-")} - wanted - set(typed.split())
    tap.ok(not more, name, sorted(more))


def zsh_lists(tap, shell):
    listed(tap, shell, "tlswarden ", COMMANDS, "zsh: the commands")
    for command, text in sorted(HELP.items()):
        listed(tap, shell, "tlswarden %s -" % command, options_of(text),
               "zsh: the options of " + command)
        formats = choices_of(text, "format")
        if formats:
            listed(tap, shell, "tlswarden %s --format " % command, formats,
                   "zsh: the formats of " + command)
    listed(tap, shell, "tlswardend -", options_of(output(TLSWARDEND, "-h")),
           "zsh: the options of tlswardend")
    listed(tap, shell, "tlswarden explain ", ATTRIBUTES | {"date"},
           "zsh: the facts of explain")


def same(tap, got, want, name):
    tap.ok(got == want, name, "lacking: %s\nnot there: %s"
           % (sorted(want - got), sorted(got - want)))


def attempt(tap, name, function, *arguments):
    try:
        function(tap, *arguments)
    except AssertionError as why:
        tap.ok(False, name, why)


def main():
    tap = Tap()
    same(tap, {c for c, text in HELP.items() if len(options_of(text)) > 2}, set(HELP),
         "the help of every command has options")
    attempt(tap, "bash: functions", bash_functions)
    attempt(tap, "values", values)
    with tempfile.TemporaryDirectory(prefix="tw-completions-") as directory:
        with open(os.path.join(directory, "policy.conf"), "w", encoding="ascii"):
            pass
        attempt(tap, "bash: terminal", bash_terminal, directory)
        if shutil.which("zsh"):
            attempt(tap, "zsh: terminal", zsh_terminal, directory)
        else:
            tap.count += 1
            print("ok %d - zsh # SKIP there is no zsh" % tap.count)
    tap.done()


if __name__ == "__main__":
    main()
