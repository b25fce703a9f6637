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

for f in "$TOP_SRCDIR"/packaging/policy.conf "$TOP_SRCDIR"/packaging/examples/*.conf; do
	run check -p "$f"
	is "$(basename "$f") is good" "$status" 0
	cp out once.conf
	run check --print once.conf
	ok "$(basename "$f") prints the same again" cmp out once.conf
done
done_testing
