#!/bin/sh
# Command lines that are wrong.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

wrong()
{
	name=$1 want=$2; shift 2
	run "$@"
	is "$name: status" "$status" 64
	is "$name: nothing on standard output" "$(cat out)" ""
	ok "$name: $want" grep -qF -e "$want" err
}

wrong "no command" "usage: tlswarden"
wrong "unknown command" "florp is not a command" florp
wrong "help of an unknown command" "florp is not a command" help florp
wrong "check: unknown letter" "-x is not an option" check -x
wrong "check: unknown word" "--florp is not an option" check --florp
wrong "check: two files" "only one policy" check a b
wrong "audit: a port that is none" "no number from 1 to 65535" audit mx.example.com:0
wrong "audit: a service that is none" "the service is none of" audit mx.example.com/smtp
wrong "audit: which service" "which service is on this port" audit mx.example.com:2525
wrong "audit: a profile that is none" "the profiles are" audit --profile florp
wrong "audit: a format that is none" "text, json or prometheus" audit --format xml
wrong "audit: no time" "1 to 600" audit --timeout 0
wrong "audit: a time that goes on" "1 to 600" audit --timeout 5x
wrong "audit: too much time" "1 to 600" audit --timeout 601
wrong "audit: an empty name" "that is no name" audit --name ""
wrong "audit: a name longer than DNS has" "that is no name" audit --name "$(printf '%0300d' 0)"
wrong "audit: an unknown option" "--florp is not an option" audit --florp
wrong "audit: too many ports" "h10: more than 64 ports" audit h1 h2 h3 h4 h5 h6 h7 h8 h9 h10
wrong "audit: a bracket without its end" "::1" audit "[::1"
wrong "audit: something behind a bracket" "::1" audit "[::1]x"
wrong "audit: control bytes are shown" '\x1b[31m' audit "$(printf '\033[31m'):0"
wrong "audit: no such authority" "cannot be read" audit --ca /nonexistent
services=$(i=0; while [ $i -lt 33 ]; do echo "--service s$i=x"; i=$((i + 1)); done)
wrong "report: too many services" "s32=x is one service too many" report $services
wrong "explain: nothing" "which session" explain
wrong "explain: unknown option" "--florp is not an option" explain --florp
wrong "explain: no argument" "-c needs an argument" explain -c
wrong "explain: unknown format" "text or json" explain --format xml tls=none
wrong "explain: no fact" "attribute=value" explain tls
wrong "explain: unknown attribute" "no attribute is named so" explain tsl=none
wrong "explain: nearly an attribute" "did you mean tls?" explain tsl=none
wrong "explain: others' word for it" "did you mean user?" explain sasl_username=ann
wrong "explain: a version by its number" "TLSv1, TLSv1.1," explain tls=1.1
wrong "explain: a service that is none" "smtps is submissions" explain service=smtps
wrong "explain: a suite that is none" "no cipher suite of this name" explain tls=TLSv1.2 cipher=RC4
wrong "explain: a fact twice" "given already" explain tls=TLSv1.1 tls=TLSv1.2
wrong "explain: a user without a login" "auth=MECHANISM" explain service=mx user=ann
wrong "explain: a version that is none" "tls=TLSv9" explain tls=TLSv9
wrong "explain: a port that is none" "port=70000" explain port=70000
wrong "explain: an address that is none" "client=1.2.3" explain client=1.2.3
wrong "explain: empty value" "helo=" explain helo=
wrong "explain: a day that is none" "YYYY-MM-DD" explain service=mx date=2031-13-01
for day in 2031-00-13 2031-01-00 2031-01-32 2031-1-1 31-01-2031 2031-01-0a 2031-01-011 2031--1-01; do
	wrong "explain: $day is no day" "YYYY-MM-DD" explain service=mx date=$day
done
wrong "explain: control bytes are shown" '\x1b[31m=x' explain "$(printf '\033[31m=x')"
wrong "report: nothing to count by" "is nothing to count by" report --by florp x
wrong "report: too much to count by" "at most 4" report --by day,host,user,tls,rule x
wrong "report: a time that is none" "is no time" report --since florp x
wrong "report: a day that is none" "is no time" report --until 2026-02-30 x
wrong "report: a number that is none" "is no number" report --top -1 x
wrong "report: a size that is none" "is no size" report --max-memory 64X x
wrong "report: a size too small" "is no size" report --max-memory 1K x
wrong "report: a form that is none" "is no format" report --format xml x
for size in "" M 64MM 99999999999999999999 99999999999G -1G; do
	wrong "report: '$size' is no size" "is no size" report --max-memory "$size" x
done
wrong "report: an empty service" "neither NAME nor" report --service "" x
wrong "report: a service that is nobody's" "neither NAME nor" report --service =x x
wrong "report: half a service" "neither NAME nor" report --service mx= x
wrong "replay: no policy" "which policy" replay x
wrong "replay: a day that is none" "YYYY-MM-DD" replay -c x --date today x
wrong "replay: a time that is none" "is no time" replay -c x --since florp x
wrong "replay: an unknown option" "--by is not an option" replay -c x --by user x
wrong "ping: no time" "wants seconds, 1 to 3600" ping --timeout "" x
wrong "ping: a time that is none" "wants seconds, 1 to 3600" ping --timeout -1 x
wrong "ping: a time that goes on" "wants seconds, 1 to 3600" ping --timeout 5x x
wrong "ping: too much time" "wants seconds, 1 to 3600" ping --timeout 999999 x
wrong "ping: an unknown option" "--florp is not an option" ping --florp
wrong "doctor: an unknown option" "--florp is not an option" doctor --florp
wrong "report: an unknown option" "--florp is not an option" report --florp
wrong "doctor: an argument" "it takes no arguments" doctor x
wrong "doctor: unknown format" "text or json" doctor --format xml
wrong "doctor: two servers" "one server" doctor --postfix-dir a --sendmail-cf b
wrong "doctor: a socket that is none" "is no socket" doctor -s florp --postfix-dir .
wrong "ping: two sockets" "one socket" ping unix:/a unix:/b
wrong "ping: both" "not both" ping -c /x unix:/a
wrong "ping: a socket that is none" "is no socket" ping florp
for socket in inet:9x@h inet:x9@h inet:@h inet:0@h inet:65536@h inet:000025@h inet:25@ \
    "inet:25@[::1" "inet:25@::1]" "inet:25@a b"; do
	wrong "ping: $socket is no socket" "is no socket" ping "$socket"
done
done_testing
