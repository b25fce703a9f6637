/*
 * record_facts.c owns how facts and verdicts become fields of a record, and
 * fields facts again; it may not know how a line is formed.
 */
/* libc */
#include <string.h>
/* this project */
#include "address.h"
#include "attr.h"
#include "field.h"
#include "policy.h"
#include "record.h"
#include "session.h"
#include "verdict.h"

/* The part of an address that log-client truncated leaves. */
#define TRUNCATE_IPV4	24
#define TRUNCATE_IPV6	48

/* Attributes in the order of the record, around the fields between them. */
static const enum attr connection_facts[] = {
	ATTR_SERVICE, ATTR_PORT, ATTR_CLIENT, ATTR_CLIENT_NAME, ATTR_HELO,
	ATTR_TLS, ATTR_CIPHER, ATTR_CIPHER_BITS, ATTR_CERT_VERIFIED,
	ATTR_CERT_SUBJECT, ATTR_CERT_ISSUER, ATTR_SNI
};
static const enum attr mail_facts[] = {
	ATTR_AUTH, ATTR_USER, ATTR_SENDER, ATTR_RECIPIENT
};
static const enum attr server_facts[] = {
	ATTR_LISTENER, ATTR_DAEMON, ATTR_MTA
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static enum privacy
privacy_of(enum attr attr, const struct record_privacy *p)
{
	if (p == NULL)
		return PRIVACY_FULL;
	switch (attr) {
	case ATTR_CLIENT:
		return p->client;
	case ATTR_CLIENT_NAME:
	case ATTR_HELO:
		/* Names cannot be shortened to what an address is. */
		return p->client == PRIVACY_FULL ? PRIVACY_FULL : PRIVACY_NONE;
	case ATTR_USER:
	case ATTR_CERT_SUBJECT:
		/* A certificate names who holds it, as a login does. */
		return p->user;
	case ATTR_SENDER:
	case ATTR_RECIPIENT:
		return p->sender;
	default:
		return PRIVACY_FULL;
	}
}

static void
put_network(struct record *r, const char *name, const struct address *address)
{
	struct address network = *address;
	unsigned int prefix;
	char text[ADDRESS_TEXT];
	struct buf b = BUF_INIT;

	prefix = network.bits == 32 ? TRUNCATE_IPV4 : TRUNCATE_IPV6;
	address_mask(&network, prefix);
	address_format(&network, text);
	buf_printf(&b, "%s/%u", text, prefix);
	record_put(r, name, buf_str(&b));
	buf_free(&b);
}

static void
put_marked(struct record *r, const char *name, const char *text, size_t len)
{
	struct field *f;

	f = field_add(r, name, text, len);
	if (f != NULL)
		f->client = f->cut = true;
}

/* The domain, or of a name without one the first letter. */
static void
put_truncated(struct record *r, const char *name, const char *text, size_t len)
{
	size_t i;

	for (i = len; i > 0; i--)
		if (text[i - 1] == '@')
			break;
	if (i > 0)
		put_marked(r, name, text + i - 1, len - i + 1);
	else
		put_marked(r, name, text, len > 0 ? 1 : 0);
}

static void
put_hashed(struct record *r, const char *name, const char *text, size_t len,
    const struct record_privacy *privacy)
{
	char hash[32] = "";

	if (privacy->hash == NULL)
		return;
	privacy->hash(privacy->hash_ctx, text, len, hash);
	hash[sizeof(hash) - 1] = '\0';
	put_marked(r, name, hash, strlen(hash));
}

static void
put_known(struct record *r, enum attr attr, const struct fact *fact,
    const struct record_privacy *privacy)
{
	const struct attr_info *info = attr_info(attr);
	char scratch[SESSION_SCRATCH];
	const char *text;
	size_t len;

	/* a number is nobody's name */
	if (info->type == TYPE_NUMBER) {
		record_put_number(r, info->name, fact->number);
		return;
	}
	text = fact->text != NULL ? fact->text :
	    fact_as_text(fact, attr, scratch, sizeof(scratch));
	len = strlen(text);
	/* The null sender is nobody's name. */
	switch (strcmp(text, "<>") == 0 ? PRIVACY_FULL : privacy_of(attr, privacy)) {
	case PRIVACY_NONE:
		return;
	case PRIVACY_HASHED:
		put_hashed(r, info->name, text, len, privacy);
		return;
	case PRIVACY_TRUNCATED:
		if (info->type == TYPE_ADDRESS)
			put_network(r, info->name, &fact->address);
		else
			put_truncated(r, info->name, text, len);
		return;
	case PRIVACY_FULL:
		break;
	}
	if (fact->cut)
		put_marked(r, info->name, text, len);
	else if (info->type == TYPE_ADDRESS || info->type == TYPE_TLS ||
	    info->type == TYPE_FLAG)
		record_put(r, info->name, text);
	else
		record_put_client(r, info->name, text, len);
}

void
record_put_fact(struct record *r, const struct session *s, enum attr attr,
    const struct record_privacy *privacy)
{
	const struct attr_info *info = attr_info(attr);
	struct fact fact = session_fact(s, attr);

	switch (fact.state) {
	case FACT_KNOWN:
		put_known(r, attr, &fact, privacy);
		break;
	case FACT_NONE:
		/* What it depends on says so already. */
		if (info->depends != ATTR_NOTHING &&
		    session_fact(s, info->depends).state == FACT_NONE)
			return;
		if (privacy_of(attr, privacy) != PRIVACY_NONE)
			record_put_none(r, info->name);
		break;
	case FACT_UNKNOWN:
	case FACT_UNSET:
		if (fact.cut)
			put_known(r, attr, &fact, privacy);
		break;
	}
}

/* Nothing of what is told only where it is there, and that is settled. */
static bool
lacks_certificate(const struct session *s)
{
	unsigned int i;

	for (i = 0; i < ATTR_COUNT; i++)
		if (attr_info((enum attr)i)->silence == SILENCE_NONE &&
		    session_fact(s, (enum attr)i).state != FACT_NONE)
			return false;
	return session_fact(s, ATTR_AUTH).state != FACT_UNKNOWN;
}

static void
put_facts(struct record *r, const struct session *s, const enum attr *attrs,
    size_t count, const struct record_privacy *privacy, bool no_certificate)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (no_certificate &&
		    attr_info(attrs[i])->silence == SILENCE_NONE)
			continue;
		/*
		 * Mail has recipients: when the session knows none, that is
		 * because nobody asked for them.
		 */
		if (attrs[i] == ATTR_RECIPIENT &&
		    session_fact(s, ATTR_RECIPIENT).state == FACT_NONE)
			continue;
		record_put_fact(r, s, attrs[i], privacy);
	}
}

