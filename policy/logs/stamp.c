/*
 * stamp.c owns the times of log lines: RFC 3164, whose year has to be found,
 * and RFC 3339.  It may not know what else stands in a line.
 */
/* libc */
#include <string.h>
#include <time.h>
/* this project */
#include "stamp.h"

#define MINUTE		60
#define HOUR		(60 * MINUTE)
#define DAY		(24 * HOUR)
#define BSD_LENGTH	15	/* "Nov 21 02:23:44" */
#define KEPT_HOUR	9	/* "Nov 21 02" */
#define KEPT_MINUTE	12
#define ISO_LENGTH	STAMP_SECONDS
#define ISO_MINUTE	17	/* "2026-11-21T02:23:" */
#define YEARS_BACK	8	/* from one 29 February to the one before, at most */

void
stamps_init(struct stamps *s, int64_t now)
{
	memset(s, 0, sizeof(*s));
	s->now = now;
}

/* -1 when they are no digits. */
static int
two_digits(const char *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + p[1] - '0';
}

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in(int month, int year)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month] + (month == 1 && is_leap(year));
}

/* A fraction of a second, which nobody needs. */
static size_t
fraction(const char *p, size_t len)
{
	size_t n = 1;

	if (len < 2 || (*p != '.' && *p != ','))
		return 0;
	while (n < len && p[n] >= '0' && p[n] <= '9')
		n++;
	return n > 1 ? n : 0;
}

/* --- RFC 3164 */

/* 0 to 11, or -1. */
static int
month_of(const char *p)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int i;

	for (i = 0; i < 12; i++)
		if (memcmp(names + 3 * i, p, 3) == 0)
			return i;
	return -1;
}

/* The year is the latest that does not put the minute into the future. */
static int64_t
find_minute(const struct stamps *s, const struct tm *minute)
{
	time_t now = (time_t)s->now, begins;
	struct tm tm;
	int year, last;

	if (localtime_r(&now, &tm) == NULL)
		return -1;
	last = tm.tm_year + 1;
	for (year = last; year >= last - YEARS_BACK; year--) {
		if (minute->tm_mday > days_in(minute->tm_mon, year + 1900))
			continue;
		tm = *minute;
		tm.tm_year = year;
		tm.tm_isdst = -1;
		begins = mktime(&tm);
		if (begins != (time_t)-1 && begins <= now + DAY)
			return begins;
	}
	return -1;
}

/* Keep the hour, if what is so of its first and its last minute is so of all. */
static void
keep(struct stamps *s, const char *p, int64_t begins, struct tm tm)
{
	int64_t first, last;

	tm.tm_min = 0;
	first = find_minute(s, &tm);
	tm.tm_min = 59;
	last = find_minute(s, &tm);
	s->kept = KEPT_MINUTE;
	s->begins = begins;
	if (first != -1 && last - first == 59 * MINUTE) {
		s->kept = KEPT_HOUR;
		s->begins = first;
	}
	memcpy(s->minute, p, sizeof(s->minute));
}

/* "Nov 21 02:23" or "Nov  1 02:23"; the colon and the minute were seen to. */
static int
read_minute(struct stamps *s, const char *p)
{
	int64_t begins;
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	s->kept = 0;
	tm.tm_mon = month_of(p);
	tm.tm_mday = p[4] == ' ' && p[5] >= '0' && p[5] <= '9' ?
	    p[5] - '0' : two_digits(p + 4);
	tm.tm_hour = two_digits(p + 7);
	tm.tm_min = two_digits(p + 10);
	if (tm.tm_mon == -1 || p[3] != ' ' || p[6] != ' ' || tm.tm_mday < 1 ||
	    tm.tm_hour == -1 || tm.tm_hour > 23)
		return -1;
	begins = find_minute(s, &tm);
	if (begins == -1)
		return -1;
	keep(s, p, begins, tm);
	return 0;
}

