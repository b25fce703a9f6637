#!/bin/sh
# Who may use whom: the includes and the symbols of the library.
. "${TOP_SRCDIR:-.}/tests/lint/lib.sh"

# includes FILE...: FILE:LINE NAME, the name with its brackets or quotes
includes()
{
	[ $# -gt 0 ] || return 0
	awk 'FNR == 1 { n = 0 }
	    /^#[ \t]*include/ { print FILENAME ":" FNR " " $2 }' "$@"
}

# ours DIRECTORY... <includes: project headers that are in none of them
ours()
{
	while read -r place name; do
		case $name in
		\"*)
			file=${name#\"} file=${file%\"} found=
			for d in "$@"; do
				[ -f "$d/$file" ] && found=1
			done
			[ -n "$found" ] || echo "$place includes $name"
			;;
		esac
	done
}

# foreign PATTERN <includes: system headers that match
foreign()
{
	awk -v pattern="$1" '$2 ~ /^</ && $2 ~ pattern {
		print $1 " includes " $2 }'
}

POLICY=$(ls policy/*.[ch])
MILTER=$(ls milter/*.[ch] 2>/dev/null)
PARSER=$(ls policy/parse*.[ch] policy/lex.[ch])

# --- include/
includes include/*.h | ours include | none "include/ uses headers of include/ only"
includes include/*.h | foreign '^<(libmilter|mfapi|pcre2|openssl|syslog|pthread)' |
    none "include/ uses no foreign library"

# --- policy/
includes $POLICY | grep -v '"policy/builtin.inc"$' | ours include policy |
    none "policy/ uses its own headers and those of include/"
includes $POLICY | foreign '^<(libmilter|mfapi|syslog|pthread)' |
    none "policy/ knows neither libmilter, syslog nor threads"
includes $(ls $POLICY | grep -v '/pattern\.c$') | foreign '^<pcre2' |
    none "PCRE2 is known in pattern.c only"
includes $(ls $POLICY | grep -v -e '/tls\.c$' -e '/digest\.c$') |
    foreign '^<openssl' | none "OpenSSL is known in tls.c and digest.c only"
includes policy/pattern.c policy/tls.c policy/digest.c | awk '
    $2 ~ /^<(pcre2|openssl)/ { split($1, at, ":"); sub(/[.\/].*/, "", $2)
	if (seen[at[1]] != "" && seen[at[1]] != $2) print at[1]
	seen[at[1]] = $2 }' | none "one foreign library a file"
includes policy/eval.c | awk '$2 ~ /^"(parse|parser|lex|check|source)\.h"/' |
    none "the evaluation never sees the parser"
includes $PARSER | awk '$2 ~ /^"(match|eval)\.h"/' |
    none "the parser never sees the evaluation"

# --- milter/
includes $MILTER | ours include milter |
    none "milter/ uses its own headers and those of include/"
includes $MILTER | foreign '^<(pcre2|openssl)' |
    none "milter/ knows neither PCRE2 nor OpenSSL"
includes $(ls $MILTER | grep -v '/outlet\.c$') | foreign '^<syslog' |
    none "syslog is known in outlet.c only"

# --- the command
for d in cli logs probe; do
	[ -d "policy/$d" ] || continue
	case $d in
	cli) may="include policy/cli policy/logs policy/probe" ;;
	*) may="include policy/$d" ;;
	esac
	includes $(ls policy/"$d"/*.[ch]) | ours $may |
	    none "policy/$d uses headers of $may"
	includes $(ls policy/"$d"/*.[ch]) | foreign '^<(libmilter|mfapi|syslog|pcre2)' |
	    none "policy/$d knows neither libmilter, syslog nor PCRE2"
done
includes policy/cli/*.[ch] | foreign '^<openssl' |
    none "policy/cli knows no OpenSSL"

# --- policy/logs/
for pair in zlib:gz lzma:xz zstd:zst; do
	includes $(ls policy/logs/*.c policy/cli/*.c milter/*.c |
	    grep -v "/${pair#*:}\.c\$") | foreign "^<${pair%:*}" |
	    none "${pair%:*} is known in ${pair#*:}.c only"
done
daemon=$TOP_BUILDDIR/milter/tlswardend
if [ -x "$daemon" ] && command -v readelf >/dev/null; then
	readelf -d "$daemon" | grep -oE 'lib(z|lzma|zstd)\.so[.0-9]*' |
	    none "the daemon is not linked with what reads compressed logs"
fi
logs=$TOP_BUILDDIR/policy/logs/liblogs.a
if [ -f "$logs" ] && command -v "${NM:-nm}" >/dev/null; then
	"${NM:-nm}" "$logs" 2>/dev/null | awk '/:$/ { member = $1 }
	    $1 == "U" && member ~ /-(own|own_logfmt|own_json|marks|header|stamp)\.o:$/ &&
	    $2 ~ /^(m|c|re)alloc$|^free$|^str(n)?dup$|^mem_|^buf_/ {
		print member, $2 }' | none "the reading of a record allocates nothing"
fi

# --- the block of includes shows the direction
awk 'FNR == 1 { before = "" }
    /^#[ \t]*include/ && before !~ /^(#[ \t]*include|\/\*.*\*\/$|#)/ &&
	FILENAME !~ /\.h$/ { print FILENAME ":" FNR ": " $0 }
    { before = $0 }' $(sources policy milter tests/unit) |
    grep -v builtin.inc | none "includes stand in groups under a comment"
for f in $(find policy milter -name '*.c'); do
	sed -n '1,12p' "$f" | tr '\n' ' ' |
	    grep -qE "^/\* +\* $(basename "$f") owns .* (not|no) " || echo "$f"
done | none "each file begins with what it owns and what it may not know or do"

# --- what the library asks of the system
lib=$TOP_BUILDDIR/policy/libpolicy.a
if [ -f "$lib" ] && command -v "${NM:-nm}" >/dev/null; then
	"${NM:-nm}" "$lib" 2>/dev/null | awk '/:$/ { member = $1 }
	    $1 == "U" { print member, $2 }' >"$scratch/undefined"
	undefined=$scratch/undefined
	[ -s "$undefined" ] || echo "no symbols in $lib" | none "the library has symbols"
	awk '$2 ~ /^(smfi_|v?syslog|openlog|closelog|pthread_)/' "$undefined" |
	    none "the library calls neither libmilter, syslog nor threads"
	awk '$2 ~ /^(secure_)?getenv$|^(time|clock_gettime|gettimeofday)$|^(local|gm)time(_r)?$/' \
	    "$undefined" | none "the library asks neither environment nor clock"
	awk '$2 ~ /^(socket|connect|getaddrinfo|gethostby|fork|exec|system|popen)/' \
	    "$undefined" | none "the library opens no connection and runs no program"
	awk '$1 ~ /-(eval|match)\.o:$/ &&
	    $2 ~ /^(m|c|re)alloc$|^free$|^str(n)?dup$|^mem_|^buf_/' "$undefined" |
	    none "the evaluation allocates nothing"
fi
done_testing
