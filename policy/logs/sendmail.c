/*
 * sendmail.c owns Sendmail's sessions and their messages, and the telling of
 * them; it may not know what lines look like.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "address.h"
#include "mem.h"
#include "scan.h"
#include "sendmail.h"
#include "stamp.h"

struct sendmail *
sendmail_new(const struct service_name *names, size_t count, entry_sink *sink, void *ctx)
{
	struct sendmail *p = mem_calloc(1, sizeof(*p));

	p->naming = (struct naming){ names, count };
	p->sink = sink;
	p->ctx = ctx;
	p->grade = grade_new();
	table_init(&p->sessions, SENDMAIL_SESSIONS, KEPT_PROGRAM);
	return p;
}

void
sendmail_know(struct sendmail *p, const struct answers *answers)
{
	p->answers = *answers;
}

static void
free_session(struct sendmail_session *s)
{
	kept_free(&s->kept);
	kept_free(&s->message.kept);
	kept_free(&s->message.early);
	free(s);
}

void
sendmail_free(struct sendmail *p)
{
	struct node *n;

	if (p == NULL)
		return;
	while ((n = p->sessions.oldest) != NULL) {
		table_remove(&p->sessions, n);
		free_session((struct sendmail_session *)n);
	}
	while ((n = (struct node *)p->spare) != NULL) {
		p->spare = (struct sendmail_session *)n->chain;
		free_session((struct sendmail_session *)n);
	}
	table_free(&p->sessions);
	grade_free(p->grade);
	free(p);
}

/* --- messages */

static void
wait_on(struct sendmail *p, struct sendmail_session *s)
{
	s->waits = true;
	s->after = NULL;
	s->before = p->last;
	if (p->last != NULL)
		p->last->after = s;
	else
		p->first = s;
	p->last = s;
}

static void
wait_no_more(struct sendmail *p, struct sendmail_session *s)
{
	if (!s->waits)
		return;
	if (s->before != NULL)
		s->before->after = s->after;
	else
		p->first = s->after;
	if (s->after != NULL)
		s->after->before = s->before;
	else
		p->last = s->before;
	s->waits = false;
}

/* What counts once goes with the first that is told after it. */
static void
give_counts(struct sendmail_session *s, struct entry *e)
{
	e->auth_clear = s->auth_clear;
	e->auth_failed = s->auth_failed;
	e->handshake_failed = s->handshake_failed;
	s->auth_clear = s->auth_failed = 0;
	s->handshake_failed = false;
}

/* The facts of the session as they are now; TLS that is not there is none. */
static void
copy_facts(struct sendmail_session *s, bool not_logged)
{
	struct sendmail_message *m = &s->message;

	kept_copy(&m->kept, &s->kept);
	kept_set(&m->kept, KEPT_QID, kept_get(&m->early, KEPT_QID));
	if (kept_get(&m->early, ATTR_SENDER).p != NULL)
		kept_set(&m->kept, ATTR_SENDER, kept_get(&m->early, ATTR_SENDER));
	if (kept_get(&m->kept, ATTR_AUTH).p == NULL) {
		kept_lack(&m->kept, ATTR_AUTH);
		kept_lack(&m->kept, ATTR_USER);
	}
	m->outcome = s->grade;
	if (s->encrypted)
		return;
	m->outcome = not_logged ? OUTCOME_UNKNOWN : OUTCOME_CLEARTEXT;
	if (!not_logged)
		kept_lack(&m->kept, ATTR_TLS);
}

static void
tell_message(struct sendmail *p, struct sendmail_session *s)
{
	struct entry e = { .origin = ORIGIN_SENDMAIL, .kind = ENTRY_MESSAGE };
	struct sendmail_message *m = &s->message;

	wait_no_more(p, s);
	if (!m->open)
		return;
	/* Refused, and given up without another word. */
	if (!m->told)
		copy_facts(s, false);
	kept_set(&m->kept, KEPT_REPLY,
	    m->refused ? kept_get(&m->early, KEPT_REPLY) : SLICE_NULL);
	kept_entry(&m->kept, &e);
	e.time = m->time;
	e.stage = slice_of(m->stage);
	e.outcome = m->outcome;
	e.refused = m->refused && !m->ours;
	e.refused_by_us = m->refused && m->ours;
	give_counts(s, &e);
	m->open = false;
	s->messages++;
	p->sink(p->ctx, &e);
}

