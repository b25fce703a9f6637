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
/* under test */
#include "stamp.h"

#define NOV_21_2026	INT64_C(1795219200)	/* 00:00:00 UTC */
#define DAY		86400

static void
set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

/* -1: no stamp */
static int64_t
bsd(const char *text, int64_t now)
{
	struct stamps s;
	int64_t t = -2;

	stamps_init(&s, now);
	if (stamp_bsd(&s, text, strlen(text), &t) == 0)
		return -1;
	return t;
}

static int64_t
iso(const char *text)
{
	static struct stamps kept;
	struct stamps s;
	int64_t t = -2, again = -3;
	size_t n;

	stamps_init(&s, 0);
	n = stamp_iso(&s, text, strlen(text), &t);
	/* What was kept of others before it makes no difference. */
	assert_int_equal(stamp_iso(&kept, text, strlen(text), &again), n);
	if (n > 0)
		assert_int_equal(again, t);
	return n == 0 ? -1 : t;
}

static void
test_bsd(void **state)
{
	int64_t now = NOV_21_2026 + 3600;

	(void)state;
	set_zone("UTC");
	assert_int_equal(bsd("Nov 21 00:00:00 x", now), NOV_21_2026);
	assert_int_equal(bsd("Nov 21 00:00:60", now), NOV_21_2026 + 60);
	assert_int_equal(bsd("Nov  1 12:34:56 x", now),
	    NOV_21_2026 - 20 * DAY + 12 * 3600 + 34 * 60 + 56);
	assert_int_equal(bsd("Nov 01 12:34:56 x", now),
	    NOV_21_2026 - 20 * DAY + 12 * 3600 + 34 * 60 + 56);
	assert_int_equal(bsd("Jan  1 00:00:00", now), 1767225600);
}

/* The last year in which the line is not more than a day ahead. */
static void
test_year(void **state)
{
	int64_t new_year = 1798761600;	/* 2027-01-01 */

	(void)state;
	set_zone("UTC");
	assert_int_equal(bsd("Dec 31 23:59:59", new_year), new_year - 1);
	assert_int_equal(bsd("Jan  1 00:00:00", new_year), new_year);
	/* The clock of the log is ahead of ours. */
	assert_int_equal(bsd("Jan  1 00:00:00", new_year - 1), new_year);
	assert_int_equal(bsd("Jan  1 00:00:00", new_year - DAY), new_year);
	assert_int_equal(bsd("Jan  1 00:00:00", new_year - DAY - 1),
	    new_year - 365 * DAY);
	assert_int_equal(bsd("Nov 22 00:00:00", NOV_21_2026), NOV_21_2026 + DAY);
	assert_int_equal(bsd("Nov 22 00:01:00", NOV_21_2026),
	    NOV_21_2026 - 364 * DAY + 60);
	/* 29 February: the last leap year. */
	assert_int_equal(bsd("Feb 29 00:00:00", NOV_21_2026), 1709164800);
}

/* A log over New Year, read line by line. */
static void
test_run(void **state)
{
	struct stamps s;
	int64_t t, last = 0;
	char text[32];
	struct tm tm;
	time_t at;

	(void)state;
	set_zone("UTC");
	stamps_init(&s, 1798761600 + 40 * DAY);
	for (at = 1798761600 - 300 * DAY; at < 1798761600 + 40 * DAY; at += 1799) {
		gmtime_r(&at, &tm);
		strftime(text, sizeof(text), "%b %e %H:%M:%S", &tm);
		assert_int_equal(stamp_bsd(&s, text, strlen(text), &t), 15);
		assert_int_equal(t, at);
		assert_true(t > last);
		last = t;
	}
}

/* Local time, with and without summer time. */
static void
test_zone(void **state)
{
	(void)state;
	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	assert_int_equal(bsd("Nov 21 01:00:00", NOV_21_2026 + 7200), NOV_21_2026);
	assert_int_equal(bsd("Jul  1 02:00:00", NOV_21_2026), 1782864000);
	/* New Year comes at 23:00 UTC. */
	assert_int_equal(bsd("Jan  1 00:00:00", 1798761600 - 3600), 1798758000);
	set_zone("UTC");
}

/* What is kept of an hour says of each minute what the library says of it alone. */
static void
same_as_alone(struct stamps *s, int hour, int minute)
{
	char text[32];
	int64_t t;

	snprintf(text, sizeof(text), "Nov 22 %02d:%02d:07", hour, minute);
	assert_int_equal(stamp_bsd(s, text, strlen(text), &t), 15);
	assert_int_equal(t, bsd(text, s->now));
}

/* A day ahead the year changes: within an hour, if it is not a full one now. */
static void
test_hour_of_year(void **state)
{
	struct stamps up, down;
	int hour, i;

	(void)state;
	set_zone("UTC");
	stamps_init(&up, NOV_21_2026 + 3600 + 1800);
	stamps_init(&down, NOV_21_2026 + 3600 + 1800);
	for (hour = 0; hour < 4; hour++)
		for (i = 0; i < 60; i++) {
			same_as_alone(&up, hour, i);
			same_as_alone(&down, hour, 59 - i);
		}
}

