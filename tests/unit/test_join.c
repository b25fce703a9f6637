/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* this project */
#include "buf.h"
/* under test */
#include "join.h"
#include "reader.h"
/* tests */
#include "joined.h"
#include "mutate.h"

/* Records need nobody. */
static void
test_records(void **state)
{
	static const char *const lines[] = {
		RECORD("00:01", "event=message client=192.0.2.1 qid=A verdict=reject"),
		RECORD("00:02", "event=session client=192.0.2.1"),
		RECORD("00:03", "event=alarm kind=x client=192.0.2.1"),
		RECORD("00:04", "event=summary messages=1"),
		RECORD("00:05", "event=message client=\"192.0.2.1"),
		"Nov 20 10:00:06 mx1 sshd[1]: hello",
		"v=1 event=session client=192.0.2.2",
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said), "record alarm 192.0.2.1\nrecord other \n"
	    "record message 192.0.2.1 A\nrecord session 192.0.2.1\n"
	    "record session 192.0.2.2\n");
	assert_int_equal(n.records, 5);
	assert_int_equal(n.broken, 1);
	assert_int_equal(n.other, 1);
	assert_int_equal(n.mta, 0);
	assert_int_equal(n.gaps, 0);
	buf_free(&said);
}

/* The same message, told by both: once, as the record. */
static void
test_message_once(void **state)
{
	static const char *const lines[] = {
		POSTFIX("00:00", "7", "connect from a.example[192.0.2.1]"),
		POSTFIX("00:01", "7", "4F1A: client=a.example[192.0.2.1]"),
		RECORD("00:02", "event=message client=192.0.2.1 verdict=accept "
		    "stage=eom tls=none qid=4F1A"),
		POSTFIX("00:03", "7", "disconnect from a.example[192.0.2.1] ehlo=1 "
		    "auth=0/2 mail=1 rcpt=1 data=1 quit=1 commands=5/7"),
		QMGR("00:04", "4F1A"),
		POSTFIX("01:00", "7", "connect from b.example[192.0.2.2]"),
		POSTFIX("01:01", "7", "disconnect from b.example[192.0.2.2] ehlo=1 "
		    "quit=1 commands=2"),
		RECORD("01:01", "event=session client=192.0.2.2 stage=close tls=none"),
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said),
	    "record message 192.0.2.1 4F1A clear=2 failed=2\n"
	    "record session 192.0.2.2\n");
	assert_int_equal(n.records, 2);
	assert_int_equal(n.mta, 6);
	assert_int_equal(n.gaps, 0);
	buf_free(&said);
}

/* The log begins with a record, or with many; the MTA's line comes after it. */
static void
test_record_first(void **state)
{
	static const char *const lines[] = {
		RECORD("00:00", "event=session client=192.0.2.1 stage=close"),
		RECORD("01:00", "event=session client=192.0.2.2 stage=close"),
		"Nov 20 10:01:00 mx1 sendmail[7]: 6AL5BjTk000212: [192.0.2.2] did not issue "
		"MAIL/EXPN/VRFY/ETRN during connection to MTA",
		"Nov 20 10:01:01 mx1 sendmail[6]: 6AL5BjTk000211: [192.0.2.1] did not issue "
		"MAIL/EXPN/VRFY/ETRN during connection to MTA",
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said),
	    "record session 192.0.2.2\nrecord session 192.0.2.1\n");
	assert_int_equal(n.mta, 2);
	assert_int_equal(n.gaps, 0);
	buf_free(&said);
}

/* Before the first record there was no milter; afterwards one is missed. */
static void
test_gaps(void **state)
{
	static const char *const lines[] = {
		POSTFIX("00:00", "7", "connect from a.example[192.0.2.1]"),
		POSTFIX("00:01", "7", "disconnect from a.example[192.0.2.1] ehlo=1 "
		    "quit=1 commands=2"),
		POSTFIX("10:00", "7", "connect from a.example[192.0.2.2]"),
		RECORD("10:01", "event=session client=192.0.2.2 stage=close"),
		POSTFIX("10:01", "7", "disconnect from a.example[192.0.2.2] ehlo=1 "
		    "quit=1 commands=2"),
		POSTFIX("20:00", "7", "connect from a.example[192.0.2.2]"),
		POSTFIX("20:01", "7", "disconnect from a.example[192.0.2.2] ehlo=1 "
		    "quit=1 commands=2"),
		/* A filter hands mail back. */
		POSTFIX("30:00", "7", "connect from localhost[127.0.0.1]"),
		POSTFIX("30:01", "7", "disconnect from localhost[127.0.0.1] ehlo=1 "
		    "quit=1 commands=2"),
		/* Another host has no milter at all. */
		"Nov 20 10:40:00 mx2 postfix/smtpd[7]: connect from a[192.0.2.3]",
		("Nov 20 10:40:01 mx2 postfix/smtpd[7]: disconnect from a[192.0.2.3] "
		    "ehlo=1 quit=1 commands=2"),
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said), "postfix session 192.0.2.1\n"
	    "record session 192.0.2.2\npostfix session 192.0.2.2\n"
	    "postfix session 127.0.0.1\npostfix session 192.0.2.3\n");
	assert_int_equal(n.gaps, 1);
	buf_free(&said);
}

