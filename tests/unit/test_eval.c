/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "policy.h"

/* A policy from text; the test fails with its diagnostics. */
static struct policy *
policy_of(const char *text)
{
	struct diags *diags = diags_new();
	struct buf b = BUF_INIT;
	struct policy *p;

	p = policy_parse("test.conf", text, strlen(text), 0, diags);
	if (p == NULL) {
		diags_print(diags, &b, false);
		print_error("%s", buf_str(&b));
	}
	assert_non_null(p);
	buf_free(&b);
	diags_free(diags);
	return p;
}

/* "name=value name=value": value "none" is lacking, "?" is unknown. */
static struct session *
session_of(const char *facts)
{
	struct session *s = session_new();
	char copy[512], *word, *value;
	enum attr attr;

	assert_true(strlen(facts) < sizeof(copy));
	strcpy(copy, facts);
	for (word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
		value = strchr(word, '=');
		assert_non_null(value);
		*value++ = '\0';
		attr = attr_find(word, strlen(word));
		assert_int_not_equal(attr, ATTR_NOTHING);
		if (strcmp(value, "none") == 0)
			session_set_none(s, attr);
		else if (strcmp(value, "?") == 0)
			session_set_unknown(s, attr);
		else
			assert_int_equal(session_set(s, attr, value, strlen(value)), 0);
	}
	return s;
}

/* Verdict and marks as "reject by r (observed a:b; notes c)". */
static const char *
said(const struct policy *p, const struct verdict *v)
{
	static char text[512];
	size_t i, n;

	if (!v->decided)
		n = (size_t)snprintf(text, sizeof(text), "waits for %s",
		    attr_info(v->missing)->name);
	else
		n = (size_t)snprintf(text, sizeof(text), "%s by %s",
		    action_name(v->action), policy_rule_name(p, v->rule));
	for (i = 0; i < v->observed.count && i < MARKS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " observed %s",
		    policy_rule_name(p, v->observed.rules[i]));
	for (i = 0; i < v->notes.count && i < MARKS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " noted %s",
		    policy_rule_name(p, v->notes.rules[i]));
	if (v->withheld)
		snprintf(text + n, sizeof(text) - n, " withheld %s by %s",
		    action_name(v->observed_whole),
		    policy_rule_name(p, v->observed_rule));
	return text;
}

static const char *
judged_on(const char *policy, const char *facts, enum stage stage, uint32_t today)
{
	struct policy *p = policy_of(policy);
	struct session *s = session_of(facts);
	struct scratch *scratch = policy_scratch(p);
	struct verdict v;
	const char *text;

	session_set_stage(s, STAGE_CONNECT);
	policy_classify(p, s);
	session_set_stage(s, stage);
	session_set_today(s, today);
	policy_judge(p, s, scratch, false, &v, NULL);
	assert_int_equal(v.stage, stage);
	text = said(p, &v);
	scratch_free(scratch);
	session_free(s);
	policy_unref(&p);
	return text;
}

static const char *
judged(const char *policy, const char *facts, enum stage stage)
{
	return judged_on(policy, facts, stage, 0);
}

