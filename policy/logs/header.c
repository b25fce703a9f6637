/*
 * header.c owns the head of a syslog line: stamp, host, program and process
 * id.  It may not know what programs say.
 */
/* libc */
#include <string.h>
/* this project */
#include "header.h"

struct cursor {
	const char	*p;
	const char	*end;
};

/* Up to the next space, which is left behind. */
static struct slice
word(struct cursor *c)
{
	struct slice s = { c->p, 0 };
	const char *space;

	space = memchr(c->p, ' ', (size_t)(c->end - c->p));
	if (space == NULL)
		space = c->end;
	s.len = (size_t)(space - c->p);
	c->p = space < c->end ? space + 1 : space;
	return s;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 0 when it is no number of a process. */
static uint32_t
process_id(const char *p, size_t len)
{
	uint32_t n = 0;
	size_t i;

	if (len > 9)
		return 0;
	for (i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return 0;
		n = n * 10 + (uint32_t)(p[i] - '0');
	}
	return n;
}

/*
 * The number between the last bracket, which is returned, and the one at len.  It
 * is read from its end: mostly nothing else has to be looked at.
 */
static const char *
read_pid(const char *p, size_t len, uint32_t *pid)
{
	const char *end = p + len, *at = end;
	uint32_t n = 0, unit = 1;

	for (; at > p && end - at < 9 && is_digit(at[-1]); at--, unit *= 10)
		n += unit * (uint32_t)(at[-1] - '0');
	if (at > p && at[-1] == '[') {
		*pid = n;
		return at - 1;
	}
	at = memrchr(p, '[', len);
	if (at != NULL)
		*pid = process_id(at + 1, (size_t)(end - at - 1));
	return at;
}

/* "program[123]:", "program:" or "program[123]": 0, or -1. */
static int
read_tag(struct slice tag, struct line *line)
{
	const char *open;
	size_t len = tag.len;

	if (len == 0 || tag.p[len - 1] != ':')
		return -1;
	len--;
	if (len > 0 && tag.p[len - 1] == ']') {
		open = read_pid(tag.p, len - 1, &line->pid);
		if (open == NULL)
			return -1;
		len = (size_t)(open - tag.p);
	}
	line->program = (struct slice){ tag.p, len };
	return len > 0 ? 0 : -1;
}

/* BusyBox puts "mail.info" before the tag. */
static bool
is_priority(struct slice s)
{
	size_t i, dots = 0;

	for (i = 0; i < s.len; i++)
		if (s.p[i] == '.')
			dots++;
		else if ((s.p[i] < 'a' || s.p[i] > 'z') && (s.p[i] < '0' ||
		    s.p[i] > '9'))
			return false;
	return dots == 1;
}

static void
keep(struct header *h, const char *start, const struct line *line)
{
	size_t all = (size_t)(line->text.p - start);

	h->all = 0;
	if (all > HEADER_KEPT || line->text.p[-1] != ' ')
		return;
	memcpy(h->kept, start, all);
	h->all = all;
	h->host = line->host.len + 1;
	h->program = line->program.len;
	h->pid = line->pid;
}

/* The same host, or that and the same program: what is left of them to be read. */
static bool
is_kept(const struct header *h, struct cursor *c, struct line *line)
{
	size_t left = (size_t)(c->end - c->p);

	if (h->all == 0 || left < h->host || memcmp(c->p, h->kept, h->host) != 0)
		return false;
	line->host = (struct slice){ c->p, h->host - 1 };
	c->p += h->host;
	if (left < h->all ||
	    memcmp(c->p, h->kept + h->host, h->all - h->host) != 0)
		return read_tag(word(c), line) == 0;
	line->program = (struct slice){ c->p, h->program };
	line->pid = h->pid;
	c->p += h->all - h->host;
	return true;
}

/* Behind the stamp: "host tag: text"; some leave the host out. */
static void
read_bsd(struct header *h, struct cursor *c, struct line *line)
{
	const char *start = c->p;
	struct cursor before;
	struct slice first;

	if (is_kept(h, c, line)) {
		line->text = (struct slice){ c->p, (size_t)(c->end - c->p) };
		return;
	}
	c->p = start;
	line->host = SLICE_NULL;
	first = word(c);
	if (read_tag(first, line) == 0) {
		line->text = (struct slice){ c->p, (size_t)(c->end - c->p) };
		return;
	}
	line->host = first;
	line->pid = 0;
	before = *c;
	first = word(c);
	if (read_tag(first, line) == 0) {
		line->text = (struct slice){ c->p, (size_t)(c->end - c->p) };
		keep(h, start, line);
		return;
	}
	if (!is_priority(first) || read_tag(word(c), line) == -1) {
		/* "last message repeated 3 times" has no tag. */
		*c = before;
		line->program = SLICE_NULL;
		line->pid = 0;
	}
	line->text = (struct slice){ c->p, (size_t)(c->end - c->p) };
}

/* --- RFC 5424 section 6 */

static struct slice
nil_is_empty(struct slice s)
{
	return s.len == 1 && *s.p == '-' ? (struct slice){ s.p, 0 } : s;
}

/* "-" or "[id name="value" ...][...]", in which \" is no end. */
static int
skip_structured(struct cursor *c)
{
	bool quoted = false;

	if (c->p < c->end && *c->p == '-') {
		c->p++;
		return 0;
	}
	if (c->p == c->end || *c->p != '[')
		return -1;
	for (; c->p < c->end; c->p++) {
		if (quoted && *c->p == '\\' && c->end - c->p > 1)
			c->p++;
		else if (*c->p == '"')
			quoted = !quoted;
		else if (*c->p == ']' && !quoted &&
		    (c->end - c->p == 1 || c->p[1] != '[')) {
			c->p++;
			return 0;
		}
	}
	return -1;
}

static int
read_5424(struct cursor *c, struct line *line)
{
	struct slice pid;

	line->host = nil_is_empty(word(c));
	line->program = nil_is_empty(word(c));
	pid = word(c);
	line->pid = process_id(pid.p, pid.len);
	(void)word(c);	/* MSGID */
	if (skip_structured(c) == -1)
		return -1;
	if (c->p < c->end && *c->p == ' ')
		c->p++;
	if (c->end - c->p >= 3 && memcmp(c->p, "\xef\xbb\xbf", 3) == 0)
		c->p += 3;
	line->text = (struct slice){ c->p, (size_t)(c->end - c->p) };
	return 0;
}

/* "<22>", as it goes over the wire, and whether "1 " of RFC 5424 follows. */
static bool
skip_priority(struct cursor *c)
{
	const char *p = c->p;

	if (c->end - p < 6 || *p != '<')
		return false;
	for (p++; p - c->p < 4 && *p >= '0' && *p <= '9'; p++)
		;
	if (*p != '>')
		return false;
	c->p = p + 1;
	if (c->end - c->p < 2 || c->p[0] != '1' || c->p[1] != ' ')
		return false;
	c->p += 2;
	return true;
}

void
header_init(struct header *h, int64_t now)
{
	memset(h, 0, sizeof(*h));
	stamps_init(&h->stamps, now);
}

int
header_parse(struct header *h, const char *p, size_t len, struct line *line)
{
	struct cursor c = { p, p + len };
	bool rfc5424;
	size_t n;

	memset(line, 0, sizeof(*line));
	rfc5424 = skip_priority(&c);
	if (c.p < c.end && is_digit(*c.p)) {
		n = stamp_iso(&h->stamps, c.p, (size_t)(c.end - c.p), &line->time);
		if (n > STAMP_SECONDS && c.p[STAMP_SECONDS] == '.')
			line->stamp = (struct slice){ c.p, n };
	} else
		n = stamp_bsd(&h->stamps, c.p, (size_t)(c.end - c.p), &line->time);
	c.p += n;
	if (n == 0 || c.p == c.end || *c.p != ' ')
		return -1;
	c.p++;
	if (rfc5424)
		return read_5424(&c, line);
	read_bsd(h, &c, line);
	return 0;
}
