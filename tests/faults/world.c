/*
 * world.c owns the orders of a test, the signals that interrupt, the clock that
 * jumps, the one that stands still and the sockets that take nothing long at once;
 * it may not know the program that suffers them.
 *
 * With FAULT_STORM in the environment a thread sends every other one a signal,
 * whose handler does not restart what it interrupts, as often as the orders say.
 * No thread can block that signal.
 */
/* libc */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* this test */
#include "real.h"

#define STORM	SIGVTALRM
#define SECOND	INT64_C(1000000000)

static struct fault_control *control;

struct fault_control *
fault_control(void)
{
	return control;
}

/*
 * What a function of the C library is called in it.  Where a word has 32 bits and
 * times and places in files have more, its headers give both the calls and the
 * definitions here another name than stands there.
 */
static const char *
called(const char *name)
{
	static const char *const wide[][2] = {
		{ "clock_gettime", "__clock_gettime64" },
		{ "mmap", "mmap64" },
	};
	size_t i;

	for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (sizeof(off_t) > sizeof(long) && strcmp(name, wide[i][0]) == 0 &&
		    dlsym(RTLD_NEXT, wide[i][1]) != NULL)
			return wide[i][1];
	return name;
}

void
fault_real(const char *name, void *function)
{
	void *p = dlsym(RTLD_NEXT, called(name));

	if (p == NULL)
		abort();
	memcpy(function, &p, sizeof(p));
}

/* --- signals */

static void
count_signal(int number)
{
	(void)number;
	atomic_fetch_add(&control->signals, 1);
}

static void
strike(DIR *tasks, pid_t mine)
{
	struct dirent *entry;
	long tid;

	rewinddir(tasks);
	while ((entry = readdir(tasks)) != NULL) {
		tid = strtol(entry->d_name, NULL, 10);
		if (tid > 0 && tid != mine)
			syscall(SYS_tgkill, (long)getpid(), tid, STORM);
	}
}

static void *
storm(void *arg)
{
	pid_t mine = (pid_t)syscall(SYS_gettid);
	uint64_t pause;
	DIR *tasks;

	fault_spare(true);
	tasks = opendir("/proc/self/task");
	if (tasks == NULL)
		abort();
	for (;;) {
		pause = atomic_load(&control->storm);
		usleep(pause != 0 ? (useconds_t)pause : 1000);
		if (pause != 0)
			strike(tasks, mine);
	}
	return arg;
}

typedef int mask_function(int, const sigset_t *, sigset_t *);

static int
mask_but_storm(const char *name, int how, const sigset_t *set, sigset_t *old)
{
	mask_function *real;
	sigset_t mine;

	fault_real(name, &real);
	if (set == NULL || how == SIG_UNBLOCK)
		return real(how, set, old);
	mine = *set;
	sigdelset(&mine, STORM);
	return real(how, &mine, old);
}

int
sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return mask_but_storm("sigprocmask", how, set, old);
}

int
pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	return mask_but_storm("pthread_sigmask", how, set, old);
}

static void
start_storm(void)
{
	struct sigaction action;
	mask_function *real;
	sigset_t all, old;
	pthread_t thread;

	memset(&action, 0, sizeof(action));
	action.sa_handler = count_signal;
	sigaction(STORM, &action, NULL);
	/* what is meant for the program is not for this thread */
	fault_real("pthread_sigmask", &real);
	sigfillset(&all);
	real(SIG_BLOCK, &all, &old);
	if (pthread_create(&thread, NULL, storm, NULL) != 0)
		abort();
	real(SIG_SETMASK, &old, NULL);
}

/* --- the clocks: that of the day, and the one that only goes on */

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int64_t ns;

	if (real == NULL)
		fault_real("clock_gettime", &real);
	if (real(clock, ts) == -1)
		return -1;
	if (control == NULL)
		return 0;
	ns = ts->tv_sec * SECOND + ts->tv_nsec;
	if (clock == CLOCK_REALTIME)
		ns += atomic_load(&control->ahead);
	else if (clock == CLOCK_MONOTONIC && atomic_load(&control->still) != 0)
		ns = atomic_load(&control->still);
	ts->tv_sec = (time_t)(ns / SECOND);
	ts->tv_nsec = (long)(ns % SECOND);
	return 0;
}

time_t
time(time_t *t)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

/* --- sockets */

ssize_t
send(int fd, const void *data, size_t len, int flags)
{
	static ssize_t (*real)(int, const void *, size_t, int);
	socklen_t size = sizeof(int);
	uint64_t longest;
	int type;

	if (real == NULL)
		fault_real("send", &real);
	longest = control != NULL ? atomic_load(&control->longest) : 0;
	if (longest == 0 || len <= longest)
		return real(fd, data, len, flags);
	atomic_fetch_add(&control->unsent, 1);
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM)
		return real(fd, data, (size_t)longest, flags);
	errno = EMSGSIZE;
	return -1;
}

/* --- the orders */

__attribute__((__constructor__)) static void
open_control(void)
{
	const char *path = getenv("FAULTS");
	void *p;
	int fd;

	if (path == NULL)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd == -1)
		abort();
	p = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		abort();
	close(fd);
	control = p;
	if (getenv("FAULT_STORM") != NULL)
		start_storm();
}
