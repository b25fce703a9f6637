/*
 * twin.c owns the finding of the record that tells of the same as the MTA; it
 * may not know how either is read.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "ring.h"
#include "sip.h"
#include "twin.h"

#define NOWHERE		UINT32_MAX
#define STEPS_MAX	32	/* along those of one queue id or client */
/* What differs, as half seconds apart: more than TWIN_NEAR, service before end. */
#define OTHER_SERVICE	172800
#define OTHER_END	86400
#define SPAN		16	/* seconds of one chain by time */

enum chain {
	BY_QID,
	BY_CLIENT,
	BY_TIME,
	CHAINS
};

struct link {
	uint64_t	 hash;		/* 0: not in this chain */
	uint32_t	 newer;
	uint32_t	 older;
};

struct key {
	struct link	 links[CHAINS];
	int64_t		 time;
	uint64_t	 service;	/* hash; 0: not known */
	char		 mta;		/* 'P' or 'S'; '\0': another, or not known */
	bool		 refused;
	struct waiting	*waiting;	/* NULL: it was told */
};

/* A line that waits; host, program and text stand behind it. */
struct waiting {
	uint32_t	 key;
	int64_t		 since;
	struct line	 line;
};

struct twins {
	twin_tell	*tell;
	void		*ctx;
	struct sip_key	 secret;	/* clients choose their addresses */
	struct ring	 ring;
	bool		 any;		/* a record was ever added */
	uint32_t	 next;		/* key to be used; the oldest */
	struct key	*keys;
	uint32_t	*heads[CHAINS];	/* TWIN_KEYS each, by hash */
};

struct twins *
twins_new(twin_tell *tell, void *ctx)
{
	struct twins *t = mem_calloc(1, sizeof(*t));
	unsigned int c;

	t->tell = tell;
	t->ctx = ctx;
	sip_draw(&t->secret);
	ring_init(&t->ring, TWIN_ROOM);
	t->keys = mem_calloc(TWIN_KEYS, sizeof(*t->keys));
	for (c = 0; c < CHAINS; c++) {
		t->heads[c] = mem_calloc(TWIN_KEYS, sizeof(*t->heads[c]));
		memset(t->heads[c], 0xff, TWIN_KEYS * sizeof(*t->heads[c]));
	}
	return t;
}

void
twins_free(struct twins *t)
{
	unsigned int c;

	if (t == NULL)
		return;
	ring_free(&t->ring);
	for (c = 0; c < CHAINS; c++)
		free(t->heads[c]);
	free(t->keys);
	free(t);
}

/* --- keys */

/* Which of them it is, and two texts; never 0. */
static uint64_t
hash_of(const struct twins *t, uint64_t which, struct slice a, struct slice b)
{
	struct sip s = sip_start(&t->secret);

	sip_number(&s, which);
	sip_text(&s, a);
	sip_text(&s, b);
	return sip_end(&s) | 1;
}

static uint64_t
qid_hash(const struct twins *t, const struct entry *e)
{
	return e->qid.p == NULL ? 0 : hash_of(t, 0, e->host, e->qid);
}

/* any: whoever it was. */
static uint64_t
client_hash(const struct twins *t, const struct entry *e, bool any)
{
	any = any || e->facts[ATTR_CLIENT].p == NULL || e->marked[ATTR_CLIENT];
	return hash_of(t, (uint64_t)e->kind, e->host, any ?
	    (struct slice){ "*", 1 } : e->facts[ATTR_CLIENT]);
}

static uint64_t
service_hash(const struct twins *t, const struct entry *e)
{
	return e->facts[ATTR_SERVICE].p == NULL ? 0 :
	    hash_of(t, 0, e->facts[ATTR_SERVICE], SLICE_NULL);
}

/* "Postfix 3.7.11" */
static char
mta_of(const struct entry *e)
{
	return slice_starts(e->facts[ATTR_MTA], "Postfix") ||
	    slice_starts(e->facts[ATTR_MTA], "Sendmail") ?
	    *e->facts[ATTR_MTA].p : '\0';
}

static bool
is_refused(const struct entry *e)
{
	return e->refused || e->refused_by_us || entry_judged_refused(e);
}

