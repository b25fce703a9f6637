/*
 * test_metrics.c owns what is asked of the totals for Prometheus: how many
 * series, no one twice, what a reload keeps; it may not know who writes them.
 */
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
#include "exposition.h"
#include "metrics.h"

static struct policy *
load(const char *text)
{
	struct diags *d = diags_new();
	struct buf b = BUF_INIT;
	struct policy *p;

	p = policy_parse("test", text, strlen(text), 0, d);
	diags_print(d, &b, false);
	if (p == NULL)
		fail_msg("%s", buf_str(&b));
	buf_free(&b);
	diags_free(d);
	return p;
}

static char *
shown(const struct metrics *m, struct buf *b)
{
	const struct metrics_now now = {
		.version = "1", .up = true, .hash = "0123456789abcdef",
		.generation = 3, .rules = 4, .open = 5, .queue = 6,
		.queue_max = 7, .dropped = 8,
	};

	buf_clear(b);
	metrics_print(m, &now, b);
	return (char *)(uintptr_t)buf_str(b);
}

static void
assert_line(const struct metrics *m, const char *want)
{
	struct buf b = BUF_INIT, line = BUF_INIT;

	buf_printf(&line, "\n%s\n", want);
	if (strstr(shown(m, &b), buf_str(&line)) == NULL)
		fail_msg("no line \"%s\" in\n%s", want, buf_str(&b));
	buf_free(&b);
	buf_free(&line);
}

/* A session of that service and version, judged by the policy to its end. */
static void
count(struct metrics *m, const struct policy *p, const char *service,
    const char *tls, bool mail)
{
	struct account a = { .event = mail ? "message" : "session", .id = "0",
	    .mail = mail, .stage = mail ? STAGE_EOM : STAGE_CLOSE };
	struct session *s = session_new();
	struct verdict v;

	session_set(s, ATTR_SERVICE, service, strlen(service));
	session_set_none(s, ATTR_AUTH);
	session_set_stage(s, a.stage);
	if (tls != NULL)
		session_set(s, ATTR_TLS, tls, strlen(tls));
	else
		session_set_none(s, ATTR_TLS);
	policy_judge(p, s, NULL, false, &v, NULL);
	metrics_count(m, &a, p, s, &v);
	session_free(s);
}

static void
test_counts(void **state)
{
	static const char text[] =
	    "rule seen\n    if tls = TLSv1.2\n    note\n"
	    "rule old\n    if tls < TLSv1.2\n    reject 554 5.7.0 \"Old\"\n"
	    "rule later\n    if not tls\n    reject 554 5.7.0 \"Clear\" observe\n";
	struct metrics *m = metrics_new();
	struct policy *p = load(text);

	(void)state;
	metrics_take_policy(m, p);
	count(m, p, "mx", "TLSv1.2", true);
	count(m, p, "mx", "TLSv1", true);
	count(m, p, "submission", NULL, true);
	count(m, p, "submission", NULL, false);
	count(m, p, "nowhere", "TLSv1.7", false);
	metrics_fault(m, "reply");
	metrics_fault(m, "something");
	metrics_alarm(m, "something");
	metrics_event(m, METRICS_RELOAD_FAILED, 1);
	metrics_event(m, METRICS_REGEX_LIMIT, 3);
	assert_line(m, "tlswarden_policy_info{policy=\"0123456789ab\"} 1");
	assert_line(m, "tlswarden_messages_total{service=\"mx\",outcome=\"deprecated\"} 1");
	assert_line(m, "tlswarden_messages_total{service=\"submission\",outcome=\"cleartext\"} 1");
	assert_line(m, "tlswarden_sessions_total{service=\"submission\",outcome=\"abandoned\"} 1");
	assert_line(m, "tlswarden_tls_total{event=\"session\",tls=\"other\"} 1");
	assert_line(m, "tlswarden_tls_total{event=\"message\",tls=\"TLSv1\"} 1");
	assert_line(m, "tlswarden_verdicts_total{rule=\"seen\",action=\"note\"} 1");
	assert_line(m, "tlswarden_verdicts_total{rule=\"old\",action=\"reject\"} 1");
	assert_line(m, "tlswarden_verdicts_total{rule=\"later\",action=\"reject\"} 0");
	assert_line(m, "tlswarden_observed_total{rule=\"later\",action=\"reject\"} 2");
	assert_line(m, "tlswarden_verdicts_total{rule=\"default\",action=\"accept\"} 4");
	assert_line(m, "tlswarden_faults_total{kind=\"reply\"} 1");
	assert_line(m, "tlswarden_faults_total{kind=\"other\"} 1");
	assert_line(m, "tlswarden_alarms_total{kind=\"other\"} 1");
	assert_line(m, "tlswarden_last_reload_successful 0");
	assert_line(m, "tlswarden_regex_limits_total 3");
	policy_unref(&p);
	metrics_free(m);
}

