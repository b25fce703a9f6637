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
#include "replay.h"
/* tests */
#include "sightings.h"

#define TODAY	20261121

static const char strict[] =
    "rule clear-login\n    if auth and not tls\n    reject 530 5.7.0 \"no\"\n"
    "rule old\n    if tls < TLSv1.2\n    reject 554 5.7.0 \"no\"\n"
    "rule partners\n    if service = mx and sender in { partner.example } and not tls\n"
    "    tempfail 454 4.7.0 \"no\"\n    from 2027-01-01\n"
    "rule named\n    if client_name in { .bad.example }\n    reject 554 5.7.0 \"no\"\n";
static const char lenient[] =
    "rule clear-login\n    if auth and not tls\n    reject 530 5.7.0 \"no\"\n";

static struct policy *
parsed(const char *text)
{
	struct diags *diags = diags_new();
	struct policy *p = policy_parse("t", text, strlen(text), TODAY, diags);

	assert_non_null(p);
	diags_free(diags);
	return p;
}

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

#define MX	" service=mx port=25 client=192.0.2.7 client_name=mx.example.net" \
	" helo=mx.example.net"
#define SUBMISSION " service=submission port=587 client=198.51.100.9" \
	" client_name=pc.example.org helo=pc"
#define MODERN	" tls=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 cipher_bits=256" \
	" outcome=encrypted"
#define OLD	" tls=TLSv1 cipher=ECDHE-RSA-AES256-SHA cipher_bits=256" \
	" outcome=deprecated"