static uint64_t
time_hash(const struct twins *t, const struct entry *e, int64_t span)
{
	uint64_t which = (uint64_t)span * 16 + (uint64_t)e->kind * 2;

	return hash_of(t, which + is_refused(e), e->host, SLICE_NULL);
}

static uint32_t *
head_of(const struct twins *t, enum chain c, uint64_t hash)
{
	return &t->heads[c][(hash >> 16) % TWIN_KEYS];
}

static void
link_key(struct twins *t, uint32_t i, enum chain c, uint64_t hash)
{
	struct link *l = &t->keys[i].links[c];
	uint32_t *head;

	l->hash = hash;
	if (hash == 0)
		return;
	head = head_of(t, c, hash);
	l->newer = NOWHERE;
	l->older = *head;
	if (*head != NOWHERE)
		t->keys[*head].links[c].newer = i;
	*head = i;
}

static void
unlink_key(struct twins *t, uint32_t i, enum chain c)
{
	struct link *l = &t->keys[i].links[c];

	if (l->hash == 0)
		return;
	if (l->newer != NOWHERE)
		t->keys[l->newer].links[c].older = l->older;
	else
		*head_of(t, c, l->hash) = l->older;
	if (l->older != NOWHERE)
		t->keys[l->older].links[c].newer = l->newer;
	l->hash = 0;
}

static void
forget(struct twins *t, uint32_t i)
{
	unsigned int c;

	for (c = 0; c < CHAINS; c++)
		unlink_key(t, i, (enum chain)c);
}

/* --- telling */

static void
tell(struct twins *t, struct waiting *w, const struct entry *twin)
{
	t->keys[w->key].waiting = NULL;
	t->tell(t->ctx, &w->line, twin);
}

/* The oldest leaves the room; its key stays. */
static void
leave(struct twins *t)
{
	struct waiting *w = ring_oldest(&t->ring);

	if (t->keys[w->key].waiting == w)
		tell(t, w, NULL);
	ring_drop(&t->ring);
}

void
twins_expire(struct twins *t, int64_t now)
{
	struct waiting *w;

	while ((w = ring_oldest(&t->ring)) != NULL && now - w->since > TWIN_WAIT)
		leave(t);
}

void
twins_end(struct twins *t)
{
	while (ring_oldest(&t->ring) != NULL)
		leave(t);
}

static struct slice
copy(char **at, struct slice s)
{
	struct slice copied = { *at, s.len };

	if (s.p == NULL)
		return s;
	memcpy(*at, s.p, s.len);
	*at += s.len;
	return copied;
}

static struct waiting *
wait_on(struct twins *t, const struct line *line, int64_t now)
{
	size_t size = sizeof(struct waiting) + line->host.len +
	    line->program.len + line->text.len;
	struct waiting *w;
	char *at;

	while ((w = ring_put(&t->ring, size)) == NULL)
		leave(t);
	w->since = now;
	w->line = *line;
	at = (char *)(w + 1);
	w->line.host = copy(&at, line->host);
	w->line.program = copy(&at, line->program);
	w->line.text = copy(&at, line->text);
	return w;
}

void
twins_add(struct twins *t, const struct line *line, const struct entry *e,
    int64_t now)
{
	uint32_t i = t->next;
	struct key *key = &t->keys[i];

	/* All that wait up to the one whose key is needed. */
	while (key->waiting != NULL)
		leave(t);
	forget(t, i);
	t->any = true;
	t->next = (i + 1) % TWIN_KEYS;
	key->waiting = wait_on(t, line, now);
	key->waiting->key = i;
	key->time = e->time != 0 ? e->time : now;
	key->service = service_hash(t, e);
	key->mta = mta_of(e);
	key->refused = is_refused(e);
	link_key(t, i, BY_QID, qid_hash(t, e));
	link_key(t, i, BY_CLIENT, client_hash(t, e, false));
	link_key(t, i, BY_TIME, time_hash(t, e, key->time / SPAN));
}

/* --- finding */

