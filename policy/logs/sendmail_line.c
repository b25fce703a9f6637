/*
 * sendmail_line.c owns Sendmail's lines: tables of what they begin with; it
 * may not know when a session is told.
 *
 * A line is taken apart around what the client wrote into it: from the left up
 * to there, and from its end back, where stand words of Sendmail's own.
 */
/* libc */
#include <string.h>
/* this project */
#include "scan.h"
#include "sendmail.h"

#define SHORTENED	203	/* as long as Sendmail writes an address, MAXSHORTSTR */

/* The last text in s: what is behind it goes to *behind, s ends before it. */
static bool
chop(struct slice *s, const char *text, struct slice *behind)
{
	size_t at = slice_find_last(*s, text);

	if (at == SIZE_MAX)
		return false;
	*behind = slice_from(*s, at + strlen(text));
	s->len = at;
	return true;
}

/* --- lines without a queue id */

static bool
line_connect(struct sendmail *p, const struct line *l, struct slice rest)
{
	struct peer peer;

	if (!peer_relay(rest, &peer))
		return false;
	sendmail_open(p, l, &peer);
	return true;
}

/* "mx [192.0.2.7], version=TLSv1.3, verify=NO, cipher=NAME, bits=256/256" */
static bool
line_tls(struct sendmail *p, const struct line *l, struct slice rest)
{
	struct sendmail_session *s;
	struct slice verify;
	struct handshake h;
	struct peer peer;

	if (!chop(&rest, ", bits=", &h.bits) || !chop(&rest, ", cipher=", &h.cipher) ||
	    !chop(&rest, ", verify=", &verify) ||
	    !chop(&rest, ", version=", &h.version) || !peer_relay(rest, &peer))
		return false;
	s = sendmail_get(p, l, &peer);
	/* There is no TLS within TLS. */
	if (s->encrypted)
		s = sendmail_open(p, l, &peer);
	s->grade = grade_handshake(p->grade, &h, &s->kept);
	s->encrypted = true;
	if (slice_is(verify, "OK") || slice_is(verify, "TRUSTED"))
		kept_set(&s->kept, ATTR_CERT_VERIFIED, slice_of("yes"));
	else if (slice_is(verify, "FAIL"))
		kept_set(&s->kept, ATTR_CERT_VERIFIED, slice_of("no"));
	else
		kept_lack(&s->kept, ATTR_CERT_VERIFIED);
	return true;
}

static void
keep_or_lack(struct kept *k, enum attr attr, struct slice value)
{
	if (value.len > 0)
		kept_set_xtext(k, attr, value);
	else
		kept_lack(k, attr);
}

/* From LogLevel 10 on, behind the line above. */
static bool
line_certificate(struct sendmail *p, const struct line *l, struct slice rest)
{
	struct sendmail_session *s = sendmail_find(p, l);
	struct slice issuer, message;

	if (s == NULL || !s->encrypted || !chop(&rest, ", verifymsg=", &message) ||
	    !chop(&rest, ", cert-issuer=", &issuer))
		return false;
	keep_or_lack(&s->kept, ATTR_CERT_SUBJECT, rest);
	keep_or_lack(&s->kept, ATTR_CERT_ISSUER, issuer);
	return true;
}

static bool
line_tls_failed(struct sendmail *p, const struct line *l, struct slice rest)
{
	struct slice relay;
	struct peer peer;

	if (!chop(&rest, ", relay=", &relay) || !peer_relay(relay, &peer))
		return false;
	sendmail_get(p, l, &peer)->handshake_failed = true;
	return true;
}

