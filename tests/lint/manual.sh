#!/bin/sh
# The manual pages against the tables of the programs.
. "${TOP_SRCDIR:-.}/tests/lint/lib.sh"

POLICY5=policy/tlswarden-policy.5
LOG5=policy/tlswarden-log.5
COMMAND1=policy/cli/tlswarden.1
REPORT1=policy/cli/tlswarden-report.1
TABLES=$TOP_BUILDDIR/tests/lint/tables
TLSWARDEN=$TOP_BUILDDIR/policy/cli/tlswarden
PAGES=$(find policy milter -name '*.[1578]' | sort)

if command -v mandoc >/dev/null; then
	for page in $PAGES; do
		mandoc -T lint -W warning "$page" 2>&1 | none "mandoc: $page"
	done
fi

# words SOURCE TABLE: the first string of each row of a table in C
words()
{
	awk -v table="$2" 'index($0, table) { on = 1; next }
	    on && /^}/ { exit }
	    on && match($0, /^\t\{ "[a-z-]+"/) {
		print substr($0, RSTART + 4, RLENGTH - 5) }' "$1"
}

# items PAGE MACRO: every word of the items of lists
items()
{
	awk -v macro="$2" '$1 == ".It" { on = 0
	    for (i = 2; i <= NF; i++) {
		if ($i == macro) on = 1
		else if ($i ~ /^[A-Z][a-z]$/ || $i == "Ns") on = 0
		else if (on && $i != "," && $i != "|") print $i } }' "$1" | sort -u
}

# missing PAGE MACRO <names: those that no item explains
missing()
{
	items "$1" "$2" >"$scratch/items"
	while read -r word; do
		grep -qxF -e "$word" "$scratch/items" || echo "$word"
	done
}

# --- tlswarden-policy(5)
attributes=$("$TABLES" attributes) || exit 99
printf '%s\n' "$attributes" | cut -d '|' -f 1 | missing "$POLICY5" Cm |
    none "every attribute is explained"
section=$(sed -n '/^\.Sh ATTRIBUTES/,/^\.Sh LISTS/p' "$POLICY5")
printf '%s\n' "$section" | sed -n 's/^\.It Cm //p' | sort >"$scratch/a"
printf '%s\n' "$attributes" | cut -d '|' -f 1 | sort |
    comm -13 - "$scratch/a" | none "and none that is not there"
printf '%s\n' "$attributes" | while IFS='|' read -r name type postfix macros; do
	part=$(printf '%s\n' "$section" |
	    awk -v it=".It Cm $name" '$0 == it { on = 1; next } /^\.It/ { on = 0 } on')
	printf '%s\n' "$part" | head -1 | grep -qi "^$type;" ||
	    echo "$name: its type, $type"
	[ -z "$postfix" ] ||
	    printf '%s\n' "$part" | grep -q "^\.Va $postfix" ||
	    echo "$name: Postfix's $postfix"
	for macro in $(printf '%s\n' "$macros" | grep -o '{[a-z_]*}'); do
		printf '%s\n' "$part" | grep -qF "$macro" || echo "$name: $macro"
	done
done | none "with type, Postfix attribute and macros"

words policy/parse.c "statements[] =" >"$scratch/s"
[ -s "$scratch/s" ] || echo "no statements found" | none "there are statements"
missing "$POLICY5" Ic <"$scratch/s" | none "every statement is explained"
for table in "policy/parse_rule.c clauses[] =" "policy/settings.c settings[] ="; do
	names=$(words "${table%% *}" "${table#* }")
	[ -n "$names" ] || echo "nothing in $table" | none "the table is found"
	printf '%s\n' "$names" | missing "$POLICY5" Ic |
	    none "every word of ${table%% *} is explained"
