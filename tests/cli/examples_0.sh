#!/bin/sh
# The policies that come as examples: good without a warning, on a day far from
# theirs, with expectations that hold and that would fail if the rules did not.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

EXAMPLES=$TOP_SRCDIR/packaging/examples

# turned LINE: the expectation of the opposite
turned()
{
	case $1 in
	"expect accept "*) echo "expect reject ${1#expect accept }" ;;
	*) echo "$1" | sed 's/^expect [a-z]* by [a-z-]* /expect accept /; t
		s/^expect [a-z]* /expect accept /' ;;
	esac
}

for example in mx-observe submission-strict modern mozilla-intermediate partners \
    legacy-exceptions migration; do
	file=$EXAMPLES/$example.conf
	run check --strict "$file"
	is "$example: no error and no warning" "$status" 0
	is "$example: nothing to say" "$(cat err)" ""
	ok "$example: its source is cited" grep -qE '^#.*(RFC [0-9]|guideline)' "$file"

	expected=$(grep -c '^expect ' "$file")
	ok "$example: it says what it expects" [ "$expected" -ge 3 ]
	wrong=0
	grep -n '^expect ' "$file" >expects
	while IFS=: read -r number line; do
		sed "${number}d" "$file" >turned.conf
		turned "$line" | sed 's/ accept by default / reject /' >>turned.conf
		run check turned.conf
		if [ "$status" = 1 ] && grep -q ': error: expected ' err; then
			wrong=$((wrong + 1))
		else
			echo "# $line"
		fi
	done <expects
	is "$example: each expectation fails when it is turned" "$wrong" "$expected"
done
is "there is no example without a test" "$(ls "$EXAMPLES" | wc -l)" 7

# A rule taken away is missed by some expectation.
for example in submission-strict modern mozilla-intermediate legacy-exceptions; do
	file=$EXAMPLES/$example.conf
	for rule in $(sed -n 's/^expect.* by \([a-z-]*\) .*/\1/p' "$file" | sort -u); do
		awk -v r="rule $rule" '{ print } $0 == r { print "    observe" }' \
		    "$file" >without.conf
		run check without.conf
		ok "$example: not without $rule" grep -q ": error: expected .* by $rule" err
	done
done
# The commonest change: exceptions before the rules, for a client and for a
# sender.  What the policy expects of strangers stays true.
cat >exceptions <<'END'
rule copier
    if client = 198.51.100.40 and service = submission and tls
    accept
rule partner
    if service = mx and sender in { partner.example } and client in 203.0.113.0/24
    accept
END
for file in "$TOP_SRCDIR/packaging/policy.conf" "$EXAMPLES"/*.conf; do
	cat exceptions "$file" >excused.conf
	run check excused.conf
	is "$(basename "$file"): room for exceptions" "$status:$(grep -A 3 error: err)" "0:"
done
done_testing