/* "mx [192.0.2.7], authid=ann, mech=PLAIN, bits=0". */
static bool
line_auth(struct sendmail *p, const struct line *l, struct slice rest)
{
	struct slice method, user = SLICE_NULL, bits;
	struct sendmail_session *s;
	struct peer peer;

	if (!chop(&rest, ", bits=", &bits) || !chop(&rest, ", mech=", &method))
		return false;
	/* Versions before 8.13 do not name the user. */
	chop(&rest, ", authid=", &user);
	if (!peer_relay(rest, &peer))
		return false;
	s = sendmail_get(p, l, &peer);
	/* Nobody logs in twice. */
	if (kept_get(&s->kept, ATTR_AUTH).p != NULL)
		s = sendmail_open(p, l, &peer);
	kept_set(&s->kept, ATTR_AUTH, method);
	kept_set_xtext(&s->kept, ATTR_USER, user);
	if (!s->encrypted)
		s->auth_clear++;
	return true;
}

/* --- lines that begin with a queue id; rest is what follows the prefix */

/*
 * "<ann@example.net>, size=512, class=0, nrcpts=1, msgid=<...>, proto=ESMTPS,
 * daemon=MTA, relay=mx [192.0.2.7]".  The message id is the client's too.
 */
static bool
read_envelope(struct slice rest, struct envelope *e, struct peer *peer)
{
	struct slice relay, address, ignored;

	if (!chop(&rest, ", relay=", &relay) || !chop(&rest, ", daemon=", &e->daemon) ||
	    !peer_relay(relay, peer))
		return false;
	if (!chop(&rest, ", proto=", &e->proto))
		e->proto = SLICE_NULL;
	if (cut_angle(&rest, &address))
		e->sender = address.len == 0 ? slice_of("<>") : address;
	else
		e->sender = address = cut_until(&rest, ',');
	/* Its middle is left out: whose it is cannot be told. */
	if (address.len + 2 >= SHORTENED && slice_find(address, "...") != SIZE_MAX)
		e->sender = SLICE_NULL;
	cut_prefix(&rest, ",");
	if (!cut_prefix(&rest, " size=") && !cut_prefix(&rest, ", size="))
		return false;
	if (!cut_past(&rest, ", nrcpts=", &ignored) ||
	    cut_number(&rest, &e->recipients) == -1)
		return false;
	e->received = slice_starts(rest, ", msgid=");
	return true;
}

static bool
message_from(struct sendmail *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	struct envelope e;
	struct peer peer;

	if (!read_envelope(rest, &e, &peer))
		return false;
	sendmail_envelope(p, sendmail_get(p, l, &peer), l, qid, &e);
	return true;
}

/* By the process that took the message: it was delivered or queued. */
static bool
message_to(struct sendmail *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	struct sendmail_session *s = sendmail_find(p, l);

	(void)rest;
	if (s == NULL)
		return false;
	sendmail_settled(p, s, qid);
	return true;
}

static const struct {
	const char	*name;
	const char	*stage;
} rulesets[] = {
	{ "check_relay", "connect" },
	{ "check_mail", "mail" },
	{ "check_rcpt", "rcpt" },
	{ "check_data", "mail" },
	{ "check_eom", "eom" },
};

/*
 * Past what the client wrote, and the comma behind it: no comma within quotes,
 * brackets or a comment is that one.
 */
