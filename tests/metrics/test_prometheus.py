#!/usr/bin/env python3
"""The numbers of a real daemon through a real node_exporter into a real
Prometheus: what is written is clean, alerts fire, panels have data.

Wants Debian's prometheus and prometheus-node-exporter.
"""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
os.environ.setdefault("TOP_SRCDIR", SOURCE)
sys.path.insert(0, os.path.join(SOURCE, "tests", "milter"))

import daemon  # noqa: E402
import tap  # noqa: E402
from daemon import Daemon, Directory, wait_for  # noqa: E402
from fakemta import Mta  # noqa: E402
from tap import test, same, holds  # noqa: E402

RULES = os.path.join(SOURCE, "packaging", "prometheus", "tlswarden.rules.yml")
RULES_TEST = os.path.join(HERE, "rules.test.yml")
BOARD = os.path.join(SOURCE, "packaging", "grafana", "tlswarden.json")
TLSWARDEN = os.path.join(daemon.BUILD, "policy", "cli", "tlswarden")
METRIC = re.compile(r"\btlswarden_\w+")


def run_tool(*arguments, **more):
    r = subprocess.run(arguments, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, timeout=120, check=False, **more)
    return r.returncode, r.stdout.decode()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def session(path, port, version=None, login=None):
    """One session with a message, as far as it is let."""
    m = Mta(path).port(port)
    if version:
        m.tls(version, "TLS_AES_256_GCM_SHA384" if version == "TLSv1.3" else
              "ECDHE-RSA-AES256-SHA", "256")
    m.connect()
    if m.helo() == "c":
        if login:
            m.login("PLAIN", login)
        m.message(qid="Q")
    m.quit()


def refused(path):
    """A login in the clear."""
    m = Mta(path).port(587)
    m.connect()
    m.helo()
    m.login("PLAIN", "bob")
    holds(m.mail().startswith("530"), "MAIL")
    m.quit()


def traffic(path):
    """Something for every panel."""
    session(path, 25, "TLSv1.3")
    session(path, 25)
    session(path, 25, "TLSv1")
    session(path, 587, "TLSv1.3", "ann")
    m = Mta(path)
    m.connect()
    m.helo()
    m.quit()
    refused(path)


class Server:
    """A submissions port that offers AUTH inside TLS and knows EHLO and QUIT."""

    def __init__(self, directory):
        cert, key = directory.file("cert.pem"), directory.file("key.pem")
        status, said = run_tool(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
            "9", "-subj", "/CN=localhost", "-keyout", key, "-out", cert)
        same(status, 0, said)
        status, said = run_tool("openssl", "x509", "-in", cert, "-noout",
                                "-enddate")
        self.ends = ssl.cert_time_to_seconds(said.strip().split("=")[1])
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(s,), daemon=True).start()

    def talk(self, plain):
        try:
            plain.settimeout(10)
            with self.context.wrap_socket(plain, server_side=True) as s:
                s.sendall(b"220 localhost ESMTP\r\n")
                for line in s.makefile("rb"):
                    word = line[:4].upper()
                    if word == b"QUIT":
                        s.sendall(b"221 2.0.0 Bye\r\n")
                        return
                    s.sendall(b"250-localhost\r\n250 AUTH PLAIN\r\n"
                              if word == b"EHLO" else b"502 5.5.1 No\r\n")
        except OSError:
            pass
        finally:
            plain.close()

    def close(self):
        self.listener.close()


