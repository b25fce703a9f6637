/*
 * record.c owns the form of a log record: its fields, their escaping and the
 * cut that keeps a line within its bound.  It may not know where lines go.
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* this project */
#include "field.h"
#include "record.h"

/* The shortest that a value is cut to before others have to give way. */
#define CUT_LEAST	16

/* Most records fit into a store of this size. */
#define STORE_USUAL	512

/* Every field of every event; tlswarden-log(5) is checked against it. */
static const struct {
	const char	*name;
	bool		 number;
} known[] = {
	{ "v", true },
	{ "event", false },
	{ "id", false },
	{ "verdict", false },
	{ "rule", false },
	{ "stage", false },
	{ "reply", false },
	{ "missing", false },
	{ "observed", false },
	{ "notes", false },
	{ "service", false },
	{ "port", true },
	{ "client", false },
	{ "client_name", false },
	{ "helo", false },
	{ "tls", false },
	{ "cipher", false },
	{ "cipher_bits", true },
	{ "cert_verified", false },
	{ "cert_subject", false },
	{ "cert_issuer", false },
	{ "sni", false },
	{ "outcome", false },
	{ "auth", false },
	{ "user", false },
	{ "sender", false },
	{ "recipient", false },
	{ "recipients", true },
	{ "qid", false },
	{ "listener", false },
	{ "daemon", false },
	{ "mta", false },
	{ "policy", false },
	/* alarm, dropped, fault */
	{ "kind", false },
	{ "mechanism", false },
	{ "count", true },
	{ "since", false },
	/* start, stop, reload, diagnostic */
	{ "result", false },
	{ "generation", true },
	{ "version", false },
	{ "socket", false },
	{ "mode", false },
	{ "level", false },
	{ "place", false },
	{ "message", false },
	/* summary */
	{ "messages", true },
	{ "sessions", true },
	{ "services", false },
	{ "outcomes", false },
	{ "verdicts", false },
	{ "alarms", true },
};

#define KNOWN	(sizeof(known) / sizeof(known[0]))

const char *
record_field_name(size_t i)
{
	return i < KNOWN ? known[i].name : NULL;
}

bool
field_is_number(const char *name)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].number;
	return false;
}

void
record_init(struct record *r)
{
	/* a field is made when it is added */
	r->count = 0;
	r->store = (struct buf)BUF_INIT;
}

void
record_free(struct record *r)
{
	buf_free(&r->store);
	r->count = 0;
}

/* The store may move when it grows: the values move with it. */
static void
grow(struct record *r, size_t more)
{
	size_t offset[RECORD_FIELDS], i;

	for (i = 0; i < r->count; i++)
		offset[i] = (size_t)(r->fields[i].value - r->store.data);
	buf_reserve(&r->store, more);
	for (i = 0; i < r->count; i++)
		r->fields[i].value = r->store.data + offset[i];
}

static const char *
store(struct record *r, const char *value, size_t len)
{
	size_t at = r->store.len;

	if (len + 1 >= r->store.size - at)
		grow(r, len + 1);
	if (len > 0)
		memcpy(r->store.data + at, value, len);
	r->store.data[at + len] = r->store.data[at + len + 1] = '\0';
	r->store.len += len + 1;
	return r->store.data + at;
}

struct field *
field_add(struct record *r, const char *name, const char *value, size_t len)
{
	struct field *f;

	if (r->count == RECORD_FIELDS)
		return NULL;
	value = store(r, value, len);
	f = &r->fields[r->count++];
	*f = (struct field){ .name = name, .value = value, .len = len };
	return f;
}

void
record_start(struct record *r, const char *event)
{
	r->count = 0;
	buf_clear(&r->store);
	buf_reserve(&r->store, STORE_USUAL);
	record_put_number(r, "v", RECORD_VERSION);
	record_put(r, "event", event);
}

