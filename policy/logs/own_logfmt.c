/*
 * own_logfmt.c owns the fields of a record: what each of them is for, the
 * undoing of its escapes, and the form in which they are name=value.  It may
 * not know what a whole record is.
 */
/* libc */
#include <string.h>
/* this project */
#include "marks.h"
#include "own.h"

#define CUT	"\\..."
#define CUT_LEN	4

enum row_kind {
	ROW_NOTHING,	/* of no use here */
	ROW_VERSION,
	ROW_FACT,
	ROW_SLICE,	/* goes into the entry as it is */
	ROW_OUTCOME,
	ROW_COUNT,
	ROW_KIND,
	ROW_MECHANISM
};

#define NAME_ROOM	16
#define HEAD		8	/* bytes that are compared at once */

struct row {
	char		 name[NAME_ROOM];	/* with its `=', zeros behind it */
	uint8_t		 len;		/* with the `=' */
	uint8_t		 head;		/* of it, at most HEAD */
	uint8_t		 kind;		/* enum row_kind */
	uint8_t		 attr;		/* enum attr */
	uint16_t	 offset;	/* in struct entry */
};

#define N(name)		name "=", sizeof(name), \
			sizeof(name) < HEAD ? sizeof(name) : HEAD
#define FACT(name, a)	{ N(name), ROW_FACT, a, 0 }
#define TEXT(name, m)	{ N(name), ROW_SLICE, ATTR_NOTHING, offsetof(struct entry, m) }
#define OTHER(name, k)	{ N(name), k, ATTR_NOTHING, 0 }

#define GUESSES		8

/* In the order of records, in which most names are found at the first look. */
static const struct row rows[] = {
	OTHER("v", ROW_VERSION),
	[OWN_EVENT] = TEXT("event", event),
	TEXT("id", id),
	TEXT("verdict", verdict),
	TEXT("rule", rule),
	TEXT("stage", stage),
	TEXT("reply", reply),
	TEXT("missing", missing),
	TEXT("observed", observed),
	TEXT("notes", notes),
	OTHER("kind", ROW_KIND),
	FACT("service", ATTR_SERVICE),
	FACT("port", ATTR_PORT),
	FACT("client", ATTR_CLIENT),
	FACT("client_name", ATTR_CLIENT_NAME),
	FACT("helo", ATTR_HELO),
	FACT("tls", ATTR_TLS),
	FACT("cipher", ATTR_CIPHER),
	FACT("cipher_bits", ATTR_CIPHER_BITS),
	FACT("cert_verified", ATTR_CERT_VERIFIED),
	FACT("cert_subject", ATTR_CERT_SUBJECT),
	FACT("cert_issuer", ATTR_CERT_ISSUER),
	FACT("sni", ATTR_SNI),
	OTHER("outcome", ROW_OUTCOME),
	FACT("auth", ATTR_AUTH),
	FACT("user", ATTR_USER),
	FACT("sender", ATTR_SENDER),
	FACT("recipient", ATTR_RECIPIENT),
	OTHER("recipients", ROW_NOTHING),
	TEXT("qid", qid),
	FACT("listener", ATTR_LISTENER),
	FACT("daemon", ATTR_DAEMON),
	FACT("mta", ATTR_MTA),
	TEXT("policy", policy),
	OTHER("mechanism", ROW_MECHANISM),
	OTHER("count", ROW_COUNT),
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS <= OWN_STRANGER, "a bit of `seen' for each row");

bool
own_is_name(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Count the field, unless it may not be. */
static unsigned int
take_row(struct own *o, unsigned int row)
{
	uint64_t bit = UINT64_C(1) << row;

	if ((o->seen & bit) != 0 || o->count == RECORD_FIELDS)
		return OWN_REFUSED;
	o->seen |= bit;
	o->count++;
	o->next = row + 1;
	return row;
}

static unsigned int
take_stranger(struct own *o, const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < o->strangers; i++)
		if (o->stranger[i].len == len &&
		    memcmp(o->stranger[i].p, name, len) == 0)
			return OWN_REFUSED;
	if (o->count == RECORD_FIELDS)
		return OWN_REFUSED;
	o->count++;
	o->stranger[o->strangers++] = (struct slice){ name, len };
	return OWN_STRANGER;
}

unsigned int
own_name(struct own *o, const char *name, size_t len)
{
	unsigned int row;

	for (row = 0; row < ROWS; row++)
		if (rows[row].len == len + 1 && memcmp(rows[row].name, name, len) == 0)
			return take_row(o, row);
	return take_stranger(o, name, len);
}

/* Do the first n bytes agree, n up to HEAD?  That many may be looked at in b. */
static inline bool
same_head(uint64_t a, const char *b, size_t n)
{
	static const unsigned char masks[2 * HEAD] = { 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff };
	uint64_t word, mask;

	memcpy(&word, b, sizeof(word));
	memcpy(&mask, masks + HEAD - n, sizeof(mask));
	return ((a ^ word) & mask) == 0;
}

/*
 * The row whose name and `=' the text begins with, if it is one of the next:
 * then nothing has to be looked for.  It does not count before take_row().
 */
static unsigned int
guess(const struct own *o, const char *p, const char *end)
{
	unsigned int row, last = o->next + GUESSES;
	const struct row *r;
	uint64_t head;

	if ((size_t)(end - p) < NAME_ROOM)
		return OWN_STRANGER;
	memcpy(&head, p, sizeof(head));
	for (row = o->next; row < ROWS && row < last; row++) {
		r = &rows[row];
		if (same_head(head, r->name, r->head) && (r->len <= HEAD ||
		    memcmp(p + HEAD, r->name + HEAD, r->len - HEAD) == 0))
			return row;
	}
	return OWN_STRANGER;
}