/* auth, tls at MAIL: yes, no (lacking), unknown. */
static void
test_three_answers(void **state)
{
	static const char *const auth[] = { "auth=PLAIN", "auth=none", "auth=?" };
	static const char *const tls[] = { "tls=TLSv1.2", "tls=none", "tls=?" };
	static const struct {
		const char	*cond;
		const char	 answers[9];	/* auth yes, no, ? times tls the same */
	} rows[] = {
		{ "auth and tls", { 'Y', 'N', 'U', 'N', 'N', 'N', 'U', 'N', 'U' } },
		{ "auth or tls", { 'Y', 'Y', 'Y', 'Y', 'N', 'U', 'Y', 'U', 'U' } },
		{ "not auth", { 'N', 'N', 'N', 'Y', 'Y', 'Y', 'U', 'U', 'U' } },
		{ "not (auth and tls)", { 'N', 'Y', 'U', 'Y', 'Y', 'Y', 'U', 'Y', 'U' } },
		{ "not (auth or not tls)",
		    { 'N', 'N', 'N', 'Y', 'N', 'U', 'U', 'N', 'U' } },
		{ "tls = none", { 'N', 'Y', 'U', 'N', 'Y', 'U', 'N', 'Y', 'U' } },
		{ "tls != none", { 'Y', 'N', 'U', 'Y', 'N', 'U', 'Y', 'N', 'U' } },
		{ "tls < TLSv1.3", { 'Y', 'N', 'U', 'Y', 'N', 'U', 'Y', 'N', 'U' } },
		{ "not (tls < TLSv1.3)", { 'N', 'Y', 'U', 'N', 'Y', 'U', 'N', 'Y', 'U' } },
		{ "tls != TLSv1.2", { 'N', 'Y', 'U', 'N', 'Y', 'U', 'N', 'Y', 'U' } },
		{ "tls not in { TLSv1.2 }",
		    { 'N', 'Y', 'U', 'N', 'Y', 'U', 'N', 'Y', 'U' } },
		{ "auth !~ /^PL/", { 'N', 'N', 'N', 'Y', 'Y', 'Y', 'U', 'U', 'U' } },
	};
	char facts[100], policy[200];
	const char *expected, *got;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (j = 0; j < 9; j++) {
			snprintf(policy, sizeof(policy), "set undecided tempfail\n"
			    "rule r\n    if %s\n    reject 550 5.7.1 \"no\"\n", rows[i].cond);
			snprintf(facts, sizeof(facts), "port=25 %s %s", auth[j / 3],
			    tls[j % 3]);
			expected = rows[i].answers[j] == 'Y' ? "reject by r" :
			    rows[i].answers[j] == 'N' ? "accept by default" :
			    "tempfail by undecided";
			got = judged(policy, facts, STAGE_MAIL);
			if (strcmp(expected, got) != 0)
				fail_msg("%s with %s: %s", rows[i].cond, facts, got);
		}
}

static const char staged[] =
    "rule client\n    if client in 192.0.2.0/24\n    accept\n"
    "rule clear\n    if auth and not tls\n    reject 530 5.7.0 \"no\"\n"
    "rule old\n    if tls < TLSv1.2\n    reject 554 5.7.0 \"old\"\n"
    "rule rcpt\n    if recipient = a@example.org\n    tempfail 450 4.7.0 \"later\"\n";

static void
test_unknown_stops_the_walk(void **state)
{
	(void)state;
	assert_string_equal(judged(staged, "port=587 client=192.0.2.1", STAGE_CONNECT),
	    "accept by client");
	/* old TLS is there to see, but whether there was a login is not */
	assert_string_equal(judged(staged, "port=587 client=198.51.100.1", STAGE_CONNECT),
	    "waits for auth");
	assert_string_equal(judged(staged,
	    "port=587 client=198.51.100.1 tls=TLSv1.1", STAGE_CONNECT), "waits for auth");
	/* TLS is there: the rule before cannot match any more */
	assert_string_equal(judged(staged,
	    "port=587 client=198.51.100.1 tls=TLSv1.1", STAGE_HELO), "reject by old");
	assert_string_equal(judged(staged,
	    "port=587 client=198.51.100.1 auth=PLAIN", STAGE_MAIL), "reject by clear");
	assert_string_equal(judged(staged, "port=587 client=198.51.100.1", STAGE_MAIL),
	    "waits for recipient");
	assert_string_equal(judged(staged,
	    "port=587 client=198.51.100.1 recipient=a@example.org", STAGE_RCPT),
	    "tempfail by rcpt");
	assert_string_equal(judged(staged,
	    "port=587 client=198.51.100.1 recipient=b@example.org", STAGE_RCPT),
	    "accept by default");
	/* on 465 the absence of TLS is known at HELO */
	assert_string_equal(judged("rule t\n    if not tls\n    reject 530 5.7.0 \"no\"\n",
	    "port=465", STAGE_HELO), "reject by t");
	assert_string_equal(judged("rule t\n    if not tls\n    reject 530 5.7.0 \"no\"\n",
	    "port=587", STAGE_HELO), "waits for tls");
}

