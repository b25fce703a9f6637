/*
 * sink.c owns the queue of log lines, the thread that writes them and the
 * socket of syslogd; it may not know what a record says, nor libmilter.
 *
 * syslog(3) is not used for writing: it blocks when syslogd stalls and says
 * nothing when it is gone.
 */
/* libc */
#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
/* this program */
#include "clock.h"
#include "sink.h"

#ifndef _PATH_LOG
#define _PATH_LOG	"/dev/log"
#endif

#define QUEUE_LINES	16384
#define QUEUE_BYTES	(8 * 1024 * 1024)
#define FLUSH_SECONDS	3
#define POLL_MS		500
#define RETRY_FIRST_MS	20
#define RETRY_MAX_MS	1000
#define HEADER_MAX	80	/* bytes of what stands before a record */
#define GATHER_MS	2
#define ANSWER_SECONDS	10	/* more than one round of the writer takes */

struct line {
	struct line	*next;
	size_t		 len;
	char		 text[];	/* header and record; NUL behind len */
};

static struct {
	pthread_mutex_t	 lock;
	pthread_cond_t	 filled;
	pthread_cond_t	 emptied;
	struct line	*first;
	struct line	**last;
	size_t		 lines;
	size_t		 bytes;
	uint64_t	 dropped;	/* and not told yet */
	uint64_t	 dropped_ever;
	time_t		 dropped_since;
	enum log_format	 format;	/* of the latest line */
	enum sink_target target;
	bool		 running;
	uint64_t	 asked;		/* sink_answers(); the writer answers */
	uint64_t	 answered;
} sink = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.filled = PTHREAD_COND_INITIALIZER,
};

/* Before and behind the time in the header of a line; made once. */
static char priority_text[SINK_INFO + 1][8];
static char tag[40];
_Static_assert(sizeof(priority_text[0]) + CLOCK_STAMP + sizeof(tag) <= HEADER_MAX,
    "the header of a line has room");

/* Used by the writer alone. */
static int log_fd = -1;
static bool log_stream;

static const int priorities[] = {
	[SINK_ERROR] = LOG_MAIL | LOG_ERR,
	[SINK_WARNING] = LOG_MAIL | LOG_WARNING,
	[SINK_INFO] = LOG_MAIL | LOG_INFO,
};

/* --- lines */

/* The header of RFC 3164, as local senders write it: without a host name. */
static size_t
put_header(char header[HEADER_MAX], enum sink_level level)
{
	char stamp[CLOCK_STAMP], *p = header;

	clock_stamp(stamp);
	p = stpcpy(p, priority_text[level]);
	p = stpcpy(p, stamp);
	p = stpcpy(p, tag);
	return (size_t)(p - header);
}

static void
make_header(void)
{
	size_t i;

	for (i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++)
		snprintf(priority_text[i], sizeof(priority_text[i]), "<%d>", priorities[i]);
	snprintf(tag, sizeof(tag), " tlswardend[%ld]: ", (long)getpid());
}

/* NULL when there is no memory. */
static struct line *
line_new(enum sink_level level, const struct record *r, enum log_format format)
{
	char text[HEADER_MAX + RECORD_MAX + 2];
	struct line *l;
	size_t len = 0;

	if (sink.target == SINK_SYSLOG)
		len = put_header(text, level);
	len += record_write(r, format, text + len);
	if (sink.target == SINK_STDERR)
		text[len++] = '\n';
	text[len] = '\0';
	l = malloc(sizeof(*l) + len + 1);
	if (l != NULL) {
		l->next = NULL;
		l->len = len;
		memcpy(l->text, text, len + 1);
	}
	return l;
}

/* --- the queue; its lock is held */

static bool
has_room(const struct line *l)
{
	if (l == NULL)
		return false;
	/*
	 * Once lines are dropped, go on until the queue is half empty: a log
	 * with a hole every few lines helps nobody.
	 */
	if (sink.dropped > 0)
		return sink.lines <= QUEUE_LINES / 2 &&
		    sink.bytes <= QUEUE_BYTES / 2;
	return sink.lines < QUEUE_LINES && sink.bytes + l->len <= QUEUE_BYTES;
}

