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
#include "policy.h"
/* under test */
#include "survey.h"
/* tests */
#include "sightings.h"

#define TODAY	20261121

static struct survey_settings all = { .by = { COL_NOTHING } };

/* A table as text: cells between bars, a row a line. */
static const char *
rows(const struct report *r, const char *name)
{
	static struct buf b = BUF_INIT;
	const struct sheet *s = report_find(r, name);
	size_t i;

	buf_clear(&b);
	assert_non_null(s);
	for (i = 0; i < s->filled; i++) {
		put_cell(&b, &s->cells[i], column_info(s->columns[i % s->width])->kind);
		buf_putc(&b, (i + 1) % s->width == 0 ? '\n' : '|');
	}
	return buf_str(&b);
}

static const struct finding *
finding(const struct report *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->finding_count; i++)
		if (strcmp(r->findings[i].name, name) == 0)
			return &r->findings[i];
	return NULL;
}

static uint64_t
number(const struct report *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->number_count; i++)
		if (strcmp(r->numbers[i].name, name) == 0)
			return r->numbers[i].value;
	fail();
	return 0;
}

#define MX	" service=mx port=25 client=192.0.2.7 helo=mx.example.net"
#define MODERN	" tls=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 cipher_bits=256" \
	" outcome=encrypted auth=none"
#define OLD	" tls=TLSv1 cipher=ECDHE-RSA-AES256-SHA cipher_bits=256" \
	" outcome=deprecated"
#define CLEAR	" tls=none outcome=cleartext"

static void
feed(struct survey *s)
{
	tell(survey_add, s, DAY, "one", "v=1 event=message id=1 verdict=accept "
	    "rule=default stage=eom" MX MODERN " sender=ann@example.net");
	tell(survey_add, s, DAY + HOUR, "one", "v=1 event=message id=2 verdict=accept "
	    "rule=default stage=eom" MX CLEAR " auth=none sender=bob@Clear.Example");
	tell(survey_add, s, DAY + 2 * HOUR, "one", "v=1 event=message id=3 "
	    "verdict=accept rule=default stage=eom observed=old:reject,older:tempfail,+1 "
	    "notes=seen" MX OLD " auth=none sender=<>");
	tell(survey_add, s, DAY + 3 * HOUR, "one", "v=1 event=message id=4 "
	    "verdict=reject rule=auth-in-clear stage=mail reply=\"530 5.7.0\" "
	    "service=submission port=587 client=198.51.100.9" CLEAR
	    " auth=PLAIN user=Carl");
	tell(survey_add, s, DAY + 50 * HOUR, "one", "v=1 event=message id=5 "
	    "verdict=accept rule=scanners stage=eom service=submissions port=465 "
	    "client=198.51.100.10" OLD " auth=LOGIN user=dora sender=dora@example.org");
	tell(survey_add, s, DAY + 51 * HOUR, "two", "v=1 event=session id=6 "
	    "verdict=accept rule=default stage=close" MX
	    " tls=none outcome=abandoned auth=none");
	tell(survey_add, s, DAY + 51 * HOUR, "two", "v=1 event=alarm "
	    "kind=password-exposed user=carl client=198.51.100.9 service=submission "
	    "mechanism=PLAIN count=1 since=2026-11-20T09:10:11Z");
	tell(survey_add, s, DAY + 52 * HOUR, "two", "v=1 event=message id=7 "
	    "verdict=accept rule=non-smtp stage=eom sender=root@example.net");
	tell(survey_add, s, DAY + 53 * HOUR, "two", "v=1 event=dropped count=4 "
	    "since=2026-11-20T09:10:11Z");
}