static void
test_undecided_by_service(void **state)
{
	static const char rule[] =
	    "service relay port 10587\nservice inbound port 25\n"
	    "rule r\n    if helo = a.example\n    reject 550 5.7.1 \"no\"\n";
	char policy[300];

	(void)state;
	assert_string_equal(judged(rule, "port=587", STAGE_MAIL), "tempfail by undecided");
	assert_string_equal(judged(rule, "port=465", STAGE_MAIL), "tempfail by undecided");
	assert_string_equal(judged(rule, "port=10587", STAGE_MAIL),
	    "tempfail by undecided");
	assert_string_equal(judged(rule, "port=25", STAGE_MAIL), "accept by undecided");
	assert_string_equal(judged(rule, "port=2525", STAGE_MAIL), "accept by undecided");
	assert_string_equal(judged(rule, "service=mx", STAGE_CLOSE), "accept by undecided");
	assert_string_equal(judged(rule, "client=192.0.2.1", STAGE_MAIL),
	    "accept by undecided");
	snprintf(policy, sizeof(policy), "set undecided accept\n%s", rule);
	assert_string_equal(judged(policy, "port=587", STAGE_MAIL), "accept by undecided");
	snprintf(policy, sizeof(policy), "set undecided tempfail\n%s", rule);
	assert_string_equal(judged(policy, "port=25", STAGE_MAIL), "tempfail by undecided");
}

static void
test_undecided_reply(void **state)
{
	struct policy *p = policy_of("rule r\n    if helo = a\n    reject 550 5.7.1 \"no\"\n");
	struct session *s = session_of("service=submission");
	struct verdict v;

	(void)state;
	session_set_stage(s, STAGE_MAIL);
	policy_judge(p, s, NULL, false, &v, NULL);
	assert_true(v.decided);
	assert_true(v.rule == RULE_UNDECIDED);
	assert_int_equal(v.missing, ATTR_HELO);
	assert_int_equal(v.reply.code, 451);
	assert_string_equal(v.reply.enhanced, "4.3.0");
	/* accepted and undecided: no reply */
	session_set(s, ATTR_SERVICE, "mx", 2);
	policy_judge(p, s, NULL, false, &v, NULL);
	assert_int_equal(v.action, ACTION_ACCEPT);
	assert_int_equal(v.missing, ATTR_HELO);
	assert_int_equal(v.reply.code, 0);
	session_free(s);
	policy_unref(&p);
}

static void
test_notes_and_observed_stop_nothing(void **state)
{
	static const char policy[] =
	    "rule n1\n    if helo = a.example\n    note\n"
	    "rule o1\n    if tls\n    reject 550 5.7.1 \"no\"\n    observe\n"
	    "rule n2\n    if client = 192.0.2.1\n    note\n"
	    "rule o2\n    if client = 192.0.2.1\n    tempfail 450 4.7.1 \"no\"\n    observe\n"
	    "rule last\n    if client = 192.0.2.1\n    accept\n";

	(void)state;
	assert_string_equal(judged(policy, "port=587 client=192.0.2.1", STAGE_CONNECT),
	    "accept by last observed o2 noted n2");
	assert_string_equal(judged(policy, "port=587 client=192.0.2.1 helo=a.example "
	    "tls=TLSv1.3", STAGE_MAIL),
	    "accept by last observed o1 observed o2 noted n1 noted n2");
	assert_string_equal(judged(policy, "port=587 client=192.0.2.2", STAGE_CONNECT),
	    "accept by default");
	assert_string_equal(judged(policy, "port=587", STAGE_CONNECT), "waits for client");
}

static void
test_days(void **state)
{
	static const char policy[] =
	    "rule over\n    accept\n    until 2026-06-30\n"
	    "rule begins\n    reject 550 5.7.1 \"no\"\n    from 2026-12-01\n"
	    "rule both\n    tempfail 450 4.7.1 \"no\"\n    from 2026-08-01 until 2026-08-31\n";

	(void)state;
	assert_string_equal(judged_on(policy, "port=25", STAGE_CONNECT, 20260629),
	    "accept by over");
	assert_string_equal(judged_on(policy, "port=25", STAGE_CONNECT, 20260630),
	    "accept by over");
	assert_string_equal(judged_on(policy, "port=25", STAGE_CONNECT, 20260701),
	    "accept by default observed begins observed both");
	assert_string_equal(judged_on(policy, "port=25", STAGE_CONNECT, 20260801),
	    "tempfail by both observed begins");
	assert_string_equal(judged_on(policy, "port=25", STAGE_CONNECT, 20260831),
	    "tempfail by both observed begins");
	assert_string_equal(judged_on(policy, "port=25", STAGE_CONNECT, 20260901),
	    "accept by default observed begins");
	assert_string_equal(judged_on(policy, "port=25", STAGE_CONNECT, 20261201),
	    "reject by begins");
	/* the day is not known: not over, not begun */
	assert_string_equal(judged_on(policy, "port=25", STAGE_CONNECT, 0),
	    "accept by over");
}

