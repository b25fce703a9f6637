/*
 * record.c owns the form of a log record: its fields, their escaping and the
 * cut that keeps a line within its bound.  It may not know where lines go.
 */
/* libc */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
/* this project */
#include "field.h"
#include "record.h"

/* The shortest that a value is cut to before others have to give way. */
#define CUT_LEAST	16

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
	memset(r, 0, sizeof(*r));
}

void
record_free(struct record *r)
{
	buf_free(&r->store);
	r->count = 0;
}

/* The store may move when it grows: the values move with it. */
static const char *
store(struct record *r, const char *value, size_t len)
{
	size_t offset[RECORD_FIELDS], i, at;

	for (i = 0; i < r->count; i++)
		offset[i] = (size_t)(r->fields[i].value - r->store.data);
	at = r->store.len;
	buf_put(&r->store, value, len);
	buf_putc(&r->store, '\0');
	for (i = 0; i < r->count; i++)
		r->fields[i].value = r->store.data + offset[i];
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
	memset(f, 0, sizeof(*f));
	f->name = name;
	f->value = value;
	f->len = len;
	return f;
}

void
record_start(struct record *r, const char *event)
{
	r->count = 0;
	buf_clear(&r->store);
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
	char text[24];
	struct field *f;
	int n;

	n = snprintf(text, sizeof(text), "%" PRIu64, value);
	f = field_add(r, name, text, (size_t)n);
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

static bool
is_plain(unsigned char c)
{
	return c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\';
}

/*
 * One byte of a value as it stands in the line.  The n of a value that reads
 * "none" is escaped, so that only a fact that is lacking says so.
 */
static size_t
escape(const struct field *f, size_t i, enum log_format format, char out[8])
{
	unsigned char c = (unsigned char)f->value[i];
	bool says_none;

	says_none = f->len == 4 && i == 0 && memcmp(f->value, "none", 4) == 0;
	if (c < ' ' || c > '~' || c == '"' || c == '\\' || says_none)
		return (size_t)snprintf(out, 8, "%s\\x%02x",
		    format == LOG_JSON ? "\\" : "", c);
	out[0] = (char)c;
	return 1;
}

static bool
needs_quotes(const struct field *f, enum log_format format)
{
	size_t i;

	if (format == LOG_JSON || f->cut || f->len == 0)
		return true;
	if (f->len == 4 && memcmp(f->value, "none", 4) == 0)
		return true;
	for (i = 0; i < f->len; i++)
		if (!is_plain((unsigned char)f->value[i]))
			return true;
	return false;
}

/* Bytes of the value that fit into room; *used is their length escaped. */
static size_t
fitting(const struct field *f, enum log_format format, size_t room, size_t *used)
{
	char unit[8];
	size_t i, n;

	*used = 0;
	for (i = 0; i < f->len; i++) {
		n = escape(f, i, format, unit);
		if (*used + n > room)
			break;
		*used += n;
	}
	return i;
}

static void
put_value(const struct field *f, enum log_format format, size_t cap,
    struct buf *out)
{
	const char *mark = format == LOG_JSON ? "\\" FIELD_CUT : FIELD_CUT;
	size_t mark_len = strlen(mark), fixed, i, count, used;
	bool quotes, cut = f->cut;
	char unit[8];

	quotes = needs_quotes(f, format);
	fixed = (quotes ? 2 : 0) + (cut ? mark_len : 0);
	count = fitting(f, format, cap - fixed, &used);
	if (count < f->len) {
		cut = quotes = true;
		count = fitting(f, format, cap - 2 - mark_len, &used);
	}
	if (quotes)
		buf_putc(out, '"');
	for (i = 0; i < count; i++) {
		used = escape(f, i, format, unit);
		buf_put(out, unit, used);
	}
	if (cut)
		buf_puts(out, mark);
	if (quotes)
		buf_putc(out, '"');
}

static void
put_field(const struct field *f, enum log_format format,
    const struct caps *caps, struct buf *out)
{
	if (format == LOG_JSON)
		buf_printf(out, "\"%s\":", f->name);
	else
		buf_printf(out, "%s=", f->name);
	if (f->number)
		buf_put(out, f->value, f->len);
	else if (f->absent)
		buf_puts(out, format == LOG_JSON ? "\"none\"" : "none");
	else
		put_value(f, format, f->client ? caps->client : caps->ours, out);
}

static void
put_line(const struct record *r, size_t count, enum log_format format,
    const struct caps *caps, struct buf *out)
{
	size_t i;

	buf_clear(out);
	if (format == LOG_JSON)
		buf_putc(out, '{');
	for (i = 0; i < count; i++) {
		if (i > 0)
			buf_putc(out, format == LOG_JSON ? ',' : ' ');
		put_field(&r->fields[i], format, caps, out);
	}
	if (format == LOG_JSON)
		buf_putc(out, '}');
}

/*
 * Find the largest cap that brings the line within its bound: the longest
 * values are cut to one length, the shorter ones stay whole.
 */
static void
fit(const struct record *r, enum log_format format, struct caps *caps,
    size_t *cap, struct buf *line)
{
	size_t low = CUT_LEAST, high = RECORD_MAX;

	while (low < high) {
		*cap = (low + high + 1) / 2;
		put_line(r, r->count, format, caps, line);
		if (line->len <= RECORD_MAX)
			low = *cap;
		else
			high = *cap - 1;
	}
	*cap = low;
	put_line(r, r->count, format, caps, line);
}

void
record_format(const struct record *r, enum log_format format, struct buf *out)
{
	struct caps caps = { RECORD_MAX, RECORD_MAX };
	struct buf line = BUF_INIT;
	size_t count = r->count;

	put_line(r, count, format, &caps, &line);
	if (line.len > RECORD_MAX)
		fit(r, format, &caps, &caps.client, &line);
	if (line.len > RECORD_MAX)
		fit(r, format, &caps, &caps.ours, &line);
	/* Only a record of more fields than any event has comes here. */
	while (line.len > RECORD_MAX && count > 0)
		put_line(r, --count, format, &caps, &line);
	buf_put(out, buf_str(&line), line.len);
	buf_free(&line);
}
