/*
 * alarm.h: one warning a kind, user and day, however often it happens.
 */
#ifndef TLSWARDEN_ALARM_H
#define TLSWARDEN_ALARM_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct alarm_note {
	uint64_t	count;		/* times this process has seen it */
	time_t		since;		/* when it saw the first */
};

/*
 * Count one; true when it is the first of the day and so is to be logged.
 * The user may be "".  The table is bounded: whom nothing happened to for the
 * longest time is forgotten first.
 */
bool	alarm_raise(const char *kind, const char *user, uint32_t today,
	    struct alarm_note *);

#endif
