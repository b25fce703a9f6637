/*
 * postfix_line.c owns the lines of Postfix's smtpd: a table of what they begin
 * with; it may not know when a session is told.
 */
/* libc */
#include <string.h>
/* this project */
#include "postfix.h"
#include "scan.h"

/* --- one handler a pattern; rest is what follows it */

static bool
line_connect(struct postfix *p, const struct line *l, struct slice rest)
{
	struct peer peer;

	if (!cut_peer(&rest, &peer))
		return false;
	peer_keep(&peer, &postfix_open(p, l, false)->kept);
	return true;
}

static const struct {
	const char	*name;
	size_t		 taken;		/* where in struct commands */
	size_t		 all;		/* SIZE_MAX: not asked for */
} counters[] = {
	{ "ehlo", offsetof(struct commands, hello), offsetof(struct commands, hello_all) },
	{ "helo", offsetof(struct commands, hello), offsetof(struct commands, hello_all) },
	{ "starttls", offsetof(struct commands, starttls), SIZE_MAX },
	{ "auth", offsetof(struct commands, auth), offsetof(struct commands, auth_all) },
	{ "mail", offsetof(struct commands, mail), SIZE_MAX },
	{ "data", offsetof(struct commands, data), SIZE_MAX },
};

/* "auth=1/3": one of three; "auth=3": all of them. */
static void
count_command(struct commands *c, struct slice name, struct slice value)
{
	uint32_t taken, all;
	size_t i;

	if (cut_number(&value, &taken) == -1)
		return;
	all = taken;
	if (cut_prefix(&value, "/") && cut_number(&value, &all) == -1)
		return;
	/* BDAT comes in pieces: any of them may have been a message. */
	if (slice_is(name, "bdat") && taken > 0)
		c->data = UINT32_MAX / 2;
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (slice_is(name, counters[i].name)) {
			*(uint32_t *)((char *)c + counters[i].taken) += taken;
			if (counters[i].all != SIZE_MAX)
				*(uint32_t *)((char *)c + counters[i].all) += all;
		}
}

static bool
line_disconnect(struct postfix *p, const struct line *l, struct slice rest)
{
	struct commands c = { .counted = false };
	struct slice item;
	struct peer peer;

	if (!cut_peer(&rest, &peer))
		return false;
	cut_prefix(&rest, " ");
	while (rest.len > 0) {
		item = cut_until(&rest, ' ');
		if (slice_starts(item, "commands="))
			c.counted = true;
		else
			count_command(&c, cut_until(&item, '='), item);
	}
	postfix_close(p, postfix_session_of(p, l, &peer), &c);
	return true;
}

/* "lost connection after DATA (512 bytes) from mx.example.net[192.0.2.7]" */
static bool
line_lost(struct postfix *p, const struct line *l, struct slice rest)
{
	struct peer peer;

	if (!cut_past(&rest, " from ", NULL) || !cut_peer(&rest, &peer))
		return false;
	postfix_session_of(p, l, &peer);
	return true;
}

static bool
line_failed(struct postfix *p, const struct line *l, struct slice rest)
{
	struct peer peer;

	if (!cut_peer(&rest, &peer))
		return false;
	postfix_session_of(p, l, &peer)->handshake_failed = true;
	return true;
}

/* "NAME[ADDRESS] to SNI: TLSv1.3 with cipher NAME (256/256 bits) ..." */
static bool
read_handshake(struct slice *rest, struct peer *peer, struct slice *sni,
    struct handshake *h)
{
	*sni = SLICE_NULL;
	if (!cut_peer(rest, peer))
		return false;
	if (cut_prefix(rest, " to "))
		*sni = cut_until(rest, ':');
	else if (!cut_prefix(rest, ":"))
		return false;
	if (!cut_prefix(rest, " ") || !cut_past(rest, " with cipher ", &h->version))
		return false;
	h->cipher = cut_until(rest, ' ');
	return cut_prefix(rest, "(") && cut_past(rest, " bits)", &h->bits);
}

