/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "pattern.h"

static struct scratch *scratch;

static int
fresh(void **state)
{
	(void)state;
	scratch = scratch_new();
	return scratch == NULL;
}

static int
gone(void **state)
{
	(void)state;
	scratch_free(scratch);
	return 0;
}

static struct pattern *
compiled(const char *text)
{
	struct pattern *p;
	char message[256];
	size_t offset;

	p = pattern_compile(text, strlen(text), false, message, sizeof(message), &offset);
	assert_non_null(p);
	return p;
}

static unsigned int
worst(const char *text, size_t max)
{
	struct pattern *p = compiled(text);
	struct pattern_trial trial;

	pattern_try(p, text, max, scratch, &trial);
	assert_true(trial.len > 0 && trial.len <= max);
	/* the subject is what costs that much */
	assert_int_equal(pattern_cost(p, trial.subject, trial.len, scratch, 0),
	    trial.steps);
	pattern_free(p);
	return trial.steps;
}

/* Patterns that the subjects must show to be bad, whatever stands around. */
static void
test_bad(void **state)
{
	static const char *const bad[] = {
		"^(a+)+$", "^(a|aa)+$", "^(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$",
		"(x+x+)+y", "^(?:(a+)|b\\1)+$", "^a*a*a*a*a*a*[bc]$", "(?=(a+)+b)",
		"^([a-z0-9]+\\.)*example\\.org$", "^(\\w+\\s?)*$", "^pc([0-9]+)+\\.x",
		"^mail-(\\d+-?)+\\.test$", "^([^ ]+)+!$", "^(\\.+)+$", "^((ab)*)*c",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (worst(bad[i], 255) <= PATTERN_STEPS)
			fail_msg("%s", bad[i]);
}

static void
test_good(void **state)
{
	static const struct {
		const char	*pattern;
		unsigned int	 most;
	} good[] = {
		{ "^mx", 10 }, { "\\.example\\.net$", 10 }, { "^[0-9.]+$", 600 },
		{ "^pc[0-9]+\\.dyn\\.", 600 }, { "localhost|localdomain", 10 },
		{ "^\\[[0-9.]+\\]$", 600 }, { "", 10 }, { ".*", 600 }, { "^$", 10 },
		{ "^[^.]+$", 600 }, { "^dsl-[0-9]+-[0-9]+-[0-9]+\\.", 600 },
		{ "\\Q(a+)+\\E", 10 }, { "[!~#\\x01]", 10 }, { "^![~]#\\$\x01", 20 },
		{ "^[^a0 -]+$", 600 }, { "^a{2}b{,3}c{3x", 10 }, { "^a{2,3}$", 20 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (worst(good[i].pattern, 512) > good[i].most)
			fail_msg("%s: %u", good[i].pattern, worst(good[i].pattern, 512));
}

/* The least limit that will do, found by trying each. */
static void
test_cost(void **state)
{
	struct pattern *p = compiled("^a*a*b"), *evil = compiled("^(a+)+$");
	char subject[40];
	unsigned int cost;

	(void)state;
	memset(subject, 'a', sizeof(subject));
	subject[sizeof(subject) - 1] = '!';
	cost = pattern_cost(p, subject, sizeof(subject), scratch, 0);
	assert_true(cost <= PATTERN_STEPS);
	assert_int_equal(pattern_cost(p, subject, sizeof(subject), scratch, cost), cost);
	assert_int_equal(pattern_cost(p, subject, sizeof(subject), scratch, cost + 7),
	    cost + 7);
	assert_int_equal(pattern_cost(p, subject, sizeof(subject), scratch,
	    PATTERN_STEPS + 7), PATTERN_STEPS + 7);
	if (cost > 0)
		assert_int_equal(pattern_cost(p, subject, sizeof(subject), scratch,
		    cost - 1), cost);
	assert_int_equal(pattern_cost(evil, subject, sizeof(subject), scratch, 0),
	    PATTERN_STEPS + 1);
	/* the limit is what it was */
	assert_int_equal(pattern_match(p, subject, sizeof(subject), scratch), PATTERN_NO);
	assert_int_equal(pattern_match(evil, "aaab", 4, scratch), PATTERN_NO);
	assert_int_equal(pattern_cost(p, subject, sizeof(subject), NULL, 0),
	    PATTERN_STEPS + 1);
	pattern_free(p);
	pattern_free(evil);
}

/* Any text at all, also none that compiles, is only looked at. */
static void
test_any_text(void **state)
{
	static const char pieces[] = "a[](){}\\^$.|?*+-0Qd\n";
	struct pattern *p = compiled("^a*b");
	struct pattern_trial trial;
	uint32_t seed = 7;
	char text[41];
	int i, k;

	(void)state;
	for (i = 0; i < 20000; i++) {
		for (k = 0; k < i % 40; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 17;
			seed ^= seed << 5;
			text[k] = pieces[seed % (sizeof(pieces) - 1)];
		}
		text[k] = '\0';
		pattern_try(p, text, 1 + seed % 20, scratch, &trial);
		assert_true(trial.steps <= PATTERN_STEPS);
		assert_true(trial.len > 0 && trial.len <= 20);
	}
	pattern_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_any_text),
	};

	return cmocka_run_group_tests_name("pattern_trial", tests, fresh, gone);
}