static void
test_share(void **state)
{
	static const char policy[] =
	    "rule half\n    if helo = a.example\n    reject 550 5.7.1 \"no\"\n    share 50%\n"
	    "rule other-half\n    reject 550 5.7.1 \"no\"\n    share 50%\n";
	struct policy *p = policy_of(policy);
	struct session *s = session_of("helo=a.example service=mx");
	char client[40];
	unsigned int both = 0, hit = 0, i;
	struct verdict again, v;

	(void)state;
	session_set_stage(s, STAGE_HELO);
	for (i = 0; i < 2000; i++) {
		snprintf(client, sizeof(client), "198.51.%u.%u", i / 256, i % 256);
		session_set(s, ATTR_CLIENT, client, strlen(client));
		policy_judge(p, s, NULL, false, &v, NULL);
		policy_judge(p, s, NULL, false, &again, NULL);
		assert_memory_equal(&v, &again, sizeof(v));
		assert_true(v.decided);
		if (v.rule == 0)
			hit++;
		else if (v.rule == RULE_DEFAULT && v.observed.count == 2)
			both++;
		else
			assert_int_equal(v.rule, 1);
	}
	/* half of them, and of the rest half again: each rule draws anew */
	assert_in_range(hit, 900, 1100);
	assert_in_range(both, 400, 600);
	session_free(s);
	policy_unref(&p);
	assert_string_equal(judged(policy, "service=mx helo=a.example", STAGE_MAIL),
	    "accept by undecided");
	assert_string_equal(judged(policy, "service=mx helo=a.example", STAGE_HELO),
	    "waits for client");
	assert_string_equal(judged("rule n\n    if helo = b.example\n"
	    "    reject 550 5.7.1 \"no\"\n    share 50%\n",
	    "service=mx helo=a.example", STAGE_HELO), "accept by default");
	assert_string_equal(judged("rule n\n    note\n    share 50%\n",
	    "service=mx", STAGE_CONNECT), "accept by default");
}

static void
test_mode_observe(void **state)
{
	static const char text[] =
	    "rule r\n    if client = 192.0.2.1\n    disconnect 421 4.7.0 \"bye\"\n"
	    "default reject 550 5.7.1 \"no\"\n";
	char policy[300];
	struct policy *p;
	struct session *s = session_of("client=192.0.2.1 service=mx");
	struct verdict v;

	(void)state;
	snprintf(policy, sizeof(policy), "set mode observe\n%s", text);
	assert_string_equal(judged(policy, "client=192.0.2.1 service=mx", STAGE_CONNECT),
	    "accept by default withheld disconnect by r");
	assert_string_equal(judged(policy, "client=192.0.2.2 service=mx", STAGE_CONNECT),
	    "accept by default withheld reject by default");
	assert_string_equal(judged(policy, "service=submission", STAGE_MAIL),
	    "accept by default withheld tempfail by undecided");
	p = policy_of(text);
	policy_judge(p, s, NULL, false, &v, NULL);
	assert_int_equal(v.action, ACTION_DISCONNECT);
	assert_int_equal(v.reply.code, 421);
	assert_string_equal(v.reply.text, "bye");
	policy_judge(p, s, NULL, true, &v, NULL);
	assert_int_equal(v.action, ACTION_ACCEPT);
	assert_true(v.withheld);
	assert_int_equal(v.reply.code, 0);
	session_free(s);
	policy_unref(&p);
}

