#!/bin/sh
# Reports on logs in which nothing asks for action; the forms of a report.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"
. "$TOP_SRCDIR/tests/cli/logs.sh"

printf 'rule a\n    if tls\n    accept\n' >plain.conf
quiet_log >quiet.log
run report -c plain.conf quiet.log
is "nothing found: status" "$status" 0
is "nothing on stderr" "$(cat err)" ""
ok "it says so" grep -qx 'Nothing found that asks for action.' out
is "the head" "$(head -2 out)" "How mail arrives
from 2026-11-18 09:00 to 2026-11-19 10:00"
ok "no colour in a file" sh -c "! grep -q '$(printf '\033')' out"
ok "columns" grep -qx '  clear.example          1         1  2026-11-19 10:00  2026-11-19 10:00  none' out

: >empty.log
run report -c plain.conf empty.log
ok "an empty log has no messages" grep -qx '0  messages' out
run report -c plain.conf --format html empty.log
ok "and no chart" sh -c '! grep -q "<svg" out'

for size in 64m 64M 99999k 1g 1G 67108864; do
	run report -c plain.conf --max-memory $size quiet.log
	is "$size of memory" "$status" 0
done

# --- JSON
run report -c plain.conf --format json quiet.log
is "JSON: status" "$status" 0
is "JSON: the schema" "$(ask 'd["schema"], d["command"]')" "('tlswarden-report/1', 'report')"
is "JSON: times are UTC" "$(ask 'd["first"], d["last"], d["since"]')" \
    "('2026-11-18T09:00:00Z', '2026-11-19T10:00:00Z', None)"
is "JSON: numbers" "$(ask 'd["numbers"]["messages"], d["numbers"]["lines"], d["numbers"]["records"]')" "(2, 2, 2)"
is "JSON: a table" "$(ask 't["tls"]["rows"]')" \
    "[{'tls': 'TLSv1.3', 'messages': 1, 'share': 0.5, 'sessions': 0}, {'tls': 'none', 'messages': 1, 'share': 0.5, 'sessions': 0}]"

# --- HTML
run report -c plain.conf --format html quiet.log
is "HTML: status" "$status" 0
ok "HTML: a page" grep -q '<!DOCTYPE html>' out
ok "HTML: well-formed" python3 -c '
import xml.dom.minidom
xml.dom.minidom.parseString(open("out").read().split("\n", 1)[1])'
ok "HTML: no script, nothing fetched" sh -c "! grep -qiE '<script|://|src=|url\(|@import' out"
ok "HTML: charts are described" grep -q '<svg role="img".*aria-labelledby=' out

# --- CSV
run report -c plain.conf --format csv quiet.log
ok "CSV: as many fields in each line" python3 -c '
import csv
rows = list(csv.reader(open("out", newline="")))
assert rows[0][0] == "table" and len({len(r) for r in rows}) == 1 and len(rows) > 5'
run report -c plain.conf --format csv --by domain quiet.log
is "CSV: one table" "$(tr -d '\r' <out | cut -d , -f 1-5)" "table,domain,messages,sessions,share
by,clear.example,1,0,0.500
by,example.net,1,0,0.500"

# --- which lines
run report -c plain.conf --since 2026-11-19 --format json quiet.log
is "since a day" "$(ask 'd["numbers"]["messages"]')" 1
run report -c plain.conf --until 2026-11-18 --format json quiet.log
is "until a day, which counts whole" "$(ask 'd["numbers"]["messages"]')" 1
run report -c plain.conf --since '2026-11-18 09:00' --until 2026-11-19T10:00 --format json quiet.log
is "both ends count" "$(ask 'd["numbers"]["messages"]')" 2
run report -c plain.conf --service submission --format json quiet.log
is "another service" "$(ask 'd["numbers"]["messages"]')" 0
run report -c plain.conf - <quiet.log
is "standard input" "$status" 0
ok "standard input is read" grep -qx '2  messages' out
sed 's/ one / two /' quiet.log >two.log
run report -c plain.conf two.log quiet.log
ok "hosts apart" grep -qE '^  two  +2  50.0 %' out
run report -c plain.conf --format json two.log
is "one host needs no table" "$(ask '"hosts" in t')" False
run report -c plain.conf --top 1 --by domain quiet.log
ok "the rest is counted" grep -qx '  and 1 more row' out
run report -c plain.conf --by day,tls --format json quiet.log
is "counted by two things" "$(ask '[(r["day"], r["tls"], r["messages"]) for r in t["by"]["rows"]]')" \
    "[('2026-11-18', 'TLSv1.3', 1), ('2026-11-19', 'none', 1)]"

# --- logs of a mail server alone
cat >postfix.log <<'LOG'
2026-11-19T10:00:00.000000+00:00 one postfix/submission/smtpd[501]: connect from pc.example.org[198.51.100.9]
2026-11-19T10:00:00.100000+00:00 one postfix/submission/smtpd[501]: Anonymous TLS connection established from pc.example.org[198.51.100.9]: TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)
2026-11-19T10:00:00.200000+00:00 one postfix/submission/smtpd[501]: 4F1A2B3C4D: client=pc.example.org[198.51.100.9], sasl_method=PLAIN, sasl_username=ann
2026-11-19T10:00:00.300000+00:00 one postfix/qmgr[400]: 4F1A2B3C4D: from=<ann@example.org>, size=400, nrcpt=1 (queue active)
2026-11-19T10:00:00.400000+00:00 one postfix/submission/smtpd[501]: disconnect from pc.example.org[198.51.100.9] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8
LOG
run report -c plain.conf --by service,user,tls --format json postfix.log
is "Postfix alone: status" "$status" 0
is "Postfix alone" "$(ask '[(r["service"], r["user"], r["tls"], r["messages"]) for r in t["by"]["rows"]]')" \
    "[('submission', 'ann', 'TLSv1.2', 1)]"
sed 's,postfix/submission,outgoing,' postfix.log >named.log
run report -c plain.conf --service submission=outgoing/smtpd --by service --format json named.log
is "a service by its syslog name" "$(ask '[(r["service"], r["messages"]) for r in t["by"]["rows"]]')" \
    "[('submission', 1)]"
done_testing
