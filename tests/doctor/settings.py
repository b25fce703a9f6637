"""`tlswarden doctor' on single settings that no copy of a whole configuration has: what
each is taken for, and the lines that put it right.
"""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

from tap import test, run, same, holds  # noqa: E402

TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("TOP_BUILDDIR", TOP)
TLSWARDEN = os.path.join(BUILD, "policy", "cli", "tlswarden")
OURS = "unix:/run/tlswarden/tlswarden.sock"
MAIN = ("compatibility_level = 3.6\nsmtpd_tls_security_level = may\n"
        "smtpd_tls_chain_files = /chain.pem\nsmtpd_milters = " + OURS + "\n"
        "milter_default_action = accept\n")
MASTER = "smtp inet n - n - - smtpd\n"
FILTER = "Xw, S=" + OURS + ", T=C:10s\nO InputMailFilters=w\n"
CERTIFICATE = "O ServerCertFile=/chain.pem\nO ServerKeyFile=/chain.pem\n"


def doctor(files, *words, policy=""):
    """What is answered of a directory with these files."""
    with tempfile.TemporaryDirectory(prefix="tw-settings-") as directory:
        for name, text in dict(files, policy=policy + "default accept\n").items():
            with open(os.path.join(directory, name), "w", encoding="utf-8") as f:
                f.write(text)
        r = subprocess.run([TLSWARDEN, "doctor", "-c", "policy", "--format", "json"] +
                           list(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           cwd=directory, timeout=600, check=False)
        return json.loads(r.stdout.decode())


def postfix(main="", master=MASTER, **more):
    return doctor({"main.cf": MAIN + main, "master.cf": master}, "--postfix-dir", ".", **more)


def sendmail(cf, **more):
    return doctor({"sendmail.cf": cf}, "--sendmail-cf", "sendmail.cf", **more)


def ids(answer):
    return [(f["id"] + " " + f["service"]).strip() for f in answer["findings"]]


def finding(answer, name):
    return [f for f in answer["findings"] if f["id"] == name][0]


def lines(found, file, under=""):
    return [p["lines"] for p in found["paste"] if p["file"] == file and p["under"] == under]


@test
def levels_of_tls():
    """what Postfix had before smtpd_tls_security_level, and a list with nothing in it"""
    for main, wanted in (
            ("smtpd_tls_security_level =\n", "none"),
            ("smtpd_tls_security_level =\nsmtpd_use_tls = yes\n", "may"),
            ("smtpd_tls_security_level =\nsmtpd_enforce_tls = yes\n", "encrypt"),
            ("smtpd_tls_security_level = none\nsmtpd_enforce_tls = yes\n", "none")):
        same(postfix(main)["services"][0]["tls"], wanted, main)
    for protocols, wanted in (
            (">=TLSv1.0", "TLSv1"), (">=TLSv1", "TLSv1"), (">=TLSv1.2", "TLSv1.2"),
            ("!SSLv2 !SSLv3 !TLSv1 !TLSv1.1 !TLSv1.2 !TLSv1.3", "none"),
            ("!SSLv2 !florp !SSLv3", "TLSv1")):
        row = postfix("smtpd_tls_protocols = %s\n" % protocols)["services"][0]
        same(row["floor"], wanted, protocols)


@test
def values_of_postfix():
    """$service_name, numbers of versions, and blanks inside braces"""
    for value, wanted in (
            ("${{$service_name} == {smtp} ? {accept} : {reject}}", "accept"),
            ("${{3.10} > {3.9} ? {accept} : {reject}}", "accept"),
            ("${{3.9} < {3.10} ? { accept } : { reject }}", "accept"),
            ("${{3.6} >= {3.6.1} ? {reject} : {accept}}", "accept"),
            ("${{3.6} = {3.6} ? {accept} : {reject}}", "reject"),
            ("${{  } == {} ? {accept} : {reject}}", "accept"),
            ("${{a} == b ? {reject} : {accept}}", "accept")):
        row = postfix("milter_default_action = %s\n" % value)["services"][0]
        same(row["if_down"], wanted, value)


@test
def macros_that_forge():
    """each kind of fact, and what is none"""
    for value, forged in (("{client_ptr}=x", True), ("{CERT_ISSUER}=x", True),
                          ("{auth_type}=x", True), ("{client_=x", False), ("j=x", False),
                          ("{cert_=x", False), ("{mail_host}=x", False),
                          ("tls_version=x", True), ("client_ptr=x", True),
                          ("client_=x", False), ("cert_=x", False)):
        answer = postfix("milter_macro_defaults = v=1, %s\n" % value)
        same(ids(answer), ["macro-defaults"] if forged else [], value)
        if forged:
            same(lines(finding(answer, "macro-defaults"), "main.cf"),
                 ["milter_macro_defaults = v=1\n"], value)
    # a brace that nothing opened closes nothing
    answer = postfix("milter_macro_defaults = j}=x, tls_version=y\n")
    same(lines(finding(answer, "macro-defaults"), "main.cf"),
         ["milter_macro_defaults = j}=x\n"])


@test
def hosts_that_may_say_who_comes():
    """single addresses are meant; networks are wide"""
    for value, wide in (("127.0.0.0/8", False), ("[::1]/128", False), ("[::1]", False),
                        ("192.0.2.1", False), ("[2001:db8::1]", False), ("::1", False),
                        ("::", False), ("[]", True), ("192.0.2.0/24", True),
                        ("[2001:db8::]/32", True), ("hash:/hosts", True)):
        found = finding(postfix("smtpd_authorized_xclient_hosts = %s\n" % value), "xclient")
        same(found["severity"], "warning" if wide else "note", value)


@test
def milters_of_the_machine_itself():
    """non_smtpd_milters, in main.cf or under cleanup alone; what else stands there stays"""
    cleanup = MASTER + "cleanup unix n - n - 0 cleanup\n"
    found = finding(postfix("non_smtpd_milters = %s\n" % OURS), "non-smtpd-milters")
    same([found["service"], lines(found, "main.cf")], ["", ["non_smtpd_milters =\n"]])
    other = "{ inet:localhost:8891, connect_timeout=5s, { command_timeout = 1s 2 } }"
    found = finding(postfix("non_smtpd_milters = %s, %s\n" % (OURS, other), cleanup),
                    "non-smtpd-milters")
    same(lines(found, "main.cf"), ["non_smtpd_milters = { inet:localhost:8891, "
                                   "connect_timeout=5s, { command_timeout = 1s 2 } }\n"])
    found = finding(postfix("", cleanup + "  -o non_smtpd_milters=%s\n" % OURS),
                    "non-smtpd-milters")
    same(found["service"], "cleanup")
    # where the daemon is said not to be any more
    found = finding(postfix("non_smtpd_milters = unix:/old/tlswarden.sock\n", cleanup),
                    "non-smtpd-milters")
    same(lines(found, "main.cf"), ["non_smtpd_milters =\n"])


@test
def milters_where_the_daemon_was():
    """the first of them is put right; none, where the right one stands behind"""
    old = "smtpd_milters = unix:/a/tlswarden.sock, unix:%s/tlswarden.sock\n"
    answer = postfix(old % "/b")
    same([ids(answer), answer["services"][0]["milter"]], [["milter-path smtp"], "astray"])
    same(finding(answer, "milter-path")["paste"][0]["lines"],
         "  -o { smtpd_milters = %s, unix:/b/tlswarden.sock }\n" % OURS)
    answer = postfix(old % "/run/tlswarden")
    same([ids(answer), answer["services"][0]["milter"]], [[], "yes"])


@test
def milter_that_is_missing():
    """on a port of its own, too; the socket as the policy has it"""
    found = finding(postfix("smtpd_milters =\n", policy="set socket inet:8899@127.0.0.1\n"),
                    "milter-missing")
    same(found["paste"][0]["lines"], "  -o smtpd_milters=inet:127.0.0.1:8899\n")
    # this machine alone comes there
    local = ["127.0.0.1:10025", "localhost:10026", "[::1]:10027", "::1:10028"]
    master = MASTER + "".join("%s inet n - n - - smtpd\n" % name for name in local)
    answer = postfix("smtpd_milters =\n", master)
    same(ids(answer), ["milter-missing smtp"])
    same([s["policy_service"] for s in answer["services"]], ["mx"] + ["(this machine)"] * 4)


@test
def actions_that_do_not_fit():
    """port 25 goes on without the daemon, submission does not; braces keep what is in them"""
    for action, told in (("accept", False), ("tempfail", False), ("reject", True),
                         ("Quarantine", True)):
        answer = postfix("milter_default_action = %s\n" % action)
        same(ids(answer), ["default-action smtp"] if told else [], action)
        if told:
            same(finding(answer, "default-action")["paste"][0]["lines"],
                 "  -o milter_default_action=accept\n", action)
    closed = "submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n"
    answer = postfix("smtpd_milters = { %s, command_timeout=10s }\n" % OURS, closed)
    same(ids(answer), ["default-action submission"])
    same(answer["findings"][0]["paste"][0]["lines"], "  -o { smtpd_milters = { %s, "
         "command_timeout=10s, default_action=tempfail } }\n" % OURS)
    answer = postfix("milter_protocol = 2\n", closed)
    same(ids(answer), ["default-action submission", "milter-protocol submission"])
    same(answer["findings"][0]["paste"][0]["lines"],
         "  -o milter_default_action=tempfail\n  -o milter_protocol=6\n")


@test
def tls_of_single_services():
    """what a wrapper without TLS is, and one that keeps a password back"""
    option = "  -o smtpd_tls_%s\n"
    none, wrapper = option % "security_level=none", option % "wrappermode=yes"
    login = "  -o smtpd_sasl_auth_enable=yes\n"
    closed = " inet n - n - - smtpd\n  -o milter_default_action=tempfail\n"
    for master, wanted, tls, auth in (
            (MASTER + none + wrapper + login,
             ["tls-off smtp", "auth-clear smtp", "wrapper-policy smtp"], "none", "in the clear"),
            ("smtps" + closed + wrapper + login, [], "implicit", "after TLS"),
            ("smtps" + closed + none, ["tls-off smtps", "wrapper-missing smtps"], "none", "off"),
            ("2525" + closed + none + wrapper, ["tls-off 2525", "service-unknown 2525"],
             "none", "off"),
            ("submission" + closed + none, ["tls-off submission"], "none", "off"),
            (MASTER + option % "security_level=encrypt" + wrapper, ["wrapper-policy smtp"],
             "implicit", "off")):
        answer = postfix("", master)
        row = answer["services"][0]
        same([ids(answer), row["tls"], row["auth"]], [wanted, tls, auth], master)


@test
def certificates_by_version():
    """one file since 3.4; a name that begins nowhere we know is not looked for"""
    for version, names in (("4.0.1", ["chain_files"]), ("3.4.0", ["chain_files"]),
                           ("3.3.9", ["cert_file", "key_file"])):
        answer = postfix("mail_version = %s\nsmtpd_tls_security_level = none\n"
                         "smtpd_tls_chain_files =\n" % version)
        same([p["replaces"] for p in finding(answer, "tls-off")["paste"]
              if p["file"] == "main.cf"], ["smtpd_tls_" + n for n in names], version)
    same(ids(postfix("smtpd_tls_chain_files = chain.pem\n")), [])
    same(ids(sendmail(CERTIFICATE.replace("/", "") + FILTER)), [])


@test
def entries_of_master():
    """ports beyond all, a path before the command, and nobody behind postscreen"""
    answer = postfix("", "123456 inet n - n - - smtpd\n65536 inet n - n - - smtpd\n"
                     "smtp inet n - n - - /usr/lib/postfix/sbin/smtpd\n")
    same([s["port"] for s in answer["services"]], ["0", "0", "25"])
    same(postfix("", "smtp inet n - n - 1 postscreen\n")["services"], [])


@test
def jail_of_another_name():
    """/q/spool2 is not in /q/spool; what is neither y nor n is no jail"""
    main = "queue_directory = /q/spool\nsmtpd_milters = unix:/q/spool2/x.sock\n"
    policy = "set socket unix:/q/spool2/x.sock\n"
    answer = postfix(main, MASTER.replace("n - n", "n - y"), policy=policy)
    same(ids(answer), ["socket-chroot smtp", "milter-path smtp"])
    same(ids(postfix(main, MASTER.replace("n - n", "n - yes"), policy=policy)), [])


@test
def milters_switched_off():
    """on port 25 and where people log in; the other options stay"""
    for master, service, severity in (
            (MASTER, "smtp", "warning"),
            ("submission inet n - n - - smtpd\n  -o milter_default_action=tempfail\n"
             "  -o smtpd_tls_security_level=encrypt\n", "submission", "fault")):
        master += ("  -o receive_override_options=no_unknown_recipient_checks,NO_MILTERS,"
                   "no_address_mappings\n")
        found = finding(postfix("", master), "milters-off")
        same([found["service"], found["severity"]], [service, severity])
        holds("receive_override_options=no_unknown_recipient_checks,no_address_mappings\n"
              in found["paste"][0]["lines"], found)


@test
def socket_on_the_network():
    """whoever reaches it is taken for the mail server"""
    for host, told in (("192.0.2.1", True), ("127.0.0.1", False), ("localhost", False)):
        answer = postfix("smtpd_milters = inet:%s:8899\n" % host,
                         policy="set socket inet:8899@%s\n" % host)
        same(ids(answer), ["socket-open"] if told else [], host)


@test
def what_sendmail_does_without_the_daemon():
    for flags, wanted in (("", "accept"), (", F=T", "tempfail"), (", F=4", "tempfail"),
                          (", F=R", "reject"), (", F=x", "accept")):
        cf = CERTIFICATE + FILTER.replace(", T=C:10s", flags + ", T=C:10s")
        same(sendmail(cf)["services"][0]["if_down"], wanted, flags)


@test
def ciphers_of_sendmail():
    for value, weak in (("ALL", True), ("ALL:!aNULL", False), ("HIGH:!LOW:-EXP", False),
                        ("HIGH:RC4-SHA", True), ("aNULL+AECDH", True), ("DEF:MED", False),
                        ("DEFAULT:@SECLEVEL=0", True), ("DEFAULT@SECLEVEL=2", False)):
        answer = sendmail(CERTIFICATE + FILTER + "O CipherList=%s\n" % value)
        same(ids(answer), ["cipher-list"] if weak else [], value)


@test
def versions_of_sendmail():
    off = ["SSL_OP_NO_TLSv1", "+SSL_OP_NO_TLSv1_1", "SSL_OP_NO_TLSv1_2",
           "+ssl_op_no_tlsv1_3"]
    for n, wanted in enumerate(("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "none")):
        cf = CERTIFICATE + FILTER + "O ServerSSLOptions=+ %s\n" % " ".join(off[:n])
        same(sendmail(cf)["services"][0]["floor"], wanted, off[:n])


@test
def floor_of_sendmail():
    """what forbids no version that the policy takes stays"""
    answer = sendmail(CERTIFICATE + FILTER + "O ServerSSLOptions=SSL_OP_NO_SSLv3, "
                      "SSL_OP_NO_TICKET SSL_OP_NO_TLSv1 +SSL_OP_NO_TLSv1_1\n",
                      policy="rule old\n    if tls < TLSv1.1\n    reject 554 5.7.0 \"no\"\n")
    same(lines(finding(answer, "tls-floor"), "sendmail.cf"),
         ["O ServerSSLOptions=SSL_OP_NO_SSLv3 SSL_OP_NO_TICKET SSL_OP_NO_TLSv1\n"])


@test
def starttls_switched_off_in_sendmail():
    """a fault where people log in; of no matter where nobody does"""
    port = "O DaemonPortOptions=Name=MTA\nO DaemonPortOptions=Name=X, Port=%s, M=%s\n"
    closed = CERTIFICATE + FILTER.replace(", T=", ", F=T, T=")
    for number, flags, severity in ((587, "aS", "fault"), (2525, "S", None)):
        answer = sendmail(closed + port % (number, flags))
        same([f["severity"] for f in answer["findings"] if f["id"] == "tls-off"],
             [severity] if severity else [], flags)
        same(answer["services"][1]["tls"], "none", flags)
    same(finding(sendmail(CERTIFICATE + FILTER + "O DaemonPortOptions=Name=X, Port=25, M=S\n"),
                 "tls-off")["severity"], "warning")


@test
def file_of_a_short_name():
    """it need not end in .cf: beside it there is no .mc then"""
    cf = CERTIFICATE + FILTER
    same(ids(doctor({"cf": cf}, "--sendmail-cf", "cf")), ids(sendmail(cf)))


@test
def filter_without_an_address():
    """Sendmail cannot use it, and it is not ours"""
    same(ids(sendmail(CERTIFICATE + FILTER.replace(OURS, "florp"))), ["milter-missing MTA"])


@test
def names_that_are_taken():
    """a milter of our name that is another's, and a socket on a port"""
    cf = CERTIFICATE + "Xtlswarden, S=inet:1@localhost\nXtlswarden1, S=inet:2@localhost\n"
    for spec, wanted in (("inet:8899@127.0.0.1", "S=inet:8899@127.0.0.1, T="),
                         ("unix:/run/x.sock", "S=unix:/run/x.sock, T=")):
        found = finding(sendmail(cf, policy="set socket %s\n" % spec), "milter-missing")
        line = lines(found, "sendmail.cf")[0]
        holds(line.startswith("Xtlswarden11, " + wanted), line)


@test
def ports_that_sendmail_has_unasked():
    """once the .mc names one port, it names them all"""
    cf = (CERTIFICATE + FILTER + "O DaemonPortOptions=Name=MTA-v4, Family=inet\n"
          "O DaemonPortOptions=Port=587, Name=MSA, M=E\n"
          "O DaemonPortOptions=Name=X, Port=2525, I=none\n")
    answer = sendmail(cf)
    pasted = [p["lines"] for f in answer["findings"] for p in f["paste"]
              if p["file"] == "sendmail.mc"]
    for wanted in ("FEATURE(`no_default_msa')dnl\n",
                   "DAEMON_OPTIONS(`Name=MTA-v4, Family=inet')dnl\n"):
        same(pasted.count(wanted), 1, wanted)
    same(len([p for p in pasted if p.startswith("DAEMON_OPTIONS(`Port=587")]), 1, pasted)


@test
def forms_of_a_sendmail_cf():
    """blanks, lines that go on, other ends of lines, and what is cut off"""
    plain = sendmail(CERTIFICATE + FILTER + "O DaemonPortOptions=Name=A, Port=2526\n")
    for cf in ("O ServerCertFile =  /chain.pem\nO ServerKeyFile=\t/chain.pem\n" + FILTER +
               "O DaemonPortOptions=Name=A,\n\tPort=2526\n",
               (CERTIFICATE + FILTER).replace("\n", "\r\n") +
               "ODaemonPortOptions=Name=A,\r\n Port=2526\r\n",
               "O\nX\nXw\nO nothing\n" + CERTIFICATE + FILTER +
               "O DaemonPortOptions=Name=A, Port=2526 \t"):
        answer = sendmail(cf)
        same([answer["services"], ids(answer)], [plain["services"], ids(plain)], cf)
    many = "".join("O DaemonPortOptions=Name=P%d, Port=%d\n" % (n, 3000 + n)
                   for n in range(150))
    same(len(sendmail(many)["services"]), 100, "ports, at most")


run()
