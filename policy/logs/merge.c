/*
 * merge.c owns the order in which the lines of several logs come; it may not
 * know what they say.
 */
/* libc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
/* this project */
#include "mem.h"
#include "merge.h"

#define PEEK_LINES	100	/* to find one that says when it was written */

struct source {
	const char	*path;
	int64_t		 start;		/* of its first line */
	size_t		 place;		/* among the paths */
	uint64_t	 size;
	struct reader	*reader;	/* NULL: not yet, or no more */
	struct line	 line;		/* the next one */
	int64_t		 time;		/* of that, or of the one before */
	int		 state;		/* of the reader: 1, 0, -1 */
};

struct merge {
	struct source	*sources;	/* by start */
	size_t		 count;
	size_t		 next;		/* to be opened */
	struct source	*open[MERGE_OPEN];
	size_t		 opened;
	struct source	*latest;	/* whose line was given */
	int64_t		 now;
	struct reader_count done;	/* of those that are closed */
	char		 why[256];
};

/* --- the order in which they are opened */

/* What can be read once only is opened at once. */
static void
peek(struct source *s, int64_t now)
{
	struct reader *reader;
	struct line line;
	struct stat st;
	char why[256];
	int i;

	s->start = INT64_MIN;
	if (strcmp(s->path, "-") == 0 || stat(s->path, &st) == -1 ||
	    !S_ISREG(st.st_mode))
		return;
	s->size = (uint64_t)st.st_size;
	reader = reader_open(s->path, now, why, sizeof(why));
	if (reader == NULL)
		return;
	for (i = 0; i < PEEK_LINES && reader_next(reader, &line) == 1; i++)
		if (line.time != 0) {
			s->start = line.time;
			break;
		}
	reader_free(reader);
}

static int
older(const void *a, const void *b)
{
	const struct source *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

struct merge *
merge_new(const char *const *paths, size_t count, int64_t now)
{
	struct merge *m = mem_calloc(1, sizeof(*m));
	size_t i;

	m->now = now;
	m->count = count;
	m->sources = mem_calloc(count > 0 ? count : 1, sizeof(*m->sources));
	for (i = 0; i < count; i++) {
		m->sources[i].path = paths[i];
		m->sources[i].place = i;
		/* One file needs no order. */
		if (count > 1)
			peek(&m->sources[i], now);
	}
	qsort(m->sources, count, sizeof(*m->sources), older);
	return m;
}

void
merge_free(struct merge *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->count; i++)
		reader_free(m->sources[i].reader);
	free(m->sources);
	free(m);
}

/* --- lines */

static void
advance(struct source *s)
{
	s->state = reader_next(s->reader, &s->line);
	/* Lines without a time stay where they are. */
	if (s->state == 1 && s->line.time != 0)
		s->time = s->line.time;
}

static void
add_count(struct reader_count *sum, const struct reader_count *c)
{
	sum->lines += c->lines;
	sum->broken += c->broken;
	sum->bytes += c->bytes;
	sum->size += c->size;
}

/* 0, or -1 when it could not be opened. */
static int
open_next(struct merge *m)
{
	struct source *s = &m->sources[m->next++];

	m->latest = s;
	s->reader = reader_open(s->path, m->now, m->why, sizeof(m->why));
	if (s->reader == NULL)
		return -1;
	s->time = s->start;
	m->open[m->opened++] = s;
	advance(s);
	return 0;
}

static struct source *
oldest(const struct merge *m)
{
	struct source *best = NULL;
	size_t i;

	for (i = 0; i < m->opened; i++)
		if (best == NULL || m->open[i]->time < best->time ||
		    (m->open[i]->time == best->time && m->open[i] < best))
			best = m->open[i];
	return best;
}

/* All whose time has come are to be open.  0, or -1: one could not be. */
static int
open_due(struct merge *m)
{
	const struct source *first;

	while (m->next < m->count && m->opened < MERGE_OPEN) {
		first = oldest(m);
		if (first != NULL && first->time < m->sources[m->next].start)
			break;
		if (open_next(m) == -1)
			return -1;
	}
	return 0;
}

/* It is over: 0, or was broken: -1. */
static int
close_source(struct merge *m, struct source *s)
{
	size_t i;

	for (i = 0; m->open[i] != s; i++)
		;
	m->open[i] = m->open[--m->opened];
	if (s->state == -1)
		snprintf(m->why, sizeof(m->why), "%s", reader_why(s->reader));
	add_count(&m->done, reader_count(s->reader));
	reader_free(s->reader);
	s->reader = NULL;
	return s->state;
}

int
merge_next(struct merge *m, struct line *line)
{
	struct source *s = m->latest;

	/* The line that was given is lent until now. */
	if (s != NULL && s->reader != NULL && s->state == 1) {
		advance(s);
		/* There is no other one: nothing to choose from. */
		if (s->state == 1 && m->opened == 1 && m->next == m->count) {
			*line = s->line;
			return 1;
		}
	}
	m->latest = NULL;
	for (;;) {
		if (open_due(m) == -1)
			return -1;
		s = oldest(m);
		if (s == NULL)
			return 0;
		if (s->state == 1)
			break;
		m->latest = s;
		if (close_source(m, s) == -1)
			return -1;
		m->latest = NULL;
	}
	m->latest = s;
	*line = s->line;
	return 1;
}

const char *
merge_path(const struct merge *m)
{
	return m->latest != NULL ? m->latest->path : "";
}

const char *
merge_why(const struct merge *m)
{
	return m->why;
}

void
merge_count(const struct merge *m, struct reader_count *sum)
{
	size_t i;

	*sum = m->done;
	for (i = 0; i < m->opened; i++)
		add_count(sum, reader_count(m->open[i]->reader));
	/* The size is that of all, also of those that are not open yet. */
	for (sum->size = 0, i = 0; i < m->count; i++)
		sum->size += m->sources[i].size;
}
