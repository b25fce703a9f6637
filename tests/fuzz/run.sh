#!/bin/sh
# run.sh: let a fuzzer look for input that breaks what the targets promise.
#
#	make fuzz [TIME=60] [TARGETS="policy record"] [ENGINE=afl]
#
# Builds with clang, AddressSanitizer and UndefinedBehaviorSanitizer in the
# directory "fuzz" of the build, and runs each target for TIME seconds: by
# clang's libFuzzer, or by AFL++ (afl-clang-fast, afl-fuzz); "wire" sends damaged
# packets to a daemon.  What was found new stays in fuzz/found, what broke
# something in fuzz/broken: put it into tests/fuzz/corpus when it is mended.  With
# TIME=0 the corpora are run and nothing else.  The exit status is 1 when something
# broke.

set -u
: "${TIME:=60}" "${ENGINE:=libfuzzer}" "${TARGETS:=}"
source=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
build=${TOP_BUILDDIR:-$source}/fuzz
[ "$ENGINE" = afl ] && build=$build-afl
names=${TARGETS:-$(cd "$source/tests/fuzz" && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//') wire}

die()
{
	echo "fuzz: $*" >&2
	exit 2
}

prepare()
{
	compiler=clang flags='-O1 -g -fsanitize=fuzzer-no-link'
	[ "$ENGINE" = afl ] && compiler=afl-clang-fast flags='-O1 -g'
	command -v "$compiler" > /dev/null ||
	    die "$compiler is needed: Debian clang libclang-rt-14-dev, or afl++"
	mkdir -p "$build" && cd "$build" || exit 2
	[ -e Makefile ] || "$source/configure" -q --enable-sanitizers CC="$compiler" \
	    CFLAGS="$flags" || die "it cannot be configured"
	programs=
	for name in $names; do
		case $name in
		wire) programs="$programs milter/tlswardend" ;;
		*) programs="$programs tests/fuzz/fuzz_$name" ;;
		esac
	done
	# The fuzzer's main() comes before the one in libdrive.a.
	make -s FUZZ_ENGINE=-fsanitize=fuzzer $programs || die "it cannot be built"
}

# Nothing may go on behind a fault.
export ASAN_OPTIONS=abort_on_error=1:symbolize=1:detect_leaks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

run_libfuzzer()
{
	limit=-max_total_time=$TIME
	[ "$TIME" = 0 ] && limit=-runs=0
	tests/fuzz/fuzz_"$1" $limit -max_len=4096 -timeout=20 \
	    -print_final_stats=1 -artifact_prefix="$build/broken/$1-" $dictionary \
	    "$build/found/$1" "$corpus" > "$build/$1.log" 2>&1
}

# AFL++ wants leaks left alone and symbols unsolved.
run_afl()
{
	ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0 \
	UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:symbolize=0 \
	AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 \
	AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
	    afl-fuzz -m none -t 5000 -V "$TIME" -i "$corpus" -o "$build/found/$1" \
	    $dictionary -- tests/fuzz/fuzz_"$1" > "$build/$1.log" 2>&1 || return 1
	for input in "$build/found/$1"/default/crashes/id* \
	    "$build/found/$1"/default/hangs/id*; do
		[ -e "$input" ] || continue
		cp "$input" "$build/broken/$1-$(basename "$input" | tr ':,' '__')"
		return 1
	done
}

# The daemon leaves its sanitizer's words in its log, which is shown.
run_wire()
{
	TOP_SRCDIR=$source TOP_BUILDDIR=$build BROKEN=$build/broken \
	    python3 -B "$source/tests/fuzz/wire.py" "$TIME" > "$build/wire.log" 2>&1
}

executions()
{
	sed -n 's/^# \([0-9]*\) sessions sent$/\1/p' "$build/$1.log"
	sed -n 's/^stat::number_of_executed_units: *//p' "$build/$1.log"
	sed -n 's/^execs_done *: *//p' "$build/found/$1/default/fuzzer_stats" 2> /dev/null
}

prepare
mkdir -p broken
status=0
for name in $names; do
	corpus=$source/tests/fuzz/corpus/$name dictionary=
	mkdir -p "found/$name"
	if [ -e "$source/tests/fuzz/dict/$name.dict" ]; then
		dictionary=$source/tests/fuzz/dict/$name.dict
		[ "$ENGINE" = afl ] && dictionary="-x $dictionary" ||
		    dictionary="-dict=$dictionary"
	fi
	how=$ENGINE
	[ "$name" = wire ] && how=wire
	if run_"$how" "$name"; then
		echo "$name: $(executions "$name") executions, nothing broken"
	else
		status=1
		echo "$name: BROKEN"
		tail -n 60 "$build/$name.log"
	fi
done
exit $status