done
awk '/^static const struct choice/ { on = 1; next } on && /^}/ { on = 0 }
    on { gsub(/[^a-z"]/, " "); n = split($0, part, "\"")
	for (i = 2; i <= n; i += 2) print part[i] }' policy/settings.c | sort -u |
    while read -r word; do
	grep -qE "^\.It Ic .*Cm.* $word( |\$)|^\.It Cm $word\$" "$POLICY5" || echo "$word"
    done | none "every value of a setting is named"

# --- tlswarden-log(5)
fields=$("$TABLES" fields) || exit 99
printf '%s\n' "$fields" | missing "$LOG5" Cm | none "every field is explained"
sed -n '/^\.Sh FIELDS/,/^\.Sh PRIVACY/p' "$LOG5" >"$scratch/f"
items "$scratch/f" Cm | while read -r name; do
	printf '%s\n' "$fields" | grep -qx "$name" || echo "$name"
done | none "and none that is not there"
cat $(ls policy/*.c milter/*.c | grep -v '/record\.c$') | tr -d '\n' |
    grep -oE '(record_put[a-z_]*|copy_field|field_add|put_list|put_marks)\([^"()]*, *"[a-z_]+"' |
    sed 's/.*"\(.*\)"/\1/' | sort -u | while read -r name; do
	printf '%s\n' "$fields" | grep -qx "$name" || echo "$name"
    done | none "no record has a field that the table does not know"
cat policy/*.c milter/*.c | grep -oE 'record_start\([^"]*"[a-z]+"|\.event = "[a-z]+"' |
    sed 's/.*"\(.*\)"/\1/' | sort -u | missing "$LOG5" Cm |
    none "every event is explained"

# --- tlswarden-audit(1)
awk '/^\t\[FINDING_/ { split($0, part, "\""); print part[2] }' \
    policy/probe/findings.c >"$scratch/found"
[ -s "$scratch/found" ] || echo "no findings" | none "there are findings"
missing policy/cli/tlswarden-audit.1 Cm <"$scratch/found" |
    none "every finding is explained"
sed -n '/^\.Sh FINDINGS/,/^\.Sh PROFILES/s/^\.It Cm //p' \
    policy/cli/tlswarden-audit.1 | grep -vxFf "$scratch/found" |
    none "and none that is not there"

# --- tlswarden-report(1)
LOGS=policy/logs
{
	sed -n 's/^#define SURVEY_[A-Z_]*\t\t*"\(.*\)"$/\1/p' $LOGS/survey_sections.h
	grep -ohE '\.name = "[a-z_]+"' $LOGS/survey_sections.c $LOGS/replay_sections.c |
	    sed 's/.*"\(.*\)"/\1/'
} | sort -u >"$scratch/t"
sed -n 's/^\t\[COL_[A-Z0-9_]*\] = { "\([a-z0-9_]*\)".*/\1/p' $LOGS/column.c >"$scratch/k"
cat $LOGS/*.c policy/cli/*.c | tr -d '\n' |
    grep -oE 'report_(number|finding)\([^"()]*"[a-z_]+"' |
    sed 's/.*"\(.*\)"/\1/' | sort -u >"$scratch/n"
for list in t k n; do
	[ "$(wc -l <"$scratch/$list")" -gt 9 ] || echo "few names: $list"
	missing "$REPORT1" Cm <"$scratch/$list"
done | none "every table, column, number and finding is explained"
sed -n '/^\.Sh TABLES/,/^\.Sh FORMATS/p;/^\.Sh NUMBERS/,/^\.Sh MEMORY/p' "$REPORT1" \
    >"$scratch/r"
items "$scratch/r" Cm | grep -vxFf "$scratch/t" | grep -vxFf "$scratch/k" |
    grep -vxFf "$scratch/n" | none "and none that is not there"

# --- tlswarden(1)
"$TLSWARDEN" help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' >"$scratch/c"
[ -s "$scratch/c" ] || echo "no commands" | none "there are commands"
missing "$COMMAND1" Cm <"$scratch/c" | none "every command is explained"
grep -v '^help$' "$scratch/c" | while read -r command; do
	part=$(awk -v it="^\\.It Cm $command( |\$)" '$0 ~ it { on = 1; next }
	    /^\.It Cm [a-z]+ O|^\.Sh/ { on = 0 } on' "$COMMAND1")
	"$TLSWARDEN" help "$command" | grep -oE '^  (-[a-zA-Z]|--[a-z-]+)(, --[a-z-]+)?' |
	    tr -d ',' | tr -s ' ' '\n' | sed -n 's/^-//p' | while read -r option; do
		printf '%s\n' "$part" | grep '^\.It Fl' |
		    grep -qE "Fl $option( |\$)" || echo "$command -$option"
	    done
done | none "every option is explained"
"$TLSWARDEN" help | grep -oE '^  --[a-z]+' | sed 's/^  -//' | while read -r option; do
	grep -qE "^\.It Fl $option\$" "$COMMAND1" || echo "-$option"
done | none "and those of the command itself"

# --- tlswardend(8)
DAEMON8=milter/tlswardend.8
"$TOP_BUILDDIR/milter/tlswardend" -h |
    sed -nE 's/^  -([a-zA-Z]), -(-[a-z]+) .*/\1 \2/p' >"$scratch/d"
[ -s "$scratch/d" ] || echo "no options" | none "tlswardend has options"
while read -r letter name; do
	grep -qE "^\.It Fl $letter .*Fl $name( |\$)" "$DAEMON8" || echo "-$letter -$name"
done <"$scratch/d" | none "every option of the daemon is explained"
sed -n '/^\.Sh DIAGNOSTICS/,/^\.Sh SEE ALSO/p' "$DAEMON8" >"$scratch/g"
grep -ohE 'journal_fault\("[a-z-]+|"kind", "[a-z-]+|event=fault kind=[a-z-]+' milter/*.c |
    sed 's/.*["=]//' | sort -u >"$scratch/faults"
[ "$(wc -l <"$scratch/faults")" -gt 4 ] || echo "too few" | none "there are faults"
while read -r kind; do
	grep -qE "^\.It Li event=fault kind=$kind\$" "$scratch/g" || echo "$kind"
done <"$scratch/faults" | none "every kind of fault is explained"
sed -n 's/^\.It Li event=fault kind=//p' "$scratch/g" | grep -vxFf "$scratch/faults" |
    none "and none that is not there"
cat milter/*.c | tr -d '\n' | sed 's/"[[:space:]]*"//g' >"$scratch/said"
sed -n 's/^\.It Li \([^=]*\)$/\1/p' "$scratch/g" | while read -r words; do
	grep -qF "$words" "$scratch/said" || echo "$words"
done | none "what it says when it does not start is what it says"

# --- one page and the others
pages=$(for page in $PAGES; do
	base=${page##*/}
	echo "${base%.*} ${base##*.}"
done)
for page in $PAGES; do
	grep -oE '^\.Xr tlsward[a-z-]* [1-8]|^\.Xr tlsward[a-z-]*' "$page" | sed 's/^\.Xr //' |
	    sort -u | while read -r target; do
		printf '%s\n' "$pages" | grep -qxF "$target" || echo "$page: $target"
	    done
	sed -n '/^\.Sh SEE ALSO/,$p' "$page" | grep -q '^\.Xr ' || echo "$page: no SEE ALSO"
done | none "every page that a page names is there"
printf '%s\n' "$pages" | while read -r name section; do
	cat $PAGES | awk '/^\.Sh/ { on = $0 == ".Sh SEE ALSO" } on' |
	    grep -qE "^\.Xr $name $section( |\$)" || echo "$name($section)"
done | none "every page is named by another"
printf '%s\n' "$pages" | while read -r name section; do
	grep -qF "$name($section)" README.md || echo "$name($section)"
done | none "README.md names every page"
done_testing