static bool
established(struct postfix *p, const struct line *l, struct slice rest,
    const char *verified)
{
	struct postfix_session *s;
	struct handshake h;
	struct slice sni;
	struct peer peer;

	if (!cut_prefix(&rest, "TLS connection ") ||
	    (!cut_prefix(&rest, "established from ") && !cut_prefix(&rest, "reused from ")) ||
	    !read_handshake(&rest, &peer, &sni, &h))
		return false;
	s = postfix_session_of(p, l, &peer);
	s->grade = grade_handshake(p->grade, &h, &s->kept);
	s->encrypted = true;
	s->failed_clear = s->failed;
	postfix_host_logs_tls(p, l->host);
	kept_set(&s->kept, ATTR_SNI, sni);
	if (verified != NULL) {
		kept_set(&s->kept, ATTR_CERT_VERIFIED, slice_of(verified));
		return true;
	}
	kept_lack(&s->kept, ATTR_CERT_VERIFIED);
	kept_lack(&s->kept, ATTR_CERT_SUBJECT);
	kept_lack(&s->kept, ATTR_CERT_ISSUER);
	return true;
}

static bool
line_anonymous(struct postfix *p, const struct line *l, struct slice rest)
{
	return established(p, l, rest, NULL);
}

static bool
line_verified(struct postfix *p, const struct line *l, struct slice rest)
{
	return established(p, l, rest, "yes");
}

static bool
line_untrusted(struct postfix *p, const struct line *l, struct slice rest)
{
	return established(p, l, rest, "no");
}

/* "connect to Milter service unix:tlswarden/tlswarden.sock: Permission denied" */
static bool
line_no_milter(struct postfix *p, const struct line *l)
{
	struct postfix_session *s = postfix_find(p, l);

	if (s != NULL)
		s->no_milter = true;
	return s != NULL;
}

/* "NAME[ADDRESS]: SASL LOGIN authentication failed: ...", or aborted */
static bool
line_warning(struct postfix *p, const struct line *l, struct slice rest)
{
	struct postfix_session *s;
	struct slice method;
	struct peer peer;

	if (slice_starts(rest, "connect to Milter service "))
		return line_no_milter(p, l);
	if (!cut_peer(&rest, &peer) || !cut_prefix(&rest, ": SASL "))
		return false;
	method = cut_until(&rest, ' ');
	if (method.len == 0 || (!slice_starts(rest, "authentication failed") &&
	    !slice_starts(rest, "authentication aborted")))
		return false;
	s = postfix_session_of(p, l, &peer);
	s->failed++;
	return true;
}

/* --- lines that name a message, or say that there is none */

/*
 * ", sasl_method=PLAIN, sasl_username=ann, sasl_sender=..." or what a content
 * filter says of the message it brings back: ", orig_queue_id=..., ...".  The
 * user's name ends at the first thing that may follow it: what a user says in
 * AUTH= of the sender may hold all of this, and is no part of the name.
 */
static void
read_login(struct postfix_session *s, struct slice rest)
{
	struct slice user;
	size_t end;

	if (!cut_prefix(&rest, ", sasl_method=")) {
		kept_lack(&s->kept, ATTR_AUTH);
		kept_lack(&s->kept, ATTR_USER);
		s->reinjected = slice_starts(rest, ", orig_queue_id=") ||
		    slice_starts(rest, ", orig_client=");
		return;
	}
	kept_set(&s->kept, ATTR_AUTH, cut_until(&rest, ','));
	if (!cut_prefix(&rest, " sasl_username="))
		return;
	user = rest;
	end = slice_find(user, ", sasl_sender=");
	if (end != SIZE_MAX)
		user.len = end;
	kept_set(&s->kept, ATTR_USER, user);
}

static bool
message_client(struct postfix *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	struct postfix_session *s;
	struct peer peer;

	if (!cut_peer(&rest, &peer))
		return false;
	s = postfix_session_of(p, l, &peer);
	s->reinjected = false;
	read_login(s, rest);
	if (s->reinjected)
		s->queued++;
	else
		postfix_queued(p, s, l, qid);
	return true;
}

static const struct {
	const char	*verb;
	const char	*stage;		/* NULL: changes nothing */
	bool		 session;	/* and no message */
} verbs[] = {
	{ "CONNECT", "connect", true },
	{ "EHLO", "helo", true },
	{ "HELO", "helo", true },
	{ "MAIL", "mail", false },
	{ "RCPT", "rcpt", false },
	{ "DATA", "mail", false },
	{ "BDAT", "mail", false },
	{ "END-OF-MESSAGE", "eom", false },
};

