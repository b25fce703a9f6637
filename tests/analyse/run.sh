#!/bin/bash
# run.sh: what analysers say of the sources and of the running daemon, less what
# is explained.
#
#	tests/analyse/run.sh [cppcheck] [gcc] [tidy] [thread] [scan]
#
# By default all but the last, which takes minutes: clang's analyzer, by scan-build.
# What takes yet longer is in valgrind.sh.  The exit status is 0 when nothing is
# left, and every explanation was needed.

set -u
export LC_ALL=C.UTF-8

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
explained=$top/tests/analyse/explained
work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-analyse.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
bad=0

# Each analyser prints FILE LINE NAME, FILE as seen from the top.

run_cppcheck()
{
	# Parameters without names in declarations are our custom, and so is a
	# NULL that ends a list of arguments: <stddef.h> has it as a pointer.
	cppcheck -j"$(nproc)" -q --std=c11 --enable=warning,portability,performance \
	    --suppress=missingIncludeSystem --suppress=funcArgOrderDifferent \
	    --suppress=varFuncNullUB \
	    --template='{file} {line} {id}' -I"$top/include" -I"$top/policy" \
	    -I"$top/policy/logs" -I"$top/policy/probe" -I"$work/gcc" \
	    -i "$top/policy/builtin.c" "$top/policy" "$top/milter" 2>&1 |
	    grep -E '^[^ ]+ [0-9]+ [A-Za-z_]+$' | sed "s|^$top/||"
}

# FILE:LINE:COLUMN: warning: ... [NAME], and of several names the first
warnings()
{
	sed -nE "s#^$top/([^:]+):([0-9]+):[0-9]+: (warning|error): .*\[-?([A-Za-z][^],=]*)[^]]*\]\$#\1 \2 \4#p" "$1"
}

run_gcc()
{
	# beyond what every build warns of
	local more='-Wconversion -Wsign-conversion -Wlogical-op -Wduplicated-cond'
	more="$more -Wduplicated-branches -Wnull-dereference -Wformat-signedness -Walloca"

	(mkdir "$work/gcc-build" && cd "$work/gcc-build" &&
	    "$top/configure" -q CC=gcc CFLAGS="-O1 -g -fanalyzer $more" &&
	    make -k -j"$(nproc)") \
	    > "$work/gcc.log" 2>&1 || { tail -n 20 "$work/gcc.log" >&2; echo "gcc 0 did-not-build"; }
	warnings "$work/gcc.log"
}

# loaded SECONDS: the daemon of the build with a sanitizer, under load; what was
# seen goes to seen.*.
loaded()
{
	TSAN_OPTIONS="log_path=$work/thread/seen exitcode=0 history_size=7" \
	TOP_BUILDDIR=$work/thread-build timeout --foreground 300 \
	    python3 -B "$top/tests/analyse/load.py" "$1"
}

# shellcheck disable=SC2016 # $0 is the top for the shell that xargs starts
run_tidy()
{
	find "$top/policy" "$top/milter" -name '*.c' ! -name builtin.c -print0 |
	    xargs -0 -P "$(nproc)" -n 8 sh -c 'clang-tidy --quiet \
		--config-file="$0/tests/analyse/clang-tidy" "$@" -- -std=c11 -D_GNU_SOURCE \
		-DPACKAGE_VERSION="\"\"" -DTLSWARDEN_POLICY="\"\"" -I"$0/include" \
		-I"$0/policy" -I"$0/policy/logs" -I"$0/policy/probe"' "$top" \
	    > "$work/tidy.log" 2> "$work/tidy.err" ||
	    { tail -n 20 "$work/tidy.err" >&2; echo "tidy 0 did-not-run"; }
	warnings "$work/tidy.log"
}

run_scan()
{
	(mkdir "$work/scan-build" && cd "$work/scan-build" &&
	    scan-build -o "$work/scan" "$top/configure" -q CFLAGS='-O1 -g' &&
	    scan-build -o "$work/scan" make -k -j"$(nproc)") \
	    > "$work/scan.log" 2>&1 || { tail -n 20 "$work/scan.log" >&2; echo "scan 0 did-not-build"; }
	warnings "$work/scan.log"
}

