/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "when.h"

/* 2026-11-21 14:05:09 UTC */
#define NOW	INT64_C(1795269909)

static void
set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void
test_text(void **state)
{
	char text[WHEN_TEXT];

	(void)state;
	set_zone("UTC");
	when_local(NOW, text);
	assert_string_equal(text, "2026-11-21 14:05");
	when_utc(NOW, text);
	assert_string_equal(text, "2026-11-21T14:05:09Z");
	set_zone("Europe/Berlin");
	when_local(NOW, text);
	assert_string_equal(text, "2026-11-21 15:05");
	when_utc(NOW, text);
	assert_string_equal(text, "2026-11-21T14:05:09Z");
	when_local(0, text);
	assert_string_equal(text, "");
	when_local(INT64_MAX, text);
	assert_string_equal(text, "");
	when_day_text(20260103, text);
	assert_string_equal(text, "2026-01-03");
	when_day_text(0, text);
	assert_string_equal(text, "");
}

static void
test_day(void **state)
{
	struct when_day cache = { .day = 0 };
	int64_t t;
	uint32_t fresh;

	(void)state;
	set_zone("UTC");
	assert_int_equal(when_day(&cache, NOW), 20261121);
	assert_int_equal(when_day(&cache, NOW + 9 * 3600 + 3290), 20261121);
	assert_int_equal(when_day(&cache, NOW + 9 * 3600 + 3291), 20261122);
	assert_int_equal(when_day(&cache, 0), 0);
	/* The cache never changes an answer, summer time or not. */
	set_zone("Europe/Berlin");
	memset(&cache, 0, sizeof(cache));
	for (t = NOW; t < NOW + 400 * INT64_C(86400); t += 1777) {
		struct when_day none = { .day = 0 };

		fresh = when_day(&none, t);
		assert_int_equal(when_day(&cache, t), fresh);
	}
}

static void
test_calendar(void **state)
{
	(void)state;
	assert_int_equal(when_next_day(20261231), 20270101);
	assert_int_equal(when_next_day(20280228), 20280229);
	assert_int_equal(when_next_day(20270228), 20270301);
	assert_int_equal(when_next_day(21000228), 21000301);
	assert_int_equal(when_next_day(20261301), 0);
	assert_int_equal(when_next_day(0), 0);
	assert_int_equal(when_days(20261121, 20261121), 0);
	assert_int_equal(when_days(20261121, 20261120), -1);
	assert_int_equal(when_days(20261121, 20270331), 130);
	assert_int_equal(when_days(20000101, 20280301), 10287);
	assert_int_equal(when_read_day("2026-11-21"), 20261121);
	assert_int_equal(when_read_day("2028-02-29"), 20280229);
	assert_int_equal(when_read_day("2027-02-29"), 0);
	assert_int_equal(when_read_day("2000-02-29"), 20000229);
	assert_int_equal(when_read_day("1900-02-29"), 0);
	assert_int_equal(when_read_day("0999-12-31"), 0);
	assert_int_equal(when_read_day("2026-00-01"), 0);
	assert_int_equal(when_read_day("2026-01-00"), 0);
	assert_int_equal(when_read_day("2026--1-21"), 0);
	assert_int_equal(when_read_day("2026-11--1"), 0);
	assert_int_equal(when_read_day("-026-11-21"), 0);
	assert_int_equal(when_read_day("2026-11211"), 0);
	assert_int_equal(when_read_day("2026-6-1"), 0);
	assert_int_equal(when_read_day("2026-06-01 "), 0);
	assert_int_equal(when_read_day("20260601"), 0);
	assert_int_equal(when_read_day("2026+06-01"), 0);
	assert_int_equal(when_read_day(""), 0);
}

static void
reads(const char *text, int end, int64_t wanted)
{
	int64_t t = -1;

	assert_int_equal(when_read(text, NOW, end, &t), 0);
	assert_int_equal(t, wanted);
}

static void
test_read(void **state)
{
	static const char *const wrong[] = { "", "x", "7", "7x", "d", "7dd", "-7d",
	    "2026-11-31", "2026-11-20 25:00", "2026-11-20 14:60", "2026-11-20 14",
	    "2026-11-20x14:05", "2026-11-20 14:05:09:1", "2026-11-20 ", "tomorrow",
	    "1234567d", "2026-11-20 +1:05", "2026-11-20 14:05:60", "2026-11-20 1x:05" };
	int64_t midnight = NOW - 14 * 3600 - 309, t;
	size_t i;

	(void)state;
	set_zone("UTC");
	reads("today", 0, midnight);
	reads("today", 1, midnight + 86399);
	reads("yesterday", 0, midnight - 86400);
	reads("yesterday", 1, midnight - 1);
	reads("2026-11-21", 0, midnight);
	reads("2026-11-21", 1, midnight + 86399);
	reads("2026-11-21 14:05", 0, NOW - 9);
	reads("2026-11-21 14:05", 1, NOW - 9);
	reads("2026-11-21T14:05:09", 0, NOW);
	reads("90m", 0, NOW - 5400);
	reads("36h", 1, NOW - 129600);
	reads("7d", 0, NOW - 604800);
	reads("2w", 0, NOW - 1209600);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(when_read(wrong[i], NOW, 0, &t), -1);
	/* A day of 25 hours is one day. */
	set_zone("Europe/Berlin");
	reads("2026-10-25", 0, INT64_C(1792879200));
	reads("2026-10-25", 1, INT64_C(1792969199));
	reads("2026-10-26", 0, INT64_C(1792969200));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_day),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
