/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "policy.h"
#include "session.h"
#include "walk.h"

/* The first complaint about a policy, or "" when it is taken. */
static char said[512];

static const char *
first(const char *text)
{
	struct diags *d = diags_new();
	struct policy *p;

	p = policy_parse("t", text, strlen(text), 20261121, d);
	said[0] = '\0';
	if (p == NULL)
		strncat(said, diags_message(d, 0), sizeof(said) - 1);
	policy_unref(&p);
	diags_free(d);
	return said;
}

#define RULES						\
	"rule a\n if not tls\n reject 530 5.7.0 \"no\"\n"	\
	"rule b\n if client in 192.0.2.0/24\n accept\n"	\
	"default reject 554 5.7.0 \"no\"\n"

static void
test_met(void **state)
{
	(void)state;
	assert_string_equal(first(RULES "expect reject by a when tls=none\n"
	    "expect reject when tls=none\n"
	    "expect accept by b when tls=TLSv1.2 client=192.0.2.1\n"
	    "expect reject by default when tls=TLSv1.2 client=192.0.3.1\n"
	    "expect undecided when tls=TLSv1.2\n"
	    "expect tempfail by undecided when service=submission tls=TLSv1.2\n"
	    "expect accept by undecided when service=mx tls=TLSv1.2\n"), "");
}

static void
test_unmet(void **state)
{
	(void)state;
	assert_string_equal(first(RULES "expect accept when tls=none\n"),
	    "expected accept, but the verdict is reject by a at mail (t:1)");
	assert_string_equal(first(RULES "expect reject by b when tls=none\n"),
	    "expected reject by b, but the verdict is reject by a at mail (t:1)");
	/* on port 465 a lack of TLS is known at the first EHLO */
	assert_string_equal(first(RULES "expect accept when service=submissions\n"),
	    "expected accept, but the verdict is reject by a at helo (t:1)");
	assert_string_equal(first(RULES "expect accept when service=mx tls=TLSv1\n"),
	    "expected accept, but the verdict is undecided at mail");
	assert_string_equal(first(RULES "expect undecided when tls=none\n"),
	    "expected undecided, but the verdict is reject by a at mail (t:1)");
}

/* All that fail are told; a hundred of them also why. */
static void
test_many_unmet(void **state)
{
	struct diags *d = diags_new();
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	buf_puts(&b, RULES);
	for (i = 0; i < 101; i++)
		buf_puts(&b, "expect accept by b when tls=TLSv1.2 client=203.0.113.1\n");
	buf_puts(&b, "expect accept by b when tls=TLSv1.2\n");
	assert_null(policy_parse("t", b.data, b.len, 20261121, d));
	assert_int_equal(diags_count(d, DIAG_ERROR), 102);
	assert_string_equal(diags_hint(d, 0),
	    "\"b\" does not match at \"client in { 192.0.2.0/24 }\": client is 203.0.113.1");
	assert_string_equal(diags_hint(d, 99), diags_hint(d, 0));
	assert_null(diags_hint(d, 100));
	assert_string_equal(diags_hint(d, 101),
	    "the answer hangs on \"client\", which is not given");
	assert_string_equal(diags_message(d, 100),
	    "expected accept by b, but the verdict is reject by default at helo");
	buf_free(&b);
	diags_free(d);
}

/* What is over, begun or shared depends on the day and the client. */
static void
test_day(void **state)
{
	static const char rules[] =
	    "rule a\n accept\n until 2026-11-21\n"
	    "rule b\n reject 554 5.7.0 \"no\"\n from 2027-01-01\n";
	char text[512];

	(void)state;
	strcpy(text, rules);
	strcat(text, "expect accept by a\n"
	    "expect accept by default when date=2026-11-22\n"
	    "expect accept by default when date=2026-12-31\n"
	    "expect reject by b when date=2027-01-01\n");
	assert_string_equal(first(text), "");
}

/* A policy that observes still decides, and that is what is expected. */
static void
test_observe(void **state)
{
	(void)state;
	assert_string_equal(first("set mode observe\n" RULES
	    "expect reject by a when tls=none\n"), "");
	assert_string_equal(first("set mode observe\n" RULES
	    "expect accept when tls=none\n"),
	    "expected accept, but the verdict is reject by a at mail (t:2)");
}

struct steps {
	size_t		 count;
	enum stage	 stages[8];
	bool		 decided[8];
};

static void
step(void *ctx, enum stage stage, const struct verdict *v, const struct trace *trace)
{
	struct steps *s = ctx;

	assert_non_null(trace);
	assert_int_equal(trace->count, 2);
	assert_true(s->count < 8);
	assert_int_equal(v->stage, stage);
	s->stages[s->count] = stage;
	s->decided[s->count++] = v->decided;
}

static void
test_walk(void **state)
{
	static const char text[] = "rule a\n if tls < TLSv1.2\n reject 554 5.7.0 \"no\"\n"
	    "rule b\n if recipient in { example.org }\n accept\n"
	    "default tempfail 450 4.7.0 \"no\"\n";
	static const enum stage all[] = {
		STAGE_CONNECT, STAGE_HELO, STAGE_MAIL, STAGE_RCPT
	};
	struct diags *d = diags_new();
	struct policy *p = policy_parse("t", text, strlen(text), 0, d);
	struct session *s = session_new();
	struct trace *trace = trace_new(p);
	struct steps steps = { 0 };
	struct verdict v;
	size_t i;

	(void)state;
	assert_non_null(p);
	session_set(s, ATTR_RECIPIENT, "ann@example.org", 15);
	session_set(s, ATTR_PORT, "25", 2);
	policy_walk(p, s, NULL, false, trace, step, &steps, &v);
	assert_int_equal(steps.count, 4);
	for (i = 0; i < 4; i++) {
		assert_int_equal(steps.stages[i], all[i]);
		assert_int_equal(steps.decided[i], i == 3);
	}
	assert_int_equal(v.action, ACTION_ACCEPT);
	assert_int_equal(v.rule, 1);
	assert_int_equal(trace->entries[0].answer, TRACE_NOT);
	assert_int_equal(trace->entries[1].answer, TRACE_MATCHED);

	/* the stage that decides is the last; the session can be walked again */
	session_set(s, ATTR_TLS, "TLSv1.1", 7);
	memset(&steps, 0, sizeof(steps));
	policy_walk(p, s, NULL, false, trace, step, &steps, &v);
	assert_int_equal(steps.count, 2);
	assert_true(steps.decided[1]);
	assert_int_equal(v.action, ACTION_REJECT);
	policy_walk(p, s, NULL, true, NULL, NULL, NULL, &v);
	assert_true(v.withheld);
	assert_int_equal(v.observed_rule, 0);
	session_free(s);
	trace_free(trace);
	policy_unref(&p);
	diags_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_met),
		cmocka_unit_test(test_unmet),
		cmocka_unit_test(test_many_unmet),
		cmocka_unit_test(test_day),
		cmocka_unit_test(test_observe),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests_name("expect", tests, NULL, NULL);
}
