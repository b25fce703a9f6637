#!/bin/sh
# What servers wrote under traffic of every kind, and the entries it comes to.
#
#	postfix		smtpd_tls_loglevel = 1
#	postfix-quiet	smtpd_tls_loglevel = 0
#	postfix-filters	header_checks, postscreen, smtpd_delay_reject = no
#	sendmail	LogLevel 9, the default
#	sendmail-14	LogLevel 14
: "${TOP_SRCDIR:=.}"
: "${TOP_BUILDDIR:=$TOP_SRCDIR}"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-logs.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
count=0
for lines in "$TOP_SRCDIR"/tests/logs/*.lines; do
	count=$((count + 1))
	name=$(basename "$lines" .lines)
	if "$TOP_BUILDDIR/tests/logs/entries" "$lines" >"$scratch/entries" &&
	    diff "${lines%.lines}.entries" "$scratch/entries" >"$scratch/diff"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$scratch/diff"
	fi
done
echo "1..$count"
