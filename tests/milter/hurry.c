/*
 * hurry.c owns the time that libmilter believes in, to try what it does when
 * hours have passed; it may not know what that is.
 *
 * These two stand in the program, so libmilter finds them before the C
 * library's.  With each byte that is put into the file that HURRY names it is
 * two and a half hours later, and a wait of more than a minute is over.
 */
/* libc */
#include <sys/stat.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define LEAP		9000	/* seconds */
#define SLICE		100	/* milliseconds between looks */
#define LONG_WAIT	60000

time_t	 time(time_t *);
int	 poll(struct pollfd *, nfds_t, int);

static long
leaps(void)
{
	const char *path = getenv("HURRY");
	struct stat st;

	return path != NULL && stat(path, &st) == 0 ? (long)st.st_size : 0;
}

time_t
time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += leaps() * LEAP;
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

int
poll(struct pollfd *fds, nfds_t count, int ms)
{
	const struct timespec slice = { .tv_nsec = SLICE * 1000000L };
	long before = leaps();
	int left = ms, n;

	for (;;) {
		n = ppoll(fds, count, &slice, NULL);
		if (n != 0 || (left >= 0 && left <= SLICE) ||
		    (ms > LONG_WAIT && leaps() > before))
			return n;
		left -= left > 0 ? SLICE : 0;
	}
}
