#!/bin/sh
# Reports that could not be made, or not of everything.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"
. "$TOP_SRCDIR/tests/cli/logs.sh"

quiet_log >quiet.log
run report nosuch.log
is "no such file: status" "$status" 2
is "no such file: no report" "$(cat out)" ""
ok "no such file: it is named" grep -q 'nosuch.log: ' err
run report nosuch.log quiet.log
is "one of two: status" "$status" 2
ok "one of two: the other is counted" grep -qx '2  messages' out
printf 'what is this?\nand this\n' >other.log
run report other.log
is "no line of a mail server: status" "$status" 2
ok "no line of a mail server: said" grep -q 'is it the right log?' err
run report .
is "a directory" "$status" 2
run report - <.
is "a directory as standard input: status" "$status" 2
ok "a directory as standard input: said" grep -qx 'tlswarden report: -: is a directory' err
run report /dev/null
is "a device: status" "$status" 2
ok "a device: said" grep -qx 'tlswarden report: /dev/null: is no file or pipe' err
mkfifo pipe
cat quiet.log >pipe &
run report pipe
is "a named pipe: status" "$status" 0
ok "a named pipe: read" grep -qx '2  messages' out
run report -c nosuch.conf quiet.log
is "no such policy: status" "$status" 2
is "no such policy: no report" "$(cat out)" ""
printf 'rule a\n    accept now\n' >bad.conf
run report -c bad.conf quiet.log
is "a policy with an error: status" "$status" 2
ok "a policy with an error: place" grep -q '^bad.conf:2:' err
gzip -c quiet.log | head -c 60 >cut.log.gz
run report cut.log.gz
is "a compressed file that is cut: status" "$status" 2
ok "a compressed file that is cut: said" grep -q 'cut.log.gz: ' err
for n in 1 2 3 4 5 6 7 8 9; do
	for m in 1 2 3 4 5 6 7 8 9; do
		record 20 1$n:0$m one "event=message id=$n$m verdict=accept rule=default stage=eom $MX $MODERN auth=none sender=$n$m$n$m@example.net qid=A$n$m"
	done
done >long.log
gzip -c long.log >long.log.gz
head -c $(($(wc -c <long.log.gz) / 2)) long.log.gz >half.log.gz
run report --format json half.log.gz
is "half a compressed file: status" "$status" 2
ok "half a compressed file: what was whole in it is counted, and half a line is none" \
    test "$(ask '0 < d["numbers"]["messages"] < 81 and d["numbers"]["lines"] - d["numbers"]["messages"] + d["numbers"]["broken_lines"]')" = 0
run report quiet.log >/dev/full
is "a full disk" "$({ "$TLSWARDEN" report quiet.log >/dev/full 2>/dev/null; echo $?; })" 2
run report "$(printf 'no\033[31m.log')"
ok "control bytes of names are shown" grep -qF 'no\x1b[31m.log' err
run doctor -c bad.conf --postfix-dir .
is "doctor, a policy with an error: status" "$status" 2
ok "doctor, a policy with an error: place" grep -q '^bad.conf:2:' err
run audit --format text 127.0.0.1:1/mx
is "audit, a port where nobody listens: status" "$status" 2
ok "audit, a port where nobody listens: said" grep -qx '  not audited: the server refuses connections' out
ok "audit, a port where nobody listens: by its address alone" grep -qx '127.0.0.1 port 1, mx' out
run audit --format prometheus 127.0.0.1:1/mx 127.0.0.1:1/mx
ok "audit, for Prometheus" grep -qx 'tlswarden_audit_port_ok{host="127.0.0.1",port="1"} 0' out
is "audit, for Prometheus: each port once" "$(grep -c '^tlswarden_audit_port_ok{' out)" 1
done_testing
