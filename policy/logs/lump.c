/*
 * lump.c owns what is alike for the tables that have few names; it may not know
 * those tables.
 */
/* libc */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this directory */
#include "lump.h"

#define LUMPS_MAX	4096
#define LATEST		256	/* a power of two */

/* What lumps are told apart by, beside the flags; first the one with long names. */
static const enum column dimensions[] = { COL_CIPHER, COL_DAY, COL_HOST, COL_SERVICE,
    COL_TLS, COL_RULE, COL_VERDICT };
#define DIMENSIONS	(sizeof(dimensions) / sizeof(dimensions[0]))
#define FACTS		3	/* service, TLS and cipher */

/* The last part of a lump's name. */
struct flags {
	unsigned char	 kind;
	unsigned char	 outcome;
	unsigned char	 rank;
	unsigned char	 refused;
	unsigned char	 dated;		/* else the name of its day is our word */
	unsigned char	 judged;	/* and so is that of its rule */
	unsigned char	 hosted;	/* and that of its host */
};

/*
 * What a sighting is told apart from others by, before it has names: of each text
 * its length and both ends, which are all of it up to SHORT bytes.  Where there is
 * none, it is known why.
 */
struct ends {
	uint64_t	 first[DIMENSIONS];
	uint64_t	 last[DIMENSIONS];
	uint32_t	 len[DIMENSIONS];	/* NOTHING: not known */
	unsigned char	 lacking[FACTS];
	struct flags	 flags;
};
#define ENDS_SIZE	(offsetof(struct ends, flags) + sizeof(struct flags))
#define SHORT		16
#define NOTHING		UINT32_MAX

/* A lump of late; a name of it that is longer stands in its row. */
struct late {
	struct tally_row *row;		/* NULL: none */
	struct ends	 ends;
};

struct lumps {
	lump_sink	*sink;
	void		*ctx;
	struct tally	*tally;
	struct name	 name;		/* scratch */
	/* By a sum over what they are known by: most lines are like one just before. */
	struct late	 late[LATEST];
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

static inline void
put_ends(struct ends *e, size_t i, struct slice s)
{
	uint32_t first, last;

	e->first[i] = e->last[i] = 0;
	if (s.p == NULL) {
		e->len[i] = NOTHING;
		return;
	}
	e->len[i] = (uint32_t)s.len;
	if (s.len >= sizeof(uint64_t)) {
		e->first[i] = word_at(s.p);
		e->last[i] = word_at(s.p + s.len - sizeof(uint64_t));
	} else if (s.len >= sizeof(first)) {
		memcpy(&first, s.p, sizeof(first));
		memcpy(&last, s.p + s.len - sizeof(last), sizeof(last));
		e->first[i] = (uint64_t)first << 32 | last;
	} else if (s.len > 0) {
		e->first[i] = (uint64_t)(unsigned char)s.p[0] << 16 |
		    (uint64_t)(unsigned char)s.p[s.len / 2] << 8 |
		    (unsigned char)s.p[s.len - 1];
	}
}

/* The texts that names come from, in the order of the dimensions. */
static void
put_all(struct ends *e, struct slice texts[DIMENSIONS], const struct sighting *s)
{
	const struct entry *entry = s->entry;
	size_t i;

	texts[0] = entry->facts[ATTR_CIPHER];
	texts[1] = s->day;
	texts[2] = entry->host;
	texts[3] = entry->facts[ATTR_SERVICE];
	texts[4] = entry->facts[ATTR_TLS];
	texts[5] = s->rule;
	texts[6] = s->verdict;
	for (i = 0; i < DIMENSIONS; i++)
		put_ends(e, i, texts[i]);
	e->lacking[0] = entry->lacking[ATTR_SERVICE];
	e->lacking[1] = entry->lacking[ATTR_TLS];
	e->lacking[2] = entry->lacking[ATTR_CIPHER];
	e->flags = (struct flags){ (unsigned char)entry->kind,
	    (unsigned char)entry->outcome, (unsigned char)s->rank, s->refused,
	    s->day.len > 0, s->rule.p != NULL, entry->host.len > 0 };
}

/* Not keyed: who makes names collide here gains a look-up in the tally. */
static struct late *
late_of(struct lumps *l, const struct ends *e)
{
	uint64_t sum = e->flags.kind + ((uint64_t)e->flags.outcome << 8);
	size_t i;

	for (i = 0; i < DIMENSIONS; i++)
		sum = (sum ^ e->first[i] ^ e->last[i] << 9) * UINT64_C(0x9e3779b97f4a7c15);
	return &l->late[sum >> 32 & (LATEST - 1)];
}

/*
 * Where the ends agree, do the texts?  Those of the row are names, which are the
 * texts themselves where these are long and were not cut.
 */
static bool
same_inside(const struct tally_row *row, const struct slice texts[DIMENSIONS])
{
	struct slice name;
	size_t i;

	for (i = 0; i < DIMENSIONS; i++) {
		if (texts[i].len <= SHORT)
			continue;
		name = tally_part(row, i);
		if (name.len != texts[i].len || memcmp(name.p, texts[i].p, name.len) != 0)
			return false;
	}
	return true;
}

void
lumps_add(struct lumps *l, const struct sighting *s)
{
	char scratch[SIGHTING_SCRATCH];
	struct slice texts[DIMENSIONS];
	struct ends ends;
	struct late *late;
	size_t i;

	put_all(&ends, texts, s);
	late = late_of(l, &ends);
	if (late->row != NULL && memcmp(&late->ends, &ends, ENDS_SIZE) == 0 &&
	    same_inside(late->row, texts)) {
		tally_again(late->row, s->entry->time, s->told);
		return;
	}
	name_start(&l->name);
	for (i = 0; i < DIMENSIONS; i++)
		name_part(&l->name, sighting_name(s, dimensions[i], scratch));
	name_part(&l->name, (struct slice){ (const char *)&ends.flags,
	    sizeof(ends.flags) });
	late->row = tally_add(l->tally, &l->name, s->entry->time, s->told);
	late->ends = ends;
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
	e.facts[ATTR_CIPHER] = tally_part(row, 0);
	if (flags.dated)
		s.day = tally_part(row, 1);
	if (flags.hosted)
		e.host = tally_part(row, 2);
	e.facts[ATTR_SERVICE] = tally_part(row, 3);
	e.facts[ATTR_TLS] = tally_part(row, 4);
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
	memset(l->late, 0, sizeof(l->late));
}