void
record_put(struct record *r, const char *name, const char *value)
{
	(void)field_add(r, name, value, strlen(value));
}

void
record_put_number(struct record *r, const char *name, uint64_t value)
{
	char text[24], *p = text + sizeof(text);
	struct field *f;

	do
		*--p = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	f = field_add(r, name, p, (size_t)(text + sizeof(text) - p));
	if (f != NULL)
		f->number = true;
}

void
record_put_client(struct record *r, const char *name, const char *value,
    size_t len)
{
	struct field *f;

	f = field_add(r, name, value, len);
	if (f != NULL)
		f->client = true;
}

void
record_put_none(struct record *r, const char *name)
{
	struct field *f;

	f = field_add(r, name, "none", 4);
	if (f != NULL)
		f->absent = true;
}

const struct field *
record_find(const struct record *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (strcmp(r->fields[i].name, name) == 0)
			return &r->fields[i];
	return NULL;
}

/* --- from fields to a line */

/* How long a value may become, quotes and mark included. */
struct caps {
	size_t	client;		/* of what a client chose */
	size_t	ours;		/* of all else */
};

/* The n of a value that reads so is escaped: only a fact that is lacking says it. */
static bool
says_none(const struct field *f)
{
	return f->len == 4 && memcmp(f->value, "none", 4) == 0;
}

/* What the bytes of a value ask for. */
enum need { NEED_NOTHING, NEED_QUOTES, NEED_ESCAPES = 3 };

/* Of each byte: a table, for every byte of every line is looked up. */
#define N	NEED_NOTHING
#define Q	NEED_QUOTES
#define E	NEED_ESCAPES
#define E16	E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E
#define N16	N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N
static const unsigned char needs[256] = {
	E16, E16,
	Q, N, E, N, N, N, N, N, N, N, N, N, N, N, N, N,		/* space " */
	N, N, N, N, N, N, N, N, N, N, N, N, N, Q, N, N,		/* = */
	N16,
	N, N, N, N, N, N, N, N, N, N, N, N, E, N, N, N,		/* \ */
	N16,
	N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, E,		/* DEL */
	E16, E16, E16, E16, E16, E16, E16, E16
};
#undef N
#undef Q
#undef E
#undef E16
#undef N16

static enum need
need_of(const struct field *f)
{
	unsigned int need = NEED_NOTHING;
	size_t i;

	for (i = 0; i < f->len; i++)
		need |= needs[(unsigned char)f->value[i]];
	return says_none(f) ? NEED_ESCAPES : (enum need)need;
}

/* One byte of a value as it stands in the line. */
static size_t
escape(const struct field *f, size_t i, enum log_format format, char out[8])
{
	unsigned char c = (unsigned char)f->value[i];

	if (needs[c] == NEED_ESCAPES || (i == 0 && says_none(f)))
		return (size_t)snprintf(out, 8, "%s\\x%02x",
		    format == LOG_JSON ? "\\" : "", c);
	out[0] = (char)c;
	return 1;
}

/* Bytes of the value that fit into room. */
static size_t
fitting(const struct field *f, enum log_format format, bool verbatim, size_t room)
{
	size_t i, n, used = 0;
	char unit[8];

	if (verbatim)
		return f->len < room ? f->len : room;
	for (i = 0; i < f->len; i++) {
		n = escape(f, i, format, unit);
		if (used + n > room)
			break;
		used += n;
	}
	return i;
}

/* A line as it grows; what has no room is counted, and not written. */
struct line {
	char	*text;		/* RECORD_MAX bytes */
	size_t	 len;
};

static inline void
put(struct line *l, const char *p, size_t n)
{
	if (l->len + n <= RECORD_MAX)
		memcpy(l->text + l->len, p, n);
	l->len += n;
}

static inline void
put_char(struct line *l, char c)
{
	if (l->len < RECORD_MAX)
		l->text[l->len] = c;
	l->len++;
}

