"""What a policy can say about how much is enforced and how much is written:
observe mode, observed rules, notes, JSON, and addresses and names withheld.
"""

import json

import bed
from tap import ok, same

RULES = """rule old
    if tls < TLSv1.2
    reject 554 5.7.0 "Too old: %{tls} on port %{port}"
"""
LAST = """rule clear-login
    if auth and not tls
    reject 530 5.7.0 "In the clear"
    alarm password-exposed

default accept
"""


def reload(bed_, text):
    since = bed_.syslog.size()
    bed_.warden.write(text)
    bed_.warden.reload()
    found = bed_.syslog.wait(lambda r: r["event"] == "reload", since)
    if not found or found[0].get("result") != "ok":
        raise bed.process.Failed("no reload: %s" % bed_.syslog.lines("tlswardend", since))


def session(bed_, mta, tls, login=False, sender="sender@example.net", source=None):
    with bed_.connect(mta, 587, source=source) as made:
        made.ehlo()
        if tls != "none":
            made.starttls(version=tls)
            made.ehlo()
        if login:
            made.login()
        made.last = made.message(sender)
        made.quit()
    return made


def one(bed_, name, made):
    found = bed_.account(made.source)
    return found[0] if same(len(found), 1, name + ": one record", *found) else {}


def observed_all(bed_, mta):
    """set mode observe: all is taken, and what would have been is written."""
    reload(bed_, "set mode observe\n" + RULES + LAST)
    for tls, login, rule in (("TLSv1.1", False, "old"), ("none", True, "clear-login"),
                             ("TLSv1.3", True, None)):
        name = "%s: mode observe, %s" % (mta, tls)
        made = session(bed_, mta, tls, login)
        same(made.last.code, 250, name + ": taken", *made.dialogue)
        record = one(bed_, name, made)
        same((record.get("verdict"), record.get("rule"), record.get("observed")),
             ("accept", "default", rule and rule + ":reject"), name + ": on record",
             record)


def observed_rule(bed_, mta):
    """A rule observed beside one that is enforced, and a note."""
    reload(bed_, RULES + "    observe\nrule seen\n    if tls\n    note\n" + LAST)
    name = "%s: a rule observed" % mta
    made = session(bed_, mta, "TLSv1.1")
    same(made.last.code, 250, name + ": taken", *made.dialogue)
    record = one(bed_, name, made)
    same((record.get("verdict"), record.get("observed"), record.get("notes")),
         ("accept", "old:reject", "seen"), name + ": on record, with a note", record)
    name = "%s: the rule beside it" % mta
    made = session(bed_, mta, "none", True)
    ok(made.last.text.startswith("530 5.7.0 In the clear"), name + " refuses",
       *made.dialogue)
    same(one(bed_, name, made).get("rule"), "clear-login", name + ": on record")


def expanded(bed_, mta):
    reload(bed_, RULES + LAST)
    made = session(bed_, mta, "TLSv1")
    ok("Too old: TLSv1 on port 587" in made.last.text,
       "%s: the reply names the version and the port" % mta, *made.dialogue)


def as_json(bed_, mta):
    """The same session as logfmt and as JSON has the same fields and values."""
    changing = ("id", "qid", "policy")
    for tls, login in (("TLSv1.3", True), ("none", True), ("TLSv1.1", False)):
        name = "%s: JSON, %s" % (mta, tls)
        pair = []
        sender = '"a \\"b=c client=203.0.113.9"@example.net'
        for setting in ("", "set log-format json\n"):
            reload(bed_, setting + RULES + LAST)
            pair.append(one(bed_, name, session(bed_, mta, tls, login, sender)))
        logfmt, as_object = pair
        ok(as_object and isinstance(json.loads(as_object.line), dict),
           name + ": an object", as_object)
        strip = lambda r: [(k, v) for k, v in r.items()
                           if k not in changing + ("client",)]
        same(strip(as_object), strip(logfmt), name + ": says what logfmt says", *pair)
    raw = json.loads(as_object.line)
    ok(isinstance(raw["port"], int) and isinstance(raw["v"], int),
       "%s: JSON: numbers are numbers" % mta, as_object)


def withheld(bed_, mta):
    address = "198.51.100.%d" % (250 if mta == "postfix" else 251)
    for how, client in (("truncated", "198.51.100.0/24"), ("none", None),
                        ("hashed", "hash")):
        name = "%s: names and addresses %s" % (mta, how)
        reload(bed_, "set log-client %s\nset log-user %s\nset log-sender %s\n"
               "set key-file \"%s\"\n" % (how, how, how, bed_.path("warden/run/key"))
               + RULES + LAST)
        since = bed_.syslog.size()
        made = session(bed_, mta, "TLSv1.3", True, "someone@example.net", address)
        same(made.last.code, 250, name + ": taken", *made.dialogue)
        found = bed_.syslog.wait(lambda r: r["event"] == "message", since)
        if not same(len(found), 1, name + ": one record", *found):
            continue
        record = found[0]
        ok(address not in record.line and "someone" not in record.line
           and "client.test.example" not in record.line and "ann" not in record.line,
           name + ": nothing shows through", record)
        ok(record.get("client") == client or (client == "hash" and record.get("client")),
           name + ": as it should be written", record)


def test(bed_):
    for mta in bed_.mtas:
        for part in (observed_all, observed_rule, expanded, as_json, withheld):
            bed.tap.attempt(part, "%s %s" % (mta, part.__name__), bed_, mta)
    bed_.warden.stop()
    bed_.warden.options = ["--observe"]
    bed_.warden.start()
    reload(bed_, RULES + LAST)
    for mta in bed_.mtas:
        made = session(bed_, mta, "TLSv1.1")
        same(made.last.code, 250, "%s: tlswardend --observe: taken" % mta, *made.dialogue)
        same(one(bed_, "%s: --observe" % mta, made).get("observed"), "old:reject",
             "%s: tlswardend --observe: on record" % mta)


if __name__ == "__main__":
    bed.main(test, policy=RULES + LAST)
