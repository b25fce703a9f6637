"""Clients as people have them: swaks and openssl s_client see what the raw
sockets of the other tests see.
"""

import subprocess
import time

import bed
from tap import ok, same

LIBERAL = "ALL:@SECLEVEL=0"
PROTOCOLS = {"TLSv1": "tlsv1", "TLSv1.1": "tlsv1_1", "TLSv1.2": "tlsv1_2",
             "TLSv1.3": "tlsv1_3"}
FLAGS = {"TLSv1": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2",
         "TLSv1.3": "-tls1_3"}


def swaks(bed_, mta, port, tls, login):
    """(exit status, what it printed, the source address)"""
    source = next(bed_.place.sources["4"])
    command = ["swaks", "--server", bed_.place.addresses[mta]["4"], "--port", str(port),
               "--local-interface", source, "--helo", "swaks.example",
               "--from", "swaks@example.net", "--to", "rcpt@example.com"]
    if tls != "none":
        command += ["--tls-on-connect" if port == 465 else "--tls",
                    "--tls-protocol", PROTOCOLS[tls], "--tls-cipher", LIBERAL]
    if login:
        command += ["--auth", "PLAIN", "--auth-user", "ann",
                    "--auth-password", bed.PASSWORD]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, source


def with_swaks(bed_, mta):
    for port, tls, login, said, verdict, rule in (
            (25, "none", False, "250 2.0.0", "accept", "default"),
            (25, "TLSv1.3", False, "250 2.0.0", "accept", "default"),
            (587, "TLSv1.3", True, "250 2.0.0", "accept", "default"),
            (465, "TLSv1.2", True, "250 2.0.0", "accept", "default"),
            (587, "none", True, "530 5.7.0", "reject", "auth-in-clear"),
            (587, "TLSv1.1", False, "554 5.7.0", "reject", "tls-too-old"),
            (465, "TLSv1", False, "554 5.7.0", "reject", "tls-too-old"),
            (25, "TLSv1.1", False, "554 5.7.0", "reject", "tls-too-old")):
        name = "%s: swaks on %d with %s" % (mta, port, tls)
        status, text, source = swaks(bed_, mta, port, tls, login)
        ok(said in text and (status == 0) == (verdict == "accept"),
           "%s: %s" % (name, said), status, text)
        found = bed_.account(source)
        same([(r["verdict"], r["rule"], r["tls"], r["helo"]) for r in found],
             [(verdict, rule, tls, "swaks.example")], name + ": on record", *found)


def refused_login(bed_, mta):
    """swaks gives up when AUTH is not offered: no password leaves it."""
    name = "%s: swaks with a login on 587 with TLSv1.1" % mta
    status, text, source = swaks(bed_, mta, 587, "TLSv1.1", True)
    ok(status != 0 and "~> AUTH" not in text, name + ": no password leaves the client",
       text)
    ok(not bed_.mtas[mta].logged_in(source), name + ": no login at the server")


def s_client(bed_, mta, port, tls, words):
    command = ["openssl", "s_client", "-connect",
               "%s:%d" % (bed_.place.addresses[mta]["4"], port), "-crlf", "-quiet",
               "-ign_eof", FLAGS[tls], "-bind", next(bed_.place.sources["4"]) + ":0"]
    if tls != "TLSv1.3":
        command += ["-cipher", LIBERAL]
    if port != 465:
        command += ["-starttls", "smtp"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
    # It takes no script: one line at a time, as a person types.
    for word in words:
        time.sleep(0.3)
        child.stdin.write(word + "\n")
        child.stdin.flush()
    try:
        text, _ = child.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        child.kill()
        text, _ = child.communicate()
    return text, command[command.index("-bind") + 1].partition(":")[0]


def with_s_client(bed_, mta):
    words = ("EHLO typed.example", "MAIL FROM:<typed@example.net>", "QUIT")
    for port, tls, said, auth in ((587, "TLSv1.3", "250 2.1.0", True),
                                  (587, "TLSv1.1", "554 5.7.0", False),
                                  (465, "TLSv1", "554 5.7.0", False),
                                  (25, "TLSv1.1", "554 5.7.0", False)):
        name = "%s: openssl s_client on %d with %s" % (mta, port, tls)
        text, source = s_client(bed_, mta, port, tls, words)
        ok(said in text, "%s: %s" % (name, said), text)
        ok(("AUTH PLAIN" in text) == auth,
           name + ": AUTH %s" % ("offered" if auth else "not offered"), text)
        found = bed_.account(source)
        same([r.get("tls") for r in found], [tls], name + ": on record", *found)


def test(bed_):
    for mta in bed_.mtas:
        for part in (with_swaks, refused_login, with_s_client):
            bed.tap.attempt(part, "%s %s" % (mta, part.__name__), bed_, mta)


if __name__ == "__main__":
    bed.main(test)
