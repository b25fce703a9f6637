/*
 * keeper.c owns the signals that are ours and what is due at an hour; it may
 * not know what a reload or a summary is.  SIGHUP, SIGTERM and SIGINT belong to
 * libmilter's own thread, which stops the daemon on each of them.
 */
/* libc */
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
/* this program */
#include "clock.h"
#include "journal.h"
#include "keeper.h"
#include "meter.h"
#include "notify.h"
#include "reload.h"
#include "selfcheck.h"

#define SECOND	UINT64_C(1000000)

static void	feed_watchdog(void);

/* In microseconds; with a period of 0 it is never due. */
static struct duty {
	uint64_t	period;
	void		(*what)(void);
	uint64_t	due;
} duties[] = {
	{ 3600 * SECOND, journal_summary, 0 },
	{ 0, feed_watchdog, 0 },
	{ METER_SECONDS * SECOND, meter_write, 0 },
};

#define DUTIES		(sizeof(duties) / sizeof(duties[0]))
#define WATCHDOG	1

/* Who does not feed it is ended by the service manager, and started again. */
static void
feed_watchdog(void)
{
	static const char *told;
	const char *trouble;

	trouble = selfcheck();
	if (trouble == NULL) {
		notify_alive();
	} else if (told != trouble) {
		journal_fault("watchdog", trouble);
		notify_status(trouble);
	}
	told = trouble;
}

static void
say_ready(void)
{
	char status[NOTIFY_STATUS];

	reload_status(status, sizeof(status));
	notify_ready(status);
}

/* Do what is due; when the next is. */
static uint64_t
do_duties(uint64_t now)
{
	uint64_t next = UINT64_MAX;
	size_t i;

	for (i = 0; i < DUTIES; i++) {
		struct duty *d = &duties[i];

		if (d->period == 0)
			continue;
		if (now >= d->due) {
			d->what();
			/* after a pause not once for each that was missed */
			d->due += (1 + (now - d->due) / d->period) * d->period;
		}
		next = d->due < next ? d->due : next;
	}
	return next;
}

static void *
keep(void *arg)
{
	struct timespec wait;
	sigset_t ours;
	uint64_t next, now;

	sigemptyset(&ours);
	sigaddset(&ours, SIGUSR1);
	/* The socket listens: who connects from now on is answered. */
	say_ready();
	meter_write();
	for (;;) {
		next = do_duties(clock_usec());
		now = clock_usec();
		next = next > now ? next - now : 0;
		wait.tv_sec = (time_t)(next / SECOND);
		wait.tv_nsec = (long)(next % SECOND * 1000);
		if (sigtimedwait(&ours, NULL, &wait) != SIGUSR1)
			continue;
		notify_reloading();
		reload_now();
		say_ready();
		meter_write();
	}
	return arg;
}

int
keeper_start(uint64_t watchdog)
{
	pthread_t thread;
	uint64_t now = clock_usec();
	size_t i;

	duties[WATCHDOG].period = watchdog;
	for (i = 0; i < DUTIES; i++)
		duties[i].due = now + duties[i].period;
	if (watchdog > 0 && selfcheck_init() == -1)
		return -1;
	if (pthread_create(&thread, NULL, keep, NULL) != 0)
		return -1;
	pthread_detach(thread);
	return 0;
}
