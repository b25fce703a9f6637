/*
 * agree.h: the two readers of records take the same lines, and say the same of
 * them: own_line(), which is fast, and record_parse().
 */
#ifndef TLSWARDEN_TEST_AGREE_H
#define TLSWARDEN_TEST_AGREE_H

/* this project */
#include "record.h"
/* under test */
#include "join.h"

/* What the other reader of records made of the same line. */
struct check {
	const struct record	*record;
	struct session		*want;
	struct session		*have;
	unsigned int		 calls;
};

static const struct {
	const char	*name;
	size_t		 offset;
} slices[] = {
	{ "event", offsetof(struct entry, event) },
	{ "id", offsetof(struct entry, id) },
	{ "qid", offsetof(struct entry, qid) },
	{ "verdict", offsetof(struct entry, verdict) },
	{ "rule", offsetof(struct entry, rule) },
	{ "stage", offsetof(struct entry, stage) },
	{ "reply", offsetof(struct entry, reply) },
	{ "observed", offsetof(struct entry, observed) },
	{ "notes", offsetof(struct entry, notes) },
	{ "missing", offsetof(struct entry, missing) },
	{ "policy", offsetof(struct entry, policy) },
};

static void
assert_slice(const struct field *f, struct slice s)
{
	if (f == NULL || f->absent) {
		assert_null(s.p);
		return;
	}
	assert_non_null(s.p);
	assert_int_equal(s.len, f->len);
	assert_memory_equal(s.p, f->value, f->len);
}

static bool
says_none(const struct record *r, const char *name)
{
	const struct field *f = record_find(r, name);

	return f != NULL && f->absent;
}

static bool
is_derived(enum attr attr)
{
	return attr == ATTR_CIPHER_STRENGTH || attr == ATTR_CIPHER_AEAD ||
	    attr == ATTR_CIPHER_FS || attr == ATTR_CIPHER_ANON;
}

/* TLS and login are told, and nothing of a certificate: there was none. */
static bool
lacks_certificate(const struct record *r, enum attr attr)
{
	return (attr == ATTR_CERT_VERIFIED || attr == ATTR_CERT_SUBJECT ||
	    attr == ATTR_CERT_ISSUER) && record_find(r, "tls") != NULL &&
	    record_find(r, "auth") != NULL &&
	    record_find(r, "cert_verified") == NULL &&
	    record_find(r, "cert_subject") == NULL &&
	    record_find(r, "cert_issuer") == NULL;
}

static void
check_fact(const struct record *r, const struct entry *e, enum attr attr)
{
	const struct attr_info *info = attr_info(attr);
	const struct field *f = record_find(r, info->name);
	bool lacking, marked, forged;

	if (attr == ATTR_AUTH && e->kind == ENTRY_ALARM && f == NULL)
		f = record_find(r, "mechanism");
	assert_slice(f, e->facts[attr]);
	/* No TLS, and a cipher. */
	forged = info->depends == ATTR_TLS && e->facts[ATTR_CIPHER].p != NULL;
	lacking = says_none(r, info->name) || lacks_certificate(r, attr) ||
	    (f == NULL && !forged &&
	    info->depends != ATTR_NOTHING &&
	    says_none(r, attr_info(info->depends)->name));
	assert_int_equal(e->lacking[attr], lacking);
	marked = f != NULL && !f->absent && (f->cut || (attr == ATTR_CLIENT &&
	    memchr(f->value, '/', f->len) != NULL));
	assert_int_equal(e->marked[attr], marked);
}

static void
check_sessions(const struct check *c, const struct entry *e)
{
	char want[SESSION_SCRATCH], have[SESSION_SCRATCH];
	unsigned int i;

	for (i = 0; i < ATTR_COUNT; i++)
		session_clear(c->want, (enum attr)i);
	record_facts(c->record, c->want);
	assert_int_equal(entry_session(e, c->have), 0);
	assert_int_equal(session_stage(c->have), session_stage(c->want));
	for (i = 0; i < ATTR_COUNT; i++) {
		assert_int_equal(session_fact(c->have, (enum attr)i).state,
		    session_fact(c->want, (enum attr)i).state);
		assert_string_equal(
		    session_text(c->have, (enum attr)i, have, sizeof(have)),
		    session_text(c->want, (enum attr)i, want, sizeof(want)));
	}
}

static void
check_entry(void *ctx, const struct entry *e)
{
	struct check *c = ctx;
	unsigned int i;
	struct slice s;

	c->calls++;
	assert_int_equal(e->origin, ORIGIN_RECORD);
	for (i = 0; i < ATTR_COUNT; i++)
		if (!is_derived((enum attr)i))
			check_fact(c->record, e, (enum attr)i);
	for (i = 0; i < sizeof(slices) / sizeof(slices[0]); i++) {
		memcpy(&s, (const char *)e + slices[i].offset, sizeof(s));
		assert_slice(record_find(c->record, slices[i].name), s);
	}
	if (e->kind != ENTRY_ALARM)
		check_sessions(c, e);
}

/* Both take the line and say the same, or both refuse it. */
static bool
agree(struct check *c, struct record *r, const char *text, size_t len)
{
	struct line line = { .time = 7, .text = { text, len } };
	bool parsed, read, broken;

	parsed = record_parse(r, text, len) == 0;
	c->record = r;
	c->calls = 0;
	read = own_line(&line, check_entry, c, &broken);
	if (read != parsed)
		print_message("# %.*s\n", (int)len, text);
	assert_int_equal(read, parsed);
	assert_int_equal(broken, !parsed);
	assert_int_equal(c->calls, parsed ? 1 : 0);
	return parsed;
}

static void
check_start(struct check *c)
{
	memset(c, 0, sizeof(*c));
	c->want = session_new();
	c->have = session_new();
}

static void
check_end(struct check *c)
{
	session_free(c->want);
	session_free(c->have);
}

#endif
