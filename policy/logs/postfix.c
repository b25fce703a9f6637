/*
 * postfix.c owns which of Postfix's lines belong to one session; it may not
 * know what the lines say.
 *
 * One smtpd process serves one client at a time, and many of them in its life:
 * host, syslog name and process id find the session.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "postfix.h"
#include "scan.h"
#include "stamp.h"

struct postfix *
postfix_new(const struct service_name *names, size_t count, entry_sink *sink, void *ctx)
{
	struct postfix *p = mem_calloc(1, sizeof(*p));

	p->naming = (struct naming){ names, count };
	p->sink = sink;
	p->ctx = ctx;
	p->grade = grade_new();
	table_init(&p->sessions, POSTFIX_SESSIONS, KEPT_PROGRAM);
	table_init(&p->messages, POSTFIX_MESSAGES, KEPT_QID);
	return p;
}

void
postfix_know(struct postfix *p, const struct answers *answers)
{
	p->answers = *answers;
}

static void
free_session(struct postfix_session *s)
{
	kept_free(&s->kept);
	free(s);
}

static void
free_message(struct node *n)
{
	postfix_free_message((struct postfix_message *)n);
}

void
postfix_free(struct postfix *p)
{
	struct node *n;

	if (p == NULL)
		return;
	while ((n = p->sessions.oldest) != NULL) {
		table_remove(&p->sessions, n);
		free_session((struct postfix_session *)n);
	}
	while ((n = p->messages.oldest) != NULL) {
		table_remove(&p->messages, n);
		free_message(n);
	}
	while ((n = (struct node *)p->spare_session) != NULL) {
		p->spare_session = (struct postfix_session *)n->chain;
		free_session((struct postfix_session *)n);
	}
	while ((n = (struct node *)p->spare_message) != NULL) {
		p->spare_message = (struct postfix_message *)n->chain;
		free_message(n);
	}
	table_free(&p->sessions);
	table_free(&p->messages);
	grade_free(p->grade);
	free(p);
}

/* --- hosts */

/* Most lines are of one host. */
static uint64_t
host_hash(struct postfix *p, struct slice host)
{
	struct key key = { .host = host };
	uint64_t hash;

	if (p->host_len > 0 && slice_equal(host, (struct slice){ p->host, p->host_len }))
		return p->host_hash;
	hash = table_hash(&p->sessions, &key) | 1;
	if (host.len > 0 && host.len <= sizeof(p->host)) {
		memcpy(p->host, host.p, host.len);
		p->host_len = host.len;
		p->host_hash = hash;
	}
	return hash;
}

/* Where the host is, or would be; what stood there first gives way. */
static uint64_t *
host_slot(struct postfix *p, uint64_t hash)
{
	uint64_t *slot;
	unsigned int i;

	for (i = 0; i < POSTFIX_HOST_STEPS; i++) {
		slot = &p->log_tls[((hash >> 8) + i) % POSTFIX_HOSTS];
		if (*slot == hash || *slot == 0)
			return slot;
	}
	return &p->log_tls[(hash >> 8) % POSTFIX_HOSTS];
}

void
postfix_host_logs_tls(struct postfix *p, struct slice host)
{
	uint64_t hash = host_hash(p, host);

	*host_slot(p, hash) = hash;
}

bool
postfix_host_has_tls(struct postfix *p, struct slice host)
{
	uint64_t hash = host_hash(p, host);

	return *host_slot(p, hash) == hash;
}

/* --- sessions */

static struct postfix_session *
find(struct postfix *p, const struct line *l, struct key *key)
{
	struct node *n = table_find(&p->sessions, key);
	struct postfix_session *s = (struct postfix_session *)n;

	if (s != NULL) {
		table_touch(&p->sessions, n);
		s->time = l->time;
	}
	return s;
}

struct postfix_session *
postfix_find(struct postfix *p, const struct line *l)
{
	struct key key = table_process(l);

	return find(p, l, &key);
}

static struct postfix_session *
new_session(struct postfix *p)
{
	struct postfix_session *s = p->spare_session;
	struct kept kept;

	if (s == NULL)
		return mem_calloc(1, sizeof(*s));
	p->spare_session = (struct postfix_session *)s->node.chain;
	kept = s->kept;
	memset(s, 0, sizeof(*s));
	s->kept = kept;
	kept_clear(&s->kept);
	return s;
}

static struct named
named_by(struct postfix *p, struct slice program)
{
	struct postfix_name *n = &p->names[program.len % POSTFIX_NAMES];

	if (program.len > POSTFIX_NAME_MAX)
		return naming_postfix(&p->naming, program);
	if (!slice_equal(program, (struct slice){ n->program, n->len })) {
		n->len = program.len;
		memcpy(n->program, program.p, program.len);
		n->named = naming_postfix(&p->naming, program);
	}
	return n->named;
}

