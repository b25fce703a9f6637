/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* this project */
#include "record.h"
/* under test */
#include "join.h"
/* tests */
#include "agree.h"
#include "hostile.h"
#include "mutate.h"

static const enum log_format formats[] = { LOG_LOGFMT, LOG_JSON };

static void
keep_entry(void *ctx, const struct entry *e)
{
	memcpy(ctx, e, sizeof(*e));
}

static bool
read_line(const char *text, struct entry *e)
{
	struct line line = { .time = 1795226624, .host = { "mx1", 3 },
	    .text = { text, strlen(text) } };
	bool broken;

	return own_line(&line, keep_entry, e, &broken);
}

static void
test_message(void **state)
{
	static const char text[] = "v=1 event=message id=5f0c9a2b77e1d304 "
	    "verdict=accept rule=default stage=eom observed=\"a:reject,b:tempfail\" "
	    "notes=n service=submission port=587 client=192.0.2.7 helo=x "
	    "tls=TLSv1.3 cipher=TLS_AES_128_GCM_SHA256 cipher_bits=128 "
	    "outcome=encrypted auth=PLAIN user=ann sender=<> recipients=2 "
	    "qid=4F1A policy=0b1c2d3e4f50";
	struct entry e;

	(void)state;
	assert_true(read_line(text, &e));
	assert_int_equal(e.kind, ENTRY_MESSAGE);
	assert_int_equal(e.time, 1795226624);
	assert_true(slice_is(e.host, "mx1"));
	assert_true(slice_is(e.verdict, "accept"));
	assert_true(slice_is(e.observed, "a:reject,b:tempfail"));
	assert_true(slice_is(e.notes, "n"));
	assert_true(slice_is(e.facts[ATTR_USER], "ann"));
	assert_true(slice_is(e.facts[ATTR_SENDER], "<>"));
	assert_true(slice_is(e.qid, "4F1A"));
	assert_true(slice_is(e.policy, "0b1c2d3e4f50"));
	assert_int_equal(e.outcome, OUTCOME_ENCRYPTED);
	assert_null(e.facts[ATTR_LISTENER].p);
	assert_false(e.lacking[ATTR_SNI]);
}

static void
test_other_events(void **state)
{
	struct entry e;

	(void)state;
	assert_true(read_line("v=1 event=alarm kind=password-exposed user=ann "
	    "client=192.0.2.0/24 service=submission mechanism=PLAIN count=3 "
	    "since=2026-11-20T09:10:11Z", &e));
	assert_int_equal(e.kind, ENTRY_ALARM);
	assert_true(slice_is(e.alarm, "password-exposed"));
	assert_true(slice_is(e.facts[ATTR_AUTH], "PLAIN"));
	assert_int_equal(e.count, 3);
	assert_true(e.marked[ATTR_CLIENT]);
	assert_true(read_line("v=1 event=session tls=none auth=none", &e));
	assert_int_equal(e.kind, ENTRY_SESSION);
	assert_true(e.lacking[ATTR_CIPHER] && e.lacking[ATTR_SNI]);
	assert_true(e.lacking[ATTR_USER]);
	assert_false(e.lacking[ATTR_SENDER]);
	assert_true(read_line("v=1 event=dropped count=99999999999999999999", &e));
	assert_int_equal(e.kind, ENTRY_OTHER);
	assert_int_equal(e.count, 0);
	/* A newer release may have more, and in another order. */
	assert_true(read_line("later=x port=25 event=message v=1 tls=TLSv1.2", &e));
	assert_true(slice_is(e.facts[ATTR_PORT], "25"));
	assert_false(read_line("v=2 event=message", &e));
}

