/*
 * clock.c owns the questions to the system's clocks; it may not know what the
 * answers are for.
 */
/* libc */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
/* this program */
#include "clock.h"

/*
 * What localtime_r(3) makes of a second serves all who ask within it, for in a
 * busy one thousands do.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	time_t		 second;
	char		 stamp[CLOCK_STAMP];
} local = { .second = -1 };

/* For who asks for the day alone, without the lock: the day, then its second. */
static atomic_uint_fast32_t today;
static atomic_int_fast64_t today_second = -1;

/* The lock is held.  Who reads in between finds a day that is a second newer. */
static void
set_today(time_t now, uint32_t day)
{
	atomic_store(&today, day);
	atomic_store(&today_second, now);
}

/* The lock is held. */
static void
look(void)
{
	time_t now = time(NULL);
	struct tm tm;

	if (now == local.second)
		return;
	local.second = now;
	local.stamp[0] = '\0';
	if (localtime_r(&now, &tm) == NULL) {
		set_today(now, 0);
		return;
	}
	set_today(now, (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 +
	    tm.tm_mday));
	if (strftime(local.stamp, CLOCK_STAMP, "%b %e %H:%M:%S", &tm) == 0)
		local.stamp[0] = '\0';
}

uint32_t
clock_today(void)
{
	if (atomic_load(&today_second) != time(NULL)) {
		pthread_mutex_lock(&lock);
		look();
		pthread_mutex_unlock(&lock);
	}
	return (uint32_t)atomic_load(&today);
}

void
clock_stamp(char out[CLOCK_STAMP])
{
	pthread_mutex_lock(&lock);
	look();
	memcpy(out, local.stamp, CLOCK_STAMP);
	pthread_mutex_unlock(&lock);
}

void
clock_format(time_t t, char out[CLOCK_TEXT])
{
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int64_t
clock_msec(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts) == -1)
		return 0;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
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
