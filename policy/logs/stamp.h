/*
 * stamp.h: the times at the start of log lines.
 */
#ifndef TLSWARDEN_STAMP_H
#define TLSWARDEN_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAMP_SECONDS	19	/* "2026-11-21T02:23:44", and then a part of one */

/*
 * Stamps of RFC 3164 have no year: the latest is taken with which the line is
 * at most a day in the future.  Lines come in runs of one hour, which is
 * kept, for the C library takes its time; of an hour in which the clock is
 * changed, or the year, only the minute.  Of stamps of RFC 3339 the minute is
 * kept, with its zone.
 */
struct stamps {
	int64_t	 now;
	size_t	 kept;		/* bytes of the next; 0: nothing is */
	char	 minute[12];	/* "Nov 21 02:23" */
	int64_t	 begins;	/* the minute, or the hour if that is kept */
	char	 iso[17];	/* "2026-11-21T02:23:" */
	char	 zone[6];	/* "+01:00" */
	size_t	 zone_len;	/* 0: nothing is kept */
	int64_t	 iso_begins;
};

void	stamps_init(struct stamps *, int64_t now);
/*
 * Read the stamp that the text begins with, seconds since 1970.  Length of the
 * stamp, 0 when there is none.  Fractions of a second are dropped.
 */
size_t	stamp_bsd(struct stamps *, const char *, size_t, int64_t *);
size_t	stamp_iso(struct stamps *, const char *, size_t, int64_t *);

/*
 * What time it is, by the stamps of lines: the earlier of the last two, for one
 * that is damaged shall not end all that waits.  latest: that of the line
 * before, 0 at first.
 */
int64_t	stamp_steady(int64_t *latest, int64_t time);

#endif
