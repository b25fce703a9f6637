"""`tlswarden doctor' on copies of configurations: each has exactly the findings
that stand in its `expected', and once the lines it gives are pasted, none.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

from tap import test, run, same, holds  # noqa: E402
from pasting import paste  # noqa: E402

TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("TOP_BUILDDIR", TOP)
TLSWARDEN = os.path.join(BUILD, "policy", "cli", "tlswarden")
BUILTIN = os.path.join(TOP, "packaging", "policy.conf")
POSTCONF = "/usr/sbin/postconf"


def doctor(directory, *options):
    command = [TLSWARDEN, "doctor", "-c", directory + "/policy.conf"]
    if os.path.exists(directory + "/sendmail.cf"):
        command += ["--sendmail-cf", directory + "/sendmail.cf"]
    else:
        command += ["--postfix-dir", directory]
    r = subprocess.run(command + list(options), stdin=subprocess.DEVNULL, timeout=120,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    same(r.stderr.decode(), "", "stderr of " + " ".join(command))
    return r.returncode, r.stdout.decode()


def findings(directory, *options):
    status, out = doctor(directory, "--format", "json", *options)
    answer = json.loads(out)
    serious = [f for f in answer["findings"] if f["severity"] != "note"]
    same(status, 1 if serious else 0, "exit status")
    return answer, serious


def name_of(finding):
    return " ".join(finding[k] for k in ("severity", "id", "service")).strip()


def copy_of(name):
    directory = tempfile.mkdtemp(prefix="tw-doctor-")
    for file in os.listdir(os.path.join(HERE, name)):
        shutil.copyfile(os.path.join(HERE, name, file), os.path.join(directory, file))
        os.chmod(os.path.join(directory, file), 0o644)
    if not os.path.exists(directory + "/policy.conf"):
        shutil.copyfile(BUILTIN, directory + "/policy.conf")
    return directory


def check(name):
    directory = copy_of(name)
    try:
        with open(os.path.join(HERE, name, "expected"), encoding="utf-8") as f:
            expected = f.read().splitlines()
        answer, _ = findings(directory)
        same(sorted(map(name_of, answer["findings"])), sorted(expected), "findings")
        doctor(directory)
        paste(directory, answer)
        _, left = findings(directory)
        same([name_of(f) + ": " + f["why"] for f in left], [], "left after pasting")
        good = subprocess.run([TLSWARDEN, "check", directory + "/policy.conf"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              check=False)
        same(good.returncode, 0, "the policy after pasting: %s" % good.stderr.decode())
        if os.path.exists(POSTCONF) and os.path.exists(directory + "/main.cf"):
            agrees_with_postconf(directory)
    finally:
        shutil.rmtree(directory)


def settle(directory):
    """Postfix waits until a file has not been written to for some seconds."""
    for name in os.listdir(directory):
        os.utime(os.path.join(directory, name), (0, 0))


def agrees_with_postconf(directory):
    """Postfix itself takes what was pasted, and reads the options as we do."""
    settle(directory)
    for option in ("-n", "-M", "-P"):
        r = subprocess.run([POSTCONF, "-c", directory, option], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, check=False)
        holds(r.returncode == 0 and b"fatal" not in r.stderr, r.stderr.decode())
    names = subprocess.run([POSTCONF, "-c", directory, "-M"], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, check=True).stdout.decode()
    main = subprocess.run([POSTCONF, "-c", directory, "-n"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout.decode()
    before, _ = findings(directory)
    for file, text in (("master.cf", names), ("main.cf", main)):
        with open(os.path.join(directory, file), "w", encoding="utf-8") as f:
            f.write(text)
    after, _ = findings(directory)
    same(after["services"], before["services"], "services as postconf has them")


@test
def old_postfix():
    """a Postfix that does not tell milters the port"""
    for version, wanted in (("3.1.15", ["fault postfix-old"]), ("2.11.0",
                            ["fault postfix-old"]), ("3.2.0", []), ("3.10.1", []),
                            ("4.0-20270101", [])):
        directory = copy_of("readme-plain")
        try:
            with open(directory + "/main.cf", "a", encoding="utf-8") as f:
                f.write("mail_version = %s\n" % version)
            answer, _ = findings(directory)
            same([name_of(f) for f in answer["findings"]], wanted, version)
        finally:
            shutil.rmtree(directory)


for fixture in sorted(os.listdir(HERE)):
    if os.path.exists(os.path.join(HERE, fixture, "expected")):
        def one(name=fixture):
            check(name)
        one.__doc__ = fixture
        test(one)

def raw(main, master):
    """Status and what is said of two files that are no copy of a server's."""
    with tempfile.TemporaryDirectory(prefix="tw-doctor-") as directory:
        for file, text in (("main.cf", main), ("master.cf", master)):
            with open(os.path.join(directory, file), "w", encoding="utf-8") as f:
                f.write(text)
        # What is bounded is its own time: a busy machine takes longer.
        r = subprocess.run([TLSWARDEN, "doctor", "-c", BUILTIN, "--postfix-dir", directory],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=600, check=False,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (30, 30)))
        return r.returncode, r.stdout.decode() + r.stderr.decode()


@test
def a_floor_below_the_policys_is_explained():
    note = "what the mail server allows, the milter refuses"
    main = ("smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /c\n"
            "smtpd_tls_protocols = >=%s\n")
    for version, told in (("TLSv1", True), ("TLSv1.2", False)):
        _, said = raw(main % version, "submission inet n - n - - smtpd\n")
        same(note in said, told, said)


@test
def a_master_cf_without_a_service_is_not_in_order():
    for text in ("", "# nothing\n", "smtp inet n\n"):
        status, said = raw("", text)
        same(status, 2, "exit status")
        holds("names no service" in said, said)


@test
def lines_for_a_shell_do_what_they_say_and_no_more():
    for name in ("/var/spool/x;id", "/var/spool/$$(id)", "/var/spool/it's `id`"):
        _, said = raw("queue_directory = " + name + "\n", "smtp inet n - y - - smtpd\n")
        line = [s for s in said.splitlines() if s.startswith("install -d ")][0]
        shell = subprocess.run(["sh", "-c", "install() { printf '%s\\n' \"$@\"; }\n" + line],
                               stdout=subprocess.PIPE, timeout=120, check=True)
        same(shell.stdout.decode().splitlines()[-1],
             name.replace("$$", "$") + "/tlswarden", "the directory")


@test
def branches_without_end_do_not_use_up_the_stack():
    for mark in ("?", ":", "? "):
        status, said = raw("smtpd_milters = ${x?" + ("{a}" + mark) * 200000 + "}\n",
                           "smtp inet n - y - - smtpd\n")
        same(status, 1, "exit status: " + said[-200:])



@test
def names_without_end_do_not_take_for_ever():
    asked = ("smtpd_tls_security_level", "smtpd_milters", "smtpd_tls_cert_file",
             "smtpd_tls_protocols", "smtpd_sasl_auth_enable")
    main = "".join(name + " = " + "$x" * 10000 + "\n" for name in asked)
    main += "".join("a%034d = b\n" % n for n in range(9900))
    master = "".join("%d inet n - y - - smtpd\n" % (2000 + n) for n in range(100))
    # Was minutes, when each of the names was looked for among all the others.
    status, said = raw(main, master)
    same(status, 1, "exit status: " + said[-200:])
    holds(" 2099 " in said, said[-200:])


run()