/* A record tells what it can; each has one twin. */
static void
test_twins(void **state)
{
	static const char *const lines[] = {
		POSTFIX("00:00", "7", "connect from a[192.0.2.1]"),
		POSTFIX("00:01", "7", "4F1A: client=a[192.0.2.1]"),
		POSTFIX("00:01", "8", "connect from a[192.0.2.1]"),
		POSTFIX("00:02", "8", "4F1B: client=a[192.0.2.1]"),
		/* the second is missing, and another is not in the MTA's log */
		RECORD("00:02", "event=message client=192.0.2.1 qid=4F1A"),
		RECORD("00:02", "event=message client=192.0.2.1 qid=4F1C"),
		POSTFIX("00:03", "7", "disconnect from a[192.0.2.1] ehlo=1 mail=1 "
		    "rcpt=1 data=1 commands=4"),
		POSTFIX("00:03", "8", "disconnect from a[192.0.2.1] ehlo=1 mail=1 "
		    "rcpt=1 data=1 commands=4"),
		QMGR("00:04", "4F1A"),
		QMGR("00:04", "4F1B"),
		/* Two of one client, and its address is kept out of the log. */
		POSTFIX("05:00", "7", "connect from a[192.0.2.9]"),
		POSTFIX("05:00", "8", "connect from a[192.0.2.9]"),
		POSTFIX("05:01", "7", "disconnect from a[192.0.2.9] ehlo=1 quit=1 "
		    "commands=2"),
		POSTFIX("05:02", "8", "disconnect from a[192.0.2.9] ehlo=1 quit=1 "
		    "commands=2"),
		RECORD("05:01", "event=session client=192.0.2.0/24"),
		RECORD("05:02", "event=session"),
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said), "record message 192.0.2.1 4F1A\n"
	    "postfix message 192.0.2.1 4F1B\n"
	    "record session 192.0.2.0/24\nrecord session \n"
	    "record message 192.0.2.1 4F1C\n");
	assert_int_equal(n.gaps, 1);
	buf_free(&said);
}

#define REFUSED(t, pid) \
	POSTFIX(t, pid, "NOQUEUE: milter-reject: MAIL from a[192.0.2.1]: 550 5.7.10 " \
	    "Call us; from=<b@p> proto=ESMTP helo=<x>")
#define REFUSED_TOO(t, pid) \
	POSTFIX(t, pid, "NOQUEUE: milter-reject: MAIL from a[192.0.2.1]: 550 5.7.0 " \
	    "Encryption required; from=<b@p> proto=ESMTP helo=<x>")
#define CONNECT(t, pid)	POSTFIX(t, pid, "connect from a[192.0.2.1]")
#define GAVE_UP(t, pid) \
	POSTFIX(t, pid, "disconnect from a[192.0.2.1] ehlo=1 mail=0/1 quit=1 commands=2/3")
#define RESET(t, pid) \
	POSTFIX(t, pid, "disconnect from a[192.0.2.1] ehlo=1 mail=1 quit=1 commands=3")
#define REJECT(t) \
	RECORD(t, "event=message client=192.0.2.1 service=mx verdict=reject stage=mail")
#define ACCEPT(t, more) \
	RECORD(t, "event=message client=192.0.2.1 service=mx verdict=accept" more)

