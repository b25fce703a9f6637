/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "join.h"
#include "postfix.h"
/* tests */
#include "mta_lines.h"

static struct postfix *
begin(struct told *t)
{
	*t = (struct told){ .now = BEGIN };
	return postfix_new(NULL, 0, hear, t);
}

static unsigned int
feed(struct postfix *p, struct told *t, const char *lines)
{
	unsigned int used = 0;
	const char *end;

	for (; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
		struct line l = line_of(t, t->host != NULL ? t->host : "mx", lines,
		    (size_t)(end - lines));

		used += postfix_line(p, &l);
	}
	return used;
}

static void
check_told(struct told *t, const char *wanted)
{
	assert_string_equal(buf_str(&t->text), wanted);
	buf_clear(&t->text);
}

static void
finish(struct postfix *p, struct told *t, const char *wanted)
{
	postfix_end(p);
	check_told(t, wanted);
	postfix_free(p);
	buf_free(&t->text);
}

/* A log that begins in the middle of things. */
static void
test_partial(void **state)
{
	struct told t;
	struct postfix *p = begin(&t);

	(void)state;
	/* Its last line tells all the same whether there was a STARTTLS. */
	feed(p, &t, "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 quit=1 "
	    "commands=2\n"
	    "postfix/smtpd[8]: disconnect from unknown[192.0.2.8] ehlo=2 starttls=1 quit=1 "
	    "commands=4\n"
	    /* It carried a message, of which the lines are not here. */
	    "postfix/smtpd[8]: disconnect from unknown[192.0.2.10] ehlo=1 mail=1 rcpt=1 "
	    "data=1 quit=1 commands=5\n"
	    "postfix/submissions/smtpd[9]: disconnect from unknown[192.0.2.9] ehlo=1 quit=1 "
	    "commands=2\n");
	check_told(&t, "session mx 192.0.2.7 - - abandoned - - ? ? close ?\n"
	    "session mx 192.0.2.8 - ? unknown - - ? ? close ?\n"
	    "session submissions 192.0.2.9 - ? unknown - - ? ? close ?\n");
	feed(p, &t, "postfix/smtpd[8]: E91C47A6: client=unknown[192.0.2.8]\n"
	    "postfix/qmgr[3]: E91C47A6: from=<a@example.net>, size=240, nrcpt=1 (queue active)\n"
	    "postfix/smtpd[8]: disconnect from unknown[192.0.2.8] ehlo=1 mail=4 rcpt=4 data=4 "
	    "quit=1 commands=14\n");
	finish(p, &t, "message mx 192.0.2.8 - - cleartext - - a@example.net E91C47A6 eom ?\n");
	/* It ends in the middle, too. */
	p = begin(&t);
	feed(p, &t, "postfix/smtpd[8]: connect from unknown[192.0.2.8]\n"
	    "postfix/smtpd[8]: E91C47A6: client=unknown[192.0.2.8]\n");
	finish(p, &t, "message mx 192.0.2.8 - ? unknown - - ? E91C47A6 abort ?\n");
}

/* A process that was killed says no more; its number comes again. */
static void
test_process_died(void **state)
{
	struct told t;
	struct postfix *p = begin(&t);

	(void)state;
	feed(p, &t, "postfix/smtpd[7]: connect from unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: Anonymous TLS connection established from unknown[192.0.2.7]: "
	    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n"
	    "postfix/smtpd[7]: connect from unknown[192.0.2.8]\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.8] ehlo=1 quit=1 commands=2\n"
	    /* The same number on another service is another process. */
	    "postfix/submission/smtpd[7]: connect from unknown[192.0.2.9]\n"
	    "postfix/smtpd[7]: connect from unknown[192.0.2.10]\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.10] ehlo=1 quit=1 commands=2\n"
	    "postfix/submission/smtpd[7]: disconnect from unknown[192.0.2.9] commands=0/0\n");
	finish(p, &t, "session mx 192.0.2.7 - TLSv1.3 encrypted ? ? ? ? close ?\n"
	    "session mx 192.0.2.8 - - abandoned - - ? ? close ?\n"
	    "session mx 192.0.2.10 - - abandoned - - ? ? close ?\n"
	    "session submission 192.0.2.9 - - abandoned - - ? ? close ?\n");
}

