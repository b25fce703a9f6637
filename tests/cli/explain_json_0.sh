#!/bin/sh
# The same as one JSON object.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

if ! python3 -c pass 2>/dev/null; then
	echo "1..0 # SKIP no python3"
	exit 0
fi
cat >read.py <<'END'
import json, sys
d = json.load(sys.stdin)
for path in sys.argv[1:]:
    v = d
    for part in path.split("."):
        v = v[int(part)] if isinstance(v, list) else v.get(part)
    print(json.dumps(v))
END
get()
{
	python3 read.py "$@" <out | tr '\n' ' '
}

run explain --format json -c "$BUILTIN" port=465 tls=none
is "status" "$status" 0
is "the verdict" "$(get verdict rule stage)" '"reject" "tls-required" "helo" '
is "the reply" "$(get reply)" '"530 5.7.0 Encryption required: this port speaks TLS from the start." '
is "the stages" "$(get stages.0.stage stages.0.decided stages.0.missing stages.1.stage stages.1.decided)" \
    '"connect" false "tls" "helo" true '
is "a rule at connect" "$(get stages.0.rules.0.rule stages.0.rules.0.answer stages.0.rules.0.attribute stages.0.rules.0.state)" \
    '"tls-required" "unknown" "tls" "unknown" '
is "the same at HELO" "$(get stages.1.rules.0.answer stages.1.rules.1.answer)" '"matched" "not reached" '

printf 'rule a\n    if helo = "a\\"b\\\\c"\n    note\n' >q.conf
run explain --format=json -c q.conf service=mx helo="$(printf 'a"b\\c\033\303\244')"
is "quotes, backslashes and control bytes" "$(get stages.1.rules.0.value stages.0.decided)" '"a\"b\\x5cc\\x1b\\xc3\\xa4" true '

printf 'rule a\n    if helo ~ /^"\\.x$/\n    note\n' >q.conf
run explain --format json -c q.conf service=mx helo=pc.example
is "a condition as it is written" "$(get stages.1.rules.0.condition)" '"helo ~ /^\"\\.x$/" '
run explain -c q.conf service=mx helo=pc.example
ok "and so in text" grep -qF 'helo ~ /^"\.x$/: helo is pc.example' out

run explain --format json -c "$BUILTIN" service=submission tls=TLSv1.3
is "what it hangs on" "$(get hangs_on taken_as_none rule)" '["cipher"] ["auth"] "undecided" '
# --- why a rule that fits decides nothing
cat >stages.conf <<'END'
rule watched
    if tls < TLSv1.2
    reject 554 5.7.0 "no"
    observe
rule later
    if tls < TLSv1.2
    reject 554 5.7.0 "no"
    from 2099-01-01
rule part
    if tls < TLSv1.2
    reject 554 5.7.0 "no"
    share 50%
END
run explain --format=json -c stages.conf service=mx tls=TLSv1.1
is "observed" "$(get stages.1.rules.0.answer stages.1.rules.0.because)" '"observed" "observe" '
is "not yet" "$(get stages.1.rules.1.answer stages.1.rules.1.because)" '"observed" "from" '
is "a share of unknown clients" "$(get stages.1.rules.2.answer stages.1.rules.2.because stages.1.rules.2.attribute stages.1.rules.2.state)" \
    '"unknown" "share" "client" "unknown" '
is "and what is missing" "$(get stages.1.missing)" '"client" '
run explain --format=text -c stages.conf service=mx tls=TLSv1.1
ok "the same as text" grep -q 'unknown *part .*share' out
done_testing
