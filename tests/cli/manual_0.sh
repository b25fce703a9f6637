#!/bin/sh
# The examples of the manual pages: every policy is good, every command gives
# what the page shows (where lines may be folded), every record can be read.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

POLICY5=$TOP_SRCDIR/policy/tlswarden-policy.5
LOG5=$TOP_SRCDIR/policy/tlswarden-log.5
COMMAND1=$TOP_SRCDIR/policy/cli/tlswarden.1

# blocks FILE: .\" KIND before a literal display makes the files KIND.N
blocks()
{
	awk '/^\.\\" (policy|session|record|builtin)$/ { kind = $2; next }
	    kind != "" && /^\.Bd / { n++; file = sprintf("%02d.%s", n, kind); next }
	    /^\.Ed/ { file = ""; kind = "" }
	    file != "" { gsub(/\\e/, "\\"); print >file }' "$1"
}

words()
{
	tr -s ' \n' '\n\n' <"$1"
}

# commands FILE: "$ tlswarden ..." and behind it what it prints
commands()
{
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
ok "there were policies among them" [ "$count" -gt 10 ]

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
