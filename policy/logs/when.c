/*
 * when.c owns local time and its days; it may not know what happened then.
 */
/* libc */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* this directory */
#include "when.h"

#define MINUTE	60
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)
#define WEEK	(7 * DAY)

static uint32_t
day_of(const struct tm *tm)
{
	if (tm->tm_year < -900 || tm->tm_year > 8099)
		return 0;
	return (uint32_t)(tm->tm_year + 1900) * 10000 +
	    (uint32_t)(tm->tm_mon + 1) * 100 + (uint32_t)tm->tm_mday;
}

/* mktime(3) finds the second of a wall clock, whatever summer time does. */
static int64_t
second_of(uint32_t day, int hour, int minute, int second)
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	tm.tm_year = (int)(day / 10000) - 1900;
	tm.tm_mon = (int)(day / 100 % 100) - 1;
	tm.tm_mday = (int)(day % 100);
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

uint32_t
when_day(struct when_day *cache, int64_t time)
{
	time_t t = (time_t)time;
	struct tm tm;

	if (time == 0)
		return 0;
	if (time >= cache->start && time < cache->end)
		return cache->day;
	if (localtime_r(&t, &tm) == NULL || day_of(&tm) == 0)
		return 0;
	cache->day = day_of(&tm);
	when_day_text(cache->day, cache->text);
	cache->start = second_of(cache->day, 0, 0, 0);
	cache->end = second_of(cache->day + 1, 0, 0, 0);
	/* Where a clock change at midnight confuses them, the day still holds. */
	if (time < cache->start || time >= cache->end)
		cache->start = cache->end = 0;
	return cache->day;
}

/* Days since 1970, proleptic Gregorian. */
static int64_t
ordinal(uint32_t day)
{
	int64_t y = day / 10000, m = day / 100 % 100, d = day % 100, era, of_year;

	/* The year begins in March, so that the leap day is its last. */
	y -= m <= 2;
	era = y / 400;
	of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	y -= era * 400;
	return era * 146097 + y * 365 + y / 4 - y / 100 + of_year - 719468;
}

int64_t
when_days(uint32_t from, uint32_t to)
{
	return ordinal(to) - ordinal(from);
}

static uint32_t
month_days(uint32_t y, uint32_t m)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (m < 1 || m > 12)
		return 0;
	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

static int
is_day(uint32_t day)
{
	uint32_t y = day / 10000;

	return y >= 1000 && y <= 9999 && day % 100 >= 1 &&
	    day % 100 <= month_days(y, day / 100 % 100);
}

uint32_t
when_next_day(uint32_t day)
{
	uint32_t y = day / 10000, m = day / 100 % 100, d = day % 100;

	if (!is_day(day))
		return 0;
	if (++d > month_days(y, m)) {
		d = 1;
		if (++m > 12) {
			m = 1;
			y++;
		}
	}
	return y * 10000 + m * 100 + d;
}

static bool
split(int64_t time, struct tm *(*how)(const time_t *, struct tm *), struct tm *tm)
{
	time_t t = (time_t)time;

	return time != 0 && how(&t, tm) != NULL && day_of(tm) != 0;
}

void
when_local(int64_t time, char text[WHEN_TEXT])
{
	struct tm tm;

	text[0] = '\0';
	if (split(time, localtime_r, &tm))
		(void)strftime(text, WHEN_TEXT, "%Y-%m-%d %H:%M", &tm);
}

void
when_utc(int64_t time, char text[WHEN_TEXT])
{
	struct tm tm;

	text[0] = '\0';
	if (split(time, gmtime_r, &tm))
		(void)strftime(text, WHEN_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void
when_day_text(uint32_t day, char text[WHEN_TEXT])
{
	text[0] = '\0';
	if (day != 0)
		snprintf(text, WHEN_TEXT, "%04u-%02u-%02u", day / 10000,
		    day / 100 % 100, day % 100);
}

uint32_t
when_read_day(const char *text)
{
	unsigned int y, m, d;
	char end;

	if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 ||
	    sscanf(text, "%4u-%2u-%2u%c", &y, &m, &d, &end) != 3)
		return 0;
	d += y * 10000 + m * 100;
	return is_day(d) ? d : 0;
}

/* "36h" */
static int
read_age(const char *text, int64_t now, int64_t *time)
{
	static const struct {
		char	 unit;
		int64_t	 seconds;
	} units[] = { { 'm', MINUTE }, { 'h', HOUR }, { 'd', DAY }, { 'w', WEEK } };
	size_t digits = strspn(text, "0123456789"), i;

	if (digits == 0 || digits > 6 || text[digits] == '\0' ||
	    text[digits + 1] != '\0')
		return -1;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].unit == text[digits]) {
			*time = now - (int64_t)strtoul(text, NULL, 10) *
			    units[i].seconds;
			return 0;
		}
	return -1;
}

/* " 14:05", "T14:05:09" */
static int
read_clock(const char *text, int *hour, int *minute, int *second)
{
	char end;

	*second = 0;
	if ((text[0] != ' ' && text[0] != 'T') || !isdigit((unsigned char)text[1]) ||
	    strspn(text + 1, "0123456789:") != strlen(text + 1))
		return -1;
	if (sscanf(text + 1, "%2d:%2d%c", hour, minute, &end) != 2 &&
	    sscanf(text + 1, "%2d:%2d:%2d%c", hour, minute, second, &end) != 3)
		return -1;
	return *hour < 24 && *minute < 60 && *second < 60 ? 0 : -1;
}

int
when_read(const char *text, int64_t now, int end, int64_t *time)
{
	struct when_day cache = { .day = 0 };
	char day[11];
	uint32_t d;
	int hour = 0, minute = 0, second = 0;

	if (read_age(text, now, time) == 0)
		return 0;
	if (strcmp(text, "today") == 0)
		d = when_day(&cache, now);
	else if (strcmp(text, "yesterday") == 0)
		/* Noon is far from every clock change. */
		d = when_day(&cache, second_of(when_day(&cache, now), -12, 0, 0));
	else {
		snprintf(day, sizeof(day), "%s", text);
		d = when_read_day(day);
		if (d != 0 && strlen(text) > 10) {
			if (read_clock(text + 10, &hour, &minute, &second) == -1)
				return -1;
			*time = second_of(d, hour, minute, second);
			return 0;
		}
	}
	if (d == 0)
		return -1;
	*time = end ? second_of(d + 1, 0, 0, 0) - 1 : second_of(d, 0, 0, 0);
	return 0;
}
