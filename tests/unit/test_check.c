/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "check.h"
#include "policy.h"

#define TODAY	20261121

#ifdef __SANITIZE_ADDRESS__
#define SECONDS	20	/* of CPU; what is quadratic takes minutes */
#else
#define SECONDS	3
#endif

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/*
 * Very many wrong names beside very many right ones: the first ones get a
 * suggestion, and the last ones take no time.
 */
static void
refuse_names(const struct buf *text, unsigned int errors)
{
	struct diags *d = diags_new();
	double start = now();

	assert_null(policy_parse("t", text->data, text->len, TODAY, d));
	assert_true(getenv("TLSWARDEN_PATIENCE") != NULL || now() - start < SECONDS);
	assert_int_equal(diags_count(d, DIAG_ERROR), errors);
	assert_non_null(diags_hint(d, 0));
	assert_memory_equal(diags_hint(d, 0), "did you mean \"", 14);
	diags_free(d);
}

static void
test_wrong_names(void **state)
{
	struct buf b = BUF_INIT;
	unsigned int i;

	(void)state;
	for (i = 0; i < 10000; i++)
		buf_printf(&b, "rule abcdef%05u\n note\n", i);
	for (i = 0; i < 10000; i++)
		buf_printf(&b, "expect accept by abcdxf%05u\n", i);
	refuse_names(&b, 10000);
	buf_clear(&b);
	for (i = 0; i < 10000; i++)
		buf_printf(&b, "list abcdef%05u={b}\n", i);
	for (i = 0; i < 10000; i++)
		buf_printf(&b, "rule r%u\n if user in abcdxf%05u\n note\n", i, i);
	refuse_names(&b, 10000);
	buf_clear(&b);
	for (i = 0; i < 250; i++)
		buf_printf(&b, "service abcdef%03u port %u\n", i, i + 1000);
	for (i = 0; i < 10000; i++)
		buf_printf(&b, "rule r%u\n if service=abcdxf%03u\n note\n", i, i);
	refuse_names(&b, 10000);
	buf_free(&b);
}

/* As many rules as may be, each with a condition. */
static void
test_many_rules(void **state)
{
	struct diags *d = diags_new();
	struct buf b = BUF_INIT;
	struct policy *p;
	double start;
	int i;

	(void)state;
	for (i = 0; i < POLICY_RULES_MAX; i++)
		buf_printf(&b, "rule r%d\n if user=u%d and tls<TLSv1.2\n accept\n", i, i);
	start = now();
	p = policy_parse("t", b.data, b.len, TODAY, d);
	assert_non_null(p);
	assert_true(getenv("TLSWARDEN_PATIENCE") != NULL || now() - start < SECONDS);
	assert_int_equal(policy_rule_count(p), POLICY_RULES_MAX);
	assert_int_equal(diags_total(d), 0);
	policy_unref(&p);
	diags_free(d);
	buf_free(&b);
}

/* As many expectations as rules, each of which decides one. */
static void
test_many_expectations(void **state)
{
	struct diags *d = diags_new();
	struct buf b = BUF_INIT;
	struct policy *p;
	double start;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3000; i++)
		buf_printf(&b, "rule r%u\n if user=u%u\n accept\n", i, i);
	for (i = 0; i < 3000; i++)
		buf_printf(&b, "expect accept by r%u when auth=PLAIN user=u%u\n", i, i);
	start = now();
	p = policy_parse("t", b.data, b.len, TODAY, d);
	assert_non_null(p);
	assert_true(getenv("TLSWARDEN_PATIENCE") != NULL || now() - start < SECONDS);
	assert_int_equal(diags_total(d), 0);
	policy_unref(&p);
	diags_free(d);
	buf_free(&b);
}

/* Of the first rule. */
static size_t
warnings(const struct buf *text)
{
	struct diags *d = diags_new();
	struct policy *p = policy_parse("t", text->data, text->len, TODAY, d);
	size_t i, n = 0;

	assert_non_null(p);
	for (i = 0; i < diags_total(d); i++)
		n += strcmp(diags_where(d, i), "t:1:6") == 0;
	policy_unref(&p);
	diags_free(d);
	return n;
}

/* From a rule that is over nobody needs to be excused. */
static void
test_excused(void **state)
{
	static const struct {
		const char	*until;
		size_t		 warnings;
	} rows[] = { { "", 2 }, { " until 2026-11-21", 2 }, { " until 2026-11-20", 0 } };
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		buf_printf(&b, "rule e\n if helo = mx.example.org\n accept\n"
		    "rule r\n if not tls\n reject 530 5.7.0 \"no\"%s\n",
		    rows[i].until);
		assert_int_equal(warnings(&b), rows[i].warnings);
	}
	buf_free(&b);
}

/* So many that not each is held against each other; it ends, and in time. */
static void
test_many_excused(void **state)
{
	struct buf b = BUF_INIT;
	double start;
	int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		buf_printf(&b, "rule e%d\n if user = u%d and tls\n accept\n", i, i);
	for (i = 0; i < 5000; i++)
		buf_printf(&b, "rule r%d\n if user = x%d\n reject 554 5.7.0 \"no\"\n",
		    i, i);
	start = now();
	assert_int_equal(warnings(&b), 0);
	assert_true(getenv("TLSWARDEN_PATIENCE") != NULL || now() - start < SECONDS);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_names),
		cmocka_unit_test(test_many_rules),
		cmocka_unit_test(test_many_expectations),
		cmocka_unit_test(test_excused),
		cmocka_unit_test(test_many_excused),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
