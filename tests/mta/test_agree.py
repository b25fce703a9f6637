"""`tlswarden audit' against three tools that others made, on the same servers:
sslscan, nmap's ssl-enum-ciphers and testssl.sh find the same versions, suites and
certificate.  Where they do not, it stands here why.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as tree

import audit_run
import bed
import forge
import namespace
import postfix
import rsyslog
import sendmail
import tap
import test_audit
from tap import attempt, ok, same

WEAK, GOOD, MAIL = "192.0.2.25", "192.0.2.26", "192.0.2.27"
PORT = "587"
# The other tools' names of versions.
VERSION = {"TLSv1.0": "TLSv1"}


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=300, check=False, text=True).stdout


def numbers():
    """IANA's name of each number, from nmap's own table."""
    table = {}
    with open("/usr/share/nmap/nselib/tls.lua", encoding="utf-8", errors="replace") as f:
        for line in f:
            found = re.search(r'(TLS_[A-Za-z0-9_]+)"?\]?\s*=\s*0x([0-9A-Fa-f]{4})', line)
            if found:
                table.setdefault(int(found.group(2), 16), found.group(1))
    return {n: true_name(name) for n, name in table.items()}


def true_name(name):
    """nmap 7.93 calls the suites of TLS 1.3 TLS_AKE_WITH_..., as no RFC does."""
    return name.replace("TLS_AKE_WITH_", "TLS_")


def by_sslscan(address):
    file = namespace.ROOT + "/sslscan." + address
    run("sslscan", "--starttls-smtp", "--no-colour", "--show-certificate", "--xml=" + file,
        "%s:%s" % (address, PORT))
    root = tree.parse(file).getroot()
    names = numbers()
    suites = {}
    for item in root.iter("cipher"):
        version = VERSION.get(item.get("sslversion"), item.get("sslversion"))
        suites.setdefault(version, set()).add(names[int(item.get("id"), 16)])
    versions = {"TLSv1" if i.get("version") == "1.0" else "TLSv" + i.get("version")
                for i in root.iter("protocol")
                if i.get("type") == "tls" and i.get("enabled") == "1"}
    cert = root.find(".//certificate[@type='short']")
    return versions, suites, cert


def by_nmap(address):
    file = namespace.ROOT + "/nmap." + address
    run("nmap", "-Pn", "-n", "-p", PORT, "--script", "ssl-enum-ciphers", "-oX", file,
        address)
    suites, chooser = {}, {}
    for table in tree.parse(file).getroot().findall(".//script/table"):
        version = VERSION.get(table.get("key"), table.get("key"))
        suites[version] = {true_name(e.text) for e in table.findall(
            "table[@key='ciphers']/table/elem[@key='name']")}
        chooser[version] = table.findtext("elem[@key='cipher preference']")
    return suites, chooser


def by_testssl(address, *what):
    file = namespace.ROOT + "/testssl." + address
    run("testssl", "--quiet", "--color", "0", "--warnings", "batch", "-t", "smtp",
        "--jsonfile", file, *what, "%s:%s" % (address, PORT))
    with open(file, encoding="utf-8") as f:
        return {item["id"]: item["finding"] for item in json.load(f)}


def hold_sslscan(name, mine, found):
    versions, suites, cert = found
    same(set(mine["versions"]), versions, name + ": sslscan: versions")
    same({v: set(d["suites"]) for v, d in mine["versions"].items()}, suites,
         name + ": sslscan: suites")
    own = mine["certificate"]
    same(cert.findtext("signature-algorithm"), own["signature"],
         name + ": sslscan: signature")
    same(cert.find("pk").get("bits"), str(own["bits"]), name + ": sslscan: key")
    ok(own["subject"].endswith(cert.findtext("subject")), name + ": sslscan: subject")


def hold_nmap(name, mine, found):
    suites, chooser = found
    same({v: set(d["suites"]) for v, d in mine["versions"].items()}, suites,
         name + ": nmap: suites")
    # Where there is but one suite, or it cannot tell, nmap says so.
    same({v: d["chooser"] for v, d in mine["versions"].items()
          if chooser.get(v) in ("server", "client")},
         {v: c for v, c in chooser.items() if c in ("server", "client")},
         name + ": nmap: who chooses")


def hold_testssl(name, mine, found):
    named = {"SSLv3": "SSLv3", "TLS1": "TLSv1", "TLS1_1": "TLSv1.1", "TLS1_2": "TLSv1.2",
             "TLS1_3": "TLSv1.3"}
    same({v for k, v in named.items() if found[k].startswith("offered")},
         set(mine["versions"]), name + ": testssl: versions", found)
    own = mine["certificate"]
    ok(str(own["bits"]) in found["cert_keySize"], name + ": testssl: key",
       found["cert_keySize"])
    ok("SHA256" in found["cert_signatureAlgorithm"] and "sha256" in own["signature"],
       name + ": testssl: signature", found["cert_signatureAlgorithm"])
    ok(found["cert_notAfter"].startswith(own["until"]), name + ": testssl: end",
       found["cert_notAfter"], own["until"])
    same(found["cert_subjectAltName"], own["names"], name + ": testssl: names")


def tests(addresses):
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        jobs = [(name, pool.submit(by_sslscan, a), pool.submit(by_nmap, a),
                 pool.submit(by_testssl, a, "-p", "-S"), a) for name, a in addresses]
        for name, sslscan, nmap, testssl, address in jobs:
            mine = audit_run.Audit("%s:%s" % (address, PORT)).ports[0]
            attempt(hold_sslscan, name, name, mine, sslscan.result())
            attempt(hold_nmap, name, name, mine, nmap.result())
            attempt(hold_testssl, name, name, mine, testssl.result())


def main():
    bed.enter()
    server = mta = syslog = None
    try:
        made = forge.Forge(namespace.ROOT + "/forge", test_audit.NAME)
        cert = made.server()
        ca = test_audit.Authority(made.file("ca", made.middle, made.root))
        sasldb = namespace.ROOT + "/sasl/sasldb2"
        os.makedirs(os.path.dirname(sasldb))
        bed.Bed.add_user(type("Place", (), {"sasldb": sasldb}), "ann")
        syslog = rsyslog.Syslog(namespace.ROOT + "/log")
        syslog.start()
        good = ["-o {%s}" % o.replace("=", " = ", 1)
                for o in test_audit.SECURE + ["tls_preempt_cipherlist=yes"]]
        server = postfix.Postfix(
            namespace.ROOT + "/postfix", ca, cert, sasldb, test_audit.NAME,
            [(WEAK + ":" + PORT, [postfix.WEAK]), (GOOD + ":" + PORT, good)],
            protocols="ipv4")
        server.start()
        mta = sendmail.Sendmail(namespace.ROOT + "/sendmail", ca, cert, sasldb,
                                test_audit.NAME, [("MSA", MAIL, int(PORT), "M=E")], syslog,
                                auth="A p y", extra=test_audit.FLOOR % test_audit.GOOD)
        mta.start()
        attempt(tests, "the tools", (("Postfix, all on", WEAK), ("Postfix, good", GOOD),
                                     ("Sendmail, good", MAIL)))
    except Exception:
        tap.bail_out()
    finally:
        for one in (server, mta, syslog):
            if one is not None:
                one.stop()
    return tap.PLAN.done()


if __name__ == "__main__":
    sys.exit(main())
