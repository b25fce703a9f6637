/*
 * join.c owns which reader a line is for, and that what a record and the MTA
 * both tell is told once.  It may not know what lines look like.
 */
/* libc */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "again.h"
#include "join.h"
#include "mem.h"
#include "ring.h"
#include "scan.h"
#include "stamp.h"
#include "twin.h"

#define HOSTS		1024	/* what is more shares one slot */
#define HOST_KEPT	64	/* bytes of the name that came last */
#define MTA_ROOM	(4 * 1024 * 1024)	/* for what the MTA told */

/*
 * The record of a session may come a little later than the MTA's own last
 * word: two programs, one log.
 */
#define MTA_WAIT	30	/* seconds */

/*
 * A log may begin with a record, the MTA's word for it being later. A host
 * whose MTA said nothing for so long has its records elsewhere than its lines.
 */
#define ALONE_WAIT	600

/* A log that was rotated begins with the other half of what stood before. */
#define BEGINNING	5	/* seconds */

/* A stamp so far ahead is damaged. */
#define QUIET_MAX	(7 * 86400)

/*
 * What does not tell its client, or may have no record at all, waits until the
 * others have found theirs.
 */
#define VAGUE_ROOM	(1024 * 1024)
#define VAGUE_WAIT	(TWIN_WAIT - 300)

struct host {
	uint64_t name;		/* its hash; 0: no host */
	bool	 mta;		/* has lines of an MTA */
	bool	 records;
	int64_t	 first;		/* time of the first record */
	int64_t	 began;		/* when that was read; 0: no line had a time */
};

/* What the MTA told, while it waits; its texts stand behind it. */
struct told {
	int64_t		 since;
	struct entry	 entry;
};

struct join {
	entry_sink	*sink;
	void		*ctx;
	struct postfix	*postfix;
	struct sendmail	*sendmail;
	struct ring	 clear;		/* what the MTA told */
	struct ring	 vague;
	struct twins	*twins;
	struct again	*again;
	const struct line *line;	/* the record being read */
	uint64_t	 hash;		/* of it, see again_expect() */
	int64_t		 latest;	/* see stamp_steady() */
	int64_t		 now;		/* the latest time of that kind */
	int64_t		 from;		/* when what is told begins to wait */
	bool		 late;		/* what is told is of before a quiet time */
	struct join_count count;
	struct host	*latest_host;	/* NULL: none; its name, for lines come in runs */
	struct slice	 latest_name;
	char		 latest_bytes[HOST_KEPT];
	struct host	 hosts[HOSTS];
};

static struct host *
host_of(struct join *j, struct slice name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i, at;

	if (j->latest_host != NULL && slice_equal(name, j->latest_name))
		return j->latest_host;
	/* FNV-1a */
	for (i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.p[i]) * UINT64_C(0x100000001b3);
	hash |= 1;
	at = (hash >> 20) % HOSTS;
	for (i = 0; i < HOSTS - 1; i++, at = (at + 1) % HOSTS)
		if (j->hosts[at].name == hash || j->hosts[at].name == 0)
			break;
	j->hosts[at].name = hash;
	j->latest_host = NULL;
	if (name.len > 0 && name.len <= HOST_KEPT) {
		memcpy(j->latest_bytes, name.p, name.len);
		j->latest_name = (struct slice){ j->latest_bytes, name.len };
		j->latest_host = &j->hosts[at];
	}
	return &j->hosts[at];
}

/* --- the MTA's side */

/* A filter hands mail back over the loopback, past all milters. */
static bool
is_loopback(const struct entry *e)
{
	return slice_starts(e->facts[ATTR_CLIENT], "127.") ||
	    slice_is(e->facts[ATTR_CLIENT], "::1");
}

/* A session whose handshake failed may never have come as far as a milter. */
static bool
is_vague(const struct entry *e)
{
	return e->facts[ATTR_CLIENT].p == NULL ||
	    (e->handshake_failed && e->kind == ENTRY_SESSION);
}

static bool
is_gap(struct join *j, const struct entry *e)
{
	const struct host *host = host_of(j, e->host);
	int64_t first = host->first;

	/* Sendmail does not say that somebody connects. */
	if (e->origin == ORIGIN_SENDMAIL)
		first += BEGINNING;
	return host->records && first <= e->time && !e->partial && !is_loopback(e) &&
	    !is_vague(e);
}

static void
tell_once(struct join *j, struct entry *e)
{
	if (twins_take(j->twins, e, j->now))
		return;
	e->gap = is_gap(j, e);
	j->count.gaps += e->gap;
	j->sink(j->ctx, e);
}

static void
tell_oldest(struct join *j, struct ring *ring)
{
	struct told *told = ring_oldest(ring);

	tell_once(j, &told->entry);
	ring_drop(ring);
}

/* The slices of an entry stand in two rows, and have to be moved together. */
#define TEXTS	((offsetof(struct entry, alarm) - offsetof(struct entry, event)) / \
	sizeof(struct slice) + 1)
_Static_assert(TEXTS == 12, "from event to alarm all are slices");

static size_t
size_of(const struct slice *slices, size_t n)
{
	size_t size = 0, i;

	for (i = 0; i < n; i++)
		size += slices[i].len;
	return size;
}

static char *
move(struct slice *slices, size_t n, char *at)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (slices[i].p == NULL)
			continue;
		memcpy(at, slices[i].p, slices[i].len);
		slices[i].p = at;
		at += slices[i].len;
	}
	return at;
}

