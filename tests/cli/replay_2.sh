#!/bin/sh
# Replays that could not be made.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"
. "$TOP_SRCDIR/tests/cli/logs.sh"

quiet_log >quiet.log
run replay -c nosuch.conf quiet.log
is "no such policy" "$status" 2
printf 'rule a\n    accept now\n' >bad.conf
run replay -c bad.conf quiet.log
is "a policy with an error: status" "$status" 2
ok "a policy with an error: place" grep -q '^bad.conf:2:' err
run replay -c "$BUILTIN" -o nosuch.conf quiet.log
is "no such old policy" "$status" 2
run replay -c "$BUILTIN" nosuch.log
is "no such log: status" "$status" 2
is "no such log: nothing claimed" "$(cat out)" ""
run replay -c "$BUILTIN" nosuch.log quiet.log
is "one of two: status" "$status" 2
ok "one of two: it is named" grep -q 'nosuch.log: ' err
ok "one of two: the other is judged" grep -qx '2  messages judged again' out
done_testing
