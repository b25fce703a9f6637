/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka */
#include <cmocka.h>
/* tests */
#include "joined.h"

/* What the MTA says long after the record was told is no second message. */
static void
test_late(void **state)
{
	static const char *const lines[] = {
		POSTFIX("00:00", "7", "connect from a[192.0.2.1]"),
		POSTFIX("00:01", "7", "4F1A: client=a[192.0.2.1]"),
		RECORD("00:02", "event=message client=192.0.2.1 qid=4F1A"),
		"Nov 20 13:00:00 mx1 postfix/smtpd[8]: connect from b[192.0.2.2]",
		("Nov 20 13:00:00 mx1 postfix/smtpd[7]: disconnect from a[192.0.2.1] "
		    "ehlo=1 mail=1 rcpt=1 data=1 commands=4"),
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said), "record message 192.0.2.1 4F1A\n"
	    "postfix session 192.0.2.2\n");
	buf_free(&said);
}

/* A stamp without a fraction of a second seems later than a record of that second. */
static void
test_first(void **state)
{
	static const char *const lines[] = {
		RECORD("00:00", "event=message client=192.0.2.1 qid=4F1A"),
		RECORD("00:00", "event=session client=192.0.2.2"),
		POSTFIX("00:00", "7", "connect from a[192.0.2.1]"),
		POSTFIX("00:00", "7", "4F1A: client=a[192.0.2.1]"),
		POSTFIX("00:00", "7", "disconnect from a[192.0.2.1] ehlo=1 auth=0/2 mail=1 "
		    "rcpt=1 data=1 commands=4/6"),
		QMGR("00:00", "4F1A"),
		POSTFIX("00:00", "7", "connect from b[192.0.2.2]"),
		POSTFIX("00:00", "7", "SSL_accept error from b[192.0.2.2]: -1"),
		POSTFIX("00:00", "7", "disconnect from b[192.0.2.2] ehlo=1 starttls=0/1"),
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said), "record message 192.0.2.1 4F1A clear=2 "
	    "failed=2\nrecord session 192.0.2.2 handshake-failed\n");
	assert_int_equal(n.gaps, 0);
	buf_free(&said);
}

/* Nothing is written for hours: what Sendmail said before belongs to the record. */
static void
test_quiet_night(void **state)
{
	static const char *const lines[] = {
		"Nov 20 10:00:01 mx1 sm-mta[11]: NOQUEUE: connect from a [192.0.2.1]",
		"Nov 20 10:00:01 mx1 sm-mta[11]: 6AL0: ruleset=check_rcpt, arg1=<x@y>, "
		"relay=a [192.0.2.1], reject=550 5.7.1 <x@y>... Relaying denied",
		RECORD("00:01", "event=message client=192.0.2.1 qid=6AL0"),
		"Nov 20 10:00:01 mx1 sm-mta[11]: 6AL0: from=<a@b>, size=0, class=0, "
		"nrcpts=0, proto=ESMTP, daemon=MTA, relay=a [192.0.2.1]",
		"Nov 20 18:00:01 mx1 sm-mta[12]: NOQUEUE: connect from b [192.0.2.2]",
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said), "record message 192.0.2.1 6AL0 refused\n"
	    "sendmail session 192.0.2.2\n");
	buf_free(&said);
}

/* The other half of what a log begins with is in the one before: no gap. */
static void
test_rotated(void **state)
{
	static const char *const lines[] = {
		RECORD("00:00", "event=session client=192.0.2.9"),
		/* refused at once, its record a moment earlier */
		"Nov 20 10:00:01 mx1 sm-mta[10]: 6AL0: from=<a@b>, size=0, class=0, "
		"nrcpts=0, proto=ESMTP, daemon=MTA, relay=a [192.0.2.1]",
		/* came before */
		POSTFIX("00:20", "7", "disconnect from b[192.0.2.2] ehlo=1 mail=1 rcpt=1 "
		    "data=1 quit=1 commands=5"),
		POSTFIX("00:20", "8", "disconnect from c[192.0.2.3] ehlo=1 quit=1 "
		    "commands=2"),
		POSTFIX("00:21", "9", "4F1A: client=d[192.0.2.4]"),
		POSTFIX("00:22", "9", "disconnect from d[192.0.2.4] ehlo=1 mail=1 rcpt=1 "
		    "data=1 quit=1 commands=5"),
		/* and this one is a gap */
		POSTFIX("00:30", "7", "connect from e[192.0.2.5]"),
		POSTFIX("00:31", "7", "disconnect from e[192.0.2.5] ehlo=1 quit=1 "
		    "commands=2"),
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said), "postfix session 192.0.2.3\n"
	    "postfix session 192.0.2.5\npostfix message 192.0.2.4 4F1A\n"
	    "sendmail message 192.0.2.1 6AL0\nrecord session 192.0.2.9\n");
	assert_int_equal(n.gaps, 1);
	buf_free(&said);
}

/* The first line after a quiet time waits as long as any other. */
static void
test_after_quiet(void **state)
{
	static const char *const lines[] = {
		RECORD("00:00", "event=session client=192.0.2.1"),
		"Nov 20 10:00:00 mx1 sm-mta[10]: 6AL0: a [192.0.2.1] did not issue "
		"MAIL/EXPN/VRFY/ETRN during connection to MTA",
		/* the server's word first */
		"Nov 20 18:00:00 mx1 sm-mta[11]: 6AL1: b [192.0.2.2] did not issue "
		"MAIL/EXPN/VRFY/ETRN during connection to MTA",
		"Nov 20 18:00:00 mx1 tlswardend[9]: v=1 event=session client=192.0.2.2",
		/* the record first */
		"Nov 21 02:00:00 mx1 tlswardend[9]: v=1 event=session client=192.0.2.3",
		"Nov 21 02:00:00 mx1 postfix/smtpd[7]: connect from c[192.0.2.3]",
		"Nov 21 02:00:00 mx1 postfix/smtpd[7]: disconnect from c[192.0.2.3] ehlo=1 "
		"auth=0/1 quit=1 commands=2/3",
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said), "record session 192.0.2.1\n"
	    "record session 192.0.2.2\nrecord session 192.0.2.3 clear=1 failed=1\n");
	assert_int_equal(n.gaps, 0);
	buf_free(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_quiet_night),
		cmocka_unit_test(test_after_quiet),
		cmocka_unit_test(test_rotated),
	};

	return cmocka_run_group_tests_name("join_late", tests, NULL, NULL);
}
