/*
 * journal.c owns the entries of the systemd journal: which of their fields say
 * what a line of syslog says, and their form as JSON.  It may not know files.
 */
/* libc */
#include <string.h>
/* this project */
#include "journal.h"

#define MICROSECONDS	6	/* digits, of __REALTIME_TIMESTAMP */
#define DEPTH_MAX	64	/* of arrays and objects, which have no use here */

static const struct {
	const char	*name;
	size_t		 offset;
} fields[] = {
	{ "MESSAGE", offsetof(struct journal, message) },
	{ "SYSLOG_IDENTIFIER", offsetof(struct journal, identifier) },
	{ "_COMM", offsetof(struct journal, command) },
	{ "SYSLOG_PID", offsetof(struct journal, syslog_pid) },
	{ "_PID", offsetof(struct journal, pid) },
	{ "_HOSTNAME", offsetof(struct journal, host) },
	{ "__REALTIME_TIMESTAMP", offsetof(struct journal, time) },
};

void
journal_start(struct journal *j, char *scratch, size_t size)
{
	memset(j, 0, sizeof(*j));
	j->scratch = scratch;
	j->size = size;
}

struct slice *
journal_slot(struct journal *j, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strlen(fields[i].name) == len &&
		    memcmp(fields[i].name, name, len) == 0)
			return (struct slice *)(void *)((char *)j +
			    fields[i].offset);
	return NULL;
}

char *
journal_room(struct journal *j, size_t *n)
{
	char *room = j->scratch + j->used;

	if (*n > j->size - j->used)
		*n = j->size - j->used;
	j->used += *n;
	return room;
}