class World:
    """Daemon, audit, node_exporter by a link, Prometheus."""

    def __init__(self):
        self.dir = Directory()
        self.children = []
        self.text = self.dir.file("textfiles")
        os.mkdir(self.text)
        self.path = self.dir.file("m.prom")
        self.daemon = Daemon(
            'set metrics-file "%s"\n' % self.path + open(daemon.POLICY).read(),
            directory=self.dir)
        self.socket = self.daemon.socket
        wait_for(lambda: os.path.exists(self.path), "no metrics file")
        os.symlink(self.path, os.path.join(self.text, "tlswarden.prom"))
        self.server = Server(self.dir)
        self.audit()
        self.exporter, self.port = free_port(), free_port()
        self.start("node", "prometheus-node-exporter", "--collector.disable-defaults",
                   "--collector.textfile",
                   "--collector.textfile.directory=" + self.text,
                   "--web.listen-address=127.0.0.1:%d" % self.exporter)
        config = self.dir.file("prometheus.yml", (
            "global: { scrape_interval: 1s, evaluation_interval: 1s }\n"
            "rule_files: [ '%s' ]\n"
            "scrape_configs:\n"
            "  - job_name: node\n"
            "    static_configs: [ { targets: [ '127.0.0.1:%d' ] } ]\n"
        ) % (RULES, self.exporter))
        self.start("prometheus", "prometheus", "--config.file=" + config,
                   "--storage.tsdb.path=" + self.dir.file("tsdb"),
                   "--web.listen-address=127.0.0.1:%d" % self.port)
        wait_for(lambda: self.query("tlswarden_up"), "no first sample", 120)

    def audit(self):
        """The exit status says that something was found; the numbers stand."""
        where = "127.0.0.1:%d/submissions" % self.server.port
        r = subprocess.run([TLSWARDEN, "audit", "--format", "prometheus", where,
                            where, "127.0.0.1:1/mx"], stdout=subprocess.PIPE,
                           timeout=300, check=False)
        same(r.returncode, 2)
        self.audited = r.stdout.decode()
        with open(os.path.join(self.text, "audit.prom"), "w") as f:
            f.write(self.audited)

    def start(self, name, *arguments):
        log = open(self.dir.file(name + ".log"), "wb")
        self.children.append(subprocess.Popen(arguments, stdout=log, stderr=log))

    def get(self, what, **arguments):
        url = "http://127.0.0.1:%d/api/v1/%s?%s" % (
            self.port, what, urllib.parse.urlencode(arguments))
        with urllib.request.urlopen(url, timeout=30) as r:
            answer = json.load(r)
        same(answer["status"], "success", answer)
        return answer["data"]

    def query(self, expression):
        try:
            return self.get("query", query=expression)["result"]
        except OSError:
            holds(all(c.poll() is None for c in self.children), "a server ended")
            return None

    def written(self):
        """Wait until the daemon has written, and Prometheus has read it."""
        before = self.query("tlswarden_reloads_total{result='ok'}")[0]["value"][1]
        self.daemon.kill(signal.SIGUSR1)
        wait_for(lambda: self.query("tlswarden_reloads_total{result='ok'}")[0]
                 ["value"][1] != before, "Prometheus does not see a reload", 120)

    def close(self):
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.server.close()
        self.daemon.__exit__()
        self.dir.remove()


def expressions(board):
    for p in board["panels"]:
        for t in p["targets"]:
            yield p["title"], t["expr"]


def concrete(expression):
    """As Grafana fills it in."""
    expression = expression.replace("$__rate_interval", "2m")
    return expression.replace("$instance", ".*")


@test
def rules_are_right(_):
    """promtool check rules; promtool test rules; each alert has its test"""
    status, said = run_tool("promtool", "check", "rules", RULES)
    same(status, 0, said)
    # its paths are relative to where it stands
    status, said = run_tool("promtool", "test", "rules", RULES_TEST)
    same(status, 0, said)
    alerts = re.findall(r"- alert: (\w+)", open(RULES).read())
    tested = open(RULES_TEST).read()
    for name in alerts:
        same(tested.count("alertname: %s\n" % name), 2, name)
    holds(len(alerts) > 10, alerts)


@test
def clean(world):
    """promtool check metrics has nothing to say of the daemon's file or the audit's"""
    for text in (open(world.path).read(), world.audited):
        status, said = run_tool("promtool", "check", "metrics",
                                input=text.encode())
        same((status, said), (0, ""))


@test
def audited(world):
    """the audit's numbers: the end of the certificate, a port that is not there, no series twice"""
    port = world.server.port
    name = 'tlswarden_audit_certificate_expiry_timestamp_seconds' \
        '{host="127.0.0.1",port="%d"}' % port
    holds('tlswarden_audit_port_ok{host="127.0.0.1",port="%d"} 1\n' % port in
          world.audited, world.audited)
    lines = [line for line in world.audited.splitlines() if line.startswith(name)]
    same([line.split()[1] for line in lines], [str(world.server.ends)])
    holds('tlswarden_audit_port_ok{host="127.0.0.1",port="1"} 0\n' in
          world.audited, world.audited)
    samples = [line.rsplit(" ", 1)[0] for line in world.audited.splitlines()
               if line[0] != "#"]
    same(len(samples), len(set(samples)), "twice")


