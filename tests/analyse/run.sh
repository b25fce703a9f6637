#!/bin/bash
# run.sh: what static analysers say of the sources, less what is explained.
#
#	tests/analyse/run.sh [cppcheck] [gcc]
#
# By default both.  The exit status is 0 when nothing is left, and every
# explanation was needed.

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

# FILE:LINE:COLUMN: warning: ... [NAME]
warnings()
{
	sed -nE "s|^$top/([^:]+):([0-9]+):[0-9]+: warning: .*\[-?([A-Za-z][^]=]*)\]\$|\1 \2 \3|p" "$1"
}

run_gcc()
{
	(mkdir "$work/gcc-build" && cd "$work/gcc-build" &&
	    "$top/configure" -q CC=gcc CFLAGS='-O1 -g -fanalyzer' &&
	    make -k -j"$(nproc)") \
	    > "$work/gcc.log" 2>&1 || { tail -n 20 "$work/gcc.log" >&2; echo "gcc 0 did-not-build"; }
	warnings "$work/gcc.log"
}

# judge TOOL: what is said and not explained, and what is explained and not said.
judge()
{
	local tool=$1 file line name said
	sort -u "$work/$tool.said" > "$work/$tool.sorted"
	while read -r file line name; do
		grep -qE "^$tool $file $name[[:space:]]" "$explained" && continue
		echo "$tool: $file:$line: $name"
		bad=1
	done < "$work/$tool.sorted"
	while read -r said file name _; do
		[ "$said" = "$tool" ] || continue
		grep -qE "^$file [0-9]+ $name\$" "$work/$tool.sorted" && continue
		echo "$tool: explained and not said: $file $name"
		bad=1
	done < "$explained"
}

[ $# -gt 0 ] || set -- cppcheck gcc
mkdir "$work/gcc"
for tool; do
	case $tool in
	cppcheck)
		run_cppcheck ;;
	gcc)
		run_gcc ;;
	*)
		echo "run.sh: $tool is none of cppcheck and gcc" >&2
		exit 64 ;;
	esac > "$work/$tool.said"
	judge "$tool"
	echo "$tool: $(wc -l < "$work/$tool.sorted") said"
done
exit "$bad"