size_t
stamp_bsd(struct stamps *s, const char *p, size_t len, int64_t *seconds)
{
	int minute, second;

	if (len < BSD_LENGTH || p[9] != ':' || p[12] != ':')
		return 0;
	minute = two_digits(p + 10);
	second = two_digits(p + 13);
	if (minute == -1 || minute > 59 || second == -1 || second > 60)
		return 0;
	if ((s->kept == 0 || memcmp(p, s->minute, s->kept) != 0) &&
	    read_minute(s, p) == -1)
		return 0;
	*seconds = s->begins + second;
	if (s->kept == KEPT_HOUR)
		*seconds += minute * MINUTE;
	return BSD_LENGTH + fraction(p + BSD_LENGTH, len - BSD_LENGTH);
}

/* --- RFC 3339 */

/* Days from 1970-01-01; years are counted from March, so that leap days end them. */
static int64_t
days_since_1970(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	    1 - 719468;
}

/* "Z", "+01:00" or, as journalctl has it, "+0100"; 0: none. */
static size_t
offset(const char *p, size_t len, int *seconds)
{
	size_t minutes;
	int h, m;

	*seconds = 0;
	if (len >= 1 && (*p == 'Z' || *p == 'z'))
		return 1;
	if (len < 5 || (*p != '+' && *p != '-'))
		return 0;
	minutes = p[3] == ':' ? 4 : 3;
	if (len < minutes + 2)
		return 0;
	h = two_digits(p + 1);
	m = two_digits(p + minutes);
	if (h == -1 || h > 23 || m == -1 || m > 59)
		return 0;
	*seconds = (h * HOUR + m * MINUTE) * (*p == '-' ? -1 : 1);
	return minutes + 2;
}

/* What was read last, of which only the second is another one. */
static size_t
iso_again(const struct stamps *kept, const char *p, size_t len, int64_t *seconds)
{
	int second;
	size_t n;

	if (kept->zone_len == 0 || len < ISO_LENGTH ||
	    memcmp(p, kept->iso, ISO_MINUTE - 1) != 0 || p[ISO_MINUTE - 1] != ':')
		return 0;
	second = two_digits(p + ISO_MINUTE);
	n = ISO_LENGTH + fraction(p + ISO_LENGTH, len - ISO_LENGTH);
	if (second == -1 || second > 60 || len - n < kept->zone_len ||
	    memcmp(p + n, kept->zone, kept->zone_len) != 0)
		return 0;
	*seconds = kept->iso_begins + second;
	return n + kept->zone_len;
}

static void
keep_iso(struct stamps *kept, const char *p, const char *zone, size_t zone_len,
    int64_t begins)
{
	memcpy(kept->iso, p, sizeof(kept->iso));
	memcpy(kept->zone, zone, zone_len);
	kept->zone_len = zone_len;
	kept->iso_begins = begins;
}

size_t
stamp_iso(struct stamps *kept, const char *p, size_t len, int64_t *seconds)
{
	int century, year, month, day, h, m, s, zone;
	size_t n = iso_again(kept, p, len, seconds), width;

	if (n > 0)
		return n;
	n = ISO_LENGTH;
	if (len < ISO_LENGTH || p[4] != '-' || p[7] != '-' ||
	    (p[10] != 'T' && p[10] != 't') || p[13] != ':' || p[16] != ':')
		return 0;
	century = two_digits(p);
	year = two_digits(p + 2);
	month = two_digits(p + 5);
	day = two_digits(p + 8);
	h = two_digits(p + 11);
	m = two_digits(p + 14);
	s = two_digits(p + 17);
	if (century == -1 || year == -1 || month < 1 || month > 12 || day < 1 ||
	    h == -1 || h > 23 || m == -1 || m > 59 || s == -1 || s > 60)
		return 0;
	year += century * 100;
	if (year < 1970 || day > days_in(month - 1, year))
		return 0;
	n += fraction(p + n, len - n);
	width = offset(p + n, len - n, &zone);
	if (width == 0)
		return 0;
	*seconds = days_since_1970(year, month, day) * DAY + h * HOUR +
	    m * MINUTE + s - zone;
	keep_iso(kept, p, p + n, width, *seconds - s);
	return n + width;
}

int64_t
stamp_steady(int64_t *latest, int64_t time)
{
	int64_t before = *latest;

	*latest = time;
	return before != 0 && before < time ? before : time;
}