/* The sender comes from the queue manager: soon, late, never. */
static void
test_patience(void **state)
{
	static const char message[] = "postfix/smtpd[7]: connect from unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: E91C47A6: client=unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=1 rcpt=1 data=1 "
	    "quit=1 commands=5\n";
	static const char sender[] =
	    "postfix/qmgr[3]: E91C47A6: from=<a@example.net>, size=240, nrcpt=1 (queue active)\n";
	struct told t;
	struct postfix *p = begin(&t);

	(void)state;
	assert_int_equal(feed(p, &t, message), 3);
	t.now += POSTFIX_PATIENCE;
	assert_int_equal(feed(p, &t, sender), 1);
	check_told(&t, "message mx 192.0.2.7 - - cleartext - - a@example.net E91C47A6 eom ?\n");
	/* Again when delivery is tried again: nobody waits for it. */
	assert_int_equal(feed(p, &t, sender), 0);
	feed(p, &t, message);
	t.now += POSTFIX_PATIENCE + 1;
	/* One line may have a stamp that is damaged. */
	feed(p, &t, "postfix/smtpd[8]: connect from unknown[192.0.2.8]\n");
	check_told(&t, "");
	feed(p, &t, "postfix/smtpd[8]: warning: nothing of interest\n");
	check_told(&t, "message mx 192.0.2.7 - - cleartext - - ? E91C47A6 eom ?\n");
	/* The same queue id for another message; another host's is another. */
	feed(p, &t, message);
	feed(p, &t, message);
	check_told(&t, "message mx 192.0.2.7 - - cleartext - - ? E91C47A6 eom ?\n");
	t.host = "mx2";
	assert_int_equal(feed(p, &t, sender), 0);
	t.host = NULL;
	assert_int_equal(feed(p, &t, sender), 1);
	check_told(&t, "message mx 192.0.2.7 - - cleartext - - a@example.net E91C47A6 eom ?\n");
	finish(p, &t, "session mx 192.0.2.8 - ? unknown ? ? ? ? close ?\n");
}

/* More than there is room for: the longest silent goes, told as it is. */
static void
test_room(void **state)
{
	char line[256];
	struct told t;
	struct postfix *p = begin(&t);
	unsigned int i;

	(void)state;
	for (i = 0; i < POSTFIX_SESSIONS + 10; i++) {
		snprintf(line, sizeof(line),
		    "postfix/smtpd[%u]: connect from unknown[10.0.%u.%u]\n"
		    "postfix/smtpd[%u]: Q%u: client=unknown[10.0.%u.%u]\n", i + 1, i / 256,
		    i % 256, i + 1, i, i / 256, i % 256);
		feed(p, &t, line);
		/* The first is heard of all the time. */
		feed(p, &t, "postfix/smtpd[1]: warning: unknown[10.0.0.0]: SASL PLAIN "
		    "authentication failed\n");
	}
	/* Their messages wait for the queue manager. */
	assert_int_equal(t.entries, 0);
	feed(p, &t, "postfix/qmgr[3]: Q0: from=<a@example.net>, size=1, nrcpt=1 (queue active)\n"
	    "postfix/qmgr[3]: Q1: from=<b@example.net>, size=1, nrcpt=1 (queue active)\n");
	check_told(&t, "message mx 10.0.0.1 - ? unknown - - b@example.net Q1 eom ?\n");
	for (; i < POSTFIX_MESSAGES + 10; i++) {
		snprintf(line, sizeof(line),
		    "postfix/smtpd[1]: M%u: client=unknown[10.0.0.0]\n", i);
		feed(p, &t, line);
	}
	assert_true(t.entries >= 9 && t.entries < 20);
	assert_int_equal(postfix_evicted(p), 10 + 9);
	postfix_end(p);
	assert_int_equal(t.entries, POSTFIX_MESSAGES + 10);
	postfix_free(p);
	buf_free(&t.text);
}

