/*
 * own.c owns what a record of tlswardend's is as an entry.  The reading is
 * fast: it allocates nothing, and takes and refuses just the lines that
 * record_parse() does.  It may not know files, nor what entries are for.
 */
/* libc */
#include <string.h>
/* this project */
#include "join.h"
#include "own.h"

/*
 * What hangs on something lacking is lacking too, and not in the record.  But
 * who has no TLS and a cipher all the same is not to be believed.
 */
static void
spread_lacking(struct entry *e, uint32_t told)
{
	static const enum attr tls[] = { ATTR_CIPHER, ATTR_CIPHER_BITS,
	    ATTR_CIPHER_STRENGTH, ATTR_CIPHER_AEAD, ATTR_CIPHER_FS,
	    ATTR_CIPHER_ANON, ATTR_CERT_VERIFIED, ATTR_CERT_SUBJECT,
	    ATTR_CERT_ISSUER, ATTR_SNI };
	uint32_t left_out = attr_left_out(told);
	size_t i;

	if (e->lacking[ATTR_TLS] && e->facts[ATTR_CIPHER].p == NULL)
		for (i = 0; i < sizeof(tls) / sizeof(tls[0]); i++)
			e->lacking[tls[i]] = e->facts[tls[i]].p == NULL;
	if (e->lacking[ATTR_AUTH])
		e->lacking[ATTR_USER] = e->facts[ATTR_USER].p == NULL;
	for (; left_out != 0; left_out &= left_out - 1)
		e->lacking[__builtin_ctz(left_out)] = true;
}

static void
finish(struct own *o, const struct line *line)
{
	struct entry *e = o->entry;

	e->origin = ORIGIN_RECORD;
	e->time = line->time;
	e->host = line->host;
	if (slice_is(e->event, "message"))
		e->kind = ENTRY_MESSAGE;
	else if (slice_is(e->event, "session"))
		e->kind = ENTRY_SESSION;
	else if (slice_is(e->event, "alarm"))
		e->kind = ENTRY_ALARM;
	else
		e->kind = ENTRY_OTHER;
	spread_lacking(e, o->told);
	if (e->kind == ENTRY_ALARM) {
		e->alarm = o->kind;
		if ((o->told & ATTR_BIT(ATTR_AUTH)) == 0) {
			e->facts[ATTR_AUTH] = o->mechanism;
			e->marked[ATTR_AUTH] = o->mechanism_cut;
		}
	}
}

bool
own_line(const struct line *line, entry_sink *sink, void *ctx, bool *broken)
{
	const char *p = line->text.p;
	size_t len = line->text.len;
	struct entry entry;
	struct own o;
	int result;

	if (len > 0 && p[len - 1] == '\n')
		len--;
	*broken = true;
	if (len == 0 || len > OWN_LINE_MAX)
		return false;
	memset(&entry, 0, sizeof(entry));
	/* Not the large arrays: only what is counted in them is read. */
	o.entry = &entry;
	o.next = o.count = o.strangers = 0;
	o.seen = 0;
	o.told = 0;
	o.used = 0;
	o.version = o.mechanism_cut = false;
	o.kind = o.mechanism = SLICE_NULL;
	result = *p == '{' ? own_json(&o, p, len) : own_logfmt(&o, p, len);
	if (result == -1 || !o.version || (o.seen & 1U << OWN_EVENT) == 0)
		return false;
	*broken = false;
	finish(&o, line);
	sink(ctx, &entry);
	return true;
}
