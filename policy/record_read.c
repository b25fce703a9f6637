/*
 * record_read.c owns the way back from a log line to the fields of a record.
 * The line is hostile: anybody may write to a log.  It may not know files.
 */
/* libc */
#include <string.h>
/* this project */
#include "field.h"
#include "record.h"

/* We write RECORD_MAX; a newer release may write more, but not any amount. */
#define LINE_MAX_READ	(8 * RECORD_MAX)
#define NAME_MAX_READ	32

/*
 * The line is copied into the record's store and decoded there: no escape is
 * shorter than what it stands for.
 */
struct reader {
	struct record	*record;
	char		*at;
	char		*end;
};

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

/* Digits as JSON has them: no zero in front. */
static bool
is_number(const char *s, size_t n)
{
	return n > 0 && strspn(s, "0123456789") >= n && (n == 1 || *s != '0');
}

/* The escapes that both forms share; see record.h. */
static int
decode(struct field *f, char *s, size_t n)
{
	size_t in = 0, out = 0;
	int high, low;

	f->value = s;
	f->client = true;
	f->absent = n == 4 && memcmp(s, "none", 4) == 0;
	while (in < n) {
		if (s[in] < ' ' || s[in] > '~' || s[in] == '"')
			return -1;
		if (s[in] != '\\') {
			s[out++] = s[in++];
			continue;
		}
		if (n - in < 4)
			return -1;
		if (n - in == FIELD_CUT_LEN &&
		    memcmp(s + in, FIELD_CUT, FIELD_CUT_LEN) == 0) {
			f->cut = true;
			break;
		}
		high = hex_digit(s[in + 2]);
		low = hex_digit(s[in + 3]);
		if (s[in + 1] != 'x' || high < 0 || low < 0)
			return -1;
		s[out++] = (char)(high << 4 | low);
		in += 4;
	}
	f->len = out;
	return 0;
}

/* A name, up to the byte that ends it; the byte becomes the NUL. */
static const char *
read_name(struct reader *rd, char ends)
{
	char *start = rd->at;

	while (rd->at < rd->end && ((*rd->at >= 'a' && *rd->at <= 'z') ||
	    (*rd->at >= '0' && *rd->at <= '9') || *rd->at == '_'))
		rd->at++;
	if (rd->at == rd->end || *rd->at != ends || rd->at == start ||
	    rd->at - start > NAME_MAX_READ)
		return NULL;
	*rd->at++ = '\0';
	return record_find(rd->record, start) == NULL ? start : NULL;
}

static struct field *
new_field(struct record *r, const char *name)
{
	struct field *f;

	if (name == NULL || r->count == RECORD_FIELDS)
		return NULL;
	f = &r->fields[r->count];
	memset(f, 0, sizeof(*f));
	f->name = name;
	return f;
}

/* The value ends in the store, one byte behind what was read of it. */
static void
keep_field(struct reader *rd, char *value)
{
	struct field *f = &rd->record->fields[rd->record->count++];

	value[f->len] = '\0';
	f->value = value;
}

/* --- logfmt */

static bool
is_bare(char c)
{
	return c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\';
}

static int
read_logfmt_field(struct reader *rd)
{
	struct field *f;
	char *value;
	size_t n;
	bool quoted;

	f = new_field(rd->record, read_name(rd, '='));
	if (f == NULL)
		return -1;
	quoted = rd->at < rd->end && *rd->at == '"';
	if (quoted)
		rd->at++;
	value = rd->at;
	while (rd->at < rd->end && (quoted ? *rd->at != '"' : is_bare(*rd->at)))
		rd->at++;
	n = (size_t)(rd->at - value);
	if (quoted && rd->at++ == rd->end)
		return -1;
	if (rd->at < rd->end && *rd->at++ != ' ')
		return -1;
	if (decode(f, value, n) == -1)
		return -1;
	f->number = !quoted && is_number(value, n) && field_is_number(f->name);
	keep_field(rd, value);
	return 0;
}