/* What one of fifty processes says next, or nothing. */
static void
say(struct postfix *p, struct told *t, unsigned int step, unsigned int i)
{
	bool clear = i % 3 == 0;
	struct buf b = BUF_INIT;

	buf_printf(&b, "postfix/smtpd[%u]: ", i);
	if (step == 0)
		buf_printf(&b, "connect from unknown[10.0.0.%u]\n", i);
	else if (step == 1)
		buf_printf(&b, "Anonymous TLS connection established from unknown[10.0.0.%u]: "
		    "TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)\n", i);
	else if (step == 4)
		buf_printf(&b, "disconnect from unknown[10.0.0.%u] ehlo=1 starttls=%d mail=2 "
		    "rcpt=2 data=2 commands=8\n", i, clear ? 0 : 1);
	else
		buf_printf(&b, "%c%u: client=unknown[10.0.0.%u]\n"
		    "postfix/qmgr[99]: %c%u: from=<%u@example.net>, size=1, nrcpt=1\n",
		    step == 2 ? 'Q' : 'R', i, i, step == 2 ? 'Q' : 'R', i, i);
	if (step != 1 || !clear)
		feed(p, t, buf_str(&b));
	buf_free(&b);
}

/* Fifty processes take turns, three sessions each with two messages. */
static void
test_interleaved(void **state)
{
	struct buf wanted = BUF_INIT;
	struct told t;
	struct postfix *p = begin(&t);
	unsigned int i, round, step;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (step = 0; step < 5; step++)
			for (i = 1; i <= 50; i++)
				say(p, &t, step, i);
		for (i = 1; i <= 50; i++)
			for (step = 0; step < 2; step++)
				buf_printf(&wanted, "message mx 10.0.0.%u - %s - - "
				    "%u@example.net %c%u eom ?\n", i,
				    i % 3 == 0 ? "- cleartext" : "TLSv1.2 encrypted", i,
				    step == 0 ? 'Q' : 'R', i);
	}
	finish(p, &t, buf_str(&wanted));
	buf_free(&wanted);
}

/* XCLIENT; a content filter that brings a message back; postscreen. */
static void
test_detours(void **state)
{
	struct told t;
	struct postfix *p = begin(&t);

	(void)state;
	feed(p, &t, "postfix/smtpd[7]: connect from unknown[198.18.0.23]\n"
	    "postfix/smtpd[7]: 8F84C60F: client=unknown[203.0.113.78]\n"
	    "postfix/qmgr[3]: 8F84C60F: from=<a@example.net>, size=240, nrcpt=1 (queue active)\n"
	    "postfix/smtpd[7]: disconnect from unknown[203.0.113.78] ehlo=2 xclient=0/1 mail=1 "
	    "rcpt=1 data=1 quit=1 commands=6/7\n"
	    "postfix/10025/smtpd[8]: connect from localhost[127.0.0.1]\n"
	    "postfix/10025/smtpd[8]: 9F84C60F: client=localhost[127.0.0.1], "
	    "orig_queue_id=8F84C60F, orig_client=unknown[203.0.113.78]\n"
	    "postfix/10025/smtpd[8]: disconnect from localhost[127.0.0.1] ehlo=1 xforward=1 mail=1 "
	    "rcpt=1 data=1 commands=5\n");
	check_told(&t, "message mx 203.0.113.78 - - cleartext - - a@example.net 8F84C60F eom ?\n");
	assert_int_equal(feed(p, &t,
	    "postfix/postscreen[9]: CONNECT from [198.18.9.11]:60411 to [192.0.2.25]:25\n"
	    "postfix/postscreen[9]: PASS OLD [198.18.9.10]:46241\n"
	    "postfix/postscreen[9]: NOQUEUE: reject: RCPT from [198.18.9.10]:39777: 450 4.3.2 "
	    "Service currently unavailable; from=<a@example.net>, to=<b@example.com>, "
	    "proto=ESMTP, helo=<mx>\n"
	    "postfix/tlsproxy[10]: TLS handshake failed for service=smtpd "
	    "peer=[198.18.9.11]:60411\n"
	    "postfix/tlsproxy[10]: DISCONNECT [198.18.9.11]:60411\n"), 2);
	finish(p, &t, "session mx 198.18.9.11 ? - abandoned ? ? ? ? close ? handshake\n");
}

