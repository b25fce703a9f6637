#!/bin/bash
# valgrind.sh: the tests with every program of ours under valgrind's memcheck, and
# the daemon under load with helgrind.  By hand: it takes a while.
#
#	tests/analyse/valgrind.sh [memcheck [TEST...] | helgrind [SECONDS]]
#
# By default both; a TEST is named as in Makefile.am.  Each program is replaced by
# a script that starts valgrind, in a copy of the build tree, so the tests need not
# know.  What a test says, too, counts: the exit status is 0 when all passed and
# valgrind said nothing.  BUILD names a build tree to use, KEEP=1 keeps what was
# said.  What is left out stands in valgrind.supp, with its reason.  ORIGINS=yes has
# memcheck say where a value that nobody set comes from, in twice the time.

# shellcheck disable=SC2317,SC2016 # functions are called by the names of the tools; what
# another script shall expand is not expanded here
set -u
export LC_ALL=C.UTF-8

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-valgrind.XXXXXX") || exit 2
trap '[ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"' EXIT
# The daemon gives up root.
chmod 755 "$work"
mkdir -m 1777 "$work/said"
bad=0

# All that is drawn, forked by a test or killed in the middle of its work cannot
# be looked at for leaks: memory that nothing points to is what counts.
memcheck="valgrind -q --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite --track-origins=${ORIGINS:-no} --num-callers=30 \
    --vgdb=no --suppressions=$top/tests/analyse/valgrind.supp"
# What refuses memory in tests/faults stands between the program and malloc():
# valgrind must not stand before it.  A program that ends for lack of memory ends
# where it is, and whatever it was at work on is lost: no leak is looked for there.
memcheck="$memcheck --soname-synonyms=somalloc=nouserintercepts"
helgrind="valgrind -q --tool=helgrind --num-callers=30 --vgdb=no \
    --suppressions=$top/tests/analyse/valgrind.supp --log-file=$work/said/helgrind.%p"

# shadow BUILD: a build tree whose programs are scripts.
shadow()
{
	local file more
	# The number of a process comes again after some thousands, and then what the
	# first of that number said would be gone.
	printf '#!/bin/sh\nexec %s --log-file="%s/said/memcheck.$(date +%%s).%%p" "$@"\n' \
	    "$memcheck" "$work" > "$work/memcheck"
	chmod 755 "$work/memcheck"
	(cd "$1" && find . -type d ! -name .deps) |
	    while read -r file; do mkdir -p "$work/shadow/$file"; done
	(cd "$1" && find . -type f -perm -u+x ! -name '*.so' ! -name config.status) |
	    while read -r file; do
		more=
		case $file in
		./tests/faults/*) more=--leak-check=no ;;
		esac
		printf '#!/bin/sh\nexec %s %s "%s" "$@"\n' "$work/memcheck" "$more" "$1/$file" \
		    > "$work/shadow/$file"
		chmod 755 "$work/shadow/$file"
	done
}

# What all tests are but those that time something, look at the sources alone, watch
# a shell or a browser and of our programs only that they print, or look at the limit
# of descriptors, of which valgrind wants its own, and which it keeps to itself.
tests()
{
	make -s -C "$1" -f - print << 'MAKE'
include Makefile
print: ; @printf '%s\n' $(TESTS)
MAKE
}

run_memcheck()
{
	shadow "$build"
	# shellcheck disable=SC2046 # several words
	[ $# -gt 0 ] || set -- $(tests "$build" |
	    grep -vE \
	    '^tests/((lint|bench|completions)/|(report/layout|faults/descriptors)\.py$)')
	make -k -j"$(nproc)" -C "$build" check TESTS="$*" LOG_COMPILER="$work/memcheck" \
	    AM_TESTS_ENVIRONMENT="CMOCKA_MESSAGE_OUTPUT=TAP; TOP_SRCDIR='$top'; \
	    TOP_BUILDDIR='$work/shadow'; TLSWARDEN_PATIENCE=20; \
	    export CMOCKA_MESSAGE_OUTPUT TOP_SRCDIR TOP_BUILDDIR TLSWARDEN_PATIENCE;" \
	    > "$work/memcheck.log" 2>&1 || bad=1
	grep -E '^(not ok|FAIL|ERROR)|^# (TOTAL|PASS|FAIL|ERROR)' "$work/memcheck.log"
}

run_helgrind()
{
	# shellcheck disable=SC2086 # several words
	TOP_BUILDDIR=$build python3 -B "$top/tests/analyse/load.py" "${1:-30}" $helgrind ||
	    bad=1
}

# said TOOL: what valgrind said, and of how many processes.
said()
{
	local file of=0
	for file in "$work/said/$1".*; do
		of=$((of + 1))
		[ -s "$file" ] || continue
		bad=1
		echo "--- $file"
		head -n 60 "$file"
	done
	echo "$1: $of processes"
}

# By the macro some tests know that all is slow.
build=${BUILD:-$work/build}
if [ -z "${BUILD:-}" ]; then
	(mkdir "$build" && cd "$build" &&
	    "$top/configure" -q CFLAGS='-O1 -g' CPPFLAGS=-D__SANITIZE_THREAD__ &&
	    make -s -j"$(nproc)" && make -s -j"$(nproc)" check TESTS=) \
	    > "$work/build.log" 2>&1 || { tail -n 20 "$work/build.log"; exit 2; }
fi

what=both
case ${1:-} in
memcheck|helgrind)
	what=$1
	shift ;;
'') ;;
*)
	echo "usage: tests/analyse/valgrind.sh [memcheck [TEST...] | helgrind [SECONDS]]" >&2
	exit 64 ;;
esac
for tool in memcheck helgrind; do
	[ "$what" = both ] || [ "$what" = "$tool" ] || continue
	"run_$tool" "$@"
	said "$tool"
done
[ "$bad" = 0 ] && echo "valgrind: nothing"
exit "$bad"