static void
test_tables(void **state)
{
	struct survey *s = survey_new(&all);
	struct report r;

	(void)state;
	report_init(&r, "s", "c", "t");
	feed(s);
	survey_report(s, NULL, TODAY, &r);
	assert_int_equal(number(&r, "messages"), 5);
	assert_int_equal(number(&r, "sessions"), 1);
	assert_int_equal(number(&r, "refused"), 1);
	assert_int_equal(number(&r, "encrypted"), 1);
	assert_int_equal(number(&r, "deprecated"), 2);
	assert_int_equal(number(&r, "cleartext"), 2);
	assert_int_equal(number(&r, "abandoned"), 1);
	assert_int_equal(number(&r, "local"), 1);
	assert_string_equal(buf_str(&r.hosts), "one, two");
	assert_string_equal(rows(&r, "services"),
	    "mx|3|60.0 %|1|1|1|1|1|0\n"
	    "submission|1|20.0 %|0|0|0|1|0|1\n"
	    "submissions|1|20.0 %|0|0|1|0|0|0\n");
	assert_string_equal(rows(&r, "tls"),
	    "none|2|40.0 %|1\nTLSv1|2|40.0 %|0\nTLSv1.3|1|20.0 %|0\n");
	assert_string_equal(rows(&r, "ciphers"),
	    "TLSv1|ECDHE-RSA-AES256-SHA|2|66.7 %|0\n"
	    "TLSv1.3|TLS_AES_256_GCM_SHA384|1|33.3 %|0\n");
	assert_string_equal(rows(&r, "hosts"),
	    "one|5|100.0 %|0|1|2|2|0|1|2026-11-20 00:00|2026-11-22 02:00\n"
	    "two|0|0.0 %|1|0|0|0|1|0|2026-11-22 03:00|2026-11-22 03:00\n");
	assert_string_equal(rows(&r, "old_clients"),
	    "dora|198.51.100.10|TLSv1|ECDHE-RSA-AES256-SHA|1|0|2026-11-22 02:00|"
	    "2026-11-22 02:00\n");
	assert_string_equal(rows(&r, "cleartext_domains"),
	    "clear.example|1|1|2026-11-20 01:00|2026-11-20 01:00|none\n");
	assert_string_equal(rows(&r, "cleartext_networks"),
	    "192.0.2.0/24|1|2026-11-20 01:00|2026-11-20 01:00\n");
	assert_string_equal(rows(&r, "old_domains"),
	    "<>|1|1|2026-11-20 02:00|2026-11-20 02:00|TLSv1|TLSv1\n");
	assert_string_equal(rows(&r, "encrypted_domains"),
	    "example.net|1|2026-11-20 00:00|2026-11-20 00:00|TLSv1.3|TLSv1.3\n");
	assert_string_equal(rows(&r, "exposed_passwords"),
	    "carl|198.51.100.9|submission|PLAIN|1|0|1|2026-11-20 03:00|"
	    "2026-11-22 03:00\n");
	assert_string_equal(rows(&r, "abandoned"),
	    "192.0.2.0/24|mx|1|0|2026-11-22 03:00|2026-11-22 03:00\n");
	assert_string_equal(rows(&r, "events"),
	    "dropped|1|2026-11-22 05:00|2026-11-22 05:00\n");
	assert_non_null(finding(&r, "exposed_passwords"));
	assert_string_equal(finding(&r, "exposed_passwords")->text, "The password of 1 "
	    "user crossed the network in the clear and must be changed: carl.");
	assert_int_equal(finding(&r, "dropped")->count, 4);
	assert_null(finding(&r, "gaps"));
	report_free(&r);
	survey_free(s);
}

/* A day without mail is a day. */
static void
test_days(void **state)
{
	struct survey *s = survey_new(&all);
	struct report r;

	(void)state;
	report_init(&r, "s", "c", "t");
	feed(s);
	survey_report(s, NULL, TODAY, &r);
	assert_string_equal(rows(&r, "days"),
	    "2026-11-20|1|1|2|0|0|4|0|1\n"
	    "2026-11-21|0|0|0|0|0|0|0|0\n"
	    "2026-11-22|0|1|0|1|0|1|1|0\n");
	assert_string_equal(rows(&r, "days_tls"),
	    "2026-11-20|1|0|0|1|0|2|0\n"
	    "2026-11-21|0|0|0|0|0|0|0\n"
	    "2026-11-22|0|0|0|1|0|0|0\n");
	report_free(&r);
	survey_free(s);
}

static const char policy_text[] =
    "rule scanners\n    if user = dora\n    accept\n    until 2026-12-05\n"
    "    owner \"me\"\n    because \"so\"\n"
    "rule gone\n    if user = x\n    accept\n    until 2026-01-31\n"
    "rule far\n    if user = y\n    accept\n    until 2028-01-31\n"
    "rule auth-in-clear\n    if auth and not tls\n    reject 530 5.7.0 \"no\"\n";

/* The end of an exception comes nearer, and two are unused once one may be. */
static void
check_last_days(const struct survey *s, const struct policy *p)
{
	static const struct {
		uint32_t	 today;
		const char	*status;
		const char	*finding;
		const char	*text;
	} rows_of[] = {
		{ 20261204, "ends in 1 day", "exceptions_ending",
		    "1 exception of the policy ends within 30 days." },
		{ 20261205, "ends today", "exceptions_ending",
		    "1 exception of the policy ends within 30 days." },
		{ 20261206, "ended", "exceptions_ended",
		    "2 exceptions of the policy ended and can be removed." },
		{ 20260131, "", "exceptions_unused",
		    "2 exceptions of the policy were not used." },
	};
	struct report r;
	char wanted[64];
	size_t i;

	for (i = 0; i < sizeof(rows_of) / sizeof(rows_of[0]); i++) {
		report_init(&r, "s", "c", "t");
		survey_report(s, p, rows_of[i].today, &r);
		snprintf(wanted, sizeof(wanted), "scanners|2026-12-05|%s|", rows_of[i].status);
		assert_memory_equal(rows(&r, "exceptions"), wanted, strlen(wanted));
		assert_string_equal(finding(&r, rows_of[i].finding)->text, rows_of[i].text);
		report_free(&r);
	}
}