/* Lines of others that look alike. */
static void
test_strangers(void **state)
{
	struct told t;
	struct postfix *p = begin(&t);

	(void)state;
	assert_int_equal(feed(p, &t, "smtpd[7]: connect from unknown[192.0.2.7]\n"
	    "postfix/smtp[7]: connect from unknown[192.0.2.7]\n"
	    "postfix/smtpd[0]: connect from unknown[192.0.2.7]\n"
	    "postfix/smtpd/x[7]: connect from unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: \n"
	    "postfix/smtpd[7]: connect from nobody\n"
	    "postfix/smtpd[7]: connect from a b[192.0.2.7]\n"
	    "postfix/smtpd[7]: connect from unknown[]\n"
	    "postfix/smtpd[7]: connect from unknown[192.0.2.7\n"
	    "postfix/smtpd[7]: disconnect from \n"
	    "postfix/smtpd[7]: warning: Illegal address syntax from unknown[192.0.2.7] in MAIL "
	    "command: <unknown[192.0.2.9]: SASL PLAIN authentication failed>\n"
	    /* whose milter is not there is not known */
	    "postfix/smtpd[7]: warning: connect to Milter service unix:x: Permission denied\n"
	    "postfix/smtpd[7]: NOQUEUE: reject\n"
	    "postfix/smtpd[7]: NOQUEUE: reject_warning: RCPT from unknown[192.0.2.7]: 554 x\n"
	    "postfix/qmgr[7]: E91C47A6: from=<a@example.net>, size=240, nrcpt=1\n"
	    "postfix/cleanup[7]: E91C47A6: reject: header x\n"), 0);
	finish(p, &t, "");
	p = begin(&t);
	/* No address, as when the client was gone before Postfix could ask. */
	feed(p, &t, "postfix/smtpd[7]: connect from unknown[unknown]\n"
	    "postfix/smtpd[7]: disconnect from unknown[unknown] commands=0/0\n");
	finish(p, &t, "session mx ? - - abandoned - - ? ? close ?\n");
}

/* One recipient of a message that has others is refused; a filter that says no id. */
static void
test_recipients(void **state)
{
	struct told t;
	struct postfix *p = begin(&t);

	(void)state;
	feed(p, &t, "postfix/smtpd[7]: connect from unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: 8F84C60F: client=unknown[192.0.2.7]\n"
	    "postfix/smtpd[7]: 8F84C60F: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 "
	    "<c@example.com>: Relay access denied; from=<a@example.net> to=<c@example.com> "
	    "proto=ESMTP helo=<mx>\n"
	    "postfix/qmgr[3]: 8F84C60F: from=<a@example.net>, size=240, nrcpt=1 (queue active)\n"
	    "postfix/smtpd[7]: disconnect from unknown[192.0.2.7] ehlo=1 mail=1 rcpt=1/2 data=1 "
	    "quit=1 commands=5/6\n");
	check_told(&t, "message mx 192.0.2.7 - - cleartext - - a@example.net 8F84C60F eom ?\n");
	feed(p, &t, "postfix/10025/smtpd[8]: connect from localhost[127.0.0.1]\n"
	    "postfix/10025/smtpd[8]: 9F84C60F: client=localhost[127.0.0.1], "
	    "orig_client=unknown[203.0.113.78]\n"
	    "postfix/10025/smtpd[8]: disconnect from localhost[127.0.0.1] ehlo=1 xforward=1 mail=1 "
	    "rcpt=1 data=1 commands=5\n");
	finish(p, &t, "");
}

/* A service may be called anything; what is longer than is kept is named each time. */
static void
test_long_name(void **state)
{
	static const char *const said[] = { "connect from unknown[192.0.2.7]",
	    "disconnect from unknown[192.0.2.7] ehlo=1 quit=1 commands=2" };
	struct told t;
	struct postfix *p = begin(&t);
	char name[POSTFIX_NAME_MAX + 20] = "", line[512];
	size_t n, i;

	(void)state;
	for (n = 1; n < sizeof(name); n++) {
		memset(name, 'x', n);
		for (i = 0; i < 2; i++) {
			snprintf(line, sizeof(line), "postfix/%s/smtpd[7]: %s\n", name, said[i]);
			feed(p, &t, line);
		}
		check_told(&t, "session other 192.0.2.7 - - abandoned - - ? ? close ?\n");
	}
	finish(p, &t, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_partial),
		cmocka_unit_test(test_process_died),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_interleaved),
		cmocka_unit_test(test_detours),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_strangers),
	};

	return cmocka_run_group_tests_name("postfix_mail", tests, NULL, NULL);
}
