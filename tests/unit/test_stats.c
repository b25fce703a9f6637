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
#include "stats.h"

static void
count(struct stats *st, const char *event, const char *service, const char *tls,
    bool mail, bool decided, enum action action)
{
	struct account a = { .event = event, .id = "0", .mail = mail };
	struct verdict v;
	struct session *s = session_new();

	memset(&v, 0, sizeof(v));
	v.decided = decided;
	v.action = action;
	a.stage = mail ? STAGE_EOM : STAGE_CLOSE;
	session_set_stage(s, a.stage);
	if (service != NULL)
		session_set(s, ATTR_SERVICE, service, strlen(service));
	if (strcmp(tls, "unknown") == 0)
		session_set_unknown(s, ATTR_TLS);
	else if (strcmp(tls, "none") != 0)
		assert_int_equal(session_set_tls(s, tls, strcmp(tls, "TLSv1.3") == 0 ?
		    "TLS_AES_256_GCM_SHA384" : "ECDHE-RSA-AES256-SHA", "256"),
		    TLS_PRESENT);
	stats_count(st, &a, s, &v);
	session_free(s);
}

static void
assert_summary(struct stats *st, bool reset, const char *want)
{
	struct record r;
	struct buf b = BUF_INIT;

	record_init(&r);
	stats_record(st, &r, reset);
	record_format(&r, LOG_LOGFMT, &b);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
	record_free(&r);
}

static void
test_nothing(void **state)
{
	struct stats *st = stats_new();

	(void)state;
	assert_summary(st, true, "v=1 event=summary messages=0 sessions=0 alarms=0");
	stats_free(st);
	stats_free(NULL);
}

static void
test_totals(void **state)
{
	struct stats *st = stats_new();

	(void)state;
	count(st, "message", "mx", "TLSv1.3", true, true, ACTION_ACCEPT);
	count(st, "message", "mx", "none", true, true, ACTION_ACCEPT);
	count(st, "message", "submission", "TLSv1.1", true, true, ACTION_REJECT);
	count(st, "session", "mx", "none", false, true, ACTION_ACCEPT);
	count(st, "session", NULL, "unknown", false, false, ACTION_ACCEPT);
	stats_alarm(st);
	stats_alarm(st);
	assert_summary(st, false, "v=1 event=summary messages=3 sessions=2"
	    " services=mx:3,submission:1,other:1 tls=TLSv1.3:1,none:2,TLSv1.1:1,"
	    "unknown:1 outcomes=unknown:1,encrypted:1,deprecated:1,cleartext:1,"
	    "abandoned:1 verdicts=accept:3,reject:1,undecided:1 alarms=2");
	/* nothing was reset; now it is */
	count(st, "message", "other", "none", true, true, ACTION_TEMPFAIL);
	assert_summary(st, true, "v=1 event=summary messages=4 sessions=2"
	    " services=mx:3,submission:1,other:2 tls=TLSv1.3:1,none:3,TLSv1.1:1,"
	    "unknown:1 outcomes=unknown:1,encrypted:1,deprecated:1,cleartext:2,"
	    "abandoned:1 verdicts=accept:3,reject:1,tempfail:1,undecided:1 alarms=2");
	assert_summary(st, true, "v=1 event=summary messages=0 sessions=0 alarms=0");
	stats_free(st);
}

/* A record that the caller began keeps what he put. */
static void
test_since(void **state)
{
	struct stats *st = stats_new();
	struct record r;
	struct buf b = BUF_INIT;

	(void)state;
	record_init(&r);
	record_start(&r, "summary");
	record_put(&r, "since", "2026-11-20T09:10:11Z");
	stats_record(st, &r, true);
	record_format(&r, LOG_LOGFMT, &b);
	assert_string_equal(buf_str(&b), "v=1 event=summary"
	    " since=2026-11-20T09:10:11Z messages=0 sessions=0 alarms=0");
	buf_free(&b);
	record_free(&r);
	stats_free(st);
}

/* Sixteen services are counted apart, the others together. */
static void
test_bound(void **state)
{
	struct stats *st = stats_new();
	struct record r;
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "s%d", i % 20);
		count(st, "message", name, "none", true, true, ACTION_ACCEPT);
	}
	record_init(&r);
	stats_record(st, &r, false);
	assert_string_equal(record_find(&r, "services")->value,
	    "s0:3,s1:3,s2:3,s3:3,s4:3,s5:3,s6:3,s7:3,s8:3,s9:3,s10:3,s11:3,"
	    "s12:3,s13:3,s14:3,s15:3,other:12");
	assert_string_equal(record_find(&r, "messages")->value, "60");
	record_free(&r);
	stats_free(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
