#!/bin/sh
# A line of the log, judged again.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

REC='v=1 event=message id=5f0c9a2b77e1d304 verdict=reject rule=tls-too-old stage=helo reply="554 5.7.0" service=submission port=587 client=198.51.100.7 helo="a \x22b\x22" tls=TLSv1.1 cipher=ECDHE-RSA-AES256-SHA cipher_bits=256 outcome=deprecated'
WANT='verdict=reject rule=tls-too-old stage=helo reply="554 5.7.0 TLS 1.2 or later required, you used TLSv1.1."'

explain()
{
	run explain -c "$BUILTIN" "$@"
	verdict=$(head -1 out)
}

explain --record "$REC"
is "a record: status" "$status" 0
is "a record" "$verdict" "$WANT"
explain --record "Nov 20 09:10:11 mail tlswardend[123]: $REC"
is "with a header of RFC 3164" "$verdict" "$WANT"
explain --record "2026-11-20T09:10:11.123456+01:00 mail tlswardend[123]: $REC"
is "with a header of RFC 3339" "$verdict" "$WANT"
explain --record 'mail tlswardend[1]: {"v":1,"event":"session","stage":"helo","service":"submissions","port":465,"client":"192.0.2.1","tls":"none","outcome":"abandoned"}'
is "a record in JSON" "$verdict" 'verdict=reject rule=tls-required stage=helo reply="530 5.7.0 Encryption required: this port speaks TLS from the start."'
explain --record "$REC" tls=TLSv1.2
ok "a fact given besides replaces the record's" grep -qx 'not           tls-too-old      helo     tls < TLSv1.2: tls is TLSv1.2' out

# Lines of the journal, and several lines of which one is a session.
journal()
{
	printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/{"PRIORITY":"6","MESSAGE":"&","_PID":"123","SYSLOG_IDENTIFIER":"tlswardend"}/'
}
explain --record "$(journal "$REC")"
is "a line of journalctl -o json" "$verdict" "$WANT"
JSON='{"v":1,"event":"message","stage":"helo","service":"submission","port":587,"helo":"a \\x22b\\x22","tls":"TLSv1.1","cipher":"ECDHE-RSA-AES256-SHA","cipher_bits":256}'
explain --record "$JSON"
is "a record in JSON alone" "$verdict" "$WANT"
explain --record "$(journal "$JSON")"
is "a record in JSON in a line of the journal" "$verdict" "$WANT"
explain --record "Nov 20 09:10:11 mail tlswardend[123]: v=1 event=start
Nov 20 09:10:11 mail postfix/smtpd[99]: connect from unknown[198.51.100.7]
Nov 20 09:10:12 mail tlswardend[123]: $REC
Nov 20 09:10:13 mail tlswardend[123]: v=1 event=stop"
is "the one session among lines" "$verdict" "$WANT"

# What the record does not know is not taken as lacking.
explain --record "$REC" tls=none
is "the login is not known" "$(echo "$verdict" | sed 's/ reply="[^"]*"//')" "verdict=tempfail rule=undecided stage=mail missing=auth"

printf 'service alpha port 587\nrule a\n    if service = alpha\n    reject 554 5.7.0 "no"\n' >s.conf
run explain -c s.conf --record "$REC"
is "services are this policy's own" "$(head -1 out)" 'verdict=reject rule=a stage=helo reply="554 5.7.0 no"'

run explain -c s.conf --record 'v=1 event=message stage=helo service=alpha helo=a tls=TLSv1.1 cipher=ECDHE-RSA-AES256-SHA cipher_bits=256'
is "without a port it is the service of the record" "$(head -1 out)" 'verdict=reject rule=a stage=helo reply="554 5.7.0 no"'

# The policy of today is not that of the record.
HASH=$(sha256sum "$BUILTIN" | cut -c 1-12)
explain --record "$REC policy=$HASH"
is "the same policy: nothing is to be said of it" "$(grep '^recorded ' out)" ""
explain --record "$REC policy=0b1c2d3e4f50"
is "another policy" "$(tail -1 out)" "recorded under policy 0b1c2d3e4f50 as verdict=reject rule=tls-too-old; this is policy $HASH"
explain --format json --record "$REC policy=0b1c2d3e4f50"
ok "another policy, in JSON" grep -q '"recorded":{"policy":"0b1c2d3e4f50","verdict":"reject","rule":"tls-too-old"},' out
explain --record "$REC policy=\"\x1b[31m\""
ok "another policy, of somebody who forges" grep -q '^recorded under policy \\x1b\[31m as ' out
explain --observe --record "$REC"
ok "what is only observed is not done" grep -qx 'the policy only observes: what matched is recorded, and not done' out

# A client that forges a record inside its own name does not get far.
explain --record 'v=1 event=message stage=helo service=submission port=587 helo="x v\x3d1 event\x3dalarm" tls=TLSv1.1 cipher=ECDHE-RSA-AES256-SHA cipher_bits=256'
is "a forged record in a value" "$verdict" "$WANT"
long=$(printf '%066000d' 0)
explain --record "$long $REC"
is "behind more than a line of a log has" "$verdict" "$WANT"
explain --record "(v=1 xv=1 {x $REC"
is "behind what only looks like one" "$verdict" "$WANT"
for no in "x$REC" "($REC" "v=1" "{" ""; do
	explain --record "$no"
	is "no record: $no" "$status $verdict" "2 "
done
done_testing