/* Where clocks are changed by an hour, by half of one, and a minute past it. */
static void
test_hour_of_change(void **state)
{
	static const char *const zones[] = { "CET-1CEST,M3.5.0,M10.5.0/3",
	    "LHST-10:30LHDT-11,M10.1.0,M4.1.0", "NST3:30NDT,M3.2.0/0:01,M11.1.0/0:01" };
	struct stamps s;
	char text[32];
	int64_t t;
	struct tm tm;
	time_t at;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		set_zone(zones[i]);
		stamps_init(&s, NOV_21_2026);
		for (at = NOV_21_2026 - 280 * DAY; at < NOV_21_2026; at += 541) {
			localtime_r(&at, &tm);
			strftime(text, sizeof(text), "%b %e %H:%M:%S", &tm);
			assert_int_equal(stamp_bsd(&s, text, strlen(text), &t), 15);
			assert_int_equal(t, bsd(text, NOV_21_2026));
		}
	}
	set_zone("UTC");
}

static void
test_bsd_not(void **state)
{
	static const char *const none[] = {
		"", "Nov", "Nov 21 00:00:0", "nov 21 00:00:00", "Now 21 00:00:00",
		"Nov 31 00:00:00", "Nov  0 00:00:00", "Nov 00 00:00:00",
		"Nov 21 24:00:00", "Nov 21 00:60:00", "Nov 21 00:00:61",
		"Nov 21 00:00-00", "Nov 21 0a:00:00", "Nov 21  0:00:00",
		"Nov-21 00:00:00", "Nov 21T00:00:00", "Nov 2\xb2 00:00:00",
		"Feb 30 00:00:00", "Nov  a 00:00:00",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(bsd(none[i], NOV_21_2026), -1);
	/* A minute that was wrong is not kept as one that was right. */
	assert_int_equal(bsd("Nov 21 00:00:00", INT64_MAX), -1);
}

static void
test_lengths(void **state)
{
	struct stamps s;
	int64_t t;

	(void)state;
	stamps_init(&s, NOV_21_2026);
	assert_int_equal(stamp_bsd(&s, "Nov 20 01:02:03.45 x", 20, &t), 18);
	assert_int_equal(stamp_bsd(&s, "Nov 20 01:02:03. x", 18, &t), 15);
	assert_int_equal(stamp_bsd(&s, "Nov 20 01:02:03.", 16, &t), 15);
	assert_int_equal(stamp_iso(&s, "2026-11-21T00:00:00Z x", 22, &t), 20);
	assert_int_equal(stamp_iso(&s, "2026-11-21T00:00:00.123456+01:00 x", 34, &t), 32);
	assert_int_equal(stamp_iso(&s, "2026-11-21T00:00:00+0100 x", 26, &t), 24);
	/* The text ends where its length says. */
	assert_int_equal(stamp_iso(&s, "2026-11-21T00:00:00Z", 19, &t), 0);
	assert_int_equal(stamp_iso(&s, "2026-11-21T00:00:00+01:00", 24, &t), 0);
	assert_int_equal(stamp_bsd(&s, "Nov 20 01:02:03", 14, &t), 0);
}

static void
test_iso(void **state)
{
	static const char *const none[] = {
		"2026-11-21", "2026-11-21T00:00:00", "2026-13-21T00:00:00Z",
		"2026-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-11-21T24:00:00Z",
		"2026-11-21T00:60:00Z", "2026-11-21T00:00:61Z",
		"2026-11-21T00:00:00+1:00", "2026-11-21T00:00:00+24:00",
		"2026-11-21T00:00:00+01:60", "2026-11-21T00:00:00X",
		"2026-11-21 00:00:00Z", "1969-12-31T23:59:59Z",
		"2026/11/21T00:00:00Z", "2O26-11-21T00:00:00Z",
	};
	size_t i;

	(void)state;
	assert_int_equal(iso("2026-11-21T00:00:00Z"), NOV_21_2026);
	assert_int_equal(iso("2026-11-21T00:00:00.999999Z"), NOV_21_2026);
	assert_int_equal(iso("2026-11-21T01:00:00+01:00"), NOV_21_2026);
	assert_int_equal(iso("2026-11-20T18:30:00-0530"), NOV_21_2026);
	assert_int_equal(iso("1970-01-01T00:00:00Z"), 0);
	assert_int_equal(iso("2024-02-29T12:00:00Z"), 1709208000);
	assert_int_equal(iso("2100-03-01T00:00:00Z"), INT64_C(4107542400));
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(iso(none[i]), -1);
}

/* Every day as the C library has it. */
static void
test_calendar(void **state)
{
	char text[32];
	struct tm tm;
	time_t at;

	(void)state;
	for (at = 0; at < INT64_C(4200000000); at += DAY) {
		gmtime_r(&at, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		assert_int_equal(iso(text), at);
	}
}

/* Time goes on when two lines say so; one alone is not believed. */
static void
test_steady(void **state)
{
	int64_t latest = 0;

	(void)state;
	assert_int_equal(stamp_steady(&latest, 100), 100);
	assert_int_equal(stamp_steady(&latest, 110), 100);
	assert_int_equal(stamp_steady(&latest, 99999), 110);
	assert_int_equal(stamp_steady(&latest, 120), 120);
	assert_int_equal(stamp_steady(&latest, 99999), 120);
	assert_int_equal(stamp_steady(&latest, 99999), 99999);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bsd),
		cmocka_unit_test(test_year),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_hour_of_year),
		cmocka_unit_test(test_hour_of_change),
		cmocka_unit_test(test_bsd_not),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_iso),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_steady),
	};

	return cmocka_run_group_tests_name("stamp", tests, NULL, NULL);
}
