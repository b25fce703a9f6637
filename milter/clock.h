/*
 * clock.h: the day and the hour, as the machine's owner counts them.
 */
#ifndef TLSWARDEN_CLOCK_H
#define TLSWARDEN_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_TEXT	24	/* room for clock_format(), with NUL */
#define CLOCK_STAMP	16	/* room for clock_stamp(), with NUL */

/* The local calendar day as 20261231. */
uint32_t	clock_today(void);
/* "Nov 20 10:10:11", local, as syslog has it; "" when nobody knows. */
void		clock_stamp(char [CLOCK_STAMP]);
/* "2026-11-20T09:10:11Z" */
void		clock_format(time_t, char [CLOCK_TEXT]);
/* Seconds that never go back; for intervals. */
time_t		clock_steady(void);
uint64_t	clock_usec(void);	/* the same clock, in microseconds */
/* The clock of the day, in milliseconds; it may go back. */
int64_t		clock_msec(void);

#endif