/* The message of that queue id, begun when it is not there. */
static struct sendmail_message *
begin(struct sendmail *p, struct sendmail_session *s, struct slice qid)
{
	struct sendmail_message *m = &s->message;

	if (m->open && slice_equal(kept_get(&m->early, KEPT_QID), qid))
		return m;
	tell_message(p, s);
	kept_clear(&m->early);
	kept_set(&m->early, KEPT_QID, qid);
	m->open = true;
	m->told = m->refused = m->ours = false;
	m->stage = "abort";
	m->time = s->time;
	return m;
}

void
sendmail_envelope(struct sendmail *p, struct sendmail_session *s, const struct line *l,
    struct slice qid, const struct envelope *e)
{
	struct sendmail_message *m = begin(p, s, qid);

	sendmail_daemon(p, s, l, e->daemon);
	kept_set(&m->early, ATTR_SENDER, e->sender);
	m->told = true;
	m->time = l->time;
	if (!s->waits)
		wait_on(p, s);
	/* ESMTPS, ESMTPSA: there was TLS that LogLevel kept out of the log. */
	copy_facts(s, slice_find(e->proto, "PS") != SIZE_MAX);
	/* Recipients that were refused beside others are not the message. */
	if (e->recipients > 0 || e->received)
		m->refused = false;
	if (!m->refused)
		m->stage = e->received ? "eom" : "abort";
}

void
sendmail_refused(struct sendmail *p, struct sendmail_session *s, const struct line *l,
    struct slice qid, const char *stage, struct slice sender, const struct answer *a)
{
	struct sendmail_message *m;

	(void)l;
	if (strcmp(stage, "connect") == 0 || strcmp(stage, "helo") == 0) {
		if (!s->refused) {
			kept_set(&s->kept, KEPT_REPLY, a->reply);
			s->stage = stage;
			s->ours = a->ours;
		}
		s->refused = true;
		if (!s->waits)
			wait_on(p, s);
		return;
	}
	m = begin(p, s, qid);
	if (sender.p != NULL)
		kept_set(&m->early, ATTR_SENDER, sender);
	kept_set(&m->early, KEPT_REPLY, a->reply);
	m->refused = true;
	m->ours = a->ours;
	m->stage = m->told ? "eom" : stage;
	/* It went on, and was given up when the client saw no use in it. */
	if (strcmp(stage, "rcpt") == 0 && !a->ours)
		m->stage = "abort";
}

void
sendmail_settled(struct sendmail *p, struct sendmail_session *s, struct slice qid)
{
	if (s->message.open && s->message.told &&
	    slice_equal(kept_get(&s->message.early, KEPT_QID), qid))
		tell_message(p, s);
}

/* --- sessions */

struct sendmail_session *
sendmail_find(struct sendmail *p, const struct line *l)
{
	struct key key = table_process(l);
	struct node *n = table_find(&p->sessions, &key);
	struct sendmail_session *s = (struct sendmail_session *)n;

	if (s == NULL)
		return NULL;
	/* After so long it is another process of that number. */
	if (l->time - s->time > SENDMAIL_SILENCE) {
		sendmail_close(p, s);
		return NULL;
	}
	table_touch(&p->sessions, n);
	s->time = l->time;
	return s;
}

static struct sendmail_session *
new_session(struct sendmail *p)
{
	struct sendmail_session *s = p->spare;
	struct kept kept, of_message, early;

	if (s == NULL)
		return mem_calloc(1, sizeof(*s));
	p->spare = (struct sendmail_session *)s->node.chain;
	kept = s->kept;
	of_message = s->message.kept;
	early = s->message.early;
	memset(s, 0, sizeof(*s));
	s->kept = kept;
	s->message.kept = of_message;
	s->message.early = early;
	kept_clear(&s->kept);
	return s;
}