/* 0 when it is none. */
static uint64_t
number(struct slice s, size_t without)
{
	uint64_t n = 0;
	size_t i;

	if (s.p == NULL || s.len > 19 || s.len <= without)
		return 0;
	for (i = 0; i < s.len - without; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	return n;
}

int
journal_line(const struct journal *j, struct line *line)
{
	memset(line, 0, sizeof(*line));
	if (j->message.p == NULL)
		return -1;
	line->time = (int64_t)number(j->time, MICROSECONDS);
	line->host = j->host;
	line->program = j->identifier.p != NULL ? j->identifier : j->command;
	line->pid = (uint32_t)number(j->syslog_pid.p != NULL ? j->syslog_pid :
	    j->pid, 0);
	line->text = j->message;
	return 0;
}

/* --- JSON: RFC 8259, of which strings and arrays of bytes are of interest */

struct cursor {
	const char	*p;
	const char	*end;
};

static void
skip_space(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

static bool
take(struct cursor *c, char byte)
{
	skip_space(c);
	if (c->p == c->end || *c->p != byte)
		return false;
	c->p++;
	return true;
}

/* Behind the opening quote: what is in between, still escaped. */
static int
raw_string(struct cursor *c, struct slice *raw, bool *escaped)
{
	const char *quote = c->p, *backslash;

	*escaped = false;
	for (;;) {
		raw->p = c->p;
		quote = memchr(quote, '"', (size_t)(c->end - quote));
		if (quote == NULL)
			return -1;
		/* An odd number of backslashes makes it part of the string. */
		for (backslash = quote; backslash > c->p; backslash--)
			if (backslash[-1] != '\\')
				break;
		if ((quote - backslash) % 2 == 0)
			break;
		quote++;
	}
	raw->len = (size_t)(quote - raw->p);
	*escaped = memchr(raw->p, '\\', raw->len) != NULL;
	c->p = quote + 1;
	return 0;
}

/* Four hexadecimal digits, or -1. */
static long
code_unit(const char *p, const char *end)
{
	long n = 0;
	int i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		n <<= 4;
		if (p[i] >= '0' && p[i] <= '9')
			n |= p[i] - '0';
		else if ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')
			n |= (p[i] | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return n;
}

static char *
put_utf8(char *out, unsigned long c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

/* Behind "\u": one code unit, or two that are one character. */
static int
unicode(const char **p, const char *end, char **out)
{
	long high, low;

	high = code_unit(*p, end);
	if (high == -1)
		return -1;
	*p += 4;
	if (high >= 0xd800 && high < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' &&
	    (*p)[1] == 'u') {
		low = code_unit(*p + 2, end);
		if (low >= 0xdc00 && low < 0xe000) {
			*p += 6;
			high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	*out = put_utf8(*out, (unsigned long)high);
	return 0;
}

/* No escape is shorter than what it stands for. */
static int
unescape(struct journal *j, struct slice *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *p = s->p, *end = p + s->len, *at;
	size_t room = s->len;
	char *start, *out;

	start = out = journal_room(j, &room);
	if (room < s->len)
		return -1;
	while (p < end) {
		if (*p != '\\') {
			*out++ = *p++;
			continue;
		}
		/* No string ends in a lone backslash: see raw_string(). */
		if (p[1] == 'u') {
			p += 2;
			if (unicode(&p, end, &out) == -1)
				return -1;
			continue;
		}
		at = p[1] == '\0' ? NULL : strchr(from, p[1]);
		if (at == NULL)
			return -1;
		*out++ = to[at - from];
		p += 2;
	}
	*s = (struct slice){ start, (size_t)(out - start) };
	return 0;
}

/* "[98,121,116,101]": what is not valid UTF-8. */
static int
byte_array(struct journal *j, struct cursor *c, struct slice *value)
{
	size_t room = (size_t)(c->end - c->p) / 2 + 1;
	char *start, *out;
	unsigned int n;

	start = out = journal_room(j, &room);
	do {
		skip_space(c);
		if (c->p == c->end || *c->p < '0' || *c->p > '9')
			return -1;
		for (n = 0; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
			n = n * 10 + (unsigned int)(*c->p - '0');
			if (n > 255)
				return -1;
		}
		if ((size_t)(out - start) == room)
			return -1;
		*out++ = (char)n;
	} while (take(c, ','));
	*value = (struct slice){ start, (size_t)(out - start) };
	return take(c, ']') ? 0 : -1;
}

/* Numbers, words, arrays and objects; the brackets need not fit each other. */
static int
skip_value(struct cursor *c)
{
	const char *start = c->p;
	unsigned int depth = 0;
	struct slice raw;
	bool escaped;

	for (; c->p < c->end; c->p++) {
		if (*c->p == '"') {
			c->p++;
			if (raw_string(c, &raw, &escaped) == -1)
				return -1;
			c->p--;
		} else if (*c->p == '[' || *c->p == '{') {
			if (++depth > DEPTH_MAX)
				return -1;
		} else if ((*c->p == ']' || *c->p == '}') && depth > 0) {
			depth--;
		} else if (depth == 0 && (*c->p == ',' || *c->p == '}')) {
			return c->p > start ? 0 : -1;
		}
	}
	return -1;
}

static int
read_value(struct journal *j, struct cursor *c, struct slice *slot)
{
	struct slice value;
	bool escaped;

	skip_space(c);
	if (c->p < c->end && *c->p == '"') {
		c->p++;
		if (raw_string(c, &value, &escaped) == -1)
			return -1;
		if (slot == NULL)
			return 0;
		if (escaped && unescape(j, &value) == -1)
			return -1;
		*slot = value;
		return 0;
	}
	if (slot != NULL && c->end - c->p >= 2 && c->p[0] == '[' &&
	    c->p[1] >= '0' && c->p[1] <= '9') {
		c->p++;
		return byte_array(j, c, slot);
	}
	return skip_value(c);
}

int
journal_json(struct journal *j, const char *p, size_t len)
{
	struct cursor c = { p, p + len };
	struct slice name;
	bool escaped;

	if (!take(&c, '{'))
		return -1;
	do {
		if (!take(&c, '"') || raw_string(&c, &name, &escaped) == -1 ||
		    !take(&c, ':') ||
		    read_value(j, &c, journal_slot(j, name.p, name.len)) == -1)
			return -1;
	} while (take(&c, ','));
	if (!take(&c, '}'))
		return -1;
	skip_space(&c);
	return c.p == c.end ? 0 : -1;
}