static void
list_rule(struct buf *b, const struct policy *p, uint32_t rule,
    bool with_action, enum action action)
{
	if (b->len > 0)
		buf_putc(b, ',');
	buf_puts(b, policy_rule_name(p, rule));
	if (with_action)
		buf_printf(b, ":%s", action_name(action));
}

static void
put_marks(struct record *r, const char *name, const struct policy *p,
    const struct verdict *v, const struct marks *m)
{
	bool observed = m == &v->observed;
	struct buf b = BUF_INIT;
	unsigned int i, shown;

	if (m->count == 0 && !(observed && v->withheld))
		return;
	shown = m->count < MARKS_MAX ? m->count : MARKS_MAX;
	for (i = 0; i < shown; i++)
		list_rule(&b, p, m->rules[i], observed,
		    policy_rule_action(p, m->rules[i]));
	if (observed && v->withheld)
		list_rule(&b, p, v->observed_rule, true, v->observed_whole);
	if (m->count > shown)
		buf_printf(&b, ",+%u", m->count - shown);
	/* Not a client's, but long enough that it may have to be cut. */
	record_put_client(r, name, buf_str(&b), b.len);
	buf_free(&b);
}

static void
put_verdict(struct record *r, const struct account *a, const struct policy *p,
    const struct verdict *v)
{
	struct buf b = BUF_INIT;

	if (v->decided) {
		record_put(r, "verdict", action_name(v->action));
		record_put(r, "rule", policy_rule_name(p, v->rule));
	} else
		record_put(r, "verdict", "undecided");
	record_put(r, "stage", stage_name(a->stage));
	if (v->decided && v->reply.code != 0) {
		buf_printf(&b, "%u %s", v->reply.code, v->reply.enhanced);
		record_put(r, "reply", buf_str(&b));
		buf_free(&b);
	}
	if ((!v->decided || v->rule == RULE_UNDECIDED) &&
	    v->missing < ATTR_NOTHING)
		record_put(r, "missing", attr_info(v->missing)->name);
	put_marks(r, "observed", p, v, &v->observed);
	put_marks(r, "notes", p, v, &v->notes);
}

