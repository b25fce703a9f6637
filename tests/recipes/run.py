"""packaging/RECIPES.md does what it says: its lines are pasted into copies of the
configurations they are for, and into the servers they are for, where these are
installed.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

from daemon import Daemon, SOURCE, BUILD, wait_for  # noqa: E402
from fakemta import Mta  # noqa: E402
from tap import Tap  # noqa: E402

TLSWARDEN = os.path.join(BUILD, "policy", "cli", "tlswarden")
DOCTOR = os.path.join(SOURCE, "tests", "doctor")
PAGE = os.path.join(SOURCE, "packaging", "RECIPES.md")
POSTCONF = "/usr/sbin/postconf"

with open(PAGE, encoding="utf-8") as page:
    TEXT = page.read()


def block(mark):
    """The lines of the page that are marked so."""
    found = re.findall(r"(?ms)^```%s\n(.*?)^```" % re.escape(mark), TEXT)
    assert len(found) == 1, "%d blocks are marked %r" % (len(found), mark)
    return found[0]


def run(*command, **keywords):
    r = subprocess.run(command, stdin=keywords.pop("stdin", subprocess.DEVNULL),
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                       timeout=120, **keywords)
    return r.returncode, r.stdout.decode(), r.stderr.decode()


def write(path, text, mode="w"):
    with open(path, mode, encoding="utf-8") as f:
        f.write(text)
    return path


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def copy_of(name, directory):
    path = os.path.join(directory, name)
    os.makedirs(path)
    for file in ("main.cf", "master.cf"):
        shutil.copyfile(os.path.join(DOCTOR, name, file), os.path.join(path, file))
    return path


def findings(path):
    """Those of the doctor that are no notes."""
    status, out, err = run(TLSWARDEN, "doctor", "-c", path + "/policy.conf", "--postfix-dir",
                           path, "--format", "json")
    assert status in (0, 1) and not err, err
    return sorted("%(severity)s %(id)s %(service)s" % f for f in json.loads(out)["findings"]
                  if f["severity"] != "note")


def checks(tap, path, name):
    status, out, err = run(TLSWARDEN, "check", "--strict", path)
    tap.ok(status == 0, name + ": tlswarden check --strict", out + err)


def same(tap, got, want, name):
    tap.ok(got == want, name, "got    %r\nwanted %r" % (got, want))


def docker_mailserver(tap, directory):
    path = copy_of("docker-mailserver", directory)
    write(path + "/policy.conf", block("policy dms") + read(SOURCE + "/packaging/policy.conf"))
    checks(tap, path + "/policy.conf", "docker-mailserver")
    before = findings(path)
    tap.ok(any("milter-missing" in f for f in before), "docker-mailserver: before, it lacks all",
           before)
    script = write(path + "/user-patches.sh", block("sh dms"))
    status, out, err = run("bash", "-eu", script, env=dict(os.environ, MAIL_CONFIG=path))
    err = "".join(x for x in err.splitlines(True) if "undefined parameter" not in x)
    same(tap, (status, out, err), (0, "", ""), "docker-mailserver: user-patches.sh runs")
    same(tap, findings(path), [], "docker-mailserver: then the doctor finds nothing")
    once = read(path + "/main.cf"), read(path + "/master.cf")
    run("bash", "-eu", script, env=dict(os.environ, MAIL_CONFIG=path))
    same(tap, (read(path + "/main.cf"), read(path + "/master.cf")), once,
         "docker-mailserver: a second run changes nothing")
    _, out, _ = run(POSTCONF, "-c", path, "-xh", "smtpd_milters")
    same(tap, re.split(r",? +(?![^{]*})", out.strip()),
         ["{ unix:/run/tlswarden/tlswarden.sock, default_action=accept }",
          "inet:localhost:8891", "inet:localhost:8893"],
         "docker-mailserver: its own milters stay, behind it")


MAILCOW_LEFT = [
    "fault auth-clear 588",         # webmail has no TLS, and comes from inside
    "fault milter-missing 590",     # mail that was filtered comes back here
    "fault tls-ssl smtps",          # its own setting, which the copy does not have
]


def mailcow(tap, directory):
    path = copy_of("mailcow", directory)
    policy = write(path + "/policy.conf", block("policy mailcow"))
    checks(tap, policy, "mailcow")
    write(path + "/main.cf", block("postfix mailcow"), "a")
    master, under = [], None
    ports = set(re.findall(r"`(\w+)`", re.search(r"(?s)an update may touch, under (.*?):\n",
                                                 TEXT).group(1)))
    for line in read(path + "/master.cf").splitlines(True):
        if line[0] not in " \t#":
            if under in ports:
                master.append(block("master mailcow"))
            under = line.split()[0]
        master.append(line)
    write(path + "/master.cf", "".join(master))
    same(tap, len(ports), 5, "mailcow: the services that users come to")
    same(tap, findings(path), MAILCOW_LEFT, "mailcow: then the doctor finds what is meant so")
    _, out, _ = run(POSTCONF, "-c", path, "-Px")
    same(tap, len(re.findall(r"smtpd_milters = \{ unix:[^}]*default_action=tempfail \}, inet:", out)),
         5, "mailcow: Postfix reads them so")


# --- records, as JSON, by a syslog with the template of the page

def traffic():
    """JSON records of the daemon, of sessions of each kind."""
    with Daemon(read(SOURCE + "/packaging/policy.conf") + "set log-format json\n") as d:
        for n in range(12):
            m = Mta(d.socket)
            if n % 3 == 0:
                m.login(user="u%d" % (n % 2))
                m.port("587")
            elif n % 3 == 1:
                m.tls("TLSv1.1", "ECDHE-RSA-AES256-SHA", "256").login("LOGIN", "old")
                m.port("465")
            elif n % 2:
                m.tls()
            m.connect(address="198.51.100.%d" % (n % 4 + 1))
            m.helo('he said "x\\y" {')
            m.mail("<Ann@Example%d.net>" % (n % 2))
            m.rcpt()
            if n % 3 == 2:
                m.eom("4F1A%d" % n)
            m.quit()
        d.stop()
        with open(d.log, encoding="ascii") as f:
            return [line for line in f.read().splitlines() if line.startswith("{")]


# What a local user can say; the first are objects.
OBJECTS = 2
FORGED = ('{"v":1,"event":"forged","host":"mx2.example.com","time":1}',
          '{"v":1,"event":"forged","port":"many","count":{"a":[1]}}',
          'forged', '{"forged":1', '{"forged":1} {}', '["forged"]',
          'x","host":"mx2.example.com","event":"forged"}')


def rsyslogd(tap, directory, records):
    """The template in a real rsyslogd; the lines it wrote, or None."""
    if not shutil.which("rsyslogd"):
        return None
    path = os.path.join(directory, "syslog")
    os.makedirs(path)
    conf = write(path + "/conf", """global(workDirectory="%(d)s" localHostname="mx1.example.com")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="%(d)s/log" RateLimit.Interval="0" UseSysTimeStamp="off")