static void
feed(struct replay *r)
{
	static const char *const lines[] = {
		"v=1 event=message id=1 verdict=accept rule=default stage=eom" MX MODERN
		    " auth=none sender=ann@example.net",
		"v=1 event=message id=2 verdict=accept rule=default stage=eom" MX OLD
		    " auth=none sender=old@oldmail.example",
		"v=1 event=message id=3 verdict=reject rule=clear-login stage=mail"
		    " reply=\"530 5.7.0\"" SUBMISSION " tls=none outcome=cleartext"
		    " auth=PLAIN user=carl sender=carl@example.org",
		"v=1 event=message id=4 verdict=accept rule=default stage=eom" SUBMISSION
		    OLD " auth=PLAIN user=dora sender=dora@example.org",
		"v=1 event=message id=5 verdict=accept rule=default stage=eom" MX
		    " tls=none outcome=cleartext auth=none sender=x@partner.example",
		/* left in the clear, and after an old handshake */
		"v=1 event=session id=6 verdict=accept rule=default stage=close" MX
		    " tls=none outcome=abandoned auth=none",
		"v=1 event=session id=7 verdict=accept rule=default stage=close" MX OLD
		    " auth=none",
		("v=1 event=message id=8 verdict=accept rule=non-smtp stage=eom"
		    " sender=root@example.net"),
		"v=1 event=alarm kind=password-exposed user=carl count=1"
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		tell(replay_add, r, DAY + (int64_t)i * HOUR, "h", lines[i]);
}

struct run {
	struct policy	*new;
	struct policy	*old;
	struct replay_settings settings;
	struct replay	*replay;
	struct report	 report;
};

static void
start(struct run *run, const char *new, const char *old, uint32_t day)
{
	memset(run, 0, sizeof(*run));
	run->new = parsed(new);
	run->old = old != NULL ? parsed(old) : NULL;
	run->settings.policy = run->new;
	run->settings.old = run->old;
	run->settings.day = day;
	run->settings.today = TODAY;
	run->replay = replay_new(&run->settings);
}

static void
finish(struct run *run)
{
	report_init(&run->report, "s", "c", "t");
	replay_report(run->replay, &run->report);
}

static void
clear(struct run *run)
{
	report_free(&run->report);
	replay_free(run->replay);
	policy_unref(&run->new);
	policy_unref(&run->old);
}

static void
test_stricter(void **state)
{
	struct run run;

	(void)state;
	start(&run, strict, NULL, 0);
	feed(run.replay);
	finish(&run);
	assert_int_equal(replay_refused(run.replay), 3);
	assert_int_equal(number(&run.report, "messages"), 5);
	assert_int_equal(number(&run.report, "sessions"), 2);
	assert_int_equal(number(&run.report, "same"), 4);
	assert_int_equal(number(&run.report, "let_in"), 0);
	assert_int_equal(number(&run.report, "undecided"), 0);
	assert_int_equal(number(&run.report, "local"), 1);
	assert_string_equal(rows(&run.report, "refused_users"),
	    "dora|old|reject|1|0|2026-11-20 03:00|2026-11-20 03:00|TLSv1|TLSv1\n");
	assert_string_equal(rows(&run.report, "refused_networks"),
	    "192.0.2.0/24|old|reject|1|1|2026-11-20 01:00|2026-11-20 06:00|TLSv1|TLSv1\n"
	    "198.51.100.0/24|old|reject|1|0|2026-11-20 03:00|2026-11-20 03:00|"
	    "TLSv1|TLSv1\n");
	assert_string_equal(rows(&run.report, "refused_domains"),
	    "example.org|old|reject|1|0|2026-11-20 03:00|2026-11-20 03:00|TLSv1|TLSv1\n"
	    "oldmail.example|old|reject|1|0|2026-11-20 01:00|2026-11-20 01:00|"
	    "TLSv1|TLSv1\n");
	assert_string_equal(rows(&run.report, "refused_helos"),
	    "mx.example.net|old|reject|1|1|2026-11-20 01:00|2026-11-20 06:00|TLSv1|TLSv1\n"
	    "pc|old|reject|1|0|2026-11-20 03:00|2026-11-20 03:00|TLSv1|TLSv1\n");
	/* A rule that begins later would sit there and watch. */
	assert_string_equal(rows(&run.report, "observed"),
	    "partners|tempfail|from|(none)|partner.example|1|0|2026-11-20 04:00|"
	    "2026-11-20 04:00\n");
	clear(&run);
}

/* As of a later day that rule decides. */
static void
test_date(void **state)
{
	struct run run;

	(void)state;
	start(&run, strict, NULL, 20270102);
	feed(run.replay);
	finish(&run);
	assert_int_equal(replay_refused(run.replay), 4);
	assert_int_equal(number(&run.report, "observed"), 0);
	assert_string_equal(rows(&run.report, "refused_domains"),
	    "example.org|old|reject|1|0|2026-11-20 03:00|2026-11-20 03:00|TLSv1|TLSv1\n"
	    "oldmail.example|old|reject|1|0|2026-11-20 01:00|2026-11-20 01:00|"
	    "TLSv1|TLSv1\n"
	    "partner.example|partners|tempfail|1|0|2026-11-20 04:00|2026-11-20 04:00|"
	    "none|none\n");
	clear(&run);
}

/* The policy that produced the log, and the same policy twice. */
static void
test_same(void **state)
{
	struct run run;

	(void)state;
	start(&run, lenient, NULL, 0);
	feed(run.replay);
	finish(&run);
	assert_int_equal(replay_refused(run.replay), 0);
	assert_int_equal(number(&run.report, "same"), 7);
	assert_int_equal(run.report.finding_count, 0);
	clear(&run);

	start(&run, strict, strict, 0);
	feed(run.replay);
	finish(&run);
	assert_int_equal(replay_refused(run.replay), 0);
	assert_int_equal(number(&run.report, "same"), 7);
	clear(&run);
}

static void
test_let_in(void **state)
{
	struct run run;

	(void)state;
	start(&run, "default accept\n", NULL, 0);
	feed(run.replay);
	finish(&run);
	assert_int_equal(number(&run.report, "let_in"), 1);
	assert_string_equal(rows(&run.report, "let_in_users"),
	    "carl|clear-login|reject|1|0|2026-11-20 02:00|2026-11-20 02:00|none|none\n");
	assert_int_equal(replay_refused(run.replay), 0);
	clear(&run);
	/* Against another policy, not what was recorded. */
	start(&run, lenient, strict, 0);
	feed(run.replay);
	finish(&run);
	assert_int_equal(number(&run.report, "let_in"), 3);
	clear(&run);
}

/* Logs of an MTA: accepted, unless it says otherwise; facts are missing. */
static void
test_mta(void **state)
{
	struct run run;
	struct entry e;

	(void)state;
	start(&run, strict, NULL, 0);
	e = postfix_entry(DAY, "h", "mx", "192.0.2.1", "TLSv1.1", "a@b.example");
	replay_add(run.replay, &e);
	e.refused = true;
	replay_add(run.replay, &e);
	e.refused_by_us = true;
	replay_add(run.replay, &e);
	e = postfix_entry(DAY + HOUR, "h", "mx", "192.0.2.1", "TLSv1.3", "a@b.example");
	replay_add(run.replay, &e);
	finish(&run);
	assert_int_equal(number(&run.report, "messages"), 3);
	assert_int_equal(number(&run.report, "elsewhere"), 1);
	assert_int_equal(replay_refused(run.replay), 1);
	assert_int_equal(number(&run.report, "same"), 1);
	assert_int_equal(number(&run.report, "undecided"), 1);
	assert_string_equal(rows(&run.report, "undecided"),
	    "client_name|named|mx|1|0|2026-11-20 01:00|2026-11-20 01:00\n");
	clear(&run);
}

/* That there was a login is known by the user; which one matters, or does not. */
static void
test_mechanism(void **state)
{
	static const char *const policies[] = {
		"rule clear if auth and not tls\n reject 530 5.7.0 \"TLS required\"\n",
		"rule plain if auth = PLAIN and not tls\n reject 530 5.7.0 \"TLS\"\n",
		"rule seen if auth and not tls\n reject 530 5.7.0 \"TLS\"\n observe\n",
	};
	struct run run;
	struct entry e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		start(&run, policies[i], NULL, 0);
		e = postfix_entry(DAY, "h", "submission", "192.0.2.1", NULL, "a@b.example");
		e.lacking[ATTR_TLS] = true;
		e.lacking[ATTR_AUTH] = e.lacking[ATTR_USER] = false;
		e.facts[ATTR_AUTH] = SLICE_NULL;
		e.facts[ATTR_USER] = (struct slice){ "ann", 3 };
		replay_add(run.replay, &e);
		finish(&run);
		assert_int_equal(replay_refused(run.replay), i == 0);
		assert_int_equal(number(&run.report, "undecided"), i == 1);
		assert_int_equal(number(&run.report, "observed"), i == 2);
		if (i == 2)
			assert_int_equal(report_find(&run.report, "observed")->rows, 1);
		clear(&run);
	}
}

