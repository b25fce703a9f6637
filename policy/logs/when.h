/*
 * when.h: local time and its days: reading what a person wrote, and writing it.
 *
 * Times are seconds since 1970; 0 is "not known".  Days are written as
 * 20261231.  Local time is that of the process (TZ).
 */
#ifndef TLSWARDEN_WHEN_H
#define TLSWARDEN_WHEN_H

#include <stdint.h>

#define WHEN_TEXT	32	/* room for any time as text, with NUL */

/* The day that was asked for last: most lines of a log are of one day. */
struct when_day {
	int64_t		 start;
	int64_t		 end;		/* the day is [start, end) */
	uint32_t	 day;
	char		 text[WHEN_TEXT];	/* 2026-12-31 */
};

/* The day of a time; 0 when the time is not known.  cache: all zero at first */
uint32_t when_day(struct when_day *cache, int64_t time);
/* The day after; days of no calendar give 0. */
uint32_t when_next_day(uint32_t day);
/* Days from one to the other; negative when `to' is the earlier one. */
int64_t	 when_days(uint32_t from, uint32_t to);

/* "2026-11-21 14:05", "2026-11-21T13:05:09Z", "2026-11-21"; "" for 0 */
void	 when_local(int64_t time, char [WHEN_TEXT]);
void	 when_utc(int64_t time, char [WHEN_TEXT]);
void	 when_day_text(uint32_t day, char [WHEN_TEXT]);

/* YYYY-MM-DD as 20261231; 0 when it is no day of the calendar. */
uint32_t when_read_day(const char *);

/*
 * What a person may write: "2026-11-20", "2026-11-20 14:05",
 * "2026-11-20T14:05:09", "today", "yesterday", or an age as "90m", "36h",
 * "7d", "2w".  A day is its first second, or its last one if end is true.
 * 0, or -1 when it is none of these.
 */
int	 when_read(const char *, int64_t now, int end, int64_t *time);

#endif
