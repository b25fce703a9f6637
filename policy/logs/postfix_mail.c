/*
 * postfix_mail.c owns the messages of Postfix's sessions and the telling of
 * them; it may not know what lines look like.
 *
 * A MAIL command leaves a line of its own only when it is refused, or when a
 * recipient is: taken ("client=", with a queue id) or not.  Those that left
 * none are known by their number, from the last line of the session.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "postfix.h"
#include "scan.h"

#define SILENT_MAX	1000	/* messages a session can have without a line */

void
postfix_free_message(struct postfix_message *m)
{
	kept_free(&m->kept);
	free(m);
}

struct slice
postfix_mailbox(struct slice sender)
{
	return sender.len == 0 ? slice_of("<>") : sender;
}

static struct postfix_message *
find(struct postfix *p, struct slice host, struct slice qid)
{
	struct key key = table_key(host, qid, 0);

	return (struct postfix_message *)table_find(&p->messages, &key);
}

/* --- telling */

/* The TLS of what came before any line about TLS. */
enum absence { ABSENT, NOT_LOGGED };

static enum absence
absence(struct postfix *p, const struct postfix_session *s,
    const struct commands *c)
{
	bool logs = postfix_host_has_tls(p, kept_get(&s->kept, KEPT_HOST));

	if (s->encrypted || s->handshake_failed)
		return ABSENT;
	if (c != NULL && c->counted && c->starttls > 0)
		return NOT_LOGGED;
	if (c == NULL || !c->counted || s->implicit)
		return logs && !s->partial ? ABSENT : NOT_LOGGED;
	return ABSENT;
}

static enum outcome
grade_absence(struct kept *k, enum absence absence, enum outcome outcome)
{
	kept_forget(k, ATTR_TLS);
	kept_forget(k, ATTR_CIPHER);
	kept_forget(k, ATTR_CIPHER_BITS);
	if (absence == NOT_LOGGED)
		return OUTCOME_UNKNOWN;
	kept_lack(k, ATTR_TLS);
	return outcome;
}

static void
tell_message(struct postfix *p, struct postfix_message *m)
{
	struct entry e = { .origin = ORIGIN_POSTFIX, .kind = ENTRY_MESSAGE };

	kept_entry(&m->kept, &e);
	e.time = m->time;
	e.stage = m->stage != NULL ? slice_of(m->stage) : SLICE_NULL;
	e.outcome = m->grade;
	e.refused = m->refused && !m->ours;
	e.refused_by_us = m->ours;
	e.handshake_failed = m->handshake_failed;
	e.no_milter = m->no_milter;
	e.partial = m->partial;
	e.auth_clear = m->auth_clear;
	e.auth_failed = m->auth_failed;
	p->sink(p->ctx, &e);
}

static void
release(struct postfix *p, struct postfix_message *m)
{
	table_remove(&p->messages, &m->node);
	m->node.chain = (struct node *)p->spare_message;
	p->spare_message = m;
}

static void
unlink_message(struct postfix_session *s, struct postfix_message *m)
{
	if (m->before != NULL)
		m->before->next = m->next;
	else
		s->first = m->next;
	if (m->next != NULL)
		m->next->before = m->before;
	else
		s->last = m->before;
	m->session = NULL;
}

/* Told as it is known now. */
static void
end_message(struct postfix *p, struct postfix_message *m)
{
	if (m->session != NULL) {
		if (!m->encrypted)
			m->grade = grade_absence(&m->kept,
			    absence(p, m->session, NULL), OUTCOME_CLEARTEXT);
		m->session->told++;
		unlink_message(m->session, m);
	}
	tell_message(p, m);
	release(p, m);
}

void
postfix_flush(struct postfix *p, bool all)
{
	struct postfix_message *m;

	while ((m = (struct postfix_message *)p->messages.oldest) != NULL &&
	    (all || (m->session == NULL && p->now - m->time > POSTFIX_PATIENCE))) {
		if (m->stage == NULL)
			m->stage = "abort";
		end_message(p, m);
	}
}

/* --- messages as they come */

static struct postfix_message *
new_message(struct postfix *p, struct postfix_session *s, struct key *key)
{
	struct postfix_message *m;
	struct kept kept;

	if (p->messages.count == p->messages.max) {
		p->evicted++;
		end_message(p, (struct postfix_message *)p->messages.oldest);
	}
	m = p->spare_message;
	if (m != NULL) {
		p->spare_message = (struct postfix_message *)m->node.chain;
		kept = m->kept;
		memset(m, 0, sizeof(*m));
		m->kept = kept;
	} else {
		m = mem_calloc(1, sizeof(*m));
	}
	kept_copy(&m->kept, &s->kept);
	kept_set(&m->kept, KEPT_REPLY, SLICE_NULL);
	m->session = s;
	m->time = s->time;
	m->encrypted = s->encrypted;
	m->grade = s->grade;
	m->queued = key->name.len > 0;
	m->partial = s->partial;
	m->before = s->last;
	if (s->last != NULL)
		s->last->next = m;
	else
		s->first = m;
	s->last = m;
	table_add(&p->messages, &m->node, &m->kept, key);
	return m;
}