/* The edges of what is a record. */
static void
test_edges(void **state)
{
	static const char *const lines[] = {
		"", "\n", "v=1", "event=x", "v=1 event=x", "v=1 event=x\n",
		"v=1 event=x ", "v=1  event=x", " v=1 event=x", "v=1 event=",
		"v=1 event=none", "v=1 event=\"\"", "v=1 event=\"none\"",
		"v=1 event=\"x", "v=1 event=x\"", "v=1 event=\"x\"y", "v=1 event",
		"v=1 event=x event=y", "v=1 event=x q=1 q=2", "v=1 event=x q= r=",
		"v=\"1\" event=x", "v=\"\\x31\" event=x", "v=\"1\\x00\" event=x",
		"v=\"1\\...\" event=x", "v=none event=x", "v=01 event=x",
		"v=1 event=x Q=1", "v=1 event=x q=a\\x41", "v=1 event=x q=\"\\x4\"",
		"v=1 event=x q=\"\\x4g\"", "v=1 event=x q=\"\\...\"",
		"v=1 event=x q=\"a\\...b\"", "v=1 event=x q=\"\\\"",
		"v=1 event=x q=\"\t\"", "v=1 event=x q=\"\x7f\"",
		"v=1 event=x q=\"\xc3\xa4\"", "v=1 event=x =1",
		"v=1 event=x a2345678901234567890123456789012=1",
		"v=1 event=x a23456789012345678901234567890123=1",
		"{\"\":1,\"v\":1,\"event\":\"x\"}", "{\"v", "{\"",
		"{}", "{", "{\"v\":1,\"event\":\"x\"}", "{\"v\":1,\"event\":\"x\"}}",
		"{\"v\":1,\"event\":\"x\",}", "{,\"v\":1,\"event\":\"x\"}",
		"{ \"v\" :\t1 , \"event\" : \"x\" } ", "{\"v\":01,\"event\":\"x\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":-1}", "{\"v\":1,\"event\":\"x\",\"n\":}",
		"{\"v\":1,\"event\":\"x\",\"n\":null}", "{\"v\":\"1\",\"event\":7}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u0041\\/\\\\x42\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u0022\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u007f\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u004\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u00",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u1041\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u0141\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u0081\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u00g1\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u004G\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\u004A\"}",
		"{\"v\":1,\"event\":\"x\",\"\":\"1\"}",
		"{\"v\":1,\"event\":\"x\",\"a2345678901234567890123456789012\":1}",
		"{\"v\":1,\"event\":\"x\",\"a23456789012345678901234567890123\":1}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\n\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\\\...\"}",
		"{\"v\":1,\"event\":\"x\",\"n\":\"\\", "{\"v\":1,\"event\":\"x\"",
		"{\"v\":1,\"event\":\"x\",\"user\":\"a\\\\x20b\",\"tls\":\"none\"}",
	};
	struct record r;
	struct check c;
	size_t i, taken = 0;

	(void)state;
	record_init(&r);
	check_start(&c);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		taken += agree(&c, &r, lines[i], strlen(lines[i]));
	assert_int_equal(taken, 21);
	assert_false(agree(&c, &r, "v=1 event=x q=\"\0\"", 17));
	assert_false(agree(&c, &r, "{\"v\":1,\"event\":\"x\",\"n\":\"\\u004\0\"}", 33));
	record_free(&r);
	check_end(&c);
}

/* As many fields, and as long a line, as the other reader takes. */
static void
test_limits(void **state)
{
	static char line[8 * RECORD_MAX + 100];
	struct record r;
	struct check c;
	size_t i, len;

	(void)state;
	record_init(&r);
	check_start(&c);
	len = (size_t)snprintf(line, sizeof(line), "v=1 event=x");
	for (i = 2; i < RECORD_FIELDS; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " f%zu=", i);
	assert_true(agree(&c, &r, line, len));
	len += (size_t)snprintf(line + len, sizeof(line) - len, " last=1");
	assert_false(agree(&c, &r, line, len));
	for (i = 0; i < RECORD_FIELDS; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, " g%zu=1", i);
	assert_false(agree(&c, &r, line, len));
	memcpy(line, "v=1 event=x q=\"", 15);
	memset(line + 15, 'a', sizeof(line) - 15);
	line[8 * RECORD_MAX - 1] = '"';
	assert_true(agree(&c, &r, line, 8 * RECORD_MAX));
	line[8 * RECORD_MAX] = ' ';
	assert_false(agree(&c, &r, line, 8 * RECORD_MAX + 1));
	line[8 * RECORD_MAX] = '\n';
	assert_true(agree(&c, &r, line, 8 * RECORD_MAX + 1));
	record_free(&r);
	check_end(&c);
}

/* --- by chance */

