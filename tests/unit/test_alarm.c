/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "alarm.h"

/* The table is one for the process: each test has users of its own. */

static void
test_once_a_day(void **state)
{
	struct alarm_note n;
	time_t since;

	(void)state;
	assert_true(alarm_raise("exposed", "day", 20261231, &n));
	assert_int_equal(n.count, 1);
	since = n.since;
	assert_false(alarm_raise("exposed", "day", 20261231, &n));
	assert_false(alarm_raise("exposed", "day", 20261231, &n));
	assert_int_equal(n.count, 3);
	assert_true(alarm_raise("exposed", "day", 20270101, &n));
	assert_int_equal(n.count, 4);
	assert_int_equal(n.since, since);
	assert_false(alarm_raise("exposed", "day", 20270101, &n));
}

static void
test_kind_and_user(void **state)
{
	struct alarm_note n;

	(void)state;
	assert_true(alarm_raise("one", "same", 20261231, &n));
	assert_true(alarm_raise("two", "same", 20261231, &n));
	assert_true(alarm_raise("one", "other", 20261231, &n));
	assert_true(alarm_raise("one", "", 20261231, &n));
	assert_false(alarm_raise("one", "", 20261231, &n));
	assert_int_equal(n.count, 2);
	/* the border between the two names counts */
	assert_true(alarm_raise("onesa", "me", 20261231, &n));
	assert_false(alarm_raise("one", "same", 20261231, &n));
	assert_int_equal(n.count, 2);
}

static void
test_oldest_goes(void **state)
{
	struct alarm_note n;
	char user[32];
	int i;

	(void)state;
	assert_true(alarm_raise("many", "keeps", 20261231, &n));
	assert_true(alarm_raise("many", "goes", 20261231, &n));
	for (i = 0; i < 4095; i++) {
		snprintf(user, sizeof(user), "user%d", i);
		assert_true(alarm_raise("many", user, 20261231, &n));
		if (i % 1000 == 0)
			assert_false(alarm_raise("many", "keeps", 20261231, &n));
	}
	assert_false(alarm_raise("many", "keeps", 20261231, &n));
	assert_int_equal(n.count, 7);
	assert_true(alarm_raise("many", "goes", 20261231, &n));
	assert_int_equal(n.count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once_a_day),
		cmocka_unit_test(test_kind_and_user),
		cmocka_unit_test(test_oldest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