/* What was undecided for the daemon, too, is no news. */
static void
test_undecided(void **state)
{
	struct run run;

	(void)state;
	start(&run, strict, NULL, 0);
	tell(replay_add, run.replay, DAY, "h", "v=1 event=message id=1 verdict=accept "
	    "rule=undecided stage=eom missing=client_name service=mx port=25 "
	    "client=192.0.2.7 helo=x" MODERN " auth=none sender=ann@example.net");
	finish(&run);
	assert_int_equal(number(&run.report, "same"), 1);
	assert_int_equal(number(&run.report, "undecided"), 0);
	clear(&run);
}

/* A policy that observes would refuse nobody, and says whom it would like to. */
static void
test_mode(void **state)
{
	struct buf text = BUF_INIT;
	struct run run;

	(void)state;
	buf_printf(&text, "set mode observe\n%s", strict);
	start(&run, buf_str(&text), NULL, 0);
	feed(run.replay);
	finish(&run);
	assert_int_equal(replay_refused(run.replay), 0);
	assert_string_equal(rows(&run.report, "observed"),
	    "clear-login|reject|mode|carl|example.org|1|0|2026-11-20 02:00|"
	    "2026-11-20 02:00\n"
	    "old|reject|mode|(none)|oldmail.example|1|0|2026-11-20 01:00|"
	    "2026-11-20 01:00\n"
	    "old|reject|mode|dora|example.org|1|0|2026-11-20 03:00|2026-11-20 03:00\n"
	    "partners|tempfail|from|(none)|partner.example|1|0|2026-11-20 04:00|"
	    "2026-11-20 04:00\n"
	    "old|reject|mode|(none)|(unknown)|0|1|2026-11-20 06:00|2026-11-20 06:00\n");
	/* Who was refused would be let in. */
	assert_int_equal(number(&run.report, "let_in"), 1);
	clear(&run);
	buf_free(&text);
}

