#!/bin/sh
# Files under 500 lines, functions under 60, lines up to 100 columns.
. "${TOP_SRCDIR:-.}/tests/lint/lib.sh"

FILES=$(sources include policy milter tests)

wc -l $FILES | awk '$2 != "total" && $1 >= 500 { print $2 ": " $1 " lines" }' |
    none "files have less than 500 lines"
awk 'FNR == 1 { start = 0 }
    /^\{/ { start = FNR }
    /^\}/ && start { n = FNR - start - 1
	if (n >= 60) print FILENAME ":" start ": " n " lines"; start = 0 }' $FILES |
    none "functions have less than 60 lines"
for f in $FILES; do
	expand "$f" | awk -v file="$f" 'length($0) > 100 {
	    print file ":" FNR ": " length($0) " columns" }'
done | none "lines have at most 100 columns"
awk '/^[^#].*\) *\{$/ && /^[a-z]/ { print FILENAME ":" FNR ": " $0 }' $FILES |
    none "the brace of a function stands alone"
awk '/[ \t]$/ { print FILENAME ":" FNR }' $FILES |
    none "no white space at the end of a line"
awk '/^typedef struct|^} [a-z_]*_t;/ { print FILENAME ":" FNR }' $FILES |
    none "no struct is renamed"
done_testing
