#!/bin/sh
# Policies with findings.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

printf 'rule a\n    if tsl < TLSv1.2\n    accept\nrule b\n    reject 250 2.0.0 "no"\n' >bad.conf
run check bad.conf
is "errors are findings" "$status" 1
is "all are counted" "$(cat out | sed 's/[0-9]* error.*/N/')" "bad.conf: refused, N"
ok "the first is told with place and caret" grep -q '^bad.conf:2:8: error: ' err
ok "a near word is offered" grep -q 'did you mean "tls"' err
ok "the second is told in the same run" grep -q '^bad.conf:5:' err

printf 'list l = { a }\n' >w.conf
run check --strict w.conf
is "with --strict warnings are" "$status" 1
run check --strict bad.conf
is "with --strict an error is no more" "$status $(sed 's/[0-9]* error.*/N/' out)" "1 bad.conf: refused, N"

printf 'rule a\n    accept\nexpect reject by a when service=mx\n' >e.conf
run check e.conf
is "an expectation that fails is" "$status" 1
ok "it is told with its place" grep -q '^e.conf:3:' err

printf 'rule a\n    if helo = "\033[31m\377"\n    accept x\n' >esc.conf
run check esc.conf
is "control bytes in the file: status" "$status" 1
ok "and none of them in what is printed" sh -c '! LC_ALL=C grep -q "[^ -~]" out err'
ok "colour is not for files" sh -c '! grep -q "$(printf "\033")" out err'
done_testing
