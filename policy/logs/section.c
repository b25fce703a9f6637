/*
 * section.c owns how sightings are counted in a section's tally, and how that
 * becomes a table; it may not know which sections there are.
 */
/* libc */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this directory */
#include "section.h"

void
part_init(struct part *p, const struct section *section, size_t memory)
{
	memset(p, 0, sizeof(*p));
	p->section = section;
	p->tally = section->same != NULL ? NULL :
	    tally_new(section->counters, section->rows_max,
	    section->rows_max != 0 ? 0 : memory);
}

void
part_free(struct part *p)
{
	tally_free(p->tally);
}

/* --- counting */

/* Did it come in the clear after it came encrypted? */
static void
count_fall(uint64_t *c, const struct counted *s)
{
	uint64_t time = (uint64_t)s->time;

	if (s->kind != ENTRY_MESSAGE || s->time <= 0)
		return;
	if (s->rank > RANK_NONE) {
		if (time > c[COUNT_WITH_TLS])
			c[COUNT_WITH_TLS] = time;
		if (time > c[COUNT_IN_CLEAR])
			c[COUNT_CLEAR_SINCE] = 0;
	} else if (s->rank == RANK_NONE) {
		if (time > c[COUNT_IN_CLEAR])
			c[COUNT_IN_CLEAR] = time;
		if (time > c[COUNT_WITH_TLS])
			c[COUNT_CLEAR_SINCE]++;
	}
}

/* One record stands for all that happened within a time; its count is text. */
static void
count_alarm(uint64_t *c, uint64_t times)
{
	if (times == 0)
		times = 1;
	c[COUNT_ALARMS]++;
	c[COUNT_TIMES] = times < UINT64_MAX - c[COUNT_TIMES] ?
	    c[COUNT_TIMES] + times : UINT64_MAX;
}

static void
count(uint64_t *c, size_t counters, const struct counted *s)
{
	uint64_t n = s->lump != NULL ? s->lump->count : 1;

	if (s->kind == ENTRY_MESSAGE)
		c[COUNT_MESSAGES] += n;
	else if (s->kind == ENTRY_SESSION)
		c[COUNT_SESSIONS] += n;
	if (s->refused)
		c[COUNT_REFUSED] += n;
	if (counters >= COUNTERS_OUTCOME)
		c[COUNT_OUTCOME + (size_t)s->outcome] += n;
	if (counters >= COUNTERS_EVENTS) {
		c[COUNT_ATTEMPTS] += s->auth_clear;
		c[COUNT_HANDSHAKES] += s->handshake_failed;
		if (s->kind == ENTRY_ALARM)
			count_alarm(c, s->times);
	}
	if (counters == COUNTERS_FALL)
		count_fall(c, s);
	if (counters >= COUNTERS_RANKS && s->kind == ENTRY_MESSAGE)
		c[COUNT_RANKS + (size_t)s->rank] += n;
}

static bool
part_takes(const struct part *p, const struct sighting *s)
{
	return p->tally != NULL && (p->section->takes == NULL || p->section->takes(s));
}

/* Behind those that wait. */
static struct name *
wait_for(struct part *p, const struct sighting *s)
{
	const struct section *section = p->section;
	unsigned int last = (p->first + p->waiting) % PART_WAITING;
	struct name *name = &p->names[last];
	char scratch[SIGHTING_SCRATCH];
	size_t i;

	name_start(name);
	for (i = 0; i < SECTION_DIMENSIONS && section->by[i] != COL_NOTHING; i++)
		name_part(name, sighting_name(s, section->by[i], scratch));
	p->counted[last] = (struct counted){ s->entry->time, s->lump, s->entry->kind,
	    s->entry->outcome, s->rank, s->told, s->refused,
	    s->entry->handshake_failed, s->entry->auth_clear, s->entry->count };
	p->waiting++;
	return name;
}

static void
count_first(struct part *p)
{
	const struct counted *c = &p->counted[p->first];
	const struct name *name = &p->names[p->first];
	struct tally_row *row;

	if (c->lump != NULL)
		row = tally_merge(p->tally, name, c->lump);
	else
		row = tally_add(p->tally, name, c->time, c->told);
	count(row->counters, p->section->counters, c);
	p->first = (p->first + 1) % PART_WAITING;
	p->waiting--;
}

void
part_settle(struct part *p)
{
	while (p->waiting > 0)
		count_first(p);
}

void
part_add(struct part *p, const struct sighting *s)
{
	if (!part_takes(p, s))
		return;
	part_settle(p);
	(void)wait_for(p, s);
	count_first(p);
}

/* The one before has its place in the table by now, and asks for its row. */
void
part_expect(struct part *p, const struct sighting *s)
{
	if (!part_takes(p, s))
		return;
	if (p->waiting > 0)
		tally_fetch(p->tally,
		    &p->names[(p->first + p->waiting - 1) % PART_WAITING]);
	if (p->waiting == PART_WAITING)
		count_first(p);
	tally_expect(p->tally, wait_for(p, s));
}

/* --- showing */

static int
more_first(uint64_t a, uint64_t b)
{
	return a > b ? -1 : a < b;
}

int
order_messages(const struct tally_row *a, const struct tally_row *b)
{
	int c = more_first(a->counters[COUNT_MESSAGES], b->counters[COUNT_MESSAGES]);

	return c != 0 ? c :
	    more_first(a->counters[COUNT_SESSIONS], b->counters[COUNT_SESSIONS]);
}

