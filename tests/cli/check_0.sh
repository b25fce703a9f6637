#!/bin/sh
# Policies that are right.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

run check "$BUILTIN"
is "the shipped policy is good" "$status" 0
ok "one line says so" grep -q '^/.*policy.conf: good, 4 rules' out

printf 'rule a\n    if tls\n    accept\n' >a.conf
run check a.conf
is "a policy of one rule: status" "$status" 0
is "a policy of one rule: output" "$(cat out)" "a.conf: good, 1 rule"
is "a policy of one rule: nothing else" "$(cat err)" ""

printf 'list l = { a }\ndefault accept\n' >w.conf
run check w.conf
is "a warning is no finding" "$status" 0
ok "but is counted" grep -q '^w.conf: good, 0 rules, 1 warning$' out
ok "and told with its place" grep -q '^w.conf:1:6: warning: ' err

run check -p a.conf
is "canonical form" "$(cat out)" 'rule a
    if tls
    accept

default accept'
is "with -p the result is apart" "$(cat err)" "a.conf: good, 1 rule"

# What patterns cost, and what a server never says.
cat >r.conf <<'END'
rule named
    if helo ~ /^(x|xx)+$/ or client_name ~ /\.example\.net$/i or sni = mx.example
    note
END
run check r.conf
is "patterns that cost much are no finding" "$status" 0
ok "one hits the limit" grep -qE '^r.conf:1: helo ~ /\^\(x\|xx\)\+\$/ hits the limit, tried on "xxxxxxxxxxxx\.\.\..*" of 255 bytes$' out
ok "which is a warning" grep -q '^r.conf:2:15: warning: .* hits its limit' err
ok "the other takes little" grep -qF 'r.conf:1: client_name ~ /\.example\.net$/i takes up to 1% of the limit, tried on "' out
is "the result is the last line" "$(tail -1 out)" "r.conf: good, 1 rule, 1 warning"
run check -p r.conf
ok "with -p that is apart, too" grep -q 'hits the limit, tried on' err
cp out p.conf
run check -p p.conf
ok "and standard output is the policy" cmp out p.conf
run check --mta "Postfix 3.7.11" r.conf
is "--mta: status" "$status" 0
ok "--mta: what it never says" grep -q '^r.conf:2:66: warning: Postfix 3.7.11 never says "sni"' err
run check --mta "Postfix 3.12" r.conf
ok "--mta: what it does say" sh -c '! grep -q "never says" err'

for f in "$TOP_SRCDIR"/packaging/policy.conf "$TOP_SRCDIR"/packaging/examples/*.conf; do
	run check -p "$f"
	is "$(basename "$f") is good" "$status" 0
	cp out once.conf
	run check --print once.conf
	ok "$(basename "$f") prints the same again" cmp out once.conf
done
done_testing
