#!/bin/sh
# Help and version.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

run --version
is "--version: status" "$status" 0
ok "--version" grep -qE '^tlswarden [0-9]+\.[0-9]+' out
cp out version
run -V
ok "-V is the same" cmp out version
run --help
is "--help: status" "$status" 0
cp out overview
run -h
ok "-h is the same" cmp out overview
for command in check doctor explain replay report ping audit help; do
	ok "--help lists $command" grep -qE "^  $command  +[a-z]" overview
done
is "and nothing that is not there" \
    "$(sed -n 's/^  \([a-z]*\)  .*/\1/p' overview | tr '\n' ' ')" "check doctor explain replay report ping audit help "
run help
ok "help is the same" cmp out overview
for command in check doctor explain replay report ping audit; do
	run help "$command"
	is "help $command: status" "$status" 0
	ok "help $command: usage" grep -q "^usage: tlswarden $command " out
	cp out once
	run "$command" --help
	is "$command --help: status" "$status" 0
	ok "$command --help is the same" cmp out once
	run "$command" -h
	ok "$command -h is the same" cmp out once
done
done_testing
