#!/bin/sh
# Reports with findings, and hostile logs.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"
. "$TOP_SRCDIR/tests/cli/logs.sh"

busy_log >busy.log
run report busy.log
is "a password: status" "$status" 1
ok "it stands first" sh -c 'sed -n 5p out | grep -q "^!! The password of 1 user crossed"'
ok "with its user" grep -qx '   changed: carl.' out
run report --format json busy.log
is "as JSON" "$status" 1
is "finding" "$(ask '[(f["name"], f["level"], f["count"]) for f in d["findings"]]')" \
    "[('exposed_passwords', 'bad', 1)]"
is "table" "$(ask '[(r["user"], r["client"], r["auth"], r["messages"]) for r in t["exposed_passwords"]["rows"]]')" \
    "[('carl', '198.51.100.9', 'PLAIN', 1)]"
is "old clients" "$(ask '[(r["user"], r["tls"]) for r in t["old_clients"]["rows"]]')" "[('dora', 'TLSv1')]"
is "rules" "$(ask 'sorted((r["rule"], r["verdict"], r["messages"], r["sessions"]) for r in t["rules"]["rows"])')" \
    "[('auth-in-clear', 'reject', 1, 0), ('default', 'accept', 3, 1)]"

# --- nothing that was read is no good week
: >empty.log
run report empty.log
is "an empty log: status" "$status" 1
ok "an empty log: said" grep -q '^!  No message and no session in the log: ' out
ok "an empty log: no all-clear" sh -c '! grep -q "Nothing found" out'
run report --format html empty.log
ok "an empty log: on the page, too" grep -q '<li class="warn">No message and no session' out
ok "an empty log: no all-clear on the page" sh -c '! grep -q "Nothing found" out'
run report --since 2027-01-01 busy.log
is "a time without mail: status" "$status" 1
ok "a time without mail: said" grep -q '^!  No message and no session as asked for: ' out
run report --service submissions --format json busy.log
is "a service without mail: status" "$status" 1
is "a service without mail: finding" "$(ask '[(f["name"], f["level"], f["table"]) for f in d["findings"]]')" \
    "[('nothing_counted', 'warning', None)]"
run report --by user --since 2027-01-01 busy.log
is "one table of nothing: status" "$status" 1
record 20 13:00 one "event=message id=9 verdict=accept rule=non-smtp stage=mail service=local" >local.log
run report local.log
is "mail of the machine's own: the log is written to" "$status" 0
run report --format html busy.log
ok "numbers in words: whole without those before them" sh -c \
    'grep -q "^<p class=.soft.>1 session abandoned in the clear, 1 file read, 5 lines read, 5 records of tlswardend.</p>$" out'

# --- alarms: one record may stand for several
{
	cat busy.log
	for n in 3 2 99999999999999999999; do
		record 20 14:00 one "event=alarm kind=password-exposed user=kim client=192.0.2.0/24 service=mx mechanism=PLAIN count=$n since=2026-11-20T09:10:11Z"
	done
} >alarms.log
head -n -1 alarms.log >two.log
run report --format json two.log
is "alarms, and how often it was" \
    "$(ask '[(r["kind"], r["user"], r["alarms"], r["times"]) for r in t["alarms"]["rows"]]')" \
    "[('password-exposed', 'kim', 2, 5)]"
run report --format json alarms.log
is "alarms: a number too large to be one" \
    "$(ask '[(r["alarms"], r["times"] >= 5) for r in t["alarms"]["rows"]]')" "[(3, True)]"
run report --top 1 alarms.log
ok "rows left out: of what" grep -qx '  and 1 more row' out

# --- TLS that the log level hides
run report --format json "$TOP_SRCDIR/tests/logs/postfix-quiet.lines"
is "smtpd_tls_loglevel = 0: a finding" \
    "$(ask '[(f["count"], f["text"]) for f in d["findings"] if f["name"] == "tls_not_logged"]')" \
    "[(4, 'Of 4 messages the log of Postfix does not say with which TLS: set smtpd_tls_loglevel = 1 in main.cf.')]"