/* Names that stay are counted on, also for sessions of the policy before. */
static void
test_reload(void **state)
{
	struct metrics *m = metrics_new();
	struct policy *one, *two;
	struct buf b = BUF_INIT;

	(void)state;
	one = load("service a port 2525\n"
	    "rule gone\n    if tls = TLSv1\n    reject 554 5.7.0 \"x\"\n"
	    "rule turned\n    if tls = TLSv1.2\n    reject 554 5.7.0 \"x\"\n"
	    "rule kept\n    if tls = TLSv1.1\n    reject 554 5.7.0 \"x\"\n");
	two = load("rule kept\n    if tls = TLSv1.1\n    reject 550 5.7.0 \"y\"\n"
	    "rule turned\n    if tls = TLSv1.2\n    accept\n");
	metrics_take_policy(m, one);
	count(m, one, "a", "TLSv1", true);
	count(m, one, "mx", "TLSv1.1", true);
	count(m, one, "mx", "TLSv1.2", true);
	metrics_take_policy(m, two);
	count(m, one, "a", "TLSv1", true);
	count(m, one, "mx", "TLSv1.1", true);
	count(m, two, "mx", "TLSv1.2", true);
	assert_line(m, "tlswarden_verdicts_total{rule=\"kept\",action=\"reject\"} 2");
	assert_line(m, "tlswarden_verdicts_total{rule=\"turned\",action=\"accept\"} 1");
	assert_line(m, "tlswarden_verdicts_total{rule=\"other\",action=\"reject\"} 1");
	assert_line(m, "tlswarden_messages_total{service=\"mx\",outcome=\"encrypted\"} 2");
	assert_line(m, "tlswarden_messages_total{service=\"other\",outcome=\"deprecated\"} 1");
	assert_null(strstr(shown(m, &b), "gone"));
	buf_free(&b);
	policy_unref(&one);
	policy_unref(&two);
	metrics_free(m);
}

/* Lines that are samples; fails when one series is there twice. */
static size_t
series(const char *text)
{
	const char *line, *other, *end;
	size_t n = 0, len;

	for (line = text; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		if (*line == '#')
			continue;
		n++;
		len = strcspn(line, " ") + 1;
		for (other = text; other < line; other = strchr(other, '\n') + 1)
			if (strncmp(other, line, len) == 0)
				fail_msg("twice: %.*s", (int)len, line);
	}
	return n;
}

/*
 * The most there can be: every place taken, and everything that a rule or the
 * default can come to has happened, by hand where no policy would do it all.
 */
