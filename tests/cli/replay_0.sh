#!/bin/sh
# Replays that change nothing for anybody.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"
. "$TOP_SRCDIR/tests/cli/logs.sh"

busy_log >busy.log
printf 'rule auth-in-clear\n    if auth and not tls\n    reject 530 5.7.0 "no"\n' >same.conf
run replay -c same.conf busy.log
is "the policy of the log: status" "$status" 0
is "the policy of the log: nothing on stderr" "$(cat err)" ""
ok "nothing found" grep -qx 'Nothing found that asks for action.' out
ok "all of it is the same" grep -qx '5  nothing changes' out

run replay -c "$BUILTIN" -o "$BUILTIN" busy.log
is "a policy against itself" "$status" 0

printf 'default accept\n' >open.conf
run replay -c open.conf --format json busy.log
is "a policy that lets in: status" "$status" 0
is "let in" "$(ask '[(r["user"], r["rule"], r["messages"]) for r in t["let_in_users"]["rows"]]')" \
    "[('carl', 'auth-in-clear', 1)]"
is "its schema" "$(ask 'd["schema"], d["command"]')" "('tlswarden-replay/1', 'replay')"

printf 'set mode observe\nrule old\n    if tls < TLSv1.2\n    reject 554 5.7.0 "no"\n' >observe.conf
run replay -c observe.conf -o open.conf --format json busy.log
is "a policy that observes: status" "$status" 0
is "observed" "$(ask '[(r["rule"], r["verdict"], r["how"], r["user"]) for r in t["observed"]["rows"]]')" \
    "[('old', 'reject', 'mode', 'dora')]"
done_testing