static uint64_t
apart(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static uint32_t
find_qid(const struct twins *t, uint64_t hash, int64_t time)
{
	unsigned int steps = 0;
	const struct key *key;
	uint32_t i;

	if (hash == 0)
		return NOWHERE;
	for (i = *head_of(t, BY_QID, hash); i != NOWHERE && steps < STEPS_MAX;
	    i = key->links[BY_QID].older) {
		key = &t->keys[i];
		if (key->links[BY_QID].hash != hash)
			continue;
		if (apart(key->time, time) <= TWIN_DAY)
			return i;
		steps++;
	}
	return NOWHERE;
}

/* What is looked for. */
struct wanted {
	const struct entry *entry;
	uint64_t	 qid;
	int64_t		 time;
	uint64_t	 service;
	char		 mta;
};

#define IMPOSSIBLE	UINT64_MAX

/*
 * A refusal of ours is in both logs.  One of somebody else's is in the MTA's
 * alone; but ours may look like that, so it decides between equals only.
 */
static uint64_t
end_differs(const struct key *key, const struct entry *e)
{
	if (key->refused == is_refused(e))
		return 0;
	return key->refused || e->refused_by_us ? OTHER_END : 1;
}

/*
 * How far a record is from what is wanted.  Two queue ids are two messages,
 * and the id we know a message by is in the MTA's lines; names of services are the
 * policy's on one side, the server's on the other, and may differ.
 */
static uint64_t
distance(const struct key *key, const struct wanted *w, uint64_t near)
{
	uint64_t seconds = apart(key->time, w->time);

	if (seconds > near || (key->links[BY_QID].hash != 0 &&
	    (w->qid != 0 || w->entry->kind == ENTRY_MESSAGE)) ||
	    (w->mta != '\0' && key->mta != '\0' && w->mta != key->mta))
		return IMPOSSIBLE;
	return seconds * 2 + end_differs(key, w->entry) +
	    (w->service == key->service ? 0 : OTHER_SERVICE);
}

static uint32_t
find_near(const struct twins *t, enum chain c, uint64_t hash,
    const struct wanted *w, uint64_t near)
{
	uint64_t d, least = IMPOSSIBLE;
	uint32_t i, best = NOWHERE;
	unsigned int steps = 0;
	const struct key *key;

	for (i = *head_of(t, c, hash); i != NOWHERE && steps < STEPS_MAX;
	    i = key->links[c].older) {
		key = &t->keys[i];
		if (key->links[c].hash != hash)
			continue;
		steps++;
		d = distance(key, w, near);
		/* Of equals the oldest, for they come in order. */
		if (d != IMPOSSIBLE && d <= least) {
			least = d;
			best = i;
		}
	}
	return best;
}

/* Whose client is not known: one of the same end, at about that time. */
static uint32_t
find_time(const struct twins *t, const struct wanted *w)
{
	static const int64_t spans[] = { 0, -1, 1 };
	uint64_t d, least = IMPOSSIBLE;
	uint32_t i, best = NOWHERE;
	size_t k;

	for (k = 0; k < sizeof(spans) / sizeof(spans[0]); k++) {
		i = find_near(t, BY_TIME, time_hash(t, w->entry,
		    w->time / SPAN + spans[k]), w, TWIN_BLIND);
		d = i == NOWHERE ? IMPOSSIBLE : distance(&t->keys[i], w, TWIN_BLIND);
		if (d < least) {
			least = d;
			best = i;
		}
	}
	return best;
}

static uint32_t
find_twin(const struct twins *t, const struct entry *e, int64_t now)
{
	struct wanted w = { e, qid_hash(t, e), e->time != 0 ? e->time : now,
	    service_hash(t, e), mta_of(e) };
	uint32_t i;

	i = find_qid(t, w.qid, w.time);
	if (i == NOWHERE && e->facts[ATTR_CLIENT].p == NULL)
		i = find_time(t, &w);
	if (i == NOWHERE)
		i = find_near(t, BY_CLIENT, client_hash(t, e, false), &w, TWIN_NEAR);
	if (i == NOWHERE)
		i = find_near(t, BY_CLIENT, client_hash(t, e, true), &w, TWIN_BLIND);
	return i;
}

bool
twins_take(struct twins *t, const struct entry *e, int64_t now)
{
	/* Plain logs have no records at all. */
	uint32_t i = t->any ? find_twin(t, e, now) : NOWHERE;

	if (i == NOWHERE)
		return false;
	forget(t, i);
	if (t->keys[i].waiting != NULL)
		tell(t, t->keys[i].waiting, e);
	return true;
}