%(t)s
if $programname == "tlswardend" then {
if not ($msg contains "forged") then action(type="omfile" file="%(d)s/plain"
    template="RSYSLOG_FileFormat")
%(r)s
action(type="omfile" file="%(d)s/json" template="tlswarden-json")
}
""" % {"d": path, "t": block("rsyslog json"), "r": block("rsyslog json record")})
    child = subprocess.Popen(["rsyslogd", "-n", "-f", conf, "-i", path + "/pid"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: os.path.exists(path + "/log"), "rsyslogd", 60)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(path + "/log")
            for record in [*FORGED, *records]:
                s.send(b"<22>Nov 20 09:14:02 tlswardend[9]: " + record.encode("ascii"))
        wait_for(lambda: os.path.exists(path + "/json") and
                 len(read(path + "/json").splitlines()) >= len(records) + OBJECTS,
                 "records", 60)
    finally:
        child.terminate()
        child.communicate()
    lines = read(path + "/json").splitlines()
    whole = [json.loads(line) for line in lines]
    want = [dict(json.loads(r), host="mx1.example.com", time=w["time"])
            for r, w in zip([*FORGED[:OBJECTS], *records], whole)]
    tap.ok(whole == want, "rsyslog: host and time are in each record", "\n".join(lines))
    tap.ok(all(isinstance(w["time"], int) and w["time"] > 1 for w in whole),
           "and none chooses its own, nor is what is no object", "\n".join(lines))
    return path


# --- ClickHouse

class ClickHouse:
    """A server of its own, on a free port of the loopback."""

    CONFIG = """<yandex><logger><level>error</level><log>%(d)s/log</log>
<errorlog>%(d)s/errorlog</errorlog></logger><tcp_port>%(port)d</tcp_port>
<listen_host>127.0.0.1</listen_host><path>%(d)s/data/</path><tmp_path>%(d)s/tmp/</tmp_path>
<users_config>%(d)s/users.xml</users_config><default_profile>default</default_profile>
<default_database>default</default_database><mark_cache_size>5368709</mark_cache_size>
<timezone>UTC</timezone></yandex>
"""
    USERS = """<yandex><profiles><default/></profiles><users><default><password></password>
