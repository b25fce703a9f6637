#!/bin/sh
# Colour on a terminal, and only there.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

if ! python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
	echo "1..0 # SKIP no python3, or no terminal to be had"
	exit 0
fi
cat >terminal.py <<'END'
import os, pty, sys
r = pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 65536))
sys.exit(os.waitstatus_to_exitcode(r))
END
coloured()
{
	python3 terminal.py "$TLSWARDEN" "$@" </dev/null >out 2>err
	grep -q "$(printf '\033')" out
}

TERM=xterm; export TERM
ok "explain on a terminal" coloured explain -c "$BUILTIN" service=mx
ok "check on a terminal" coloured check "$BUILTIN"
NO_COLOR=1; export NO_COLOR
coloured explain -c "$BUILTIN" service=mx
is "explain with NO_COLOR" "$?" 1
coloured check "$BUILTIN"
is "check with NO_COLOR" "$?" 1
NO_COLOR=
coloured explain -c "$BUILTIN" service=mx
is "an empty NO_COLOR says nothing" "$?" 0
TERM=dumb
coloured explain -c "$BUILTIN" service=mx
is "nor on a terminal that cannot" "$?" 1
unset TERM
coloured explain -c "$BUILTIN" service=mx
is "nor on one that is not named" "$?" 1
TERM=xterm; export TERM
run explain -c "$BUILTIN" service=mx
ok "not into a file" sh -c '! grep -q "$(printf "\033")" out'
done_testing