@test
def arrives(world):
    """node_exporter takes both files, and a message moves a counter"""
    same(world.query("node_textfile_scrape_error")[0]["value"][1], "0")
    name = 'tlswarden_messages_total{service="mx",outcome="encrypted"}'
    before = float(world.query(name)[0]["value"][1])
    session(world.socket, 25, "TLSv1.3")
    world.written()
    same(float(world.query(name)[0]["value"][1]), before + 1)
    series = world.query('count({__name__=~"tlswarden_.*",'
                         '__name__!~"tlswarden_audit_.*"})')
    holds(50 < float(series[0]["value"][1]) < 200, series)


@test
def alerts(world):
    """Prometheus evaluates the rules, and what must fire fires"""
    refused(world.socket)
    wait_for(lambda: world.query(
        "increase(tlswarden_alarms_total{kind='password-exposed'}[1h]) > 0"),
        "the alarm does not arrive", 120)

    def firing():
        group = world.get("rules")["groups"][0]
        same([r["name"] for r in group["rules"] if r["health"] == "err"], [])
        names = {r["name"] for r in group["rules"] if r["state"] == "firing"}
        return {"TlswardenPasswordExposed", "TlswardenCertificateEnds",
                "TlswardenAuditFault"} <= names and names
    names = wait_for(firing, "not firing", 120)
    for name in ("TlswardenDown", "TlswardenStale", "TlswardenReloadFailed",
                 "TlswardenRecordsDropped", "TlswardenFault"):
        holds(name not in names, name)


@test
def names(world):
    """every metric that a rule or a panel names is there"""
    known = set(world.get("label/__name__/values"))
    for path in (RULES, BOARD):
        used = set(METRIC.findall(open(path).read()))
        same(used - known, set(), path)
    manual = open(os.path.join(SOURCE, "milter", "tlswarden-metrics.7")).read()
    for name in known:
        if name.startswith("tlswarden_"):
            holds(re.search(r"^\.It .*\b%s\b" % name[len("tlswarden_"):], manual,
                            re.M), name + " is not in the manual")


@test
def panels(world):
    """every expression of every panel returns numbers"""
    traffic(world.socket)
    world.written()
    traffic(world.socket)
    world.written()
    for title, expression in expressions(json.load(open(BOARD))):
        def data():
            found = world.query(concrete(expression))
            return found and all(
                float(s["value"][1]) == float(s["value"][1]) for s in found)
        wait_for(data, "%s: no data from %s" % (title, expression), 60)


@test
def board(_):
    """the dashboard's structure: what Grafana asks of schema 38"""
    b = json.load(open(BOARD))
    same([b["uid"], b["schemaVersion"], b.get("id")], ["tlswarden", 38, None])
    same({v["name"]: v["type"] for v in b["templating"]["list"]},
         {"datasource": "datasource", "instance": "query"})
    ids = [p["id"] for p in b["panels"]]
    same(len(ids), len(set(ids)), "ids")
    taken = set()
    for p in b["panels"]:
        holds(p["title"] and p["type"] in ("stat", "timeseries"), p)
        same(p["datasource"], {"type": "prometheus", "uid": "${datasource}"})
        refs = [t["refId"] for t in p["targets"]]
        holds(refs and len(refs) == len(set(refs)), p["title"])
        for t in p["targets"]:
            holds("$instance" in t["expr"] and t["legendFormat"], t)
            same(t["datasource"], p["datasource"])
        holds({"defaults", "overrides"} <= set(p["fieldConfig"]), p["title"])
        g = p["gridPos"]
        holds(0 <= g["x"] and g["x"] + g["w"] <= 24, g)
        cells = {(x, y) for x in range(g["x"], g["x"] + g["w"])
                 for y in range(g["y"], g["y"] + g["h"])}
        holds(not cells & taken, "panels overlap: " + p["title"])
        taken |= cells


def main():
    world = World()
    try:
        tap.run(world)
    finally:
        world.close()


if __name__ == "__main__":
    main()