/* It has no queue id. */
static struct postfix_message *
new_unnamed(struct postfix *p, struct postfix_session *s)
{
	struct key key = table_key(kept_get(&s->kept, KEPT_HOST), SLICE_NULL, 0);

	return new_message(p, s, &key);
}

void
postfix_queued(struct postfix *p, struct postfix_session *s, const struct line *l,
    struct slice qid)
{
	struct key key = table_key(l->host, qid, 0);
	struct node *old;

	s->queued++;
	if (qid.len > 0 && (old = table_find(&p->messages, &key)) != NULL)
		end_message(p, (struct postfix_message *)old);
	if (s->last != NULL && s->last->attempt)
		s->last->twin = true;
	new_message(p, s, &key);
}

static void
keep_tail(struct kept *k, const struct tail *t)
{
	if (t->from.p != NULL)
		kept_set(k, ATTR_SENDER, postfix_mailbox(t->from));
	if (t->helo.p != NULL)
		kept_set(k, ATTR_HELO, t->helo);
	if (t->method.p != NULL)
		kept_set(k, ATTR_AUTH, t->method);
	if (t->user.p != NULL) {
		kept_set(k, ATTR_USER, t->user);
		if (k->lacking[ATTR_AUTH])
			kept_forget(k, ATTR_AUTH);
	}
}

static void
refuse(struct postfix_message *m, const struct refusal *r)
{
	m->refused = true;
	m->ours = r->answer.ours;
	m->stage = r->stage;
	kept_set(&m->kept, KEPT_REPLY, r->answer.reply);
}

void
postfix_refused(struct postfix *p, struct postfix_session *s, const struct line *l,
    const struct refusal *r)
{
	struct postfix_message *m = s->last;
	bool attempt = strcmp(r->stage, "rcpt") == 0;

	(void)l;
	/* One recipient after the other of one transaction. */
	if (attempt && m != NULL && m->attempt && !m->twin &&
	    slice_equal(kept_get(&m->kept, ATTR_SENDER), postfix_mailbox(r->tail.from)))
		return;
	m = new_unnamed(p, s);
	if (r->tail.user.p == NULL && kept_get(&m->kept, ATTR_USER).p == NULL) {
		kept_lack(&m->kept, ATTR_AUTH);
		kept_lack(&m->kept, ATTR_USER);
	}
	keep_tail(&m->kept, &r->tail);
	refuse(m, r);
	/* It went on, and was given up when the client saw no use in it. */
	m->attempt = attempt;
	if (attempt && !m->ours)
		m->stage = "abort";
}

bool
postfix_refused_id(struct postfix *p, const struct line *l, struct slice qid,
    const struct refusal *r)
{
	struct postfix_message *m = find(p, l->host, qid);

	if (m == NULL)
		return false;
	if (m->sender)
		kept_set(&m->kept, ATTR_HELO, r->tail.helo);
	else
		keep_tail(&m->kept, &r->tail);
	/* One recipient among others is not the message. */
	if (strcmp(r->stage, "rcpt") != 0) {
		refuse(m, r);
		if (m->session == NULL)
			end_message(p, m);
	}
	return true;
}

bool
postfix_sender(struct postfix *p, const struct line *l, struct slice qid,
    struct slice sender)
{
	struct postfix_message *m = find(p, l->host, qid);

	if (m == NULL || m->sender)
		return false;
	kept_set(&m->kept, ATTR_SENDER, postfix_mailbox(sender));
	m->sender = true;
	m->stage = "eom";
	if (m->session == NULL)
		end_message(p, m);
	return true;
}

/* --- the end of a session */

/* The transaction went on, and is the message behind it. */
static void
drop_attempt(struct postfix *p, struct postfix_session *s, struct postfix_message *m)
{
	struct postfix_message *next = m->next;

	if (m->twin && next != NULL && !next->sender) {
		kept_set(&next->kept, ATTR_SENDER, kept_get(&m->kept, ATTR_SENDER));
		kept_set(&next->kept, ATTR_HELO, kept_get(&m->kept, ATTR_HELO));
	}
	unlink_message(s, m);
	release(p, m);
}

static uint32_t
drop_attempts(struct postfix *p, struct postfix_session *s, uint32_t count, bool twins)
{
	struct postfix_message *m, *next;

	for (m = s->first; m != NULL && count > 0; m = next) {
		next = m->next;
		if (m->attempt && m->twin == twins) {
			drop_attempt(p, s, m);
			count--;
		}
	}
	return count;
}

