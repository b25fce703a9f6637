#!/bin/sh
# What cannot be checked.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

run check missing.conf
is "a file that is not there" "$status" 2
ok "it is named" grep -q 'missing.conf' err

mkdir d
run check d
is "a directory" "$status" 2

mkfifo pipe
run check pipe
is "a FIFO, and nobody waits for it" "$status" 2

printf 'rule a\n    accept\n' >a.conf
if [ -c /dev/full ]; then
	"$TLSWARDEN" check -p a.conf >/dev/full 2>err
	is "output that cannot be written" "$?" 2
fi
done_testing
