/*
 * clock.c owns the questions to the system's clocks; it may not know what the
 * answers are for.
 */
/* libc */
#include <time.h>
/* this program */
#include "clock.h"

uint32_t
clock_today(void)
{
	struct tm tm;
	time_t now;

	now = time(NULL);
	if (localtime_r(&now, &tm) == NULL)
		return 0;
	return (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 +
	    tm.tm_mday);
}

void
clock_format(time_t t, char out[CLOCK_TEXT])
{
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

uint64_t
clock_usec(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

time_t
clock_steady(void)
{
	return (time_t)(clock_usec() / 1000000);
}