static void
append(struct line *l)
{
	if (sink.first == NULL)
		sink.last = &sink.first;
	*sink.last = l;
	sink.last = &l->next;
	sink.lines++;
	sink.bytes += l->len;
}

static void
append_dropped(void)
{
	struct record r;
	struct line *l;
	char since[CLOCK_TEXT];

	clock_format(sink.dropped_since, since);
	record_init(&r);
	record_start(&r, "dropped");
	record_put_number(&r, "count", sink.dropped);
	record_put(&r, "since", since);
	l = line_new(SINK_WARNING, &r, sink.format);
	record_free(&r);
	if (l == NULL)
		return;
	append(l);
	sink.dropped = 0;
}

static void
drop_one(void)
{
	if (sink.dropped++ == 0)
		sink.dropped_since = time(NULL);
	sink.dropped_ever++;
}

void
sink_put(enum sink_level level, const struct record *r, enum log_format format)
{
	struct line *l;

	l = line_new(level, r, format);
	pthread_mutex_lock(&sink.lock);
	sink.format = format;
	if (has_room(l)) {
		if (sink.dropped > 0)
			append_dropped();
		append(l);
		l = NULL;
	} else {
		drop_one();
	}
	pthread_cond_signal(&sink.filled);
	pthread_mutex_unlock(&sink.lock);
	free(l);
}

/* --- the writer */

/* Once a round, whatever it waits for. */
static void
answer(void)
{
	pthread_mutex_lock(&sink.lock);
	sink.answered = sink.asked;
	pthread_mutex_unlock(&sink.lock);
}

enum delivery { DELIVERED, LATER, NEVER };

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

