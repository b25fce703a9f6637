#!/bin/sh
# A server that nobody knows.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

printf 'default accept\n' >a.conf
for mta in exim "" "Postfix" "Exim 4.97" "Postfix x.y"; do
	run check --mta "$mta" a.conf
	is "--mta '$mta': status" "$status" 64
	ok "--mta '$mta': how it is named" grep -q '"Postfix 3.7.11" or "Sendmail 8.17.1"' err
	is "--mta '$mta': nothing else" "$(cat out)" ""
done
done_testing