static void
put_any(struct record *r, struct chance *c, const char *name)
{
	size_t i = draw(c, HOSTILE);
	char bytes[400];
	size_t n, k;

	switch (draw(c, 8)) {
	case 0:
		return;
	case 1:
		record_put_none(r, name);
		return;
	case 2:
		record_put_number(r, name, draw(c, 100000));
		return;
	case 3:
		n = draw(c, sizeof(bytes));
		for (k = 0; k < n; k++)
			bytes[k] = (char)draw(c, 256);
		record_put_client(r, name, bytes, n);
		return;
	case 4:
		record_put(r, name, name);
		return;
	default:
		record_put_client(r, name, hostile[i].value, hostile[i].len);
	}
}

static const char *
any_event(struct chance *c)
{
	static const char *const events[] = { "message", "session", "alarm",
	    "summary", "dropped", "tomorrow" };

	return events[draw(c, sizeof(events) / sizeof(events[0]))];
}

static void
fill_facts(struct record *r, struct chance *c)
{
	static const struct {
		const char	*name;
		const char	*value;
	} good[] = {
		{ "stage", "eom" }, { "port", "587" }, { "client", "2001:db8::1" },
		{ "tls", "TLSv1.2" }, { "cipher", "AES128-SHA" },
		{ "cert_verified", "no" }, { "outcome", "deprecated" },
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (draw(c, 2) == 0)
			record_put(r, good[i].name, good[i].value);
	for (i = 0; record_field_name(i) != NULL; i++)
		if (draw(c, 3) == 0 && record_find(r, record_field_name(i)) == NULL)
			put_any(r, c, record_field_name(i));
}

#define RECORDS		DRAWS(5000)
#define MUTATIONS	20

static void
test_random(void **state)
{
	static char line[8 * RECORD_MAX + 100];
	struct chance c = { 20261121 };
	struct record r, made;
	struct buf b = BUF_INIT;
	struct check check;
	size_t i, k, len = 0, taken = 0;

	(void)state;
	record_init(&r);
	record_init(&made);
	check_start(&check);
	for (i = 0; i < RECORDS; i++) {
		record_start(&made, any_event(&c));
		fill_facts(&made, &c);
		buf_clear(&b);
		record_format(&made, formats[i % 2], &b);
		assert_true(agree(&check, &r, b.data, b.len));
		for (k = 0; k < MUTATIONS; k++) {
			if (k % 4 == 0) {
				memcpy(line, b.data, b.len);
				len = b.len;
			}
			len = mutate(&c, line, len, sizeof(line));
			taken += agree(&check, &r, line, len);
		}
	}
	/* Neither all nor none, else nothing was compared. */
	assert_in_range(taken, RECORDS * MUTATIONS / 20, RECORDS * MUTATIONS * 3 / 4);
	buf_free(&b);
	record_free(&r);
	record_free(&made);
	check_end(&check);
}

/* What a record says of a certificate by leaving it out, in both readers. */
static void
test_certificate(void **state)
{
	static const struct {
		const char	*facts;
		enum fact_state	 verified, issuer;
	} cases[] = {
		{ "tls=TLSv1.3 auth=none", FACT_NONE, FACT_NONE },
		{ "tls=TLSv1.3 auth=PLAIN user=ann", FACT_NONE, FACT_NONE },
		{ "tls=none auth=none", FACT_NONE, FACT_NONE },
		/* the login was not known yet, or TLS was not */
		{ "tls=TLSv1.3", FACT_UNKNOWN, FACT_UNKNOWN },
		{ "auth=none", FACT_UNKNOWN, FACT_UNKNOWN },
		/* one of them is told: the others are not known */
		{ "tls=TLSv1.3 cert_verified=yes auth=none", FACT_KNOWN, FACT_UNKNOWN },
		{ "tls=TLSv1.3 cert_issuer=CN auth=none", FACT_UNKNOWN, FACT_KNOWN },
		{ "tls=TLSv1.3 cert_verified=no cert_issuer=none auth=none",
		    FACT_KNOWN, FACT_NONE },
	};
	struct record r;
	struct check c;
	char text[256];
	size_t i;

	(void)state;
	check_start(&c);
	record_init(&r);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "v=1 event=message stage=eom %s",
		    cases[i].facts);
		assert_true(agree(&c, &r, text, strlen(text)));
		assert_int_equal(session_fact(c.have, ATTR_CERT_VERIFIED).state,
		    cases[i].verified);
		assert_int_equal(session_fact(c.have, ATTR_CERT_ISSUER).state,
		    cases[i].issuer);
	}
	record_free(&r);
	check_end(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_other_events),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_certificate),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("own", tests, NULL, NULL);
}
