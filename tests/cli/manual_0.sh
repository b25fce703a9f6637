#!/bin/sh
# The examples of the manual pages: every policy is good, every command gives
# what the page shows (where lines may be folded), every record can be read.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

POLICY5=$TOP_SRCDIR/policy/tlswarden-policy.5
LOG5=$TOP_SRCDIR/policy/tlswarden-log.5
COMMAND1=$TOP_SRCDIR/policy/cli/tlswarden.1

# blocks FILE: .\" KIND before a literal display makes the files N.KIND; with
# a name behind it, the name goes to N.name.  .\" stages NAME TITLE before a list
# in columns makes the file N.stages, with NAME and TITLE in N.name.
blocks()
{
	awk '/^\.\\" (policy|session|record|builtin|stages)( |$)/ {
		kind = $2; name = substr($0, length(kind) + 6); next }
	    kind != "" && /^\.B[dl] / {
		n++; file = sprintf("%02d.%s", n, kind)
		if (name != "") print name >sprintf("%02d.name", n); next }
	    /^\.E[dl]/ { file = ""; kind = "" }
	    file != "" { gsub(/\\e/, "\\"); print >file }' "$1"
}

# told FILE: of each stage in a table, the answers: yes, no, unknown, not reached
told()
{
	sed -n 's/^\.It //p' "$1" | sed 's/Sy //g' | awk -F ' Ta ' 'NR > 1 {
	    line = ""
	    for (i = 2; i <= NF; i++) { sub(/:.*/, "", $i); line = line "|" $i }
	    print line }'
}

# seen NAME TITLE: the same of a session in a script of tests/session
seen()
{
	rules=$(sed -n 's/^rule //p' "$TOP_SRCDIR/tests/session/$1.conf" | tr '\n' ' ')
	awk -v title="session $2" -v rules="$rules" '
	    BEGIN { n = split(rules, rule, " "); word["matched"] = "yes"
		word["not"] = "no"; word["unknown"] = "unknown" }
	    function flush(i, line) { if (!open) return
		for (i = 1; i <= n; i++) line = line "|" (rule[i] in answer ? \
		    word[answer[rule[i]]] : "not reached")
		print line; split("", answer); open = 0 }
	    /^session / { flush(); on = $0 == title }
	    on && /^(connect|helo|mail|rcpt) / { flush(); open = 1 }
	    on && /^(eom|abort|close)/ { flush() }
	    on && /^\t/ { sub(/^\t/, ""); split($0, part, ": "); answer[part[1]] = part[2] }
	    END { flush() }' "$TOP_SRCDIR/tests/session/$1.ref"
}

words()
{
	tr -s ' \n' '\n\n' <"$1"
}

# commands FILE: "$ tlswarden ..." and behind it what it prints
sessions=0
commands()
{
	sessions=$((sessions + 1))
	command=$(sed -n 's/^\$ tlswarden //p' "$1")
	sed '/^\$ /d' "$1" >wanted
	case $command in
	*"-c "*) ;;
	explain*) command="explain -c $BUILTIN ${command#explain }" ;;
	esac
	eval "run $command"
	words wanted >a
	words out >b
	ok "$(basename "$2"): tlswarden $command" cmp a b
}

for page in "$POLICY5" "$COMMAND1"; do
	rm -f ??.*
	blocks "$page"
	for f in ??.*; do
		case $f in
		*.policy)
			cp "$f" policy.conf
			run check policy.conf
			is "$(basename "$page"): policy $f is good" "$status" 0
			if [ "$f" = 01.policy ]; then
				run check --strict policy.conf
				is "$(basename "$page"): the first raises no doubt" "$status" 0
			fi
			[ -f "${f%.policy}.name" ] || continue
			name=$(cat "${f%.policy}.name")
			ok "$(basename "$page"): the script $name has that policy" \
			    cmp "$f" "$TOP_SRCDIR/tests/session/$name.conf"
			;;
		*.stages)
			name=$(cat "${f%.stages}.name")
			is "$(basename "$page"): stages of $name" "$(told "$f")" \
			    "$(seen "${name%% *}" "${name#* }")"
			;;
		*.builtin)
			grep -v '^#' "$BUILTIN" | sed '/^$/d' >a
			sed '/^$/d' "$f" >b
			ok "$(basename "$page"): the default policy" cmp a b
			;;
		*.session)
			commands "$f" "$page"
			;;
		esac
	done
done
ok "there were policies among them" [ "$count" -gt 20 ]
is "every session in them was played" "$sessions" \
    "$(cat "$POLICY5" "$COMMAND1" | grep -c '^\$ tlswarden explain')"

rm -f ??.*
blocks "$LOG5"
for f in ??.record; do
	# Folded at spaces in logfmt, at commas in JSON.
	case $(head -1 "$f") in
	"{"*) line=$(tr -d '\n' <"$f") ;;
	*) line=$(tr '\n' ' ' <"$f" | sed 's/ $//') ;;
	esac
	run explain -c "$BUILTIN" --record "$line"
	case $line in
	*event=alarm*|*event=summary*)
		ok "tlswarden-log.5: $f is a record" grep -q 'messages and sessions' err ;;
	*)
		is "tlswarden-log.5: $f is judged" "$status" 0
		# The verdict is the one the record tells.
		rule=$(printf '%s\n' "$line" | sed 's/.*rule["=:]*\([a-z-]*\).*/\1/')
		ok "tlswarden-log.5: $f, by $rule" grep -q "^verdict=[a-z]* rule=$rule " out ;;
	esac
done
done_testing