static void
test_bound(void **state)
{
	static const enum action actions[] = { ACTION_ACCEPT, ACTION_REJECT,
	    ACTION_TEMPFAIL, ACTION_DISCONNECT };
	static const uint32_t rules[] = { RULE_DEFAULT, RULE_UNDECIDED,
	    RULE_NON_SMTP };
	struct account a = { .event = "message", .id = "0", .mail = true,
	    .stage = STAGE_EOM };
	struct session *s = session_new();
	struct metrics *m = metrics_new();
	struct buf b = BUF_INIT;
	struct policy *p;
	struct verdict v;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < 40; i++)
		buf_printf(&b, "service s%zu port %zu\n", i, 3000 + i);
	for (i = 0; i < POLICY_RULES_MAX - 4; i++)
		buf_printf(&b, "rule r%zu\n    if port = %zu\n    "
		    "reject 554 5.7.0 \"x\"\n    alarm k%zu\n", i, i % 60000, i % 50);
	buf_puts(&b, "rule o-accept\n    if port = 1\n    accept\n"
	    "rule o-tempfail\n    if port = 1\n    tempfail 451 4.7.0 \"x\"\n"
	    "rule o-disconnect\n    if port = 1\n    disconnect 421 4.7.0 \"x\"\n"
	    "rule o-note\n    if port = 1\n    note\n");
	p = load(buf_str(&b));
	metrics_take_policy(m, p);
	session_set_stage(s, STAGE_EOM);
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		for (k = 0; k < sizeof(rules) / sizeof(rules[0]); k++) {
			memset(&v, 0, sizeof(v));
			v.decided = v.withheld = true;
			v.action = v.observed_whole = actions[i];
			v.rule = v.observed_rule = rules[k];
			metrics_count(m, &a, p, s, &v);
		}
	for (i = 0; i < policy_rule_count(p); i++) {
		memset(&v, 0, sizeof(v));
		v.decided = true;
		v.rule = (uint32_t)i;
		v.observed.count = v.notes.count = 1;
		v.observed.rules[0] = v.notes.rules[0] = (unsigned int)i;
		metrics_count(m, &a, p, s, &v);
		metrics_alarm(m, policy_rule_alarm(p, (uint32_t)i) != NULL ?
		    policy_rule_alarm(p, (uint32_t)i) : "none");
	}
	n = series(shown(m, &b));
	if (n >= METRICS_SERIES_MAX)
		fail_msg("%zu series", n);
	assert_true(n > METRICS_SERIES_MAX - 20);	/* it was tried */
	/* applied by the verdict and as a note; 9,964 rules have no place */
	assert_line(m, "tlswarden_verdicts_total{rule=\"other\",action=\"reject\"} 19928");
	assert_line(m, "tlswarden_observed_total{rule=\"other\",action=\"note\"} 1");
	buf_free(&b);
	policy_unref(&p);
	session_free(s);
	metrics_free(m);
}

/* An alarm of two rules, a session that nobody judged, more notes than are kept. */
static void
test_odd(void **state)
{
	static const char text[] = "rule a\n    if not tls\n    accept\n    alarm clear\n"
	    "rule b\n    if tls < TLSv1.2\n    accept\n    alarm clear\n";
	struct account account = { .event = "session", .id = "0", .stage = STAGE_CLOSE };
	struct session *s = session_new();
	struct metrics *m = metrics_new();
	struct policy *p = load(text);
	struct buf b = BUF_INIT;
	struct verdict v;

	(void)state;
	metrics_take_policy(m, p);
	metrics_alarm(m, "clear");
	memset(&v, 0, sizeof(v));
	v.notes.count = MARKS_MAX + 1;
	metrics_count(m, &account, p, s, &v);
	series(shown(m, &b));
	assert_line(m, "tlswarden_alarms_total{kind=\"clear\"} 1");
	assert_line(m, "tlswarden_verdicts_total{rule=\"undecided\",action=\"accept\"} 1");
	buf_free(&b);
	policy_unref(&p);
	session_free(s);
	metrics_free(m);
}

/* A policy that uses our own words for its names. */
static void
test_words(void **state)
{
	static const char *const words[] = { "other", "password" };
	struct metrics *m = metrics_new();
	struct buf b = BUF_INIT;
	struct policy *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		buf_printf(&b, "rule %s\n    if tls < TLSv1.2\n    accept\n"
		    "    alarm %s\n", words[i], words[i]);
	p = load(buf_str(&b));
	metrics_take_policy(m, p);
	count(m, p, "mx", "TLSv1", true);
	metrics_alarm(m, "other");
	series(shown(m, &b));
	assert_line(m, "tlswarden_verdicts_total{rule=\"other\",action=\"accept\"} 1");
	assert_line(m, "tlswarden_alarms_total{kind=\"other\"} 1");
	buf_free(&b);
	policy_unref(&p);
	metrics_free(m);
}

static void
test_escape(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	exposition_put(&b, -3, "x", "a", "q\"b\\s\nn\tt\x7f\xff", "b", "", NULL);
	exposition_put(&b, 1, "y", NULL);
	assert_string_equal(buf_str(&b),
	    "x{a=\"q\\\"b\\\\s\\nn?t??\",b=\"\"} -3\ny 1\n");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