static void
refuse_session(struct postfix_session *s, const struct refusal *r)
{
	if (!s->refused) {
		kept_set(&s->kept, KEPT_REPLY, r->answer.reply);
		s->ours = r->answer.ours;
		s->stage = r->stage;
	}
	s->refused = true;
}

/* "RCPT from mx.example.net[192.0.2.7]: 554 5.7.1 ...; from=<...> ..." */
static bool
refused(struct postfix *p, const struct line *l, struct slice qid, struct slice rest,
    bool milter)
{
	struct refusal r = { .stage = NULL };
	struct postfix_session *s;
	struct slice verb;
	struct peer peer;
	size_t i;

	if (!cut_past(&rest, " from ", &verb) || !cut_peer(&rest, &peer))
		return false;
	s = postfix_session_of(p, l, &peer);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (slice_is(verb, verbs[i].verb))
			break;
	if (i == sizeof(verbs) / sizeof(verbs[0]))
		return true;
	r.stage = verbs[i].stage;
	if (cut_prefix(&rest, ": "))
		answer_read(rest, milter, &p->answers, &r.answer);
	if (postfix_tail(rest, &r.tail))
		kept_set(&s->kept, ATTR_HELO, r.tail.helo);
	if (verbs[i].session) {
		refuse_session(s, &r);
		/* A milter is not asked again: its answer stays. */
		s->shut = s->shut || milter;
	} else if (qid.len > 0) {
		postfix_refused_id(p, l, qid, &r);
	} else if (!s->shut) {
		postfix_refused(p, s, l, &r);
	}
	return true;
}

static bool
message_reject(struct postfix *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	return refused(p, l, qid, rest, false);
}

static bool
message_milter(struct postfix *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	return refused(p, l, qid, rest, true);
}

static const struct {
	const char	*prefix;
	bool		(*take)(struct postfix *, const struct line *, struct slice qid,
			    struct slice rest);
} message_lines[] = {
	{ "client=", message_client },
	{ "reject: ", message_reject },
	{ "milter-reject: ", message_milter },
	{ "proxy-reject: ", message_reject },
};

static bool
line_message(struct postfix *p, const struct line *l, struct slice text)
{
	struct slice rest = text, qid = cut_alnum(&rest);
	size_t i;

	if (qid.len == 0 || !cut_prefix(&rest, ": "))
		return false;
	if (slice_is(qid, "NOQUEUE"))
		qid = SLICE_NULL;
	for (i = 0; i < sizeof(message_lines) / sizeof(message_lines[0]); i++)
		if (cut_prefix(&rest, message_lines[i].prefix))
			return message_lines[i].take(p, l, qid, rest);
	return false;
}

/* --- the table */

static const struct {
	const char	*prefix;
	bool		(*take)(struct postfix *, const struct line *, struct slice rest);
} lines[] = {
	{ "connect from ", line_connect },
	{ "disconnect from ", line_disconnect },
	{ "Anonymous ", line_anonymous },
	{ "Trusted ", line_verified },
	{ "Verified ", line_verified },
	{ "Untrusted ", line_untrusted },
	{ "warning: ", line_warning },
	{ "lost connection after ", line_lost },
	{ "timeout after ", line_lost },
	{ "too many errors after ", line_lost },
	{ "SSL_accept error from ", line_failed },
};

bool
postfix_smtpd(struct postfix *p, const struct line *l)
{
	struct slice rest = l->text;
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (cut_prefix(&rest, lines[i].prefix))
			return lines[i].take(p, l, rest);
	return line_message(p, l, l->text);
}

/*
 * TLS of postscreen's.  Who comes through does so in a session of smtpd's; who
 * does not even get TLS done is heard of here alone.
 */
bool
postfix_tlsproxy(struct postfix *p, const struct line *l)
{
	struct slice rest = l->text;
	struct postfix_session *s;
	struct peer peer;

	if (!cut_prefix(&rest, "TLS handshake failed for service=smtpd peer=") ||
	    !cut_peer(&rest, &peer))
		return false;
	s = postfix_open(p, l, true);
	peer_keep(&peer, &s->kept);
	kept_forget(&s->kept, ATTR_CLIENT_NAME);
	s->handshake_failed = true;
	postfix_close(p, s, NULL);
	return true;
}