/* One client, one process, one second: the refusal is of the one refused. */
static void
test_refused_then_taken(void **state)
{
	static const char *const taken[] = {
		CONNECT("00:00", "7"), REJECT("00:00"), REFUSED("00:00", "7"),
		GAVE_UP("00:00", "7"),
		CONNECT("00:00", "7"), POSTFIX("00:00", "7", "4F1A: client=a[192.0.2.1]"),
		ACCEPT("00:00", " qid=4F1A"), QMGR("00:00", "4F1A"),
		POSTFIX("00:00", "7", "disconnect from a[192.0.2.1] ehlo=1 mail=1 "
		    "rcpt=1 data=1 quit=1 commands=5"),
	};
	/* The record of the refusal is lost: that of the other is not for it. */
	static const char *const lost[] = {
		CONNECT("00:00", "7"), ACCEPT("00:00", " qid=4F1A"),
		REFUSED("00:00", "7"), GAVE_UP("00:00", "7"),
		CONNECT("00:00", "7"), POSTFIX("00:00", "7", "4F1A: client=a[192.0.2.1]"),
		QMGR("00:00", "4F1A"),
		POSTFIX("00:00", "7", "disconnect from a[192.0.2.1] ehlo=1 mail=1 "
		    "rcpt=1 data=1 quit=1 commands=5"),
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(taken, &said, &n);
	assert_string_equal(buf_str(&said), "record message 192.0.2.1 refused-by-us\n"
	    "record message 192.0.2.1 4F1A\n");
	assert_int_equal(n.gaps, 0);
	JOIN(lost, &said, &n);
	assert_string_equal(buf_str(&said), "postfix message 192.0.2.1 refused\n"
	    "record message 192.0.2.1 4F1A\n");
	assert_int_equal(n.gaps, 1);
	buf_free(&said);
}

/* The same where no queue id tells them apart. */
static void
test_refused_and_reset(void **state)
{
	static const char *const first[] = {
		CONNECT("00:00", "7"), REJECT("00:00"), REFUSED("00:00", "7"),
		GAVE_UP("00:00", "7"),
		CONNECT("00:00", "7"), ACCEPT("00:00", ""), RESET("00:00", "7"),
	};
	static const char *const second[] = {
		CONNECT("00:00", "7"), ACCEPT("00:00", ""), RESET("00:00", "7"),
		CONNECT("00:00", "7"), REJECT("00:00"), REFUSED("00:00", "7"),
		GAVE_UP("00:00", "7"),
	};
	/* The words are ours, and the record is late. */
	static const char *const late[] = {
		CONNECT("00:00", "7"), REFUSED_TOO("00:00", "7"), GAVE_UP("00:00", "7"),
		CONNECT("00:00", "7"), ACCEPT("00:00", ""), RESET("00:00", "7"),
		REJECT("00:09"),
	};
	/* The first was refused, but not by us: time alone tells them apart. */
	static const char *const theirs[] = {
		CONNECT("00:00", "7"), ACCEPT("00:00", ""), REFUSED("00:00", "7"),
		GAVE_UP("00:00", "7"),
		CONNECT("00:05", "7"), REJECT("00:05"), REFUSED("00:05", "7"),
		GAVE_UP("00:05", "7"),
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(first, &said, &n);
	assert_string_equal(buf_str(&said), "record message 192.0.2.1 refused-by-us\n"
	    "record message 192.0.2.1\n");
	JOIN(second, &said, &n);
	assert_string_equal(buf_str(&said), "record message 192.0.2.1\n"
	    "record message 192.0.2.1 refused-by-us\n");
	JOIN(late, &said, &n);
	assert_string_equal(buf_str(&said), "record message 192.0.2.1 refused-by-us\n"
	    "record message 192.0.2.1\n");
	JOIN(theirs, &said, &n);
	assert_string_equal(buf_str(&said), "record message 192.0.2.1 refused\n"
	    "record message 192.0.2.1 refused-by-us\n");
	buf_free(&said);
}

/* Sendmail does not say whose session was refused at EHLO: one that was. */
static void
test_nameless(void **state)
{
	static const char *const lines[] = {
		RECORD("00:00", "event=session client=192.0.2.8 verdict=accept"),
		"Nov 20 10:00:01 mx1 sm-mta[11]: NOQUEUE: connect from a [192.0.2.1]",
		RECORD("00:01", "event=session client=192.0.2.1 verdict=reject stage=helo "
		    "reply=\"530 5.7.0\""),
		"Nov 20 10:00:01 mx1 sm-mta[11]: 6AL0: Milter: helo=x, reject=530 5.7.0 "
		"Encryption required",
		RECORD("00:02", "event=session client=192.0.2.9 verdict=accept"),
	};
	struct buf said = BUF_INIT;
	struct join_count n;

	(void)state;
	JOIN(lines, &said, &n);
	assert_string_equal(buf_str(&said), "record session 192.0.2.1 refused-by-us\n"
	    "record session 192.0.2.8\nrecord session 192.0.2.9\n");
	assert_int_equal(n.gaps, 0);
	buf_free(&said);
}

/* --- */

static void
count_entry(void *ctx, const struct entry *e)
{
	uint64_t *counts = ctx;

	counts[e->origin]++;
}

/*
 * Many more than are remembered: nothing is lost, nothing is told twice, and
 * the time does not grow with the square.
 */
static void
test_many(void **state)
{
	uint64_t counts[3] = { 0, 0, 0 };
	struct line line = { .host = { "mx1", 3 }, .pid = 7 };
	char text[200];
	struct join *j;
	unsigned int i, k;

	(void)state;
	j = join_new(NULL, 0, count_entry, counts);
	for (i = 0; i < 200000; i++) {
		line.time = NOW + i / 1000;
		line.program = (struct slice){ "postfix/smtpd", 13 };
		for (k = 0; k < 3; k++) {
			if (k == 1) {
				line.program = (struct slice){ "tlswardend", 10 };
				snprintf(text, sizeof(text),
				    "v=1 event=session client=192.0.2.1");
			} else
				snprintf(text, sizeof(text), k == 0 ?
				    "connect from a[192.0.2.%u]" : "disconnect from "
				    "a[192.0.2.%u] ehlo=1 quit=1 commands=2", i % 2 + 1);
			if (k == 2)
				line.program = (struct slice){ "postfix/smtpd", 13 };
			line.text = (struct slice){ text, strlen(text) };
			join_line(j, &line);
		}
	}
	join_end(j);
	assert_int_equal(counts[ORIGIN_RECORD], 200000);
	/* Those of the other client have no record. */
	assert_int_equal(counts[ORIGIN_POSTFIX], 100000);
	assert_int_equal(join_count(j)->gaps, 100000);
	join_free(j);
}

/* --- a million mutated lines */

static const char *const seeds[] = {
	POSTFIX("00:00", "7", "connect from a.example[192.0.2.1]"),
	POSTFIX("00:01", "7", "Anonymous TLS connection established from "
	    "a.example[192.0.2.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 "
	    "(256/256 bits)"),
	POSTFIX("00:01", "7", "4F1A: client=a.example[192.0.2.1], "
	    "sasl_method=PLAIN, sasl_username=ann"),
	"Nov 20 10:00:02 mx1 postfix/qmgr[3]: 4F1A: from=<a@b>, size=1, nrcpt=1 "
	"(queue active)",
	RECORD("00:02", "event=message client=192.0.2.1 verdict=accept "
	    "helo=\"\\x6eone\" tls=none auth=PLAIN user=\"a b\" qid=4F1A"),
	"Nov 20 10:00:02 mx1 tlswardend[9]: {\"v\":1,\"event\":\"session\","
	"\"client\":\"192.0.2.1\",\"helo\":\"x\\\\x20\"}",
	POSTFIX("00:03", "7", "disconnect from a.example[192.0.2.1] ehlo=1 mail=1 "
	    "rcpt=1 data=1 commands=4"),
	POSTFIX("00:03", "8", "NOQUEUE: milter-reject: MAIL from a[192.0.2.1]: 5.7.0 "
	    "Encryption required; from=<a@b> proto=ESMTP helo=<x>"),
	"Nov 20 10:00:04 mx1 sm-mta[11]: STARTTLS=server, relay=a [192.0.2.3], "
	"version=TLSv1.2, verify=NO, cipher=AES128-SHA, bits=128/128",
	"Nov 20 10:00:05 mx1 sm-mta[11]: 6AL0: from=<a@b>, size=1, class=0, nrcpts=1,"
	" msgid=<x>, proto=ESMTPS, daemon=MTA, relay=a [192.0.2.3]",
};

#define SEEDS	(sizeof(seeds) / sizeof(seeds[0]))
#define LINES	DRAWS(1000000)

static void
test_mutated(void **state)
{
	static char scratch[READER_LINE_MAX];
	uint64_t counts[3] = { 0, 0, 0 };
	struct chance c = { 20261121 };
	const struct join_count *n;
	struct join *j;
	struct line line;
	char text[600];
	size_t i, len, taken = 0;
	int times;

	(void)state;
	j = join_new(NULL, 0, count_entry, counts);
	for (i = 0; i < LINES; i++) {
		len = strlen(seeds[i % SEEDS]);
		memcpy(text, seeds[i % SEEDS], len);
		for (times = (int)draw(&c, 3); times > 0; times--)
			len = mutate(&c, text, len, sizeof(text));
		if (line_parse(text, len, NOW, scratch, &line) == 0) {
			taken++;
			join_line(j, &line);
		}
	}
	join_end(j);
	n = join_count(j);
	assert_int_equal(n->records + n->mta + n->other + n->broken, taken);
	assert_true(n->records > LINES / 20 && n->mta > LINES / 10 && n->broken > 0);
	assert_true(counts[ORIGIN_RECORD] <= n->records);
	assert_true(counts[ORIGIN_POSTFIX] > 0 && counts[ORIGIN_SENDMAIL] > 0);
	join_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_message_once),
		cmocka_unit_test(test_record_first),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_refused_then_taken),
		cmocka_unit_test(test_refused_and_reset),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_mutated),
	};

	return cmocka_run_group_tests_name("join", tests, NULL, NULL);
}
