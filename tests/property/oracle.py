#!/usr/bin/env python3
"""An independent judge of policies, to hold against the library.

Policies and facts are drawn at random.  Each policy is written out as text and
given to the library through stream_judge; what the library says to each set of
facts, judged stage by stage and judged once, must be what this program works
out by itself from its own copy of the policy, by the rules of
tlswarden-policy(5): three answers, the first rule that matches decides, an
unknown rule stops the walk, notes and observed rules stop nothing.

usage: oracle.py PATH-OF-stream_judge [SEED [PAIRS]]
"""
import ipaddress
import os
import random
import subprocess
import sys

YES, NO, UNKNOWN = "yes", "no", "unknown"
NONE = object()         # known to be lacking
MISSING = object()      # not known

VERSIONS = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
# name: strength, aead, forward secrecy, anonymous, TLS 1.3
CIPHERS = {
    "ECDHE-RSA-AES256-GCM-SHA384": (256, True, True, False, False),
    "ECDHE-ECDSA-CHACHA20-POLY1305": (256, True, True, False, False),
    "DHE-RSA-AES128-SHA": (128, False, True, False, False),
    "AES128-GCM-SHA256": (128, True, False, False, False),
    "AES256-SHA": (256, False, False, False, False),
    "DES-CBC3-SHA": (112, False, False, False, False),
    "RC4-SHA": (80, False, False, False, False),
    "NULL-SHA256": (0, False, False, False, False),
    "ADH-AES256-SHA": (256, False, True, True, False),
    "TLS_AES_128_GCM_SHA256": (128, True, True, False, True),
    "TLS_AES_256_GCM_SHA384": (256, True, True, False, True),
}
CLIENTS = ["192.0.2.7", "192.0.2.20", "192.0.2.129", "198.51.100.7",
           "2001:db8:40::7", "2001:db8:41::7"]
NETWORKS = ["192.0.2.0/24", "192.0.2.16/28", "192.0.2.128/25", "198.51.100.7",
            "2001:db8:40::/64", "2001:db8::/32", "0.0.0.0/0"]
DOMAINS = ["example.org", ".example.org", "mail.example.net", ".net"]
NAMES = ["example.org", "mail.example.org", "a.b.example.org",
         "mail.example.net", "EXAMPLE.org", "localhost.test"]
MAILBOXES = ["ann@example.org", "Bob@mail.example.org", "<>",
             "eve@mail.example.net", "x@elsewhere.test"]
WORDS = {"auth": ["PLAIN", "LOGIN", "SCRAM-SHA-256"],
         "user": ["ann", "bob", "ann@example.org"],
         "daemon": ["ORIGINATING", "MTA", "partner"]}
PORTS = [25, 465, 587, 2525, 10587]
BUILTIN = [("mx", [25], [], False), ("submission", [587], [], False),
           ("submissions", [465], [], True)]
DATES = ["2026-12-31", "2027-01-01", "2027-01-02"]


def siphash(key, data):
    """SipHash-2-4, from the paper."""
    mask = (1 << 64) - 1

    def rotl(x, b):
        return ((x << b) | (x >> (64 - b))) & mask

    k0 = int.from_bytes(key[:8], "little")
    k1 = int.from_bytes(key[8:], "little")
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
         k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rounds(n):
        for _ in range(n):
            v[0] = (v[0] + v[1]) & mask
            v[2] = (v[2] + v[3]) & mask
            v[1] = rotl(v[1], 13) ^ v[0]
            v[3] = rotl(v[3], 16) ^ v[2]
            v[0] = rotl(v[0], 32)
            v[2] = (v[2] + v[1]) & mask
            v[0] = (v[0] + v[3]) & mask
            v[1] = rotl(v[1], 17) ^ v[2]
            v[3] = rotl(v[3], 21) ^ v[0]
            v[2] = rotl(v[2], 32)

    tail = len(data) % 8
    for i in range(0, len(data) - tail, 8):
        m = int.from_bytes(data[i:i + 8], "little")
        v[3] ^= m
        rounds(2)
        v[0] ^= m
    m = (len(data) & 0xff) << 56 | int.from_bytes(data[len(data) - tail:], "little")
    v[3] ^= m
    rounds(2)
    v[0] ^= m
    v[2] ^= 0xff
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


# ---- facts -----------------------------------------------------------------

MANDATORY = {"service", "port", "listener", "daemon", "client", "client_name",
             "helo", "sender", "mta"}
OF_TLS = {"cert_verified", "cert_subject", "cert_issuer", "sni"}
OF_CIPHER = {"cipher_strength", "cipher_aead", "cipher_fs", "cipher_anon"}


