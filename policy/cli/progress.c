/*
 * progress.c owns the line that says how far a long run has come; it may not
 * know what is read.
 */
/* libc */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* this project */
#include "logs.h"

#define PATIENCE	1000	/* milliseconds without a word */
#define INTERVAL	200	/* from one word to the next */
#define NAME_SHOWN	40

static int64_t
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
progress_start(struct progress *p)
{
	memset(p, 0, sizeof(*p));
	p->on = isatty(STDERR_FILENO) == 1;
	p->start = clock_now();
}

void
progress_tell(struct progress *p, const char *name, const struct reader_count *c)
{
	struct buf b = BUF_INIT;
	int64_t now;

	if (!p->on)
		return;
	now = clock_now();
	if (now - p->start < PATIENCE || now - p->latest < INTERVAL)
		return;
	p->latest = now;
	p->shown = true;
	buf_put_visible(&b, name, NAME_SHOWN);
	if (c->size > 0)
		buf_printf(&b, ": %.0f %%", c->bytes < c->size ?
		    100.0 * (double)c->bytes / (double)c->size : 100.0);
	buf_puts(&b, ", ");
	put_grouped(&b, c->lines);
	fprintf(stderr, "\r%s lines\033[K", buf_str(&b));
	fflush(stderr);
	buf_free(&b);
}

void
progress_end(struct progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->shown = false;
}
