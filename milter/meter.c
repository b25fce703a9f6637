/*
 * meter.c owns the file that node_exporter's textfile collector reads; it may
 * not know what stands in it.
 */
/* libc */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* this project */
#include "buf.h"
#include "mem.h"
#include "metrics.h"
/* this program */
#include "conn.h"
#include "current.h"
#include "journal.h"
#include "meter.h"
#include "sink.h"

/* The keeper writes, and at the end the main thread; no session waits here. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static time_t started;
static bool observing;
static char *written;		/* the file that is there, or NULL */
static bool over;		/* what the keeper still has to say is too late */

void
meter_init(const struct options *o)
{
	started = time(NULL);
	observing = o->observe;
}

static void
compose(const struct edition *e, bool up, struct buf *out)
{
	struct metrics *m = journal_metrics();
	struct metrics_now now = {
		.version = PACKAGE_VERSION,
		.up = up,
		.observing = observing || policy_settings(e->policy)->observe,
		.hash = policy_hash(e->policy),
		.generation = e->generation,
		.rules = policy_rule_count(e->policy),
		.started = started,
		.loaded = e->loaded,
		.written = time(NULL),
		.open = conn_open(),
	};
	struct sink_state s;

	sink_look(&s);
	now.queue = s.lines;
	now.queue_max = s.lines_max;
	now.dropped = s.dropped;
	metrics_print(m, &now, out);
	metrics_free(m);
}

/* Everybody may read it, or the collector of another user could not. */
static int
write_all(int fd, const struct buf *text)
{
	size_t done = 0;
	ssize_t n;

	while (done < text->len) {
		n = write(fd, text->data + done, text->len - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return fchmod(fd, 0644);
}

/* A reader finds the old file or the new one, and both are whole. */
static int
replace(const char *path, const struct buf *text)
{
	struct buf name = BUF_INIT;
	int fd, saved, status = -1;

	buf_printf(&name, "%s.new", path);
	/* what a crash left; never through a link that somebody put there */
	unlink(buf_str(&name));
	fd = open(buf_str(&name),
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd != -1) {
		status = write_all(fd, text);
		saved = errno;
		if (close(fd) == -1 && status == 0) {
			saved = errno;
			status = -1;
		}
		errno = saved;
	}
	if (status == 0)
		status = rename(buf_str(&name), path);
	if (status == -1 && fd != -1) {
		saved = errno;
		unlink(buf_str(&name));
		errno = saved;
	}
	buf_free(&name);
	return status;
}

/* A file that is no longer named would show old numbers for ever. */
static void
forget_old(const char *path)
{
	if (written == NULL || strcmp(written, path) == 0)
		return;
	unlink(written);
	free(written);
	written = NULL;
}

static void
put_file(bool up)
{
	struct edition *e = current_acquire();
	const char *path = policy_settings(e->policy)->metrics_file;
	struct buf text = BUF_INIT;

	pthread_mutex_lock(&lock);
	if (over)
		goto out;
	over = !up;
	forget_old(path);
	if (path[0] != '\0') {
		compose(e, up, &text);
		if (replace(path, &text) == -1)
			journal_unmetered(path, strerror(errno));
		else if (written == NULL)
			written = mem_strdup(path);
	}
out:
	pthread_mutex_unlock(&lock);
	buf_free(&text);
	edition_release(&e);
}

void
meter_write(void)
{
	put_file(true);
}

void
meter_stop(void)
{
	put_file(false);
}
