/*
 * own.c owns what a record of tlswardend's is as an entry.  The reading is
 * fast: it allocates nothing, and takes and refuses just the lines that
 * record_parse() does.  It may not know files, nor what entries are for.
 */
/* libc */
#include <stddef.h>
#include <string.h>
/* this project */
#include "join.h"
#include "own.h"

static bool
is_told(const struct own *o, enum attr attr)
{
	return o->entry.facts[attr].p != NULL || (o->none & ATTR_BIT(attr)) != 0;
}

/* What is none though the record does not say so. */
static uint32_t
left_out(const struct own *o)
{
	uint32_t silent, left;

	if (!is_told(o, ATTR_TLS) || !is_told(o, ATTR_AUTH))
		return 0;
	silent = attr_left_out(ATTR_BIT(ATTR_TLS) | ATTR_BIT(ATTR_AUTH));
	for (left = silent; left != 0; left &= left - 1)
		if (is_told(o, (enum attr)__builtin_ctz(left)))
			return 0;
	return silent;
}

/*
 * What hangs on something lacking is lacking too, and not in the record.  But
 * who has no TLS and a cipher all the same is not to be believed.
 */
static void
spread_lacking(const struct own *o, struct entry *e)
{
	static const enum attr tls[] = { ATTR_CIPHER, ATTR_CIPHER_BITS,
	    ATTR_CIPHER_STRENGTH, ATTR_CIPHER_AEAD, ATTR_CIPHER_FS,
	    ATTR_CIPHER_ANON, ATTR_CERT_VERIFIED, ATTR_CERT_SUBJECT,
	    ATTR_CERT_ISSUER, ATTR_SNI };
	uint32_t lacking = o->none | left_out(o);
	size_t i;

	for (; lacking != 0; lacking &= lacking - 1)
		e->lacking[__builtin_ctz(lacking)] = true;
	if (e->lacking[ATTR_TLS] && e->facts[ATTR_CIPHER].p == NULL)
		for (i = 0; i < sizeof(tls) / sizeof(tls[0]); i++)
			e->lacking[tls[i]] = e->facts[tls[i]].p == NULL;
	if (e->lacking[ATTR_AUTH])
		e->lacking[ATTR_USER] = e->facts[ATTR_USER].p == NULL;
}

static uint64_t
number_of(struct slice s)
{
	uint64_t n = 0;
	size_t i;

	if (s.len > 19)
		return 0;
	for (i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	return n;
}

static enum outcome
outcome_of(struct slice s)
{
	static const enum outcome all[] = { OUTCOME_ENCRYPTED, OUTCOME_DEPRECATED,
	    OUTCOME_CLEARTEXT, OUTCOME_ABANDONED };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (slice_is(s, outcome_name(all[i])))
			return all[i];
	return OUTCOME_UNKNOWN;
}

static enum entry_kind
kind_of(struct slice event)
{
	if (slice_is(event, "message"))
		return ENTRY_MESSAGE;
	if (slice_is(event, "session"))
		return ENTRY_SESSION;
	return slice_is(event, "alarm") ? ENTRY_ALARM : ENTRY_OTHER;
}

static void
finish(struct own *o, const struct line *line)
{
	struct entry *e = &o->entry;
	struct slice client = e->facts[ATTR_CLIENT];

	e->origin = ORIGIN_RECORD;
	e->time = line->time;
	e->host = line->host;
	e->kind = kind_of(e->event);
	e->outcome = outcome_of(o->outcome);
	e->count = number_of(o->number);
	if (o->cut != 0)
		own_mark_cut(o);
	/* With `set log-client truncated' it is a network. */
	if (client.p != NULL && memchr(client.p, '/', client.len) != NULL)
		e->marked[ATTR_CLIENT] = true;
	spread_lacking(o, e);
	if (e->kind == ENTRY_ALARM) {
		e->alarm = o->kind;
		if (!is_told(o, ATTR_AUTH)) {
			e->facts[ATTR_AUTH] = o->mechanism;
			e->marked[ATTR_AUTH] = o->mechanism_cut;
		}
	}
}

void
own_start(struct own *o)
{
	/* Not the large arrays: only what is counted in them is read. */
	memset(o, 0, offsetof(struct own, stranger));
	o->used = 0;
}

bool
own_line(const struct line *line, entry_sink *sink, void *ctx, bool *broken)
{
	const char *p = line->text.p;
	size_t len = line->text.len;
	struct own o;
	int result;

	if (len > 0 && p[len - 1] == '\n')
		len--;
	*broken = true;
	if (len == 0 || len > OWN_LINE_MAX)
		return false;
	own_start(&o);
	result = *p == '{' ? own_json(&o, p, len) : own_logfmt(&o, p, len);
	if (result == -1 || !slice_is(o.version, "1") ||
	    (o.seen & 1U << OWN_EVENT) == 0 ||
	    (unsigned int)__builtin_popcountll(o.seen) + o.strangers > RECORD_FIELDS)
		return false;
	*broken = false;
	finish(&o, line);
	sink(ctx, &o.entry);
	return true;
}