static int
read_logfmt(struct reader *rd)
{
	while (rd->at < rd->end)
		if (read_logfmt_field(rd) == -1)
			return -1;
	return 0;
}

/* --- JSON: one flat object of strings and whole numbers */

static void
skip_space(struct reader *rd)
{
	while (rd->at < rd->end && (*rd->at == ' ' || *rd->at == '\t'))
		rd->at++;
}

static int
expect_byte(struct reader *rd, char c)
{
	skip_space(rd);
	if (rd->at == rd->end || *rd->at != c)
		return -1;
	rd->at++;
	return 0;
}

/* \u00HH of printable ASCII, which others may write where we do not. */
static int
json_unicode(const char *s, size_t n)
{
	int high, low;

	if (n < 4 || s[0] != '0' || s[1] != '0')
		return -1;
	high = hex_digit(s[2]);
	low = hex_digit(s[3]);
	if (high < 2 || high > 7 || low < 0)
		return -1;
	return high << 4 | low;
}

/* From behind the opening quote to behind the closing one, in place. */
static int
json_string(struct reader *rd, char **value, size_t *len)
{
	char *out = rd->at;
	size_t left;
	int c;

	*value = rd->at;
	while (rd->at < rd->end && *rd->at != '"') {
		c = (unsigned char)*rd->at++;
		left = (size_t)(rd->end - rd->at);
		if (c == '\\' && left > 0) {
			c = (unsigned char)*rd->at++;
			if (c == 'u') {
				c = json_unicode(rd->at, left - 1);
				rd->at += c == -1 ? 0 : 4;
			} else if (c != '\\' && c != '/' && c != '"')
				return -1;
		}
		if (c < ' ' || c > '~')
			return -1;
		*out++ = (char)c;
	}
	if (rd->at == rd->end)
		return -1;
	rd->at++;
	*len = (size_t)(out - *value);
	return 0;
}

/* *next is what ends the field: a comma or the closing brace. */
static int
read_json_field(struct reader *rd, char *next)
{
	struct field *f;
	char *value;
	size_t n;

	if (expect_byte(rd, '"') == -1)
		return -1;
	f = new_field(rd->record, read_name(rd, '"'));
	if (f == NULL || expect_byte(rd, ':') == -1)
		return -1;
	skip_space(rd);
	if (rd->at < rd->end && *rd->at == '"') {
		rd->at++;
		if (json_string(rd, &value, &n) == -1)
			return -1;
	} else {
		value = rd->at;
		n = strspn(value, "0123456789");
		rd->at += n;
		if (!is_number(value, n))
			return -1;
		f->number = true;
	}
	/* The NUL behind a number falls on what follows it: read that first. */
	skip_space(rd);
	if (rd->at == rd->end)
		return -1;
	*next = *rd->at++;
	if ((*next != ',' && *next != '}') || decode(f, value, n) == -1)
		return -1;
	keep_field(rd, value);
	return 0;
}

static int
read_json(struct reader *rd)
{
	char next;

	rd->at++;
	do {
		if (read_json_field(rd, &next) == -1)
			return -1;
	} while (next == ',');
	skip_space(rd);
	return rd->at == rd->end ? 0 : -1;
}

int
record_parse(struct record *r, const char *line, size_t len)
{
	struct reader rd;
	const struct field *v;
	int result;

	r->count = 0;
	buf_clear(&r->store);
	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (len == 0 || len > LINE_MAX_READ || memchr(line, '\0', len) != NULL)
		return -1;
	buf_put(&r->store, line, len);
	rd.record = r;
	rd.at = r->store.data;
	rd.end = r->store.data + len;
	result = line[0] == '{' ? read_json(&rd) : read_logfmt(&rd);
	v = record_find(r, "v");
	if (result == -1 || v == NULL || v->len != 1 || *v->value != '1' ||
	    record_find(r, "event") == NULL) {
		r->count = 0;
		return -1;
	}
	return 0;
}
