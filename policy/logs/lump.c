/*
 * lump.c owns what is alike for the tables that have few names; it may not know
 * those tables.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this directory */
#include "lump.h"

#define LUMPS_MAX	4096
#define LATEST		256	/* a power of two */

/* What lumps are told apart by, beside the flags. */
static const enum column dimensions[] = { COL_DAY, COL_HOST, COL_SERVICE, COL_TLS,
    COL_CIPHER, COL_RULE, COL_VERDICT };
#define DIMENSIONS	(sizeof(dimensions) / sizeof(dimensions[0]))

/* The last part of a lump's name. */
struct flags {
	unsigned char	 kind;
	unsigned char	 outcome;
	unsigned char	 rank;
	unsigned char	 refused;
	unsigned char	 dated;		/* else the name of its day is our word */
	unsigned char	 judged;	/* and so is that of its rule */
};

struct lumps {
	lump_sink	*sink;
	void		*ctx;
	struct tally	*tally;
	struct name	 name;		/* scratch */
	/* Rows by a sum over their names: most lines are like one just before. */
	struct tally_row *latest[LATEST];
};

struct lumps *
lumps_new(lump_sink *sink, void *ctx)
{
	struct lumps *l = mem_calloc(1, sizeof(*l));

	l->sink = sink;
	l->ctx = ctx;
	l->tally = tally_new(0, 0, 0);
	return l;
}

void
lumps_free(struct lumps *l)
{
	if (l == NULL)
		return;
	tally_free(l->tally);
	free(l);
}

bool
lumps_suffice(const struct section *section)
{
	size_t i, k;

	if (!section->lumps)
		return false;
	for (i = 0; i < SECTION_DIMENSIONS && section->by[i] != COL_NOTHING; i++) {
		for (k = 0; k < DIMENSIONS; k++)
			if (dimensions[k] == section->by[i])
				break;
		if (k == DIMENSIONS && section->by[i] != COL_OUTCOME &&
		    section->by[i] != COL_HOW)
			return false;
	}
	return true;
}

/* All that a sighting has in common with others. */
struct alike {
	struct slice	 parts[DIMENSIONS];
	struct flags	 flags;
};

static struct alike
alike_of(const struct sighting *s)
{
	struct alike a = { .flags = { (unsigned char)s->entry->kind,
	    (unsigned char)s->entry->outcome, (unsigned char)s->rank, s->refused,
	    s->day.len > 0, s->rule.p != NULL } };
	char scratch[SIGHTING_SCRATCH];	/* of no use to these dimensions */
	size_t i;

	for (i = 0; i < DIMENSIONS; i++)
		a.parts[i] = sighting_name(s, dimensions[i], scratch);
	return a;
}

/* The beginning and the end of a text. */
static inline uint64_t
ends_of(struct slice s)
{
	uint64_t first, last;
	uint32_t head, tail;

	if (s.len >= sizeof(first)) {
		memcpy(&first, s.p, sizeof(first));
		memcpy(&last, s.p + s.len - sizeof(last), sizeof(last));
		return first ^ (last << 29 | last >> 35);
	}
	if (s.len >= sizeof(head)) {
		memcpy(&head, s.p, sizeof(head));
		memcpy(&tail, s.p + s.len - sizeof(tail), sizeof(tail));
		return (uint64_t)head << 32 | tail;
	}
	return s.len == 0 ? 0 : (uint64_t)(unsigned char)s.p[0] << 8 |
	    (unsigned char)s.p[s.len - 1];
}

/* Not keyed: who makes names collide here gains a look-up in the tally. */
static size_t
sum_of(const struct alike *a)
{
	uint64_t sum = 0;
	size_t i;

	memcpy(&sum, &a->flags, sizeof(a->flags));
	for (i = 0; i < DIMENSIONS; i++)
		sum = (sum ^ ends_of(a->parts[i])) * UINT64_C(0x9e3779b97f4a7c15) +
		    a->parts[i].len;
	return (size_t)(sum >> 32 & (LATEST - 1));
}

/* As name_part() makes the name of it, part by part. */
static bool
is_named(const struct tally_row *row, const struct alike *a)
{
	const unsigned char *p = (const unsigned char *)row->key;
	const unsigned char *end = p + row->key_len;
	size_t i, len;

	for (i = 0; i < DIMENSIONS; i++) {
		len = a->parts[i].len;
		if ((size_t)(end - p) < 2 + len || ((size_t)p[0] << 8 | p[1]) != len ||
		    (len > 0 && memcmp(p + 2, a->parts[i].p, len) != 0))
			return false;
		p += 2 + len;
	}
	return (size_t)(end - p) == 2 + sizeof(a->flags) &&
	    memcmp(p + 2, &a->flags, sizeof(a->flags)) == 0;
}

void
lumps_add(struct lumps *l, const struct sighting *s)
{
	const struct alike a = alike_of(s);
	struct tally_row **latest = &l->latest[sum_of(&a)];
	size_t i;

	if (*latest != NULL && is_named(*latest, &a)) {
		tally_again(*latest, s->entry->time, s->told);
		return;
	}
	name_start(&l->name);
	for (i = 0; i < DIMENSIONS; i++)
		name_part(&l->name, a.parts[i]);
	name_part(&l->name, (struct slice){ (const char *)&a.flags, sizeof(a.flags) });
	*latest = tally_add(l->tally, &l->name, s->entry->time, s->told);
	if (tally_count(l->tally) >= LUMPS_MAX)
		lumps_pour(l);
}

/* The names of a lump are what sighting_name() said, and will say again. */
static void
pour(struct lumps *l, const struct tally_row *row)
{
	struct entry e;
	struct sighting s;
	struct flags flags;

	memset(&e, 0, sizeof(e));
	memset(&s, 0, sizeof(s));
	memcpy(&flags, tally_part(row, DIMENSIONS).p, sizeof(flags));
	e.kind = (enum entry_kind)flags.kind;
	e.outcome = (enum outcome)flags.outcome;
	s.rank = s.told = (enum tls_rank)flags.rank;
	s.refused = flags.refused != 0;
	s.entry = &e;
	s.lump = row;
	if (flags.dated)
		s.day = tally_part(row, 0);
	e.host = tally_part(row, 1);
	e.facts[ATTR_SERVICE] = tally_part(row, 2);
	e.facts[ATTR_TLS] = tally_part(row, 3);
	e.facts[ATTR_CIPHER] = tally_part(row, 4);
	if (flags.judged)
		s.rule = tally_part(row, 5);
	s.verdict = tally_part(row, 6);
	l->sink(l->ctx, &s);
}

void
lumps_pour(struct lumps *l)
{
	const struct tally_row **rows = tally_rows(l->tally, NULL, NULL);
	size_t i;

	for (i = 0; rows[i] != NULL; i++)
		pour(l, rows[i]);
	free(rows);
	tally_clear(l->tally);
	memset(l->latest, 0, sizeof(l->latest));
}