<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
</default></users><quotas><default/></quotas></yandex>
"""

    def __init__(self, directory):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        write(directory + "/users.xml", self.USERS)
        conf = write(directory + "/config.xml",
                     self.CONFIG % {"d": directory, "port": self.port})
        with open(directory + "/output", "wb") as out:
            self.child = subprocess.Popen(["clickhouse-server", "--config-file=" + conf],
                                          stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=subprocess.STDOUT, cwd=directory)
        try:
            wait_for(lambda: self.ask("SELECT 1")[0] == 0, "clickhouse-server", 90)
        except BaseException:
            self.stop()
            raise

    def ask(self, query, *options, **keywords):
        return run("clickhouse-client", "--port", str(self.port), *options, "--query", query,
                   **keywords)

    def rows(self, query):
        status, out, err = self.ask(query)
        assert status == 0, err
        return [tuple(line.split("\t")) for line in out.splitlines()]

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def clickhouse(tap, directory, path):
    os.makedirs(directory + "/clickhouse")
    server = ClickHouse(directory + "/clickhouse")
    try:
        status, _, err = server.ask(block("sql clickhouse"))
        same(tap, (status, err), (0, ""), "ClickHouse: the table")
        command = re.search(r"(?ms)^clickhouse-client .*?<", TEXT).group(0)
        options = re.findall(r"--input\S+", command)
        query = re.search(r"--query '(.*)'", command).group(1)
        with open(path + "/json", "rb") as f:
            status, _, err = server.ask(query, *options, stdin=f)
        same(tap, (status, err), (0, ""), "ClickHouse: takes the records")
        against_report(tap, server, path + "/plain")
    finally:
        server.stop()


def report(path, *options):
    status, out, err = run(TLSWARDEN, "report", "--format", "json", "--top", "0", *options, path)
    assert status in (0, 1), err
    return {name: table["rows"] for name, table in json.loads(out)["tables"].items()}


def against_report(tap, server, log):
    """Each query gives what the report says."""
    whole = report(log)
    same(tap, sorted((u, c, n) for u, c, n, _, _ in server.rows(block("sql clickhouse exposed"))),
         sorted((r["user"], r["client"], str(r["messages"])) for r in whole["exposed_passwords"]),
         "ClickHouse: exposed passwords, as in the report")
    for name, by in (("tls", "service,tls"), ("old", "user,client,tls"),
                     ("cleartext", "domain")):
        rows = report(log, "--by", by)["by"] if name == "tls" else \
            whole["old_clients" if name == "old" else "cleartext_domains"]
        keys = {"tls": ("service", "tls"), "old": ("user",), "cleartext": ("domain",)}[name]
        got = server.rows(block("sql clickhouse " + name))
        want = sorted(tuple(r[k] for k in keys) + (str(r["messages"]),) for r in rows
                      if r["messages"])
        if name == "old":
            got = [(row[0], row[-1]) for row in got]
            want = sum_up(want)
            got = sum_up(got)
        same(tap, sorted(got), want, "ClickHouse: %s, as in the report" % name)
    rules = {(r["rule"], r["verdict"]): int(r["messages"]) + int(r["sessions"])
             for r in report(log, "--by", "rule,verdict")["by"]}
    same(tap, {(a, b): int(n) for a, b, n in server.rows(block("sql clickhouse rules"))}, rules,
         "ClickHouse: rules, as in the report")
    days = server.rows(block("sql clickhouse days"))
    same(tap, [sum(int(row[i]) for row in days) for i in (2, 3, 4)],
         [sum(int(r[k]) for r in whole["days"])
          for k in ("encrypted", "deprecated", "cleartext")],
         "ClickHouse: days, as in the report")


def sum_up(rows):
    total = {}
    for name, n in rows:
        total[name] = total.get(name, 0) + int(n)
    return sorted((k, str(v)) for k, v in total.items())


def skip(tap, name, why):
    tap.count += 1
    print("ok %d - %s # SKIP %s" % (tap.count, name, why))


def links(tap):
    """What the page points to is there."""
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        tap.ok(os.path.exists(os.path.join(SOURCE, "packaging", target)), "there is " + target)
    anchors = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-")
               for h in re.findall(r"(?m)^#+ (.*)", TEXT)}
    same(tap, set(re.findall(r"\]\(#([^)]+)\)", TEXT)) - anchors, set(), "and every heading")


def main():
    tap = Tap()
    links(tap)
    with tempfile.TemporaryDirectory(prefix="tw-recipes-") as directory:
        if os.path.exists(POSTCONF):
            docker_mailserver(tap, directory)
            mailcow(tap, directory)
        else:
            skip(tap, "docker-mailserver and mailcow", "there is no postconf")
        path = rsyslogd(tap, directory, traffic())
        if path is None:
            skip(tap, "the template for rsyslog", "there is no rsyslogd")
        elif shutil.which("clickhouse-server") and shutil.which("clickhouse-client"):
            clickhouse(tap, directory, path)
        else:
            skip(tap, "ClickHouse", "there is no clickhouse-server")
    tap.done()


if __name__ == "__main__":
    main()