int
order_count(const struct tally_row *a, const struct tally_row *b)
{
	return more_first(a->count, b->count);
}

/* Where a column's number stands among the counters. */
static size_t
counter_of(enum column c)
{
	static const size_t counters[COL_NOTHING] = {
		[COL_MESSAGES] = COUNT_MESSAGES,
		[COL_SESSIONS] = COUNT_SESSIONS,
		[COL_REFUSED] = COUNT_REFUSED,
		[COL_UNCLEAR] = COUNT_OUTCOME + OUTCOME_UNKNOWN,
		[COL_ENCRYPTED] = COUNT_OUTCOME + OUTCOME_ENCRYPTED,
		[COL_DEPRECATED] = COUNT_OUTCOME + OUTCOME_DEPRECATED,
		[COL_CLEARTEXT] = COUNT_OUTCOME + OUTCOME_CLEARTEXT,
		[COL_ABANDONED] = COUNT_OUTCOME + OUTCOME_ABANDONED,
		[COL_ATTEMPTS] = COUNT_ATTEMPTS,
		[COL_HANDSHAKES] = COUNT_HANDSHAKES,
		[COL_ALARMS] = COUNT_ALARMS,
		[COL_TIMES] = COUNT_TIMES,
		[COL_CLEAR_SINCE] = COUNT_CLEAR_SINCE,
		[COL_LAST_TLS] = COUNT_WITH_TLS,
		[COL_TLS12] = COUNT_RANKS + RANK_TLS12,
		[COL_TLS11] = COUNT_RANKS + RANK_TLS11,
		[COL_TLS10] = COUNT_RANKS + RANK_TLS10,
		[COL_NO_TLS] = COUNT_RANKS + RANK_NONE,
		[COL_TLS_UNKNOWN] = COUNT_RANKS + RANK_UNKNOWN,
	};

	return counters[c];
}

static size_t
dimension_index(const struct section *s, enum column c)
{
	size_t i = 0;

	while (s->by[i] != c)
		i++;
	assert(i < SECTION_DIMENSIONS);
	return i;
}

static void
put_time(struct sheet *t, int64_t time)
{
	if (time > 0)
		sheet_number(t, (uint64_t)time);
	else
		sheet_nothing(t);
}

static void
put_column(struct sheet *t, const struct section *s, const struct tally_row *row,
    enum column c, uint64_t total)
{
	const uint64_t *n = row->counters;

	if (c < COL_DIMENSIONS) {
		sheet_text(t, tally_part(row, dimension_index(s, c)));
		return;
	}
	switch (c) {
	case COL_COUNT:
		sheet_number(t, row->count);
		break;
	case COL_SHARE:
		if (total == 0)
			sheet_nothing(t);
		else
			sheet_number(t, (uint64_t)(1000.0 *
			    (double)n[COUNT_MESSAGES] / (double)total + 0.5));
		break;
	case COL_TLS13:
		sheet_number(t, n[COUNT_RANKS + RANK_TLS13] +
		    n[COUNT_RANKS + RANK_LATER]);
		break;
	case COL_SSL:
		sheet_number(t, n[COUNT_RANKS + RANK_SSL2] +
		    n[COUNT_RANKS + RANK_SSL3]);
		break;
	case COL_FIRST:
		put_time(t, row->first);
		break;
	case COL_LAST:
		put_time(t, row->last);
		break;
	case COL_LAST_TLS:
		put_time(t, (int64_t)n[COUNT_WITH_TLS]);
		break;
	case COL_BEST:
	case COL_WORST:
		if (row->best == RANK_UNKNOWN)
			sheet_nothing(t);
		else
			sheet_number(t, c == COL_BEST ? row->best : row->worst);
		break;
	default:
		sheet_number(t, n[counter_of(c)]);
		break;
	}
}

static void
set_chart(struct sheet *t, const struct section *s)
{
	size_t i;

	t->chart = s->chart;
	if (s->chart == CHART_NONE)
		return;
	for (i = 0; i < t->width; i++) {
		if (t->columns[i] == s->chart_from)
			t->chart_first = i;
		if (t->columns[i] == s->chart_to)
			t->chart_count = i + 1 - t->chart_first;
	}
}

struct sheet *
part_sheet(const struct part *p, const struct tally *tally, struct report *r,
    size_t top)
{
	const struct section *s = p->section;
	const struct tally_row **rows = tally_rows(tally, s->keeps, s->order);
	struct sheet *t;
	uint64_t total = 0;
	size_t i, k, kept;

	for (kept = 0; rows[kept] != NULL; kept++)
		total += rows[kept]->counters[COUNT_MESSAGES];
	if (s->several && kept < 2) {
		free(rows);
		return NULL;
	}
	t = report_sheet(r, s->name, s->title, s->note, s->shows);
	for (i = 0; i < kept && (s->whole || top == 0 || i < top); i++)
		for (k = 0; k < t->width; k++)
			put_column(t, s, rows[i], t->columns[k], total);
	t->rows_total = kept;
	t->error = tally_bound(tally);
	if (t->error > r->error)
		r->error = t->error;
	set_chart(t, s);
	free(rows);
	return t;
}
