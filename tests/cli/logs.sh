# logs.sh: log files for the tests of report and replay.  Sourced after lib.sh.

LC_ALL=C; export LC_ALL

# record DAY TIME HOST TEXT: a line of tlswardend in November 2026
record()
{
	echo "2026-11-${1}T$2:00.000000+00:00 $3 tlswardend[77]: v=1 $4"
}

MX="service=mx port=25 client=192.0.2.7 client_name=mx.example.net helo=mx.example.net"
SUBMISSION="service=submission port=587 client=198.51.100.9 helo=pc"
MODERN="tls=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 cipher_bits=256 outcome=encrypted"
OLD="tls=TLSv1 cipher=ECDHE-RSA-AES256-SHA cipher_bits=256 outcome=deprecated"
CLEAR="tls=none outcome=cleartext"

# Mail on which nobody has to act.
quiet_log()
{
	record 18 09:00 one "event=message id=1 verdict=accept rule=default stage=eom $MX $MODERN auth=none sender=ann@example.net qid=A1"
	record 19 10:00 one "event=message id=2 verdict=accept rule=default stage=eom $MX $CLEAR auth=none sender=bob@clear.example qid=A2"
}

# A password in the clear, an old client.
busy_log()
{
	quiet_log
	record 19 11:00 one "event=message id=3 verdict=reject rule=auth-in-clear stage=mail reply=\"530 5.7.0\" $SUBMISSION $CLEAR auth=PLAIN user=carl sender=carl@example.org"
	record 19 12:30 one "event=message id=4 verdict=accept rule=default stage=eom $SUBMISSION $OLD auth=LOGIN user=dora sender=dora@example.org qid=A4"
	record 20 12:00 one "event=session id=5 verdict=accept rule=default stage=close $MX tls=none outcome=abandoned auth=none"
}

# ask EXPRESSION: of the JSON in the file out, as d; prints what Python prints
ask()
{
	python3 -c "import json; d = json.load(open('out')); t = d['tables']
print(($1))"
}