/* --- values */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The value may stand in the scratch already: nothing becomes longer. */
static int
undo_escapes(struct own *o, struct slice *value, bool *cut)
{
	char *start = o->scratch + o->used, *out = start;
	const char *p = value->p, *end = p + value->len;
	int high, low;

	while (p < end) {
		if (*p != '\\') {
			*out++ = *p++;
			continue;
		}
		if (end - p < 4)
			return -1;
		if (end - p == CUT_LEN && memcmp(p, CUT, CUT_LEN) == 0) {
			*cut = true;
			break;
		}
		high = hex_digit(p[2]);
		low = hex_digit(p[3]);
		if (p[1] != 'x' || high < 0 || low < 0)
			return -1;
		*out++ = (char)(high << 4 | low);
		p += 4;
	}
	value->p = start;
	value->len = (size_t)(out - start);
	o->used += value->len;
	return 0;
}

static uint64_t
number_of(struct slice s)
{
	uint64_t n = 0;
	size_t i;

	if (s.p == NULL || s.len > 19)
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

static inline void
put_fact(struct own *o, enum attr attr, struct slice value, bool absent, bool cut)
{
	struct entry *e = o->entry;

	o->told |= ATTR_BIT(attr);
	e->lacking[attr] = absent;
	if (absent)
		return;
	e->facts[attr] = value;
	/* With `set log-client truncated' it is a network. */
	if (attr == ATTR_CLIENT && memchr(value.p, '/', value.len) != NULL)
		cut = true;
	e->marked[attr] = cut;
}

static inline void
put_slice(struct entry *e, size_t offset, struct slice value)
{
	memcpy((char *)e + offset, &value, sizeof(value));
}

/* What is neither a fact nor a text of the entry. */
static void
put_other(struct own *o, enum row_kind kind, struct slice value, bool cut)
{
	switch (kind) {
	case ROW_FACT:
	case ROW_SLICE:
	case ROW_NOTHING:
		break;
	case ROW_VERSION:
		o->version = slice_is(value, "1");
		break;
	case ROW_OUTCOME:
		o->entry->outcome = outcome_of(value);
		break;
	case ROW_COUNT:
		o->entry->count = number_of(value);
		break;
	case ROW_KIND:
		o->kind = value;
		break;
	case ROW_MECHANISM:
		o->mechanism = value;
		o->mechanism_cut = cut;
		break;
	}
}

/* What escapes there may have been were undone. */
static inline void
put_value(struct own *o, unsigned int row, struct slice value, bool absent, bool cut)
{
	if (row == OWN_STRANGER)
		return;
	if (rows[row].kind == ROW_FACT)
		put_fact(o, (enum attr)rows[row].attr, value, absent, cut);
	else if (rows[row].kind == ROW_SLICE && !absent)
		put_slice(o->entry, rows[row].offset, value);
	else if (!absent)
		put_other(o, (enum row_kind)rows[row].kind, value, cut);
}
static inline bool
is_none(const char *p, size_t len)
{
	return len == 4 && memcmp(p, "none", 4) == 0;
}

int
own_value(struct own *o, unsigned int row, const char *p, size_t len)
{
	struct slice value = { p, len };
	bool cut = false;

	if (memchr(p, '\\', len) != NULL && undo_escapes(o, &value, &cut) == -1)
		return -1;
	put_value(o, row, value, is_none(p, len), cut);
	return 0;
}

/* One that has no escapes. */
static void
put_bare(struct own *o, unsigned int row, const char *p, size_t len)
{
	put_value(o, row, (struct slice){ p, len }, is_none(p, len), false);
}

/* --- logfmt */

/* The row of the name, from which p is moved on to the value. */
static unsigned int
logfmt_name(struct own *o, const char **at, const char *end)
{
	const char *name = *at, *p = name;
	unsigned int row;
	size_t len;

	row = guess(o, p, end);
	if (row != OWN_STRANGER) {
		*at += rows[row].len;
		return take_row(o, row);
	}
	while (p < end && own_is_name((unsigned char)*p))
		p++;
	len = (size_t)(p - name);
	if (p == end || *p != '=' || len == 0 || len > OWN_NAME_MAX)
		return OWN_REFUSED;
	*at = p + 1;
	return own_name(o, name, len);
}

/* A line, and where it has the bytes that end names and values. */
struct marked {
	const char	*start;
	const char	*end;
	uint64_t	 marks[MARKS_WORDS(OWN_LINE_MAX)];
};

static const char *
logfmt_field(struct own *o, const struct marked *m, const char *p)
{
	const char *value;
	unsigned int row;

	row = logfmt_name(o, &p, m->end);
	if (row == OWN_REFUSED)
		return NULL;
	value = p;
	if (p < m->end && *p == '"') {
		value++;
		p = memchr(value, '"', (size_t)(m->end - value));
		if (p == NULL || own_value(o, row, value, (size_t)(p - value)) == -1)
			return NULL;
		p++;
	} else {
		p = m->start + marks_next(m->marks, (size_t)(p - m->start));
		put_bare(o, row, value, (size_t)(p - value));
	}
	if (p == m->end)
		return p;
	return *p == ' ' ? p + 1 : NULL;
}

int
own_logfmt(struct own *o, const char *p, size_t len)
{
	struct marked m;

	m.start = p;
	m.end = p + len;
	if (!marks_of(p, len, m.marks))
		return -1;
	while (p < m.end) {
		p = logfmt_field(o, &m, p);
		if (p == NULL)
			return -1;
	}
	return 0;
}
