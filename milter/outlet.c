/*
 * outlet.c owns the two ways out for log lines, the socket of syslogd and
 * standard error; it may not know what a line says, nor who waits behind it.
 *
 * syslog(3) is not used for writing: it blocks when syslogd stalls and says
 * nothing when it is gone.
 */
/* libc */
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
/* this program */
#include "clock.h"
#include "outlet.h"

#ifndef _PATH_LOG
#define _PATH_LOG	"/dev/log"
#endif

#define POLL_MS		500

/* Before there is a log, who started the daemon is told. */
static enum sink_target target = SINK_STDERR;

/* Before and behind the time in the header of a line; made once. */
static char priority_text[SINK_INFO + 1][8];
static char tag[40];
_Static_assert(sizeof(priority_text[0]) + CLOCK_STAMP + sizeof(tag) <= OUTLET_HEADER,
    "the header of a line has room");

/* Used by the thread that sends. */
static int log_fd = -1;
static bool log_stream;

static const int priorities[] = {
	[SINK_ERROR] = LOG_MAIL | LOG_ERR,
	[SINK_WARNING] = LOG_MAIL | LOG_WARNING,
	[SINK_INFO] = LOG_MAIL | LOG_INFO,
};

/* --- lines */

void
outlet_open(enum sink_target where)
{
	size_t i;

	target = where;
	for (i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++)
		snprintf(priority_text[i], sizeof(priority_text[i]), "<%d>", priorities[i]);
	snprintf(tag, sizeof(tag), " tlswardend[%ld]: ", (long)getpid());
	/*
	 * libmilter calls syslog(3) itself, from the threads that serve mail,
	 * and would stall with syslogd: nothing it says passes this mask.
	 */
	setlogmask(LOG_MASK(LOG_EMERG));
}

/* The header of RFC 3164, as local senders write it: without a host name. */
size_t
outlet_header(char header[OUTLET_HEADER], enum sink_level level)
{
	char stamp[CLOCK_STAMP], *p = header;

	if (target == SINK_STDERR)
		return 0;
	clock_stamp(stamp);
	p = stpcpy(p, priority_text[level]);
	p = stpcpy(p, stamp);
	p = stpcpy(p, tag);
	return (size_t)(p - header);
}

/* On a stream syslogd takes the NUL for the end of the line. */
size_t
outlet_end(char end[OUTLET_END])
{
	size_t len = 0;

	if (target == SINK_STDERR)
		end[len++] = '\n';
	end[len] = '\0';
	return len;
}

/* --- syslogd */

static int
log_connect(int type)
{
	struct sockaddr_un sun;
	int fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", _PATH_LOG);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static void
log_close(void)
{
	close(log_fd);
	log_fd = -1;
}

static bool
log_open(void)
{
	if (log_fd != -1)
		return true;
	log_stream = false;
	log_fd = log_connect(SOCK_DGRAM);
	if (log_fd == -1 && errno == EPROTOTYPE) {
		log_stream = true;
		log_fd = log_connect(SOCK_STREAM);
	}
	return log_fd != -1;
}

/* Wait until it takes more, but not for ever. */
static bool
log_takes(void)
{
	struct pollfd p = { .fd = log_fd, .events = POLLOUT };

	return poll(&p, 1, POLL_MS) != 0;
}

/* A datagram goes as a whole; a stream may take the start of a line. */
static enum delivery
to_syslogd(const char *line, size_t len, size_t *done)
{
	bool waited = false;
	ssize_t n;

	if (!log_open())
		return LATER;
	if (log_stream)
		len++;
	while (*done < len) {
		n = send(log_fd, line + *done, len - *done, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			*done += (size_t)n;
		} else if (n == -1 && errno == EAGAIN && !waited && log_takes()) {
			waited = true;
		} else if (n == -1 && errno == EMSGSIZE) {
			return NEVER;
		} else if (n == -1 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)) {
			return LATER;
		} else {
			/* syslogd is gone, and whoever comes gets the line from its start */
			log_close();
			*done = 0;
			return LATER;
		}
	}
	return DELIVERED;
}

/* --- standard error */

/*
 * A full disk may take the start of a line.  The rest follows when there is room:
 * the start alone could read like a record with fewer fields.
 */
static enum delivery
to_stderr(const char *line, size_t len, size_t *done)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t n;

	while (*done < len) {
		/* a reader that stopped would hold this thread in write(2) */
		if (poll(&p, 1, POLL_MS) == 0)
			return LATER;
		n = write(STDERR_FILENO, line + *done, len - *done);
		if (n > 0)
			*done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return LATER;
	}
	return DELIVERED;
}

enum delivery
outlet_send(const char *line, size_t len, size_t *done)
{
	return target == SINK_SYSLOG ? to_syslogd(line, len, done) :
	    to_stderr(line, len, done);
}

void
outlet_last_words(const char *words)
{
	char line[256];
	int fd, n;

	if (target == SINK_STDERR)
		n = snprintf(line, sizeof(line), "%s\n", words);
	else
		n = snprintf(line, sizeof(line), "<%d>tlswardend[%ld]: %s",
		    priorities[SINK_ERROR], (long)getpid(), words);
	if (n <= 0 || (size_t)n >= sizeof(line))
		return;
	if (target == SINK_STDERR) {
		if (write(STDERR_FILENO, line, (size_t)n) != n)
			return;
	} else if ((fd = log_connect(SOCK_DGRAM)) != -1) {
		send(fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
	}
}