static void
test_pattern_limit(void **state)
{
	struct policy *p = policy_of("rule fine\n    if helo ~ /b/\n    note\n"
	    "rule evil\n    if helo ~ /^(a+)+$/\n    reject 550 5.7.1 \"no\"\n");
	struct session *s = session_of("service=submission helo="
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
	struct scratch *scratch = policy_scratch(p);
	struct verdict v;

	(void)state;
	session_set_stage(s, STAGE_MAIL);
	policy_judge(p, s, scratch, false, &v, NULL);
	assert_int_equal(v.action, ACTION_TEMPFAIL);
	assert_true(v.rule == RULE_UNDECIDED);
	assert_int_equal(v.missing, ATTR_HELO);
	assert_int_equal(v.limits, 1);
	assert_int_equal(v.limit_rule, 1);
	scratch_free(scratch);
	session_free(s);
	policy_unref(&p);
}

static void
test_trace(void **state)
{
	struct policy *p = policy_of(
	    "rule gone\n    accept\n    until 2026-01-01\n"
	    "rule not\n    if tls and auth\n    accept\n"
	    "rule seen\n    reject 550 5.7.1 \"no\"\n    observe\n"
	    "rule later\n    reject 550 5.7.1 \"no\"\n    from 2027-01-01\n"
	    "rule remark\n    note\n"
	    "rule unknown\n    if auth and helo = a and not (client = 192.0.2.9)\n    accept\n"
	    "rule never\n    accept\n");
	static const struct {
		enum trace_answer	 answer;
		enum attr		 why;
		const char		*word;
	} rows[] = {
		{ TRACE_INACTIVE, ATTR_NOTHING, NULL }, { TRACE_NOT, ATTR_TLS, NULL },
		{ TRACE_OBSERVED, ATTR_NOTHING, "observe" },
		{ TRACE_OBSERVED, ATTR_NOTHING, "from" },
		{ TRACE_NOTED, ATTR_NOTHING, NULL },
		{ TRACE_UNKNOWN, ATTR_HELO, NULL },
		{ TRACE_NOT_REACHED, ATTR_NOTHING, NULL },
	};
	struct session *s = session_of("auth=PLAIN service=mx");
	struct trace *t = trace_new(p);
	struct verdict v;
	size_t i;

	(void)state;
	assert_int_equal(t->count, 7);
	session_set_stage(s, STAGE_MAIL);
	session_set_today(s, 20261120);
	policy_judge(p, s, NULL, false, &v, t);
	for (i = 0; i < 7; i++) {
		assert_int_equal(t->entries[i].answer, rows[i].answer);
		if (rows[i].why == ATTR_NOTHING)
			assert_null(t->entries[i].why);
		else
			assert_int_equal(policy_cond_attr(t->entries[i].why), rows[i].why);
		if (rows[i].word == NULL)
			assert_null(t->entries[i].stage_word);
		else
			assert_string_equal(t->entries[i].stage_word, rows[i].word);
	}
	session_set(s, ATTR_HELO, "a", 1);
	session_set(s, ATTR_CLIENT, "192.0.2.1", 9);
	policy_judge(p, s, NULL, false, &v, t);
	assert_int_equal(t->entries[5].answer, TRACE_MATCHED);
	assert_int_equal(t->entries[6].answer, TRACE_NOT_REACHED);
	assert_string_equal(trace_answer_name(TRACE_NOT_REACHED), "not reached");
	assert_string_equal(trace_answer_name(TRACE_MATCHED), "matched");
	assert_string_equal(trace_answer_name(TRACE_NOT), "not");
	assert_string_equal(trace_answer_name(TRACE_UNKNOWN), "unknown");
	assert_string_equal(trace_answer_name(TRACE_OBSERVED), "observed");
	assert_string_equal(trace_answer_name(TRACE_NOTED), "noted");
	assert_string_equal(trace_answer_name(TRACE_INACTIVE), "inactive");
	assert_string_equal(trace_answer_name((enum trace_answer)99), "");
	trace_free(t);
	trace_free(NULL);
	session_free(s);
	policy_unref(&p);
}

static void
test_many_marks(void **state)
{
	struct buf text = BUF_INIT;
	struct policy *p;
	struct session *s = session_of("service=mx");
	struct verdict v;
	int i;

	(void)state;
	for (i = 0; i < MARKS_MAX + 3; i++)
		buf_printf(&text, "rule n%d\n    note\n", i);
	p = policy_of(buf_str(&text));
	policy_judge(p, s, NULL, false, &v, NULL);
	assert_int_equal(v.notes.count, MARKS_MAX + 3);
	for (i = 0; i < MARKS_MAX; i++)
		assert_int_equal(v.notes.rules[i], i);
	buf_free(&text);
	session_free(s);
	policy_unref(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_answers),
		cmocka_unit_test(test_unknown_stops_the_walk),
		cmocka_unit_test(test_undecided_by_service),
		cmocka_unit_test(test_undecided_reply),
		cmocka_unit_test(test_notes_and_observed_stop_nothing),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_mode_observe),
		cmocka_unit_test(test_pattern_limit),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_many_marks),
	};

	return cmocka_run_group_tests_name("eval", tests, NULL, NULL);
}