static void
mta_told(void *ctx, const struct entry *e)
{
	struct ring *ring;
	struct join *j = ctx;
	struct told *told;
	struct entry entry;
	size_t size;
	char *at;

	size = sizeof(*told) + e->host.len + size_of(e->facts, ATTR_COUNT) +
	    size_of(&e->event, TEXTS);
	ring = is_vague(e) ? &j->vague : &j->clear;
	if (size > VAGUE_ROOM / 2 || (j->late && ring == &j->clear)) {
		entry = *e;
		tell_once(j, &entry);
		return;
	}
	while ((told = ring_put(ring, size)) == NULL)
		tell_oldest(j, ring);
	told->since = j->from;
	told->entry = *e;
	at = move(&told->entry.host, 1, (char *)(told + 1));
	at = move(told->entry.facts, ATTR_COUNT, at);
	(void)move(&told->entry.event, TEXTS, at);
}

/* --- the records' side */

struct both {
	struct join		*join;
	const struct entry	*twin;
};

static void
tell_both(void *ctx, const struct entry *record)
{
	const struct both *both = ctx;
	const struct entry *twin = both->twin;
	struct entry e = *record;

	e.handshake_failed = twin->handshake_failed;
	e.auth_clear = twin->auth_clear;
	e.auth_failed = twin->auth_failed;
	e.refused_by_us = entry_judged_refused(&e);
	e.refused = !e.refused_by_us && (twin->refused || twin->refused_by_us);
	both->join->sink(both->join->ctx, &e);
}

static void
tell_record(void *ctx, const struct line *line, const struct entry *twin)
{
	struct join *j = ctx;
	struct both both = { j, twin };
	bool broken;

	if (twin == NULL)
		(void)own_line(line, j->sink, j->ctx, &broken);
	else
		(void)own_line(line, tell_both, &both, &broken);
}

/* Where the MTA is silent there is nobody to wait for. */
static bool
may_have_twin(const struct join *j, const struct host *host, const struct entry *e)
{
	if (e->kind != ENTRY_MESSAGE && e->kind != ENTRY_SESSION)
		return false;
	return host->mta || (host->began != 0 && j->now - host->began <= ALONE_WAIT);
}

static void
read_record(void *ctx, const struct entry *e)
{
	struct join *j = ctx;
	struct host *host;

	if (again_seen(j->again, j->hash))
		return;
	host = host_of(j, e->host);
	if (!host->records) {
		host->records = true;
		host->first = e->time;
		host->began = j->now;
	}
	if (may_have_twin(j, host, e))
		twins_add(j->twins, j->line, e, j->from);
	else
		j->sink(j->ctx, e);
}

/* --- lines */

struct join *
join_new(const struct service_name *names, size_t count, entry_sink *sink,
    void *ctx)
{
	struct join *j = mem_calloc(1, sizeof(*j));

	j->sink = sink;
	j->ctx = ctx;
	j->postfix = postfix_new(names, count, mta_told, j);
	j->sendmail = sendmail_new(names, count, mta_told, j);
	ring_init(&j->clear, MTA_ROOM);
	ring_init(&j->vague, VAGUE_ROOM);
	j->twins = twins_new(tell_record, j);
	j->again = again_new();
	return j;
}

void
join_know(struct join *j, const struct answers *answers)
{
	postfix_know(j->postfix, answers);
	sendmail_know(j->sendmail, answers);
}

void
join_free(struct join *j)
{
	if (j == NULL)
		return;
	postfix_free(j->postfix);
	sendmail_free(j->sendmail);
	ring_free(&j->clear);
	ring_free(&j->vague);
	twins_free(j->twins);
	again_free(j->again);
	free(j);
}

const struct join_count *
join_count(const struct join *j)
{
	return &j->count;
}

static void
expire(struct join *j, struct ring *ring, int64_t wait)
{
	const struct told *told;

	while ((told = ring_oldest(ring)) != NULL && j->now - told->since > wait)
		tell_oldest(j, ring);
}

/*
 * After a quiet night all of it is too old at once: what the MTA told, as of
 * before that night, goes first, while the records still wait for it.
 */
static void
advance(struct join *j, int64_t now)
{
	j->from = j->now;
	j->late = now - j->now > MTA_WAIT;
	postfix_expire(j->postfix, now);
	sendmail_expire(j->sendmail, now);
	j->late = false;
	j->now = now;
	expire(j, &j->clear, MTA_WAIT);
	expire(j, &j->vague, VAGUE_WAIT);
	twins_expire(j->twins, now);
}

static void
record_line(struct join *j, const struct line *line)
{
	bool broken;

	j->line = line;
	/* It is read while memory comes that says whether it was there before. */
	j->hash = again_expect(j->again, line);
	if (own_line(line, read_record, j, &broken))
		j->count.records++;
	else
		j->count.broken++;
}

void
join_line(struct join *j, const struct line *line)
{
	int64_t now = stamp_steady(&j->latest, line->time);

	if (now > j->now)
		advance(j, now);
	/* The first line after a quiet time is not as old as that. */
	j->from = line->time > j->now && line->time - j->now < QUIET_MAX ?
	    line->time : j->now;
	if (slice_is(line->program, "tlswardend"))
		record_line(j, line);
	else if (postfix_line(j->postfix, line) || sendmail_line(j->sendmail, line)) {
		j->count.mta++;
		host_of(j, line->host)->mta = true;
	} else
		j->count.other++;
}

void
join_end(struct join *j)
{
	postfix_end(j->postfix);
	sendmail_end(j->sendmail);
	while (ring_oldest(&j->clear) != NULL)
		tell_oldest(j, &j->clear);
	while (ring_oldest(&j->vague) != NULL)
		tell_oldest(j, &j->vague);
	twins_end(j->twins);
}