def lookup(facts, name):
    """A value, NONE or MISSING, when the whole session is known."""
    if name in facts:
        return facts[name]
    if name in MANDATORY:
        return MISSING
    if name in ("tls", "auth", "recipient"):
        return NONE
    if name in ("cipher", "cipher_bits"):
        return NONE if lookup(facts, "tls") is NONE else MISSING
    if name in OF_CIPHER:
        cipher = lookup(facts, "cipher")
        if cipher is NONE or cipher is MISSING:
            return cipher
        row = CIPHERS[cipher]
        return dict(zip(("cipher_strength", "cipher_aead", "cipher_fs",
                         "cipher_anon"), row))[name]
    if name in OF_TLS or name == "user":
        return NONE
    raise KeyError(name)


def classify(services, facts):
    port, daemon = facts.get("port"), facts.get("daemon")
    if port is None and daemon is None:
        return None
    for name, ports, daemons, _ in services:
        if port in ports or (daemon is not None and
                             daemon.lower() in [d.lower() for d in daemons]):
            return name
    return "other"


# ---- conditions ------------------------------------------------------------

def in_domains(name, items):
    name = name.lower().rstrip(".")
    for item in items:
        item = item.lower()
        if item.startswith("."):
            if name.endswith(item) and len(name) > len(item):
                return True
        elif name == item:
            return True
    return False


def in_networks(client, items):
    address = ipaddress.ip_address(client)
    for item in items:
        network = ipaddress.ip_network(item)
        if network.version == address.version and address in network:
            return True
    return False


def holds(op, fact, want):
    return {"=": fact == want, "<": fact < want, "<=": fact <= want,
            ">": fact > want, ">=": fact >= want}[op]


def compare(cond, fact):
    """A comparison with a fact that is there."""
    kind, attr, op, want = cond
    if kind == "alone":
        return fact is not False
    if kind == "none":
        return False
    if kind == "version":
        return holds(op, VERSIONS.index(fact), VERSIONS.index(want))
    if kind == "number":
        return holds(op, fact, want)
    if kind == "flag":
        return fact == (want == "yes")
    if kind == "network":
        return in_networks(fact, want)
    if kind == "word":
        return fact.lower() in [w.lower() for w in want]
    if kind == "domain":
        return in_domains(fact, want)
    if kind == "mailbox":
        if fact.lower() in [w.lower() for w in want]:
            return True
        domain = fact.rpartition("@")[2] if "@" in fact else ""
        return domain != "" and in_domains(domain, [w for w in want if "@" not in w])
    if kind == "prefix":
        return fact.lower().startswith(want)
    raise KeyError(kind)


def answer(cond, facts):
    kind = cond[0]
    if kind == "not":
        return {YES: NO, NO: YES, UNKNOWN: UNKNOWN}[answer(cond[1], facts)]
    if kind in ("and", "or"):
        both = [answer(cond[1], facts), answer(cond[2], facts)]
        stop, go = (NO, YES) if kind == "and" else (YES, NO)
        if stop in both:
            return stop
        return UNKNOWN if UNKNOWN in both else go
    if kind == "negated":
        return answer(("not", cond[1]), facts)
    fact = lookup(facts, cond[1])
    if fact is MISSING:
        return UNKNOWN
    if fact is NONE:
        return YES if kind == "none" else NO
    return YES if compare(cond, fact) else NO


# ---- drawing policies, and writing them ------------------------------------

def draw_comparison(rnd):
    pick = rnd.randrange(15)
    if pick == 0:
        return ("alone", rnd.choice(["tls", "auth", "user", "cipher_aead",
                                     "cipher_fs", "cipher_anon", "sni"]), None, None)
    if pick == 1:
        return ("none", rnd.choice(["tls", "auth", "cipher", "user"]), "=", None)
    if pick in (2, 3):
        return ("version", "tls", rnd.choice(["=", "<", "<=", ">", ">="]),
                rnd.choice(VERSIONS))
    if pick == 4:
        return ("number", "cipher_strength", rnd.choice(["=", "<", "<=", ">", ">="]),
                rnd.choice([0, 112, 128, 256]))
    if pick == 5:
        return ("number", "port", rnd.choice(["=", "<", ">="]), rnd.choice(PORTS))
    if pick == 6:
        return ("flag", rnd.choice(["cipher_aead", "cipher_fs", "cipher_anon"]),
                "=", rnd.choice(["yes", "no"]))
    if pick in (7, 8):
        return ("network", "client", "in", rnd.sample(NETWORKS, rnd.randint(1, 3)))
    if pick == 9:
        attr = rnd.choice(list(WORDS))
        return ("word", attr, rnd.choice(["=", "in"]), [rnd.choice(WORDS[attr])])
    if pick == 10:
        return ("word", "service", rnd.choice(["=", "in"]),
                [rnd.choice(["mx", "submission", "submissions", "other"])])
    if pick == 11:
        return ("domain", rnd.choice(["client_name", "helo"]), "in",
                rnd.sample(DOMAINS, rnd.randint(1, 3)))
    if pick == 12:
        return ("mailbox", rnd.choice(["sender", "recipient"]), "in",
                rnd.sample(DOMAINS + MAILBOXES, rnd.randint(1, 3)))
    if pick == 13:
        return ("prefix", rnd.choice(["helo", "client_name"]), "~",
                rnd.choice(["mail", "a", "example"]))
    return ("word", "cipher", rnd.choice(["=", "in"]), [rnd.choice(list(CIPHERS))])