/* Who said no HELO was asked nothing, and so it is with a failed handshake. */
static void
test_silent(void **state)
{
	static const char text[] = "set contact \"x\"\nrule wrapped\n    if service = "
	    "submissions and not tls\n    reject 530 5.7.0 \"no\"\n";
	struct entry e = postfix_entry(DAY, "h", "submissions", "192.0.2.1", NULL, "");
	struct run run;

	(void)state;
	start(&run, text, NULL, 0);
	tell(replay_add, run.replay, DAY, "h", "v=1 event=session id=1 verdict=accept "
	    "rule=default stage=close service=submissions port=465 client=192.0.2.7 "
	    "helo=none tls=none outcome=abandoned");
	e.kind = ENTRY_SESSION;
	e.handshake_failed = true;
	replay_add(run.replay, &e);
	finish(&run);
	assert_int_equal(replay_refused(run.replay), 0);
	assert_int_equal(number(&run.report, "same"), 2);
	e.handshake_failed = false;
	replay_add(run.replay, &e);
	assert_int_equal(replay_refused(run.replay), 1);
	clear(&run);
}

/* What was turned away at HELO would have gone on to an unknown end. */
static void
test_turned_away(void **state)
{
	struct run run;

	(void)state;
	start(&run, lenient, NULL, 0);
	tell(replay_add, run.replay, DAY, "h", "v=1 event=session id=1 verdict=reject "
	    "rule=old stage=helo" SUBMISSION OLD);
	finish(&run);
	assert_int_equal(number(&run.report, "let_in"), 1);
	assert_string_equal(rows(&run.report, "let_in_networks"),
	    "198.51.100.0/24|old|reject|0|1|2026-11-20 00:00|2026-11-20 00:00|"
	    "TLSv1|TLSv1\n");
	clear(&run);
	start(&run, "rule a\n    if user = x\n    reject 554 5.7.0 \"no\"\n", NULL, 0);
	tell(replay_add, run.replay, DAY, "h", "v=1 event=session id=1 verdict=reject "
	    "rule=old stage=helo" SUBMISSION OLD);
	finish(&run);
	assert_string_equal(rows(&run.report, "undecided"),
	    "user|a|submission|0|1|2026-11-20 00:00|2026-11-20 00:00\n");
	clear(&run);
}

/* Whatever refuses is a refusal; what comes late came when its stamp says. */
static void
test_refusals(void **state)
{
	static const char *const actions[] = { "reject 554 5.7.0", "tempfail 454 4.7.0",
	    "disconnect 421 4.7.0" };
	char text[128];
	struct run run;
	struct entry e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		snprintf(text, sizeof(text), "rule a\n    if not tls\n    %s \"no\"\n",
		    actions[i]);
		start(&run, text, NULL, 0);
		e = postfix_entry(DAY + HOUR, "h", "mx", "192.0.2.1", NULL, "a@b.example");
		replay_add(run.replay, &e);
		e.time = DAY;
		replay_add(run.replay, &e);
		/* nobody knows from where: no network, and refused all the same */
		e.time = DAY + 2 * HOUR;
		e.facts[ATTR_CLIENT] = SLICE_NULL;
		replay_add(run.replay, &e);
		finish(&run);
		assert_int_equal(replay_refused(run.replay), 3);
		assert_int_equal(run.report.first, DAY);
		assert_int_equal(run.report.last, DAY + 2 * HOUR);
		snprintf(text, sizeof(text), "192.0.2.0/24|a|%.*s|2|0|2026-11-20 00:00|"
		    "2026-11-20 01:00|none|none\n", (int)strcspn(actions[i], " "), actions[i]);
		assert_string_equal(rows(&run.report, "refused_networks"), text);
		clear(&run);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stricter),
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_let_in),
		cmocka_unit_test(test_mta),
		cmocka_unit_test(test_mechanism),
		cmocka_unit_test(test_undecided),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_turned_away),
		cmocka_unit_test(test_refusals),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