static bool
cut_argument(struct slice *s)
{
	unsigned int depth = 0;
	bool quoted = false;
	size_t i;

	for (i = 0; i < s->len; i++) {
		if (s->p[i] == '\\')
			i++;
		else if (s->p[i] == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (s->p[i] == '<' || s->p[i] == '(')
			depth++;
		else if ((s->p[i] == '>' || s->p[i] == ')') && depth > 0)
			depth--;
		else if (s->p[i] == ',' && depth == 0) {
			*s = slice_from(*s, i);
			return true;
		}
	}
	return false;
}

/* "check_rcpt, arg1=<...>, relay=mx [192.0.2.7], reject=550 5.7.1 <...>... no" */
static bool
message_ruleset(struct sendmail *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	struct slice name = cut_until(&rest, ','), sender = SLICE_NULL, before, relay;
	struct slice said, arg;
	struct answer answer = { .ours = false };
	const char *stage = NULL;
	struct peer peer;
	size_t i;

	for (i = 0; i < sizeof(rulesets) / sizeof(rulesets[0]); i++)
		if (slice_is(name, rulesets[i].name))
			stage = rulesets[i].stage;
	if (stage == NULL)
		return false;
	if (!cut_prefix(&rest, " arg1="))
		return false;
	said = rest;
	if (strcmp(stage, "mail") == 0 && cut_angle(&said, &arg))
		sender = arg.len > 0 ? arg : slice_of("<>");
	if (!cut_argument(&rest))
		return false;
	/* What the client wrote is behind us. */
	if (!cut_past(&rest, ", reject=", &before) || !chop(&before, ", relay=", &relay) ||
	    !peer_relay(relay, &peer))
		return false;
	answer_read(rest, false, &p->answers, &answer);
	sendmail_refused(p, sendmail_get(p, l, &peer), l, qid, stage, sender, &answer);
	return true;
}

static const struct {
	const char	*prefix;
	const char	*stage;
} milter_lines[] = {
	{ "connect", "connect" },
	{ "helo=", "helo" },
	{ "from=", "mail" },
	{ "to=", "rcpt" },
	{ "data", "eom" },
	{ "header", "eom" },
	{ "eoh", "eom" },
	{ "body", "eom" },
	{ "eom", "eom" },
};

/* "from=<ann@example.net>, reject=530 5.7.0 ..."; "data, reject=..." */
static bool
message_milter(struct sendmail *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	struct slice said = rest, sender = SLICE_NULL, value = SLICE_NULL;
	struct sendmail_session *s = sendmail_find(p, l);
	struct answer answer = { .ours = false };
	size_t i;

	for (i = 0; i < sizeof(milter_lines) / sizeof(milter_lines[0]); i++)
		if (cut_prefix(&said, milter_lines[i].prefix))
			break;
	if (i == sizeof(milter_lines) / sizeof(milter_lines[0]) ||
	    slice_find(said, "reject") == SIZE_MAX)
		return false;
	/* Below LogLevel 12 nothing may have come before, nor say who it is. */
	if (s == NULL)
		s = sendmail_open(p, l, NULL);
	if (cut_angle(&said, &value) && strcmp(milter_lines[i].stage, "mail") == 0)
		sender = value.len > 0 ? value : slice_of("<>");
	if (strcmp(milter_lines[i].stage, "helo") == 0)
		kept_set(&s->kept, ATTR_HELO, value = cut_until(&said, ','));
	if (cut_past(&said, "reject=", NULL))
		answer_read(said, true, &p->answers, &answer);
	/* One recipient among others is not the message: see its from= line. */
	sendmail_refused(p, s, l, qid, milter_lines[i].stage, sender, &answer);
	return true;
}

/* "(PLAIN): authentication failure (-13) ..., user=ann, relay=mx [192.0.2.7]" */
static bool
message_auth(struct sendmail *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	struct sendmail_session *s;
	struct slice relay;
	struct peer peer;

	(void)qid;
	if (!chop(&rest, ", relay=", &relay) || !peer_relay(relay, &peer))
		return false;
	s = sendmail_get(p, l, &peer);
	s->auth_failed++;
	if (!s->encrypted)
		s->auth_clear++;
	return true;
}

/* "from mx [192.0.2.7] to MTA after mail" */
static bool
message_lost(struct sendmail *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	struct slice after, daemon;
	struct peer peer;

	(void)qid;
	if (!chop(&rest, " after ", &after) || !chop(&rest, " to ", &daemon) ||
	    !peer_relay(rest, &peer))
		return false;
	sendmail_daemon(p, sendmail_get(p, l, &peer), l, daemon);
	return true;
}

static bool
message_hasty(struct sendmail *p, const struct line *l, struct slice qid,
    struct slice rest)
{
	struct answer answer = { .ours = false };
	struct peer peer;

	rest.len = slice_find(rest, " due to ") == SIZE_MAX ? 0 :
	    slice_find(rest, " due to ");
	if (!cut_past(&rest, " from ", NULL) || !peer_relay(rest, &peer))
		return false;
	sendmail_refused(p, sendmail_get(p, l, &peer), l, qid, "connect", SLICE_NULL,
	    &answer);
	return true;
}

/*
 * "mx [192.0.2.7] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA",
 * and no other sentence that ends like that, for Sendmail also quotes commands:
 * "mx [192.0.2.7]: VRFY ...".
 */
static bool
message_nothing(struct sendmail *p, const struct line *l, struct slice rest)
{
	struct sendmail_session *s;
	struct slice daemon;
	struct peer peer;

	if (!chop(&rest, " during connection to ", &daemon) ||
	    !chop(&rest, " did not issue ", &(struct slice){ NULL, 0 }) ||
	    slice_find(rest, ": ") != SIZE_MAX || slice_starts(rest, "<-- ") ||
	    !peer_relay(rest, &peer))
		return false;
	s = sendmail_get(p, l, &peer);
	sendmail_daemon(p, s, l, daemon);
	sendmail_close(p, s);
	return true;
}

/* --- the tables */

static const struct {
	const char	*prefix;
	bool		(*take)(struct sendmail *, const struct line *, struct slice rest);
} lines[] = {
	{ "NOQUEUE: connect from ", line_connect },
	{ "STARTTLS=server, relay=", line_tls },
	{ "STARTTLS=server, cert-subject=", line_certificate },
	{ "STARTTLS=server, error: accept failed", line_tls_failed },
	{ "AUTH=server, relay=", line_auth },
};

static const struct {
	const char	*prefix;
	bool		(*take)(struct sendmail *, const struct line *, struct slice qid,
			    struct slice rest);
} message_lines[] = {
	{ "from=", message_from },
	{ "to=", message_to },
	{ "ruleset=", message_ruleset },
	{ "Milter: ", message_milter },
	{ "AUTH failure ", message_auth },
	{ "AUTH decode64 error ", message_auth },
	{ "lost input channel from ", message_lost },
	{ "timeout waiting for input from ", message_lost },
	{ "rejecting server ", message_hasty },
	{ "rejecting commands ", message_hasty },
};

/* The value of three octal digits at s, or -1. */
static int
octal(const char *s, size_t len)
{
	int value = 0;
	size_t i;

	for (i = 0; i < 3; i++) {
		if (i == len || s[i] < '0' || s[i] > '7')
			return -1;
		value = value * 8 + (s[i] - '0');
	}
	return value < 256 ? value : -1;
}

/* Sendmail doubles backslashes, and writes bytes that do not print as \\ooo. */
static struct slice
unescape(struct sendmail *p, struct slice text)
{
	size_t i, n = 0;
	int byte;

	if (text.len > sizeof(p->plain) || memchr(text.p, '\\', text.len) == NULL)
		return text;
	for (i = 0; i < text.len; i++) {
		p->plain[n] = text.p[i];
		if (text.p[i] == '\\' && i + 1 < text.len && text.p[i + 1] == '\\') {
			i++;
		} else if (text.p[i] == '\\' &&
		    (byte = octal(text.p + i + 1, text.len - i - 1)) >= 0) {
			p->plain[n] = (char)byte;
			i += 3;
		}
		n++;
	}
	return (struct slice){ p->plain, n };
}

bool
sendmail_take(struct sendmail *p, const struct line *l)
{
	struct slice rest, qid;
	size_t i;

	if (l->text.len == 0)
		return false;
	rest = unescape(p, l->text);

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (cut_prefix(&rest, lines[i].prefix))
			return lines[i].take(p, l, rest);
	qid = cut_alnum(&rest);
	if (qid.len == 0 || !cut_prefix(&rest, ": "))
		return false;
	for (i = 0; i < sizeof(message_lines) / sizeof(message_lines[0]); i++)
		if (cut_prefix(&rest, message_lines[i].prefix))
			return message_lines[i].take(p, l, qid, rest);
	return message_nothing(p, l, rest);
}
