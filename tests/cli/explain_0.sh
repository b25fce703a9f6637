#!/bin/sh
# Sessions explained under the default policy.
. "${TOP_SRCDIR:-.}/tests/cli/lib.sh"

explain()
{
	run explain -c "$BUILTIN" "$@"
	verdict=$(head -1 out)
}

HELP="Encryption required: use STARTTLS or port 465, and change your password."

explain service=submission auth=PLAIN user=ann client=198.51.100.7 tls=none
is "a login in the clear: status" "$status" 0
is "a login in the clear" "$(cat out)" \
"verdict=reject rule=auth-in-clear stage=mail reply=\"530 5.7.0 $HELP\"
not           tls-required     connect  service = submissions: service is submission
matched       auth-in-clear    mail     tls: tls is none
  unknown                      connect  auth: auth is not known yet
not reached   tls-too-old
not reached   cipher-too-weak
not reached   default"

explain port=465 tls=none
is "no TLS on 465, found by its port" "$verdict" "verdict=reject rule=tls-required stage=helo reply=\"530 5.7.0 Encryption required: this port speaks TLS from the start.\""

explain port=587 tls=TLSv1.1
is "old TLS is refused at HELO" "$verdict" "verdict=reject rule=tls-too-old stage=helo reply=\"554 5.7.0 TLS 1.2 or later required, you used TLSv1.1.\""
ok "no default was reached" grep -q '^not reached   default$' out

explain service=mx
is "what a session may lack is lacking" "$verdict" "verdict=accept rule=default stage=mail"
ok "and that is said" grep -qx 'not given, taken as none: tls, auth' out
ok "the default matched" grep -qx 'matched       default          mail' out

explain service=submission tls=TLSv1.3
is "what it must have is unknown" "$(echo "$verdict" | sed 's/ reply="[^"]*"//')" "verdict=tempfail rule=undecided stage=mail missing=cipher_strength"
ok "the fact is named" grep -qx 'not given, the verdict hangs on it: cipher' out

explain service=other
is "a port that belongs to no service" "$verdict" "verdict=accept rule=default stage=mail"

explain tls=TLSv1.3
ok "without a service it hangs on that" grep -q 'the verdict hangs on it: service, cipher$' out

explain --observe port=587 tls=TLSv1.1
is "--observe" "$verdict" "verdict=accept rule=default stage=helo observed=tls-too-old:reject"
ok "the rule is still the one" grep -q '^matched       tls-too-old ' out

explain --observe service=submission tls=TLSv1.3
is "--observe, undecided" "$verdict" "verdict=accept rule=default stage=mail observed=undecided:tempfail"
ok "--observe, undecided: what it hangs on" grep -qx 'not given, the verdict hangs on it: cipher' out
printf 'default reject 550 5.7.1 "no"\n' >d.conf
run explain -c d.conf --observe service=mx
is "--observe, the default" "$(head -2 out)" "verdict=accept rule=default stage=helo observed=default:reject
matched       default  connect"
explain service=none tls=TLSv1.3 cipher=none
is "no service and no cipher are given" "$status $verdict" "0 verdict=accept rule=default stage=helo"
ok "and told so" grep -qx 'not           tls-required     connect  service = submissions: service is none' out

cat >p.conf <<'END'
rule over
    accept
    until 2030-12-31
rule coming
    if tls < TLSv1.2
    reject 554 5.7.0 "no"
    from 2031-06-01
rule seen
    if helo ~ /^pc/
    note
END
run explain -c p.conf date=2031-01-01 service=mx tls=TLSv1 helo=pc.example
is "observed, noted, over" "$(sed 's/ *$//' out | head -6)" \
"verdict=accept rule=default stage=helo observed=coming:reject notes=seen
inactive      over     connect
observed      coming   helo     tls < TLSv1.2: tls is TLSv1 [from]
  unknown              connect  tls < TLSv1.2: tls is not known yet [from]
noted         seen     helo     helo ~ /^pc/: helo is pc.example
  unknown              connect  helo ~ /^pc/: helo is not known yet"
ok "the default, which decided before anything was known of them" grep -qx 'matched       default  connect' out
run explain -c p.conf date=2031-06-01 service=mx tls=TLSv1
ok "from its day on it holds" grep -q '^verdict=reject rule=coming ' out

run explain -c p.conf date=2031-01-01 service=mx helo="$(printf 'pc\033[31m\n\377')"
ok "what a client chose is made visible" grep -qF 'pc\x1b[31m\x0a\xff' out
ok "and nothing of it is left" sh -c '! LC_ALL=C grep -q "[^ -~]" out'

cat >s.conf <<'END'
rule some
    if tls
    reject 554 5.7.0 "no"
    share 10%
rule cut
    if user = ann and tls
    accept
END
run explain -c s.conf service=submission tls=TLSv1.2
ok "a share without a client" grep -qx 'unknown       some     helo     share: client was not given' out
ok "hangs on the client" grep -qx 'not given, the verdict hangs on it: client' out
printf 'rule near\n    if client = 192.0.2.1\n    reject 550 5.7.1 "no"\n    share 10%%\n' >c.conf
run explain -c c.conf service=submission tls=TLSv1.2
ok "a share of a client that is asked for" \
    grep -qx 'unknown       near     connect  client = 192.0.2.1: client was not given' out
cat >limit.conf <<'END'
rule evil
    if helo ~ /^(a+)+$/
    reject 550 5.7.1 "no"
END
run explain -c limit.conf service=submission helo=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab
ok "a pattern at its limit" grep -qx 'a pattern of rule evil hit its limit' out
ok "decides nothing" grep -q '^verdict=tempfail rule=undecided .* missing=helo$' out
run explain -c limit.conf service=submission helo=b
ok "and is said of no other" sh -c '! grep -q limit out'
done_testing