def draw_cond(rnd, depth):
    pick = rnd.random()
    if depth == 0 or pick < 0.35:
        cond = draw_comparison(rnd)
        if cond[0] != "alone" and cond[2] in ("=", "in", "~") and rnd.random() < 0.25:
            return ("negated", cond)
        return cond
    if pick < 0.5:
        return ("not", draw_cond(rnd, depth - 1))
    return (rnd.choice(["and", "or"]), draw_cond(rnd, depth - 1),
            draw_cond(rnd, depth - 1))


def quote(word):
    return word if word == "<>" or all(c.isalnum() or c in "._:/@+-" for c in word) \
        else '"%s"' % word


def write_cond(cond):
    kind = cond[0]
    if kind == "not":
        return "not (%s)" % write_cond(cond[1])
    if kind in ("and", "or"):
        return "(%s %s %s)" % (write_cond(cond[1]), kind, write_cond(cond[2]))
    negated = kind == "negated"
    if negated:
        cond = cond[1]
        kind = cond[0]
    _, attr, op, want = cond
    if kind == "alone":
        return attr
    if kind == "none":
        return "%s %s none" % (attr, "!=" if negated else "=")
    if op == "in":
        return "%s %s { %s }" % (attr, "not in" if negated else "in",
                                 ", ".join(quote(w) for w in want))
    if op == "~":
        return "%s %s /^%s/i" % (attr, "!~" if negated else "~", want)
    if isinstance(want, list):
        want = quote(want[0])
    return "%s %s %s" % (attr, "!=" if negated else op, want)


ACTIONS = {"accept": "accept", "note": "note",
           "reject": 'reject 554 5.7.0 "no"',
           "tempfail": 'tempfail 451 4.7.1 "later"',
           "disconnect": 'disconnect 421 4.7.0 "bye"'}


def draw_policy(rnd):
    policy = {"services": list(BUILTIN), "rules": [], "undecided": None,
              "default": rnd.choice(["accept", "accept", "reject"])}
    text = []
    if rnd.random() < 0.3:
        policy["undecided"] = rnd.choice(["tempfail", "accept"])
        text.append("set undecided %s" % policy["undecided"])
    if rnd.random() < 0.4:
        policy["services"] = [("submissions", [465], [], True),
                              ("submission", [587, 10587], ["ORIGINATING"], False),
                              ("mx", [25], [], False)]
        text.append("service submissions port 465 tls implicit")
        text.append("service submission port 587 10587 daemon ORIGINATING")
    for i in range(rnd.randint(1, 6)):
        rule = {"name": "r%d" % i, "cond": draw_cond(rnd, rnd.randint(0, 3)),
                "action": rnd.choice(["accept", "reject", "reject", "tempfail",
                                      "disconnect", "note"]),
                "observe": rnd.random() < 0.15, "from": None, "until": None,
                "share": None}
        if rnd.random() < 0.1:
            rule["from"] = rnd.choice(DATES)
        if rnd.random() < 0.1:
            rule["until"] = rnd.choice([d for d in DATES
                                        if not rule["from"] or d >= rule["from"]])
        if rnd.random() < 0.1:
            rule["share"] = rnd.choice([10, 50, 90])
        policy["rules"].append(rule)
        text.append("rule %s\n    if %s\n    %s" % (rule["name"],
                    write_cond(rule["cond"]), ACTIONS[rule["action"]]))
        if rule["observe"]:
            text.append("    observe")
        for word in ("from", "until"):
            if rule[word]:
                text.append("    %s %s" % (word, rule[word]))
        if rule["share"]:
            text.append("    share %d%%" % rule["share"])
    text.append("default %s" % ACTIONS[policy["default"]])
    return policy, "\n".join(text) + "\n"