void
record_judged(struct record *r, const struct account *a, const struct policy *p,
    const struct session *s, const struct verdict *v,
    const struct record_privacy *privacy)
{
	bool no_certificate = lacks_certificate(s);
	enum outcome outcome;
	char hash[RECORD_HASH_DIGITS + 1];

	record_start(r, a->event);
	record_put(r, "id", a->id);
	put_verdict(r, a, p, v);
	put_facts(r, s, connection_facts, COUNT(connection_facts), privacy, no_certificate);
	outcome = session_outcome(s, a->mail);
	if (outcome != OUTCOME_UNKNOWN)
		record_put(r, "outcome", outcome_name(outcome));
	put_facts(r, s, mail_facts, COUNT(mail_facts), privacy, no_certificate);
	if (a->recipients > 0)
		record_put_number(r, "recipients", a->recipients);
	if (a->qid != NULL)
		record_put_client(r, "qid", a->qid, strlen(a->qid));
	put_facts(r, s, server_facts, COUNT(server_facts), privacy, no_certificate);
	memcpy(hash, policy_hash(p), RECORD_HASH_DIGITS);
	hash[RECORD_HASH_DIGITS] = '\0';
	record_put(r, "policy", hash);
}

/* --- and back */

static void
read_fact(const struct record *r, struct session *s, enum attr attr, bool left_out)
{
	const struct attr_info *info = attr_info(attr);
	const struct field *f, *on;

	f = record_find(r, info->name);
	if (f != NULL && f->absent)
		session_set_none(s, attr);
	else if (f != NULL && !f->cut)
		/* What does not fit the type is unknown then. */
		(void)session_set(s, attr, f->value, f->len);
	else if (left_out)
		session_set_none(s, attr);
	else {
		/* Left out because what it depends on is lacking? */
		on = info->depends == ATTR_NOTHING ? NULL :
		    record_find(r, attr_info(info->depends)->name);
		if (on == NULL || !on->absent)
			session_set_unknown(s, attr);
	}
}

void
record_facts(const struct record *r, struct session *s)
{
	const struct field *f;
	uint32_t told = 0, left_out;
	unsigned int i;
	int stage = -1;

	for (i = 0; i < ATTR_COUNT; i++)
		if (record_find(r, attr_info((enum attr)i)->name) != NULL)
			told |= ATTR_BIT(i);
	left_out = attr_left_out(told);
	for (i = 0; i < ATTR_COUNT; i++)
		if (attr_info((enum attr)i)->silence != SILENCE_DERIVED)
			read_fact(r, s, (enum attr)i, (left_out & ATTR_BIT(i)) != 0);
	f = record_find(r, "stage");
	if (f != NULL)
		stage = stage_find(f->value, f->len);
	session_set_stage(s, stage == -1 ? STAGE_CLOSE : (enum stage)stage);
}