/* As many transactions without a queue id as there were. */
static void
reconcile(struct postfix *p, struct postfix_session *s, const struct commands *c)
{
	struct postfix_message *m;
	uint32_t attempts = 0, twins = 0, wanted, missing;

	for (m = s->first; m != NULL; m = m->next)
		if (m->attempt) {
			attempts++;
			twins += m->twin;
		}
	wanted = attempts - twins;
	if (c != NULL && c->counted && !s->partial)
		wanted = c->mail > s->queued ? c->mail - s->queued : 0;
	if (wanted < attempts) {
		drop_attempts(p, s, drop_attempts(p, s, attempts - wanted, true), false);
		return;
	}
	missing = wanted - attempts;
	if (missing > SILENT_MAX)
		missing = SILENT_MAX;
	while (missing-- > 0) {
		m = new_unnamed(p, s);
		m->stage = "abort";
		kept_forget(&m->kept, ATTR_SENDER);
		if (kept_get(&m->kept, ATTR_USER).p == NULL) {
			kept_lack(&m->kept, ATTR_AUTH);
			kept_lack(&m->kept, ATTR_USER);
		}
	}
}

static void
count_logins(const struct postfix_session *s, const struct commands *c, bool clear,
    uint32_t *auth_clear, uint32_t *auth_failed)
{
	bool counted = c != NULL && c->counted;

	*auth_failed = counted && c->auth_all >= c->auth ? c->auth_all - c->auth : s->failed;
	*auth_clear = s->failed_clear;
	if (clear)
		*auth_clear = counted ? c->auth_all : s->failed;
}

/* Nobody came as far as MAIL. */
static void
tell_session(struct postfix *p, struct postfix_session *s, const struct commands *c,
    enum absence absent)
{
	struct entry e = { .origin = ORIGIN_POSTFIX, .kind = ENTRY_SESSION };

	e.outcome = s->encrypted ? s->grade :
	    grade_absence(&s->kept, absent, OUTCOME_ABANDONED);
	if (c != NULL && c->counted && c->auth == 0) {
		kept_lack(&s->kept, ATTR_AUTH);
		kept_lack(&s->kept, ATTR_USER);
	}
	kept_entry(&s->kept, &e);
	e.time = s->time;
	e.stage = slice_of(s->stage != NULL ? s->stage : "close");
	e.refused = s->refused && !s->ours;
	e.refused_by_us = s->ours;
	e.handshake_failed = s->handshake_failed;
	e.no_milter = s->no_milter;
	e.partial = s->partial;
	count_logins(s, c, !s->encrypted && absent == ABSENT, &e.auth_clear,
	    &e.auth_failed);
	p->sink(p->ctx, &e);
}

static void
settle_message(struct postfix *p, struct postfix_session *s, struct postfix_message *m,
    const struct commands *c, enum absence absent)
{
	bool counted = c != NULL && c->counted;

	if (!m->encrypted)
		m->grade = grade_absence(&m->kept, absent, OUTCOME_CLEARTEXT);
	/* Before 2.11 the lines about refusals did not say who had logged in. */
	if (!m->queued && m->kept.lacking[ATTR_AUTH] && counted && c->auth > 0) {
		kept_forget(&m->kept, ATTR_AUTH);
		kept_forget(&m->kept, ATTR_USER);
	}
	if (m->queued && m->stage == NULL && counted && !s->partial) {
		if (c->data >= s->queued)
			m->stage = "eom";
		else if (c->data == 0)
			m->stage = "abort";
	}
	m->session = NULL;
	if (m->refused || m->sender || !m->queued ||
	    (m->stage != NULL && strcmp(m->stage, "abort") == 0))
		end_message(p, m);
	else
		table_touch(&p->messages, &m->node);
}

/* Who said no HELO has none; a milter was not asked about it either. */
static void
lack_helo(struct postfix_session *s)
{
	struct postfix_message *m;

	kept_lack(&s->kept, ATTR_HELO);
	for (m = s->first; m != NULL; m = m->next)
		kept_lack(&m->kept, ATTR_HELO);
}

void
postfix_settle(struct postfix *p, struct postfix_session *s, const struct commands *c)
{
	struct postfix_message *m, *next;
	enum absence absent = absence(p, s, c);

	reconcile(p, s, c);
	if (c != NULL && c->counted && c->hello_all == 0 && !s->partial)
		lack_helo(s);
	if (s->first == NULL) {
		/* What it carried was told by lines that are not there. */
		if (!s->reinjected && s->told == 0 &&
		    !(s->partial && c != NULL && c->mail > 0))
			tell_session(p, s, c, absent);
		return;
	}
	m = s->last;
	m->handshake_failed = s->handshake_failed;
	count_logins(s, c, !s->encrypted && absent == ABSENT, &m->auth_clear,
	    &m->auth_failed);
	for (m = s->first; m != NULL; m = next) {
		next = m->next;
		m->no_milter = s->no_milter;
		settle_message(p, s, m, c, absent);
	}
	s->first = s->last = NULL;
}