grep -v 'STARTTLS=server' "$TOP_SRCDIR/tests/logs/sendmail.lines" >quiet-sendmail.log
run report --format json quiet-sendmail.log
is "LogLevel below 9: a finding" \
    "$(ask '[(f["count"] > 5, f["text"].split(": ")[1]) for f in d["findings"] if f["name"] == "tls_not_logged"]')" \
    "[(True, 'set LogLevel=9 or higher in sendmail.cf.')]"
for log in postfix postfix-filters sendmail sendmail-14; do
	run report --format json "$TOP_SRCDIR/tests/logs/$log.lines"
	is "$log.lines tell of TLS" \
	    "$(ask '[f["count"] for f in d["findings"] if f["name"] == "tls_not_logged"]')" "[]"
done

# --- a milter that cannot be reached, with no record that a gap could stand beside
smtpd()
{
	echo "2026-11-20T16:00:0$1+00:00 one postfix$2/smtpd[$3]: $4"
}
{
	smtpd 1 "" 31 "connect from mx.example.net[192.0.2.7]"
	smtpd 1 "" 31 "warning: connect to Milter service unix:tlswarden/tlswarden.sock: Permission denied"
	smtpd 2 "" 31 "Anonymous TLS connection established from mx.example.net[192.0.2.7]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
	smtpd 3 "" 31 "4F1A2B3C4D: client=mx.example.net[192.0.2.7]"
	smtpd 4 "" 31 "disconnect from mx.example.net[192.0.2.7] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7"
	smtpd 5 "" 31 "connect from unknown[192.0.2.8]"
	smtpd 5 "" 31 "disconnect from unknown[192.0.2.8] quit=1 commands=1"
	smtpd 6 /submission 32 "connect from unknown[192.0.2.9]"
	smtpd 6 /submission 32 "warning: connect to Milter service unix:tlswarden/tlswarden.sock: Permission denied"
	smtpd 6 /submission 32 "NOQUEUE: milter-reject: CONNECT from unknown[192.0.2.9]: 451 4.7.1 Service unavailable - try again later; proto=SMTP"
	smtpd 7 /submission 32 "disconnect from unknown[192.0.2.9] quit=1 commands=1"
} >unreached.log
unreached='[(f["count"], f["text"].split(" Postfix")[0]) for f in d["findings"] if f["name"] == "milter_unreached"]'
run report --format json unreached.log
is "a milter out of reach: status" "$status" 1
is "a milter out of reach: a finding" "$(ask "$unreached")" "[(2, 'For 1 message and 1 session')]"
# It was another milter's: there is a record.
{
	head -n 4 unreached.log
	record 20 16:00 one "event=message id=31 verdict=accept rule=default stage=eom service=mx port=25 client=192.0.2.7 client_name=mx.example.net tls=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 cipher_bits=256 outcome=encrypted auth=none qid=4F1A2B3C4D mta=Postfix"
	sed -n '5,7p' unreached.log
} >other.log
run report --format json other.log
is "the milter out of reach is another" "$(ask "$unreached")" "[]"
is "and the message is one" "$(ask 'd["numbers"]["messages"]')" 1

# A refusal in both logs is one, unless it is another server's; what a filter hands
# back passes no milter.
for mta in Postfix Sendmail; do
	smtpd 1 /submission 41 "connect from unknown[192.0.2.9]"
	record 20 16:00 one "event=message id=41 verdict=reject rule=auth-in-clear stage=mail reply=\"530 5.7.0\" service=submission port=587 client=192.0.2.9 $CLEAR auth=PLAIN user=ann mta=$mta"
	smtpd 2 /submission 41 "NOQUEUE: milter-reject: MAIL from unknown[192.0.2.9]: 530 5.7.0 Encryption required: use STARTTLS or port 465; from=<a@example.net> proto=ESMTP helo=<pc> sasl_username=<ann>"
	smtpd 3 /submission 41 "disconnect from unknown[192.0.2.9] ehlo=1 auth=1 mail=0/1 quit=1 commands=3/4"
