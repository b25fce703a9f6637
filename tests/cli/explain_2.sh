#!/bin/sh
# What cannot be explained.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

run explain -c missing.conf tls=none
is "a policy that is not there" "$status" 2
ok "it is named" grep -q missing.conf err
printf 'rule a\n    florp\n' >bad.conf
run explain -c bad.conf tls=none
is "a policy with an error" "$status" 2
ok "the error is told" grep -q '^bad.conf:2:' err
is "and there is no answer" "$(cat out)" ""
for line in "" "hello" "v=1" "v=2 event=message" 'v=1 event=message helo="' '{"v":1'; do
	run explain -c "$BUILTIN" --record "$line"
	is "no record: <$line>" "$status" 2
done
run explain -c "$BUILTIN" --record "v=1 event=alarm kind=password-exposed"
is "a record of no session" "$status" 2
ok "that is said" grep -q 'messages and sessions' err
done_testing