struct postfix_session *
postfix_open(struct postfix *p, const struct line *l, bool partial)
{
	struct key key = table_process(l);
	struct postfix_session *s = find(p, l, &key);
	struct named named;

	if (s != NULL)
		postfix_close(p, s, NULL);
	if (p->sessions.count == p->sessions.max) {
		p->evicted++;
		postfix_close(p, (struct postfix_session *)p->sessions.oldest, NULL);
	}
	s = new_session(p);
	table_add(&p->sessions, &s->node, &s->kept, &key);
	s->time = l->time;
	s->partial = partial;
	named = named_by(p, l->program);
	s->implicit = named.implicit;
	kept_set(&s->kept, ATTR_SERVICE, slice_of(named.service));
	kept_set(&s->kept, ATTR_MTA, slice_of("Postfix"));
	return s;
}

struct postfix_session *
postfix_session_of(struct postfix *p, const struct line *l, const struct peer *peer)
{
	struct postfix_session *s = postfix_find(p, l);

	if (s == NULL)
		s = postfix_open(p, l, true);
	/* XCLIENT changes who it is. */
	if (!slice_equal(kept_get(&s->kept, KEPT_PEER), peer->whole))
		peer_keep(peer, &s->kept);
	return s;
}

void
postfix_close(struct postfix *p, struct postfix_session *s,
    const struct commands *commands)
{
	table_remove(&p->sessions, &s->node);
	postfix_settle(p, s, commands);
	s->node.chain = (struct node *)p->spare_session;
	p->spare_session = s;
}

void
postfix_end(struct postfix *p)
{
	while (p->sessions.oldest != NULL)
		postfix_close(p, (struct postfix_session *)p->sessions.oldest, NULL);
	postfix_flush(p, true);
}

uint64_t
postfix_evicted(const struct postfix *p)
{
	return p->evicted;
}

/* --- programs */

/* "4F1A2B3C4D: from=<ann@example.net>, size=512, nrcpt=1 (queue active)" */
static bool
qmgr(struct postfix *p, const struct line *l)
{
	struct slice rest = l->text, qid = cut_alnum(&rest), sender;

	return qid.len > 0 && cut_prefix(&rest, ": from=") &&
	    cut_angle(&rest, &sender) && slice_starts(rest, ", size=") &&
	    postfix_sender(p, l, qid, sender);
}

/*
 * "4F1A2B3C4D: milter-reject: END-OF-MESSAGE from mx[192.0.2.7]: 5.7.1 no; from=..."
 * "4F1A2B3C4D: reject: header Subject: ... from mx[192.0.2.7]; from=...: 5.7.1 no"
 */
static bool
cleanup(struct postfix *p, const struct line *l)
{
	struct slice rest = l->text, qid = cut_alnum(&rest), reply;
	struct refusal refusal = { .stage = "eom" };
	bool milter;
	size_t end;

	if (qid.len == 0 || !cut_prefix(&rest, ": "))
		return false;
	if (slice_starts(rest, "message-id="))
		return true;
	milter = cut_prefix(&rest, "milter-reject: ");
	if (!milter && !cut_prefix(&rest, "reject: "))
		return false;
	reply = rest;
	if (milter) {
		cut_past(&reply, "]: ", NULL);
	} else if ((end = slice_find_last(rest, ">: ")) != SIZE_MAX) {
		reply = slice_from(rest, end + strlen(">: "));
		rest.len = end + 1;
	}
	answer_read(reply, milter, &p->answers, &refusal.answer);
	postfix_tail(rest, &refusal.tail);
	return postfix_refused_id(p, l, qid, &refusal);
}

/* What it lets through comes again as a session of smtpd's. */
static bool
postscreen(struct postfix *p, const struct line *l)
{
	(void)p;
	return slice_starts(l->text, "PASS ");
}

static const struct {
	const char	*program;
	bool		(*take)(struct postfix *, const struct line *);
} programs[] = {
	{ "smtpd", postfix_smtpd },
	{ "qmgr", qmgr },
	{ "oqmgr", qmgr },
	{ "cleanup", cleanup },
	{ "postscreen", postscreen },
	{ "tlsproxy", postfix_tlsproxy },
};

void
postfix_expire(struct postfix *p, int64_t now)
{
	p->now = now;
	postfix_flush(p, false);
}

bool
postfix_line(struct postfix *p, const struct line *l)
{
	struct slice name = l->program;
	const char *slash = name.len > 0 ? memrchr(name.p, '/', name.len) : NULL;
	size_t i;

	/* Without a slash it is somebody else's smtpd. */
	if (slash == NULL || l->pid == 0)
		return false;
	name = slice_from(name, (size_t)(slash + 1 - name.p));
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (slice_is(name, programs[i].program)) {
			postfix_expire(p, stamp_steady(&p->latest, l->time));
			return programs[i].take(p, l);
		}
	return false;
}
