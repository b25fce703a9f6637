/*
 * sink.c owns the queue of log lines and the thread that sends them; it may not
 * know what a record says, nor where the lines go, nor libmilter.
 */
/* libc */
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* this program */
#include "clock.h"
#include "outlet.h"
#include "sink.h"

#define QUEUE_LINES	16384
#define QUEUE_BYTES	(8 * 1024 * 1024)
#define FLUSH_SECONDS	3
#define RETRY_FIRST_MS	20
#define RETRY_MAX_MS	1000
#define TELL_USEC	1000000	/* until lines that were dropped are told again */
#define GATHER_MS	2
#define ANSWER_SECONDS	10	/* more than one round of the writer takes */

struct line {
	struct line	*next;
	uint64_t	 tells;		/* of so many that were dropped; or 0 */
	time_t		 since;
	size_t		 len;
	char		 text[];	/* header, record and end; NUL behind len */
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
	uint64_t	 tell_at;	/* on the steady clock; not before */
	enum log_format	 format;	/* of the latest line */
	bool		 running;
	uint64_t	 asked;		/* sink_answers(); the writer answers */
	uint64_t	 answered;
} sink = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

/* --- lines */

/* NULL when there is no memory. */
static struct line *
line_new(enum sink_level level, const struct record *r, enum log_format format)
{
	char text[OUTLET_HEADER + RECORD_MAX + OUTLET_END];
	struct line *l;
	size_t len;

	len = outlet_header(text, level);
	len += record_write(r, format, text + len);
	len += outlet_end(text + len);
	l = malloc(sizeof(*l) + len + 1);
	if (l != NULL) {
		l->next = NULL;
		l->tells = 0;
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

/*
 * That there was no memory to tell, or that the log did not take it, is no reason
 * to try without a pause.
 */
static bool
may_tell(void)
{
	return sink.dropped > 0 && clock_usec() >= sink.tell_at;
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
	if (l == NULL) {
		sink.tell_at = clock_usec() + TELL_USEC;
		return;
	}
	l->tells = sink.dropped;
	l->since = sink.dropped_since;
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

/* The log will never take this line. */
static void
drop_line(const struct line *l)
{
	if (l->tells == 0) {
		drop_one();
		return;
	}
	/* no record is lost by that, and what it tells is yet to be told */
	sink.dropped += l->tells;
	sink.dropped_since = l->since;
	sink.tell_at = clock_usec() + TELL_USEC;
}

void
sink_put(enum sink_level level, const struct record *r, enum log_format format)
{
	struct line *l;

	l = line_new(level, r, format);
	pthread_mutex_lock(&sink.lock);
	sink.format = format;
	if (has_room(l)) {
		if (may_tell())
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

static enum delivery
deliver(const struct line *l)
{
	enum delivery d;
	int wait = RETRY_FIRST_MS;
	size_t done = 0;

	while ((d = outlet_send(l->text, l->len, &done)) == LATER) {
		answer();
		poll(NULL, 0, wait);
		wait = wait * 2 < RETRY_MAX_MS ? wait * 2 : RETRY_MAX_MS;
	}
	return d;
}

/* Take out the first line, which kept its room in the queue until now. */
static void
deliver_first(struct line *l)
{
	enum delivery d;

	pthread_mutex_unlock(&sink.lock);
	d = deliver(l);
	pthread_mutex_lock(&sink.lock);
	if (d == NEVER)
		drop_line(l);
	sink.first = l->next;
	sink.lines--;
	sink.bytes -= l->len;
	free(l);
}

static void
await_lines(void)
{
	struct timespec until;

	if (sink.dropped == 0) {
		pthread_cond_wait(&sink.filled, &sink.lock);
		return;
	}
	until.tv_sec = (time_t)(sink.tell_at / 1000000);
	until.tv_nsec = (long)(sink.tell_at % 1000000) * 1000;
	pthread_cond_timedwait(&sink.filled, &sink.lock, &until);
}

static void *
writer(void *arg)
{
	bool wrote = false;

	pthread_mutex_lock(&sink.lock);
	for (;;) {
		sink.answered = sink.asked;
		if (sink.first == NULL && may_tell())
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
		await_lines();
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

	outlet_open(target);
	/* who puts the clock back must not have the end waited for */
	if (pthread_condattr_init(&attr) != 0 ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&sink.emptied, &attr) != 0 ||
	    pthread_cond_init(&sink.filled, &attr) != 0)
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
