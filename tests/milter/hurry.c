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
#include <dlfcn.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
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

/* Not ppoll(2): some glibc takes its struct timespec for one of 32 bits. */
static int
wait_slice(struct pollfd *fds, nfds_t count)
{
	int (*real)(struct pollfd *, nfds_t, int);
	void *p = dlsym(RTLD_NEXT, "poll");

	if (p == NULL)
		abort();
	memcpy(&real, &p, sizeof(real));
	return real(fds, count, SLICE);
}

int
poll(struct pollfd *fds, nfds_t count, int ms)
{
	long before = leaps();
	int left = ms, n;

	for (;;) {
		n = wait_slice(fds, count);
		if (n != 0 || (left >= 0 && left <= SLICE) ||
		    (ms > LONG_WAIT && leaps() > before))
			return n;
		left -= left > 0 ? SLICE : 0;
	}
}