def draw_facts(rnd):
    facts = {}
    if rnd.random() < 0.95:
        facts["port"] = rnd.choice(PORTS)
    if rnd.random() < 0.5:
        facts["daemon"] = rnd.choice(WORDS["daemon"])
    if rnd.random() < 0.9:
        facts["client"] = rnd.choice(CLIENTS)
    for name in ("client_name", "helo"):
        if rnd.random() < 0.8:
            facts[name] = rnd.choice(NAMES)
    if rnd.random() < 0.7:
        facts["tls"] = rnd.choice(VERSIONS)
        if rnd.random() < 0.9:
            facts["cipher"] = rnd.choice([c for c in CIPHERS
                if CIPHERS[c][4] == (facts["tls"] == "TLSv1.3")])
        if rnd.random() < 0.2:
            facts["sni"] = rnd.choice(NAMES)
    if rnd.random() < 0.5:
        facts["auth"] = rnd.choice(WORDS["auth"])
        if rnd.random() < 0.8:
            facts["user"] = rnd.choice(WORDS["user"])
    if rnd.random() < 0.9:
        facts["sender"] = rnd.choice(MAILBOXES)
    if rnd.random() < 0.5:
        facts["recipient"] = rnd.choice(MAILBOXES)
    return facts


# ---- the verdict -----------------------------------------------------------

def judge(policy, facts, today):
    facts = dict(facts)
    service = classify(policy["services"], facts)
    if service is not None:
        facts["service"] = service
    observed, notes = [], []
    for rule in policy["rules"]:
        if rule["until"] and today > rule["until"]:
            continue
        said = answer(rule["cond"], facts)
        watching = rule["observe"] or (rule["from"] and today < rule["from"])
        if rule["action"] == "note" and not watching and not rule["share"]:
            if said == YES:
                notes.append(rule["name"])
            continue
        if not watching and rule["share"] and said != NO:
            if "client" not in facts:
                said = UNKNOWN
            else:
                packed = ipaddress.ip_address(facts["client"]).packed
                watching = siphash(bytes(16), rule["name"].encode() + packed) \
                    % 100 >= rule["share"]
        if rule["action"] == "note" and not watching:
            if said == YES:
                notes.append(rule["name"])
            continue
        if watching:
            if said == YES:
                observed.append(rule["name"])
            continue
        if said == YES:
            return rule["action"], rule["name"], observed, notes
        if said == UNKNOWN:
            action = policy["undecided"]
            if action is None:
                action = "accept" if service in ("mx", "other", None) else "tempfail"
            return action, "undecided", observed, notes
    return policy["default"], "default", observed, notes


def expected(policy, facts, today):
    action, rule, observed, notes = judge(policy, facts, today)
    return "%s %s" % (action, rule), \
        "%s %s observed=%s notes=%s" % (action, rule, ",".join(observed), ",".join(notes))


def write_facts(facts, today):
    return "\t".join(["date=" + today] + ["%s=%s" % item for item in facts.items()])


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.environ.get("TOP_BUILDDIR", "."), "tests/property/stream_judge")
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else \
        int(os.environ.get("ORACLE_SEED", "20261231"))
    pairs = int(sys.argv[3]) if len(sys.argv) > 3 else 100000
    rnd = random.Random(seed)
    print("1..1")
    print("# seed %d, %d pairs" % (seed, pairs))
    each = 50
    stream, wanted = [], []
    for _ in range((pairs + each - 1) // each):
        policy, text = draw_policy(rnd)
        stream.append("P %d\n%s" % (len(text), text))
        wanted.append((text, None, "ok", None))
        for _ in range(each):
            facts = draw_facts(rnd)
            today = rnd.choice(DATES)
            line = write_facts(facts, today)
            stream.append("S %s\n" % line)
            wanted.append((text, line) + expected(policy, facts, today))
    ran = subprocess.run([program], input="".join(stream), text=True,
                         stdout=subprocess.PIPE, check=False)
    got = ran.stdout.split("\n")[:-1]
    bad = 0
    if ran.returncode != 0 or len(got) != len(wanted):
        print("# stream_judge: status %d, %d answers of %d" %
              (ran.returncode, len(got), len(wanted)))
        bad = 1
    for line, (text, facts, staged, once) in zip(got, wanted):
        want = staged if facts is None else "%s | %s" % (staged, once)
        if line != want:
            bad += 1
            if bad <= 3:
                for part in text.split("\n"):
                    print("# " + part)
                print("# facts:  %s\n# wanted: %s\n# got:    %s" % (facts, want, line))
    print("%s 1 - the library agrees with the oracle (%d differ)" %
          ("not ok" if bad else "ok", bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
