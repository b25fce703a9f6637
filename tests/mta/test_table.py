"""The table of what happens by default, with every TLS version on every port:
the reply the client sees, and the record in the log.
"""

import base64

import bed
import process
from tap import ok, same

IN_CLEAR = "auth-in-clear"
TOO_OLD = "tls-too-old"
REQUIRED = "tls-required"

# A row: port, TLS, login; then what is to happen.
#   EHLO     AUTH   MAIL   rule        stage    outcome
# EHLO: is AUTH still offered (after STARTTLS, where there is one)?
# AUTH: reply to a login that is sent anyway; None: not tried
TABLE = (
    (25, "none", False, True, None, "250", "default", "eom", "cleartext"),
    (25, "none", True, True, "235", "530 5.7.0", IN_CLEAR, "mail", "cleartext"),
    (25, "TLSv1", False, False, None, "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (25, "TLSv1", True, False, "554 5.7.0", "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (25, "TLSv1.1", False, False, None, "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (25, "TLSv1.1", True, False, "554 5.7.0", "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (25, "TLSv1.2", False, True, None, "250", "default", "eom", "encrypted"),
    (25, "TLSv1.2", True, True, "235", "250", "default", "eom", "encrypted"),
    (25, "TLSv1.3", False, True, None, "250", "default", "eom", "encrypted"),
    (25, "TLSv1.3", True, True, "235", "250", "default", "eom", "encrypted"),
    (587, "none", False, True, None, "250", "default", "eom", "cleartext"),
    (587, "none", True, True, "235", "530 5.7.0", IN_CLEAR, "mail", "cleartext"),
    (587, "TLSv1", False, False, None, "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (587, "TLSv1", True, False, "554 5.7.0", "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (587, "TLSv1.1", False, False, None, "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (587, "TLSv1.1", True, False, "554 5.7.0", "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (587, "TLSv1.2", False, True, None, "250", "default", "eom", "encrypted"),
    (587, "TLSv1.2", True, True, "235", "250", "default", "eom", "encrypted"),
    (587, "TLSv1.3", False, True, None, "250", "default", "eom", "encrypted"),
    (587, "TLSv1.3", True, True, "235", "250", "default", "eom", "encrypted"),
    # In the clear: a listener that is meant to start with TLS and does not.
    (465, "none", False, False, None, "530 5.7.0", REQUIRED, "helo", "abandoned"),
    (465, "none", True, False, "530 5.7.0", "530 5.7.0", REQUIRED, "helo", "abandoned"),
    (465, "TLSv1", False, False, None, "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (465, "TLSv1", True, False, "554 5.7.0", "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (465, "TLSv1.1", False, False, None, "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (465, "TLSv1.1", True, False, "554 5.7.0", "554 5.7.0", TOO_OLD, "helo", "deprecated"),
    (465, "TLSv1.2", False, True, None, "250", "default", "eom", "encrypted"),
    (465, "TLSv1.2", True, True, "235", "250", "default", "eom", "encrypted"),
    (465, "TLSv1.3", False, True, None, "250", "default", "eom", "encrypted"),
    (465, "TLSv1.3", True, True, "235", "250", "default", "eom", "encrypted"),
)

# What the user is told, beside the code.
TELLS = {
    IN_CLEAR: ("STARTTLS", "port 465", "password"),
    REQUIRED: ("TLS",),
    TOO_OLD: ("TLS 1.2",),
    "cipher-too-weak": ("cipher",),
}

# Submission ports: without encryption, without authentication, under 112 bits.
# Without authentication it is encrypted all the same, as on port 25 it often is.
WEAK = (("NULL-SHA256", "deprecated"), ("AECDH-NULL-SHA", "deprecated"),
        ("ADH-AES128-SHA256", "encrypted"))

SERVICES = {25: "mx", 587: "submission", 465: "submissions"}


def user_of(mta, port):
    """A user of its own, for alarms come once a user and day."""
    return "%s%d" % (mta[0], port)


def begin(bed_, mta, port, tls, ciphers=None):
    """Connect, and greet as the port wants it; the last EHLO's reply."""
    how = {"version": tls}
    if ciphers:
        how["ciphers"] = ciphers + ":@SECLEVEL=0"
    if port == 465:
        session = bed_.connect(mta, port, family="broken") if tls == "none" \
            else bed_.connect(mta, port, tls=how)
        return session, session.ehlo()
    session = bed_.connect(mta, port)
    greeting = session.ehlo()
    if tls == "none":
        return session, greeting
    session.starttls(**how)
    return session, session.ehlo()


def row(bed_, mta, port, tls, login, offered, auth, mail, rule, stage, outcome):
    name = "%s %d %s%s" % (mta, port, tls, " login" if login else "")
    user = user_of(mta, port)
    session, greeting = begin(bed_, mta, port, tls)
    with session:
        see = session.dialogue
        same((greeting.code, greeting.offers("AUTH")), (250, offered),
             name + ": EHLO is answered, AUTH %s" % ("offered" if offered else "not offered"),
             *see)
        if login:
            answer = session.login(user, bed.PASSWORD)
            ok(answer.text.startswith(auth), name + ": AUTH gets " + auth, *see)
        answer = session.message()
        ok(answer.text.startswith(mail), name + ": mail gets " + mail, *see)
        if mail != "250":
            ok(all(word in answer.text for word in TELLS[rule]),
               name + ": the reply says what to do", *see)
        session.quit()
    if login and auth != "235":
        ok(not bed_.mtas[mta].logged_in(session.source),
           name + ": the server took no password")
    recorded(bed_, mta, session, name, port, tls, login and auth == "235", user, mail,
             rule, stage, outcome)


def recorded(bed_, mta, session, name, port, tls, logged_in, user, mail, rule, stage,
             outcome):
    found = bed_.account(session.source)
    if not same(len(found), 1, name + ": one record", *found):
        return
    record = found[0]
    taken = mail == "250"
    wanted = {
        "event": "message" if stage in ("eom", "mail") else "session",
        "verdict": "accept" if taken else "reject", "rule": rule, "stage": stage,
        "service": SERVICES[port], "port": str(port), "client": session.source,
        "helo": "client.test.example", "tls": tls, "outcome": outcome,
    }
    if not taken:
        wanted["reply"] = mail
    if stage in ("eom", "mail"):
        wanted["auth"] = "PLAIN" if logged_in else "none"
        wanted["sender"] = "sender@example.net"
    got = {key: record.get(key) for key in wanted}
    same(got, wanted, name + ": the record says so", record.line)
    if tls != "none":
        ok(record.get("cipher") and int(record.get("cipher_bits", 0)) >= 112,
           name + ": the record names the cipher", record.line)
    if logged_in:
        same(record.get("user", "").partition("@")[0], user,
             name + ": the record names the user", record.line)
    if taken:
        same(record.get("qid"), bed_.queue_id(mta, session.source),
             name + ": the record has the server's queue id", record.line)
    if rule == IN_CLEAR:
        alarm(bed_, session, name, user, port)


def alarm(bed_, session, name, user, port):
    found = bed_.syslog.wait(
        lambda r: r["event"] == "alarm" and r.get("client") == session.source)
    if same(len(found), 1, name + ": an alarm", *found):
        same({key: found[0].get(key)
              for key in ("kind", "client", "service", "mechanism", "count")},
             {"kind": "password-exposed", "client": session.source,
              "service": SERVICES[port], "mechanism": "PLAIN", "count": "1"},
             name + ": the alarm says what and where", found[0].line)
        same(found[0].get("user", "").partition("@")[0], user,
             name + ": the alarm says whose", found[0].line)


def weak(bed_, mta, port, cipher, outcome):
    """A cipher as it should not be, which OpenSSL still has."""
    name = "%s %d %s" % (mta, port, cipher)
    session, greeting = begin(bed_, mta, port, "TLSv1.2", cipher)
    with session:
        see = session.dialogue
        same(session.sock.cipher()[0], cipher, name + ": negotiated")
        same((greeting.code, greeting.offers("AUTH")), (250, False),
             name + ": AUTH not offered", *see)
        answer = session.message()
        ok(answer.text.startswith("554 5.7.0") and "cipher" in answer.text,
           name + ": mail gets 554 5.7.0", *see)
    found = bed_.account(session.source)
    if same(len(found), 1, name + ": one record", *found):
        record = found[0]
        got = {k: record.get(k) for k in ("verdict", "rule", "reply", "cipher", "tls",
                                          "outcome")}
        same(got, {"verdict": "reject", "rule": "cipher-too-weak", "reply": "554 5.7.0",
                   "cipher": cipher, "tls": "TLSv1.2", "outcome": outcome},
             name + ": the record says so", record.line)


def weak_on_mx(bed_, mta):
    """On port 25 a weak cipher is only written down: clear would be worse."""
    name = "%s 25 NULL-SHA256" % mta
    session, _ = begin(bed_, mta, 25, "TLSv1.2", "NULL-SHA256")
    with session:
        answer = session.message()
        ok(answer.text.startswith("250"), name + ": mail is taken", *session.dialogue)
        session.quit()
    found = bed_.account(session.source)
    if same(len(found), 1, name + ": one record", *found):
        same((found[0].get("verdict"), found[0].get("outcome")), ("accept", "deprecated"),
             name + ": the record says deprecated", found[0].line)


def twice_exposed(bed_):
    """The alarm comes once a user and day."""
    since = bed_.syslog.size()
    for _ in range(3):
        session, _ = begin(bed_, "postfix", 587, "none")
        with session:
            session.login("carl", bed.PASSWORD)
            session.mail()
            session.quit()
        process.until(lambda s=session: bed_.account(s.source), 8, "the record")
    found = bed_.syslog.wait(lambda r: r["event"] == "alarm", since)
    same([a.get("user", "").partition("@")[0] for a in found], ["carl"],
         "three exposed logins of one user: one alarm", *found)


def levels(bed_):
    """Alarms are warnings, sessions and messages are info, all of it is mail."""
    level = {"alarm": "warning", "message": "info", "session": "info", "start": "info"}
    seen = set()
    for line in bed_.syslog.whole(0, bed_.syslog.priority):
        if " tlswardend[" in line:
            event = line.split(" event=")[1].split(" ")[0]
            seen.add((event, line.split(" ")[0]))
    same(sorted(s for s in seen if s[0] in level),
         sorted((event, "mail." + word) for event, word in level.items()),
         "facility and severity of the records")


def no_passwords(bed_):
    """Neither the password nor what AUTH carried it in."""
    token = base64.b64encode(bed.PASSWORD.encode("ascii")[:-1]).decode("ascii")[:-2]
    text = "".join(bed_.syslog.lines("tlswardend")) + bed_.warden.program.said()
    ok(len(text) > 10000 and bed.PASSWORD not in text and token not in text,
       "no password is in any record")


def test(bed_):
    for mta in bed_.mtas:
        for line in TABLE:
            row(bed_, mta, *line)
        for cipher, outcome in WEAK:
            weak(bed_, mta, 587, cipher, outcome)
        if mta == "sendmail":   # Postfix has no such cipher where it asks for certificates
            weak(bed_, mta, 465, "NULL-SHA256", "deprecated")
        weak_on_mx(bed_, mta)
    twice_exposed(bed_)
    levels(bed_)
    no_passwords(bed_)


if __name__ == "__main__":
    bed.main(test, users=["carl"] + [user_of(m, p) for m in bed.MTAS for p in SERVICES])