static void
test_rules(void **state)
{
	struct survey *s = survey_new(&all);
	struct diags *diags = diags_new();
	struct policy *p;
	struct report r;

	(void)state;
	p = policy_parse("t", policy_text, strlen(policy_text), TODAY, diags);
	assert_non_null(p);
	report_init(&r, "s", "c", "t");
	feed(s);
	survey_report(s, p, TODAY, &r);
	assert_string_equal(rows(&r, "rules"),
	    "default|accept|decided|3|1|2026-11-20 00:00|2026-11-22 03:00\n"
	    "auth-in-clear|reject|decided|1|0|2026-11-20 03:00|2026-11-20 03:00\n"
	    "old|reject|observed|1|0|2026-11-20 02:00|2026-11-20 02:00\n"
	    "older|tempfail|observed|1|0|2026-11-20 02:00|2026-11-20 02:00\n"
	    "scanners|accept|decided|1|0|2026-11-22 02:00|2026-11-22 02:00\n"
	    "seen|note|noted|1|0|2026-11-20 02:00|2026-11-20 02:00\n");
	assert_string_equal(rows(&r, "exceptions"),
	    "scanners|2026-12-05|ends in 14 days|1|0|2026-11-22 02:00|me|so\n"
	    "gone|2026-01-31|ended, unused|0|0|||\n"
	    "far|2028-01-31|unused|0|0|||\n");
	assert_int_equal(finding(&r, "exceptions_ended")->count, 1);
	assert_int_equal(finding(&r, "exceptions_ending")->count, 1);
	assert_int_equal(finding(&r, "exceptions_unused")->count, 1);
	report_free(&r);
	check_last_days(s, p);
	survey_free(s);
	policy_unref(&p);
	diags_free(diags);
}

/* What only the mail server saw: gaps, failed handshakes, AUTH in the clear. */
static void
test_mta(void **state)
{
	struct survey *s = survey_new(&all);
	struct report r;
	struct entry e;

	(void)state;
	report_init(&r, "s", "c", "t");
	e = postfix_entry(DAY - HOUR, "one", "mx", "192.0.2.1", NULL, "a@b.example");
	survey_add(s, &e);
	feed(s);
	e.time = DAY + 4 * HOUR;
	e.gap = true;
	survey_add(s, &e);
	put_fact(&e, ATTR_CLIENT, "203.0.113.5");
	e.kind = ENTRY_SESSION;
	e.outcome = OUTCOME_ABANDONED;
	e.gap = false;
	e.handshake_failed = true;
	survey_add(s, &e);
	e.handshake_failed = false;
	e.gap = true;
	e.auth_clear = 7;
	survey_add(s, &e);	/* and guesses */
	survey_report(s, NULL, TODAY, &r);
	assert_string_equal(rows(&r, "gaps"), "one|2026-11-20|mx|1|1|2026-11-20 04:00|"
	    "2026-11-20 04:00\n");
	assert_int_equal(finding(&r, "gaps")->count, 2);
	assert_string_equal(rows(&r, "abandoned"),
	    "203.0.113.0/24|mx|2|1|2026-11-20 04:00|2026-11-20 04:00\n"
	    "192.0.2.0/24|mx|1|0|2026-11-22 03:00|2026-11-22 03:00\n");
	assert_string_equal(rows(&r, "clear_attempts"),
	    "203.0.113.0/24|mx|7|1|2026-11-20 04:00|2026-11-20 04:00\n");
	report_free(&r);
	survey_free(s);
}

/* Clients that stopped to encrypt, whatever the order of the files. */
static void
test_lost(void **state)
{
	static const struct {
		const char	*client;
		int		 hour;
		const char	*tls;
	} seen[] = {
		{ "192.0.2.1", 1, "TLSv1.2" }, { "192.0.2.1", 2, NULL },
		{ "192.0.2.1", 3, NULL }, { "192.0.2.1", 4, NULL },
		{ "192.0.2.2", 1, NULL }, { "192.0.2.2", 2, "TLSv1.2" },
		{ "192.0.2.3", 1, NULL }, { "192.0.2.3", 2, NULL },
		{ "192.0.2.4", 5, NULL }, { "192.0.2.4", 1, "TLSv1.3" },
		{ "192.0.2.5", 1, NULL }, { "192.0.2.5", 2, "TLSv1.2" },
		{ "192.0.2.5", 3, NULL },
	};
	struct survey *s = survey_new(&all);
	struct report r;
	struct entry e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
		e = postfix_entry(DAY + seen[i].hour * HOUR, "h", "mx", seen[i].client,
		    seen[i].tls, "a@b.example");
		survey_add(s, &e);
	}
	report_init(&r, "s", "c", "t");
	survey_report(s, NULL, TODAY, &r);
	assert_string_equal(rows(&r, "lost_tls"),
	    "192.0.2.1|mx|4|3|2026-11-20 01:00|2026-11-20 04:00|TLSv1.2\n"
	    "192.0.2.4|mx|2|1|2026-11-20 01:00|2026-11-20 05:00|TLSv1.3\n"
	    "192.0.2.5|mx|3|1|2026-11-20 02:00|2026-11-20 03:00|TLSv1.2\n");
	assert_int_equal(finding(&r, "lost_tls")->count, 1);
	report_free(&r);
	survey_free(s);
}