done >both.log
seen='d["numbers"]["refused"], [(f["name"], f["count"]) for f in d["findings"] if f["name"] == "gaps"]'
sed 4q both.log >same.log
run report --format json same.log
is "a refusal in both logs" "$(ask "$seen")" "(1, [])"
sed 1,4d both.log >another.log
run report --format json another.log
is "the refusal of another server" "$(ask "$seen")" "(2, [('gaps', 1)])"
for client in ::1 127.0.0.1 2001:db8::1; do
	{
		record 20 16:00 one "event=session id=42 verdict=accept rule=default stage=close $MX $MODERN auth=none mta=Postfix"
		smtpd 4 "" 51 "connect from mx.example.net[$client]"
		smtpd 4 "" 51 "5F1A2B3C4D: client=mx.example.net[$client]"
		smtpd 5 "" 51 "disconnect from mx.example.net[$client] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"
	} >loop.log
	run report --format json loop.log
	echo "$client $(ask '[f["count"] for f in d["findings"] if f["name"] == "gaps"]')"
done >gaps
is "mail without a record, from elsewhere alone" "$(cat gaps)" "::1 []
127.0.0.1 []
2001:db8::1 [1]"

# --- names that could be read as two
{
	record 20 15:00 one "event=message id=1 verdict=accept rule=default stage=eom service=submission port=587 client=192.0.2.9 tls=none outcome=cleartext auth=PLAIN user=\"carl, dora\" sender=a@b mta=Postfix"
	record 20 15:00 two "event=message id=2 verdict=accept rule=default stage=eom service=submission port=587 client=192.0.2.9 tls=none outcome=cleartext auth=PLAIN user=\"x\\x22, y\" sender=a@b mta=Sendmail"
	record 20 17:00 two "event=session id=3 verdict=accept rule=default stage=close service=mx port=25 client=192.0.2.8 tls=none outcome=abandoned mta=Sendmail"
	record 20 17:01 two "event=alarm kind=password-exposed user=\"x\\x22, y\" client=192.0.2.9 service=submission mechanism=PLAIN count=1 since=2026-11-20T15:00:00Z"
} >names.log
run report --format json names.log
is "names in quotes, and with one in them" "$(ask 'd["findings"][0]["text"].split(": ")[1]')" \
    '"carl, dora", "x\x22, y".'
is "its alarm is of the same user" \
    "$(ask '[(r["user"], r["messages"], r["alarms"]) for r in t["exposed_passwords"]["rows"]]')" \
    "[('carl, dora', 1, 0), ('x\", y', 1, 1)]"

# --- what is given twice
run report --format json busy.log busy.log
is "records twice count once" "$(ask 'd["numbers"]["messages"]')" 4
run report --format json "$TOP_SRCDIR/tests/logs/postfix.lines"
once=$(ask 'd["numbers"]["messages"]')
run report --format json "$TOP_SRCDIR/tests/logs/postfix.lines" "$TOP_SRCDIR/tests/logs/postfix.lines"
ok "lines of the server twice do not" test "$(ask 'd["numbers"]["messages"]')" -gt "$once"

# --- exceptions
cat >ends.conf <<'CONF'
rule over
    if user = x
    accept
    until 2020-01-31
    owner "facilities"
    because "long ago"
rule later
    if user = y
    accept
    until 2099-01-31
CONF
quiet_log >quiet.log
run report -c ends.conf --format json quiet.log
is "exceptions: status" "$status" 1
is "exceptions" "$(ask '[(r["rule"], r["until"], r["status"], r["owner"]) for r in t["exceptions"]["rows"]]')" \
    "[('over', '2020-01-31', 'ended, unused', 'facilities'), ('later', '2099-01-31', 'unused', '')]"
is "exceptions found" "$(ask '[(f["name"], f["count"]) for f in d["findings"]]')" \
    "[('exceptions_ended', 1), ('exceptions_unused', 1)]"

# Whoever made use of one; what a record without a day in front of it says of when.
soon=$(date -u -d '+3 days' +%F)
cat >soon.conf <<CONF
rule used
    if user = ann
    accept
    until $soon
rule seen
    if user = bob
    note
    until $soon
CONF
record 20 12:00 one "event=message id=7 verdict=accept rule=used stage=mail notes=seen $SUBMISSION $MODERN auth=PLAIN user=ann sender=ann@example.org qid=A7" >used.log
sed 's/^.*: v=1/v=1/' used.log >undated.log
rows='[(r["rule"], r["messages"], r["last"], "unused" in r["status"]) for r in t["exceptions"]["rows"]]'
ending='[f["text"] for f in d["findings"] if f["table"] == "exceptions"]'
run report -c soon.conf --format json used.log
is "exceptions that end soon: used" "$(ask "$rows")" \
    "[('used', 1, '2026-11-20T12:00:00Z', False), ('seen', 1, '2026-11-20T12:00:00Z', False)]"