static void
put_bytes(const struct field *f, enum log_format format, bool verbatim,
    size_t count, struct line *l)
{
	char unit[8];
	size_t i, n;

	if (verbatim) {
		put(l, f->value, count);
		return;
	}
	for (i = 0; i < count; i++) {
		n = escape(f, i, format, unit);
		put(l, unit, n);
	}
}

static void
put_value(const struct field *f, enum log_format format, size_t cap, struct line *l)
{
	const char *mark = format == LOG_JSON ? "\\" FIELD_CUT : FIELD_CUT;
	size_t mark_len = strlen(mark), fixed, count;
	enum need need = need_of(f);
	bool verbatim = need != NEED_ESCAPES, quotes, cut = f->cut;

	quotes = format == LOG_JSON || cut || f->len == 0 || need != NEED_NOTHING;
	fixed = (quotes ? 2 : 0) + (cut ? mark_len : 0);
	count = fitting(f, format, verbatim, cap - fixed);
	if (count < f->len) {
		cut = quotes = true;
		count = fitting(f, format, verbatim, cap - 2 - mark_len);
	}
	if (quotes)
		put_char(l, '"');
	put_bytes(f, format, verbatim, count, l);
	if (cut)
		put(l, mark, mark_len);
	if (quotes)
		put_char(l, '"');
}

static void
put_field(const struct field *f, enum log_format format,
    const struct caps *caps, struct line *l)
{
	if (format == LOG_JSON)
		put_char(l, '"');
	put(l, f->name, strlen(f->name));
	if (format == LOG_JSON)
		put(l, "\":", 2);
	else
		put_char(l, '=');
	if (f->number)
		put(l, f->value, f->len);
	else if (f->absent)
		put(l, format == LOG_JSON ? "\"none\"" : "none", format == LOG_JSON ? 6 : 4);
	else
		put_value(f, format, f->client ? caps->client : caps->ours, l);
}

/* How long the line is, which may be more than was written of it. */
static size_t
put_line(const struct record *r, size_t count, enum log_format format,
    const struct caps *caps, char text[RECORD_MAX])
{
	struct line l = { text, 0 };
	size_t i;

	if (format == LOG_JSON)
		put_char(&l, '{');
	for (i = 0; i < count; i++) {
		if (i > 0)
			put_char(&l, format == LOG_JSON ? ',' : ' ');
		put_field(&r->fields[i], format, caps, &l);
	}
	if (format == LOG_JSON)
		put_char(&l, '}');
	return l.len;
}

/*
 * Find the largest cap that brings the line within its bound: the longest
 * values are cut to one length, the shorter ones stay whole.
 */
static size_t
fit(const struct record *r, enum log_format format, struct caps *caps,
    size_t *cap, char text[RECORD_MAX])
{
	size_t low = CUT_LEAST, high = RECORD_MAX;

	while (low < high) {
		*cap = (low + high + 1) / 2;
		if (put_line(r, r->count, format, caps, text) <= RECORD_MAX)
			low = *cap;
		else
			high = *cap - 1;
	}
	*cap = low;
	return put_line(r, r->count, format, caps, text);
}

size_t
record_write(const struct record *r, enum log_format format, char text[RECORD_MAX])
{
	struct caps caps = { RECORD_MAX, RECORD_MAX };
	size_t count = r->count, len;

	len = put_line(r, count, format, &caps, text);
	if (len > RECORD_MAX)
		len = fit(r, format, &caps, &caps.client, text);
	if (len > RECORD_MAX)
		len = fit(r, format, &caps, &caps.ours, text);
	/* Only a record of more fields than any event has comes here. */
	while (len > RECORD_MAX)
		len = put_line(r, --count, format, &caps, text);
	return len;
}

void
record_format(const struct record *r, enum log_format format, struct buf *out)
{
	char text[RECORD_MAX];

	buf_put(out, text, record_write(r, format, text));
}
