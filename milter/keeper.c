/*
 * keeper.c owns the signals that are ours and the hourly summary; it may not
 * know what a reload or a summary is.  SIGHUP, SIGTERM and SIGINT belong to
 * libmilter's own thread, which stops the daemon on each of them.
 */
/* libc */
#include <pthread.h>
#include <signal.h>
#include <time.h>
/* this program */
#include "clock.h"
#include "journal.h"
#include "keeper.h"
#include "reload.h"

#define SUMMARY_SECONDS	3600

static void *
keep(void *arg)
{
	struct timespec wait = { 0, 0 };
	sigset_t ours;
	time_t due, now;

	sigemptyset(&ours);
	sigaddset(&ours, SIGUSR1);
	due = clock_steady() + SUMMARY_SECONDS;
	for (;;) {
		now = clock_steady();
		wait.tv_sec = due > now ? due - now : 0;
		if (sigtimedwait(&ours, NULL, &wait) == SIGUSR1)
			reload_now();
		if (clock_steady() >= due) {
			journal_summary();
			due += SUMMARY_SECONDS;
		}
	}
	return arg;
}

int
keeper_start(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, keep, NULL) != 0)
		return -1;
	pthread_detach(thread);
	return 0;
}