is "exceptions that end soon: a finding" "$(ask "$ending")" "['2 exceptions of the policy end within 30 days.']"
sed 's/notes=seen/notes=",seen,"/' used.log >commas.log
run report --format json commas.log
is "rules without a name are none" "$(ask 'sorted(r["rule"] for r in t["rules"]["rows"])')" "['seen', 'used']"
run report -c soon.conf --format json undated.log
is "nobody knows when" "$(ask "$rows")" "[('used', 1, None, False), ('seen', 1, None, False)]"
run report --until 2030-01-01 --format json undated.log
is "and it is not asked for with --until" "$(ask 'd["numbers"]["messages"], d["numbers"]["records"]')" "(0, 1)"
run report -c soon.conf --format json "$TOP_SRCDIR/tests/logs/postfix.lines"
is "without a record nobody knows of use" "$(ask "$rows")" "[('used', 0, None, False), ('seen', 0, None, False)]"

# --- what clients chose
ESC=$(printf '\033')
record 20 01:00 one "event=message id=1 verdict=accept rule=default stage=eom service=submission port=587 client=192.0.2.9 helo=\"\\x1b]0;owned\\x07\" tls=none outcome=cleartext auth=PLAIN user=\"=HYPERLINK(\\x22x\\x22)<script>\\x1b[31m\\x0d\\x0av=1\" sender=\"@SUM(1)\\x00@\\xffevil.example\"" >hostile.log
for format in text json csv html; do
	for by in "" "--by helo,user,domain"; do
		run report $by --format $format hostile.log
		ok "$format${by:+ $by}: only printable ASCII" sh -c \
		    "! tr -d ' -~\\n\\r' <out | grep -q ."
	done
done
run report --by user --format csv hostile.log
ok "CSV: no formula" python3 -c '
import csv
r = list(csv.reader(open("out", newline="")))
assert len(r) == 2 and r[1][1].startswith("\x27=hyperlink("), r'
run report --by user --format html hostile.log
ok "HTML: no tag of a client" sh -c '! grep -q "<script" out && grep -q "&lt;script&gt;" out'
run report --by user --format json hostile.log
is "JSON: whole" "$(ask 't["by"]["rows"][0]["user"]')" '=hyperlink("x")<script>\x1b[31m\x0d\x0av=1'

# --- broken lines do not stop it
{ head -c 3000 /dev/zero | tr '\0' 'x'; echo; printf 'a\0b\n'; cat busy.log
    echo "2026-11-20T01:00:00+00:00 one tlswardend[1]: v=1 event=mess"; } >broken.log
run report --format json broken.log
is "broken lines: status" "$status" 1
is "broken lines: the others count" "$(ask 'd["numbers"]["messages"]')" 4

# --- bounded memory
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "2026-11-20T01:00:00+00:00 one tlswardend[1]: " \
    "v=1 event=message id=%d verdict=accept rule=default stage=eom service=mx port=25 " \
    "client=192.0.2.1 helo=x tls=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 cipher_bits=256 " \
    "outcome=encrypted auth=none sender=a@%s\n", i, i % 4 ? "d" i ".example" : "often.example" }' >many.log
run report --by domain --top 1 --format json many.log
is "exact" "$(ask 'd["error"], t["by"]["rows_total"], t["by"]["rows"][0]["messages"]')" "(0, 15001, 5000)"
run report --by domain --top 1 --max-memory 64K --format json many.log
is "approximate: the most frequent one is found" "$(ask 't["by"]["rows"][0]["domain"]')" often.example
is "approximate: and it says how wrong it may be" "$(ask '0 < d["error"] < 500 and
    t["by"]["rows"][0]["messages"] <= 5000 <= t["by"]["rows"][0]["messages"] + d["error"]')" True
run report --by domain --max-memory 64K many.log
ok "approximate: in words, too" grep -q 'counts may be too low by up to' out
done_testing