static void
test_wanted(void **state)
{
	struct survey_settings some = { .wanted = { DAY + HOUR, DAY + 3 * HOUR, "MX" },
	    .by = { COL_NOTHING } };
	struct survey *s = survey_new(&some);
	struct entry e = postfix_entry(0, "h", "mx", "192.0.2.1", NULL, "a@b.example");
	struct report r;

	(void)state;
	feed(s);
	survey_add(s, &e);	/* without a time */
	e = postfix_entry(DAY + HOUR, "h", "xm", "192.0.2.1", NULL, "a@b.example");
	survey_add(s, &e);
	e.facts[ATTR_SERVICE] = SLICE_NULL;
	survey_add(s, &e);
	e = postfix_entry(DAY + HOUR - 1, "h", "mx", "192.0.2.1", NULL, "a@b.example");
	survey_add(s, &e);
	report_init(&r, "s", "c", "t");
	survey_report(s, NULL, TODAY, &r);
	assert_int_equal(number(&r, "messages"), 2);
	assert_int_equal(r.first, DAY + HOUR);
	assert_int_equal(r.last, DAY + 2 * HOUR);
	report_free(&r);
	survey_free(s);
}

static void
test_by(void **state)
{
	struct survey_settings by = { .by = { COL_USER, COL_TLS, COL_NOTHING },
	    .top = 2 };
	struct survey *s = survey_new(&by);
	struct report r;

	(void)state;
	feed(s);
	report_init(&r, "s", "c", "t");
	survey_report(s, NULL, TODAY, &r);
	assert_int_equal(r.sheet_count, 1);
	assert_int_equal(r.sheets[0]->rows_total, 5);
	assert_string_equal(rows(&r, "by"),
	    "(none)|none|1|20.0 %|1|0|0|1|1|0|2026-11-20 01:00|2026-11-22 03:00|none|none\n"
	    "(none)|TLSv1|1|20.0 %|0|0|1|0|0|0|2026-11-20 02:00|2026-11-20 02:00|"
	    "TLSv1|TLSv1\n");
	report_free(&r);
	survey_free(s);
}

/* Bounded memory: the frequent names are there, and the error is told. */
static void
test_bounded(void **state)
{
	struct survey_settings bounded = { .by = { COL_DOMAIN, COL_NOTHING },
	    .max_memory = 64 * 1024, .top = 3 };
	struct survey *s = survey_new(&bounded);
	struct report r;
	struct entry e;
	char sender[64];
	int i;

	(void)state;
	for (i = 0; i < 60000; i++) {
		if (i % 3 == 0)
			snprintf(sender, sizeof(sender), "a@often%d.example", i % 2);
		else
			snprintf(sender, sizeof(sender), "a@rare%d.example", i);
		e = postfix_entry(DAY + i, "h", "mx", "192.0.2.1", "TLSv1.3", sender);
		survey_add(s, &e);
	}
	report_init(&r, "s", "c", "t");
	survey_report(s, NULL, TODAY, &r);
	assert_int_equal(number(&r, "messages"), 60000);
	assert_true(r.error > 0 && r.error < 1000);
	assert_int_equal(r.sheets[0]->error, r.error);
	assert_true(r.sheets[0]->cells[1].number <= 10000);
	assert_true(r.sheets[0]->cells[1].number + r.error >= 10000);
	assert_memory_equal(r.sheets[0]->cells[0].text, "often", 5);
	report_free(&r);
	survey_free(s);
}

static void
test_nothing(void **state)
{
	struct survey *s = survey_new(&all);
	struct report r;

	(void)state;
	report_init(&r, "s", "c", "t");
	survey_report(s, NULL, TODAY, &r);
	assert_int_equal(r.finding_count, 1);
	assert_string_equal(r.findings[0].name, "nothing_counted");
	assert_int_equal(number(&r, "messages"), 0);
	assert_int_equal(report_find(&r, "services")->rows_total, 0);
	report_free(&r);
	survey_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_mta),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_by),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_nothing),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
