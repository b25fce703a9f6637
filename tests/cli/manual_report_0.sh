#!/bin/sh
# The examples of tlswarden-report(1): each command gives what the page shows,
# where lines may be folded.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

REPORT1=$TOP_SRCDIR/policy/cli/tlswarden-report.1
LC_ALL=C; export LC_ALL

awk '/^\.\\" (log|policy|session)$/ { kind = $2; next }
    kind != "" && /^\.Bd / { n++; file = sprintf("%02d.%s", n, kind); next }
    /^\.Ed/ { file = ""; kind = "" }
    file != "" { gsub(/\\e/, "\\"); print >file }' "$REPORT1"
# A line of the log begins with a year.
awk '/^20/ { if (line != "") print line; line = $0; next }
    { sub(/^ +/, " "); line = line $0 } END { print line }' ??.log >mail.log
is "the log has three lines" "$(wc -l <mail.log | tr -d ' ')" 3
cp ??.policy new.conf

# The program is found by its name, as on the page.
PATH=$TOP_BUILDDIR/policy/cli:$PATH
words()
{
	tr -d '\r' | sed 's/"made": "[^"]*"/"made": ""/' | tr -s ' \n' '\n\n'
}
for f in ??.session; do
	# Several commands, each with what it prints.
	awk -v f="$f" '/^\$ / { n++; print substr($0, 3) >(f "." n ".command"); next }
	    { print >(f "." n ".wanted") }' "$f"
done
for c in *.command; do
	sh -c "$(cat "$c")" 2>err | words >got
	words <"${c%.command}.wanted" >wanted
	ok "$(cat "$c")" cmp got wanted
done
ok "there were some of each form" [ "$count" -ge 8 ]
done_testing