static enum delivery
deliver_syslog(const struct line *l)
{
	struct pollfd p;
	ssize_t n;
	size_t len;

	if (!log_open())
		return LATER;
	/* On a stream the NUL ends the line. */
	len = log_stream ? l->len + 1 : l->len;
	n = send(log_fd, l->text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n == -1 && errno == EAGAIN) {
		p.fd = log_fd;
		p.events = POLLOUT;
		if (poll(&p, 1, POLL_MS) == 0)
			return LATER;
		n = send(log_fd, l->text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	if (n == (ssize_t)len)
		return DELIVERED;
	if (n == -1 && errno == EMSGSIZE)
		return NEVER;
	if (n == -1 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
		return LATER;
	/* syslogd is gone, or half a line went into a stream: start again */
	log_close();
	return LATER;
}

static enum delivery
write_stderr(const char *text, size_t len, size_t *written)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	size_t done;
	ssize_t n;

	for (done = 0; done < len; *written = done) {
		/* a reader that stopped would hold this thread in write(2) */
		answer();
		if (poll(&p, 1, POLL_MS) == 0)
			continue;
		n = write(STDERR_FILENO, text + done, len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return NEVER;
	}
	return DELIVERED;
}

static enum delivery
deliver_stderr(const struct line *l)
{
	static bool torn;	/* a full disk took the start of a line */
	enum delivery d;
	size_t done = 0;

	if (torn && write_stderr("\n", 1, &done) != DELIVERED)
		return NEVER;
	done = 0;
	d = write_stderr(l->text, l->len, &done);
	torn = done > 0 && done < l->len;
	return d;
}

static void
deliver(const struct line *l)
{
	enum delivery d;
	int wait = RETRY_FIRST_MS;

	for (;;) {
		d = sink.target == SINK_SYSLOG ? deliver_syslog(l) :
		    deliver_stderr(l);
		if (d == DELIVERED)
			return;
		if (d == NEVER)
			break;
		answer();
		poll(NULL, 0, wait);
		wait = wait * 2 < RETRY_MAX_MS ? wait * 2 : RETRY_MAX_MS;
	}
	pthread_mutex_lock(&sink.lock);
	if (sink.target == SINK_SYSLOG)
		drop_one();
	pthread_mutex_unlock(&sink.lock);
}

/* Take out the first line, which kept its room in the queue until now. */
static void
deliver_first(struct line *l)
{
	pthread_mutex_unlock(&sink.lock);
	deliver(l);
	pthread_mutex_lock(&sink.lock);
	sink.first = l->next;
	sink.lines--;
	sink.bytes -= l->len;
	free(l);
}

static void *
writer(void *arg)
{
	bool wrote = false;

	pthread_mutex_lock(&sink.lock);
	for (;;) {
		sink.answered = sink.asked;
		if (sink.first == NULL && sink.dropped > 0)
			append_dropped();
		if (sink.first != NULL) {
			deliver_first(sink.first);
			wrote = true;
			continue;
		}
		pthread_cond_signal(&sink.emptied);
		/*
		 * On a busy server the next line is near: to sleep until a thread
		 * that serves mail has to wake this one costs more than the line.
		 */
		if (wrote) {
			pthread_mutex_unlock(&sink.lock);
			poll(NULL, 0, GATHER_MS);
			pthread_mutex_lock(&sink.lock);
			wrote = false;
			continue;
		}
		pthread_cond_wait(&sink.filled, &sink.lock);
	}
	return arg;
}

bool
sink_answers(void)
{
	static time_t asked_at;
	time_t now = clock_steady();
	bool yes;

	pthread_mutex_lock(&sink.lock);
	yes = sink.answered == sink.asked;
	if (yes) {
		sink.asked++;
		asked_at = now;
		pthread_cond_signal(&sink.filled);
	}
	pthread_mutex_unlock(&sink.lock);
	return yes || now - asked_at < ANSWER_SECONDS;
}

void
sink_look(struct sink_state *s)
{
	pthread_mutex_lock(&sink.lock);
	s->lines = sink.lines;
	s->lines_max = QUEUE_LINES;
	s->dropped = sink.dropped_ever;
	pthread_mutex_unlock(&sink.lock);
}

int
sink_start(enum sink_target target)
{
	pthread_condattr_t attr;
	pthread_t thread;

	sink.target = target;
	make_header();
	/*
	 * libmilter calls syslog(3) itself, from the threads that serve mail,
	 * and would stall with syslogd: nothing it says passes this mask.
	 */
	setlogmask(LOG_MASK(LOG_EMERG));
	/* who puts the clock back must not have the end waited for */
	if (pthread_condattr_init(&attr) != 0 ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&sink.emptied, &attr) != 0)
		return -1;
	pthread_condattr_destroy(&attr);
	sink.running = true;
	if (pthread_create(&thread, NULL, writer, NULL) != 0) {
		sink.running = false;
		return -1;
	}
	pthread_detach(thread);
	return 0;
}

void
sink_stop(void)
{
	struct timespec end;

	if (!sink.running)
		return;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += FLUSH_SECONDS;
	pthread_mutex_lock(&sink.lock);
	while (sink.first != NULL || sink.dropped > 0)
		if (pthread_cond_timedwait(&sink.emptied, &sink.lock, &end) != 0)
			break;
	pthread_mutex_unlock(&sink.lock);
}

void
sink_last_words(const char *words)
{
	char line[256];
	int fd, n;

	/* before there is a log, who started the daemon is told */
	if (!sink.running || sink.target == SINK_STDERR)
		n = snprintf(line, sizeof(line), "%s\n", words);
	else
		n = snprintf(line, sizeof(line), "<%d>tlswardend[%ld]: %s",
		    priorities[SINK_ERROR], (long)getpid(), words);
	if (n <= 0 || (size_t)n >= sizeof(line))
		return;
	if (!sink.running || sink.target == SINK_STDERR) {
		if (write(STDERR_FILENO, line, (size_t)n) != n)
			return;
	} else if ((fd = log_connect(SOCK_DGRAM)) != -1) {
		send(fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
	}
}
