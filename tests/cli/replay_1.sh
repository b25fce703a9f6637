#!/bin/sh
# Replays that name who would be refused.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"
. "$TOP_SRCDIR/tests/cli/logs.sh"

busy_log >busy.log
run replay -c "$BUILTIN" busy.log
is "the default policy: status" "$status" 1
ok "first line that matters" grep -qx '!! 1 message would be newly refused.' out
ok "the user" grep -qx '  dora  tls-too-old  reject          1         0  2026-11-19 12:30  2026-11-19 12:30  TLSv1     TLSv1' out

cat >new.conf <<'CONF'
rule auth-in-clear
    if auth and not tls
    reject 530 5.7.0 "no"
rule partners
    if service = mx and sender in { clear.example } and not tls
    tempfail 454 4.7.0 "no"
    from 2026-11-30
rule named
    if service = submission and client_name in { .bad.example }
    reject 554 5.7.0 "no"
CONF
run replay -c new.conf --format json busy.log
is "one could not be judged: status" "$status" 1
is "not yet: observed" "$(ask '[(r["rule"], r["how"], r["domain"], r["messages"]) for r in t["observed"]["rows"]]')" \
    "[('partners', 'from', 'clear.example', 1)]"
is "for lack of a fact" "$(ask '[(r["missing"], r["rule"], r["service"], r["messages"]) for r in t["undecided"]["rows"]]')" \
    "[('client_name', 'named', 'submission', 1)]"
run replay -c new.conf --date 2026-12-01 --format json busy.log
is "as of a day: status" "$status" 1
is "as of a day: domain" "$(ask '[(r["domain"], r["rule"], r["verdict"], r["best"], r["worst"]) for r in t["refused_domains"]["rows"]]')" \
    "[('clear.example', 'partners', 'tempfail', 'none', 'none')]"
is "as of a day: network, HELO" "$(ask 't["refused_networks"]["rows"][0]["network"], t["refused_helos"]["rows"][0]["helo"]')" \
    "('192.0.2.0/24', 'mx.example.net')"
run replay -c new.conf --date 2026-12-01 --until 2026-11-18 busy.log
is "not those of other days" "$status" 0
for format in text json csv html; do
	run replay -c "$BUILTIN" --format $format busy.log
	is "$format: status" "$status" 1
	ok "$format: it names her" grep -q dora out
done

# --- sessions that carried nothing; who is let in, where the record names nobody
for n in 1 2; do
	record 20 1$n:00 one "event=session id=$n verdict=reject rule=tls-too-old stage=helo reply=\"554 5.7.0\" service=submission port=587 client=none $OLD auth=none"
done >nobody.log
printf 'default accept\n' >all.conf
printf 'rule all\n    if tls\n    reject 554 5.7.0 "no"\n' >none.conf
run replay -o none.conf -c all.conf --format json nobody.log
is "let in: status" "$status" 0
is "let in: counted, and named nowhere" \
    "$(ask 'd["numbers"]["let_in"], t["let_in_networks"]["rows"], t["let_in_helos"]["rows"]')" "(2, [], [])"
run replay -o all.conf -c none.conf nobody.log
is "sessions newly refused: status" "$status" 1
ok "sessions newly refused" grep -qx '!! 2 sessions without mail would be newly refused.' out

# --- what was not tried is not known to be harmless
: >empty.log
for of in "empty.log" "--since 2027-01-01 busy.log" "--service submissions busy.log"; do
	run replay -c new.conf --format json $of
	is "nothing to judge, $of: status" "$status" 1
	is "nothing to judge, $of: finding" "$(ask '[(f["name"], f["level"]) for f in d["findings"]]')" \
	    "[('nothing_judged', 'warning')]"
done
run replay -c new.conf empty.log
ok "nothing to judge: no all-clear" sh -c '! grep -q "Nothing found" out'
done_testing