struct sendmail_session *
sendmail_open(struct sendmail *p, const struct line *l, const struct peer *peer)
{
	struct sendmail_session *s = sendmail_find(p, l);
	struct key key = table_process(l);

	if (s != NULL)
		sendmail_close(p, s);
	if (p->sessions.count == p->sessions.max) {
		p->evicted++;
		sendmail_close(p, (struct sendmail_session *)p->sessions.oldest);
	}
	s = new_session(p);
	table_add(&p->sessions, &s->node, &s->kept, &key);
	kept_set(&s->kept, ATTR_MTA, slice_of("Sendmail"));
	if (peer != NULL)
		peer_keep(peer, &s->kept);
	s->time = l->time;
	return s;
}

/* A process id that comes again is another client's, or long after. */
struct sendmail_session *
sendmail_get(struct sendmail *p, const struct line *l, const struct peer *peer)
{
	struct sendmail_session *s = sendmail_find(p, l);
	char text[ADDRESS_TEXT];

	if (s == NULL)
		return sendmail_open(p, l, peer);
	if (kept_get(&s->kept, KEPT_PEER).p == NULL) {
		peer_keep(peer, &s->kept);
		return s;
	}
	if (slice_equal(kept_get(&s->kept, KEPT_PEER), peer->whole) ||
	    slice_equal(kept_get(&s->kept, ATTR_CLIENT), peer_address(peer, text)))
		return s;
	return sendmail_open(p, l, peer);
}

void
sendmail_daemon(struct sendmail *p, struct sendmail_session *s, const struct line *l,
    struct slice daemon)
{
	struct named named;

	if (daemon.len == 0 || slice_equal(kept_get(&s->kept, ATTR_DAEMON), daemon))
		return;
	kept_set(&s->kept, ATTR_DAEMON, daemon);
	named = naming_sendmail(&p->naming, daemon, l->program);
	kept_set(&s->kept, ATTR_SERVICE, slice_of(named.service));
}

/* It came and went without MAIL. */
static void
tell_session(struct sendmail *p, struct sendmail_session *s)
{
	struct entry e = { .origin = ORIGIN_SENDMAIL, .kind = ENTRY_SESSION };

	if (!s->encrypted)
		kept_lack(&s->kept, ATTR_TLS);
	if (kept_get(&s->kept, ATTR_AUTH).p == NULL) {
		kept_lack(&s->kept, ATTR_AUTH);
		kept_lack(&s->kept, ATTR_USER);
	}
	kept_entry(&s->kept, &e);
	e.time = s->time;
	e.stage = slice_of(s->stage != NULL ? s->stage : "close");
	e.outcome = s->encrypted ? s->grade : OUTCOME_ABANDONED;
	e.refused = s->refused && !s->ours;
	e.refused_by_us = s->refused && s->ours;
	give_counts(s, &e);
	p->sink(p->ctx, &e);
}

void
sendmail_close(struct sendmail *p, struct sendmail_session *s)
{
	table_remove(&p->sessions, &s->node);
	tell_message(p, s);
	if (s->messages == 0)
		tell_session(p, s);
	s->node.chain = (struct node *)p->spare;
	p->spare = s;
}

void
sendmail_end(struct sendmail *p)
{
	while (p->sessions.oldest != NULL)
		sendmail_close(p, (struct sendmail_session *)p->sessions.oldest);
}

uint64_t
sendmail_evicted(const struct sendmail *p)
{
	return p->evicted;
}

/* --- lines */

static int64_t
waits_since(const struct sendmail_session *s)
{
	return s->message.open ? s->message.time : s->time;
}

void
sendmail_expire(struct sendmail *p, int64_t now)
{
	struct sendmail_session *s;

	p->now = now;
	while ((s = p->first) != NULL && p->now - waits_since(s) > SENDMAIL_PATIENCE) {
		/* A session that was refused says no more, not even that it ends. */
		if (s->message.open)
			tell_message(p, s);
		else
			sendmail_close(p, s);
	}
	while ((s = (struct sendmail_session *)p->sessions.oldest) != NULL &&
	    p->now - s->time > SENDMAIL_SILENCE)
		sendmail_close(p, s);
}

bool
sendmail_line(struct sendmail *p, const struct line *l)
{
	/* Debian and BSD run it as sm-mta, others as sendmail. */
	if ((!slice_is(l->program, "sendmail") && !slice_starts(l->program, "sm-")) ||
	    l->pid == 0)
		return false;
	sendmail_expire(p, stamp_steady(&p->latest, l->time));
	return sendmail_take(p, l);
}