# ThreadSanitizer's reports.  One without a frame of the daemon, threads and
# locks included, is of libmilter alone.
races()
{
	awk -v top="$top/" '
		/^WARNING: ThreadSanitizer: / { ours = 0 }
		/^    #.*\((tlswardend|planted)\+/ { ours = 1 }
		/^SUMMARY: ThreadSanitizer: / && !ours { print "libmilter 0 own-threads" }
		/^SUMMARY: ThreadSanitizer: / && ours {
			name = file = $0
			sub(/^[^:]*: [^:]*: /, "", name); sub(/ [\/(].*/, "", name)
			gsub(/ /, "-", name)
			sub(/^[^\/]*/, "", file); sub(/[ )].*/, "", file)
			if (index(file, top) == 1) file = substr(file, length(top) + 1)
			n = split(file, part, ":")
			print part[1], (n > 1 ? part[2] : 0), name
		}' "$@"
}

# Several lives, for the end is when most threads meet; and one with a race in
# it, that has to be found.
run_thread()
{
	local _ seen=$work/thread/seen
	(mkdir "$work/thread-build" && cd "$work/thread-build" &&
	    "$top/configure" -q CC=gcc CFLAGS='-O1 -g' --enable-sanitizers=thread &&
	    make -s -j"$(nproc)" milter/tlswardend tests/analyse/planted) \
	    > "$work/thread.log" 2>&1 ||
	    { tail -n 20 "$work/thread.log" >&2; echo "thread 0 did-not-build"; return; }
	# the daemon gives up root, and writes what is seen afterwards
	mkdir -m 1777 "$work/thread"
	for _ in 1 2 3; do
		loaded 3 >&2 || echo "tests/analyse/load.py 0 failed"
	done
	races "$seen".* > "$work/races"
	grep -v '^libmilter ' "$work/races" > /dev/null && cat "$seen".* | head -n 400 >&2
	cat "$work/races"
	rm -f "$seen".*
	PLANTED=race PROGRAM=$work/thread-build/tests/analyse/planted loaded 1 \
	    > "$work/planted.log" 2>&1
	races "$seen".* | grep -q '^tests/analyse/planted.c [0-9]* data-race$' ||
	    { cat "$work/planted.log" >&2; echo "tests/analyse/planted.c 0 race-not-found"; }
}

# explained TOOL FILE NAME
is_explained()
{
	local said file name _
	while read -r said file name _; do
		# shellcheck disable=SC2053 # the file may be a pattern
		[ "${said#\~}" = "$1" ] && [[ $2 == $file ]] && [ "$name" = "$3" ] && return
	done < "$explained"
	return 1
}

# is_said TOOL FILE NAME
is_said()
{
	local file name
	while read -r file _ name; do
		# shellcheck disable=SC2053
		[[ $file == $2 ]] && [ "$name" = "$3" ] && return
	done < "$work/$1.sorted"
	return 1
}

# judge TOOL: what is said and not explained, and what is explained and not said.
judge()
{
	local tool=$1 file line name said
	sort -u "$work/$tool.said" > "$work/$tool.sorted"
	while read -r file line name; do
		is_explained "$tool" "$file" "$name" && continue
		echo "$tool: $file:$line: $name"
		bad=1
	done < "$work/$tool.sorted"
	while read -r said file name _; do
		[ "$said" != "$tool" ] || is_said "$tool" "$file" "$name" && continue
		echo "$tool: explained and not said: $file $name"
		bad=1
	done < "$explained"
}

chmod 755 "$work"
[ $# -gt 0 ] || set -- cppcheck gcc tidy thread
mkdir "$work/gcc"
for tool; do
	case $tool in
	cppcheck)
		run_cppcheck ;;
	gcc)
		run_gcc ;;
	tidy)
		run_tidy ;;
	thread)
		run_thread ;;
	scan)
		run_scan ;;
	*)
		echo "run.sh: no analyser is named $tool" >&2
		exit 64 ;;
	esac > "$work/$tool.said"
	judge "$tool"
	echo "$tool: $(wc -l < "$work/$tool.sorted") said"
done
exit "$bad"
