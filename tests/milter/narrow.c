/*
 * narrow.c owns the clocks of libraries that were built with times of 32 bits,
 * before programs whose times have 64; it may not know who puts these clocks.
 *
 * There the C library has either function under two names, and its headers give
 * definitions in a program the newer one.
 */
/* libc */
#include <time.h>

#ifdef _TIME_BITS
struct narrow {
	long	seconds, nanoseconds;
};

long	narrow_time(long *) __asm__("time");
int	narrow_clock(clockid_t, struct narrow *) __asm__("clock_gettime");

long
narrow_time(long *out)
{
	long now = (long)time(NULL);

	if (out != NULL)
		*out = now;
	return now;
}

int
narrow_clock(clockid_t clock, struct narrow *out)
{
	struct timespec now;
	int status = clock_gettime(clock, &now);

	out->seconds = (long)now.tv_sec;
	out->nanoseconds = now.tv_nsec;
	return status;
}
#else
extern const int nothing_is_narrow;
const int nothing_is_narrow = 1;
#endif
