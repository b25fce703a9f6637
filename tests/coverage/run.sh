#!/bin/bash
# run.sh: which lines and branches of policy/ the tests reach.
#
#	tests/coverage/run.sh [--servers] [DIR]
#
# Builds a copy of the tree in DIR with gcc's counters, runs make check, counts
# with gcovr, and has judge.py hold that against its goals and against "left",
# the list of what is not reached and why.  Says the totals of each directory;
# the exit status is 0 when the goals are met and the list is true.  With
# --servers, as root, also the tests against real mail servers, which take ten
# minutes.  DIR, made anew, keeps the build and a report: DIR/html/index.html;
# without it all is gone in the end.  Root has missing packages installed.

set -u
umask 022
export LC_ALL=C.UTF-8
export TLSWARDEN_TESTS_ALL=1

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
. "$top/packaging/common.sh"

servers=
if [ "${1:-}" = --servers ]; then
	servers=yes
	[ "$(id -u)" = 0 ] || die "--servers is for root"
	shift
fi
[ $# -le 1 ] || die "usage: tests/coverage/run.sh [--servers] [DIR]"

if [ "$(id -u)" = 0 ]; then
	install_packages $BUILD_PACKAGES libcmocka-dev python3 openssl gcovr
	[ -z "$servers" ] || install_packages $POSTFIX_PACKAGES rsyslog swaks m4
fi
command -v gcovr > /dev/null || die "gcovr is needed: Debian's package gcovr"

if [ $# = 1 ]; then
	[ ! -e "$1" ] || [ -e "$1/coverage.json" ] || [ -z "$(ls -A "$1")" ] ||
	    die "$1 is not empty, and none of mine"
	rm -rf "$1"
	mkdir -p "$1" && work=$(CDPATH='' cd -- "$1" && pwd) || exit 2
else
	work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-coverage.XXXXXX") || exit 2
	trap 'rm -rf "$work"' EXIT
fi
chmod 755 "$work"
build=$work/build
mkdir "$build"
copy_source "$top" "$work/source"

# quietly LOG COMMAND...: its last lines when it fails.
quietly()
{
	local log=$work/$1
	shift
	"$@" > "$log" 2>&1 < /dev/null && return
	tail -n 60 "$log"
	die "failed: $*"
}

# Without an optimiser each branch is one of the source.  Most counts are worked
# out from others: where threads lose one, another may be less than nothing.
quietly autoreconf.log autoreconf -fi "$work/source"
cd "$build" || exit 2
quietly ended.log gcc -c "$work/source/tests/coverage/ended.c" -o "$work/ended.o"
quietly ended.log ar -rc "$work/libended.a" "$work/ended.o"
quietly configure.log "$work/source/configure" -q CC=gcc \
    CFLAGS='-O0 -g --coverage -fprofile-abs-path -fprofile-update=atomic' \
    LDFLAGS="-L$work -Wl,--wrap=_exit" LIBS=-lended
rm -f ./*conftest*
quietly build.log make -s -j"$(nproc)" check TESTS=

# The daemon writes its counters as a user of its own.
find . -name '*.gcno' | while read -r notes; do
	: >> "${notes%.gcno}.gcda"
done
find . -type d -exec chmod a+rwx {} +
find . -name '*.gcda' -exec chmod a+rw {} +

# The counters, too, ask for memory: what refuses it at a place is left out.
tests=$(printf 'include Makefile\nlisted:\n\t@echo $(filter-out tests/faults/memory%%,$(TESTS))\n' |
    make -s -f - listed)
failed=0
if ! make -k -j"$(nproc)" check TESTS="$tests" > "$work/check.log" 2>&1 < /dev/null; then
	failed=1
	echo "make check failed, and what it reached is counted:"
	grep -E '^(FAIL|ERROR): ' "$work/check.log"
fi
if [ -n "$servers" ]; then
	for test in "$work"/source/tests/mta/test_*.py; do
		name=$(basename "$test" .py)
		# A world that nothing can be written in takes no counters, either.
		[ "$name" != test_container ] || continue
		TOP_BUILDDIR=$build timeout --foreground 600 python3 -B "$test" \
		    > "$work/$name.tap" 2>&1 < /dev/null ||
		    echo "$name: failed, and what it reached is counted: $work/$name.tap"
	done
fi

find . -name '*.gcda' -empty -delete
report="--json $work/coverage.json"
if [ $# = 1 ]; then
	mkdir "$work/html"
	report="$report --html-details $work/html/index.html"
fi
quietly gcovr.log gcovr -r "$work/source" --object-directory . -j "$(nproc)" \
    -f "$work/source/policy/" -f "$work/source/include/" -f "$work/source/milter/" \
    --exclude-branches-by-pattern '\s*assert\(.*' $report .
python3 -B "$work/source/tests/coverage/judge.py" ${servers:+--more} \
    "$work/coverage.json" "$work/source" || failed=1
exit "$failed"
