/*
 * reader.c owns the cutting of a stream into lines and the choice of the form
 * they are in; it may not know compression, nor what programs say.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "header.h"
#include "journal.h"
#include "mem.h"
#include "reader.h"
#include "stream.h"

#define BUFFER	(4 * READER_LINE_MAX)
#define FIELD_MAX	(UINT64_C(1) << 30)	/* journald takes no more; this is damage */

struct reader {
	struct stream		*stream;
	struct header		 header;
	struct reader_count	 count;
	bool			 begun;
	bool			 export;	/* journalctl -o export */
	bool			 dropping;	/* the rest of a line that was cut */
	bool			 over;
	bool			 broken;
	size_t			 at;
	size_t			 end;
	char			*buffer;
	char			*scratch;	/* READER_LINE_MAX */
};

struct reader *
reader_open(const char *path, int64_t now, char *why, size_t size)
{
	struct stream *stream;
	struct reader *r;

	stream = stream_open(path, why, size);
	if (stream == NULL)
		return NULL;
	r = mem_calloc(1, sizeof(*r));
	r->stream = stream;
	r->buffer = mem_calloc(1, BUFFER);
	r->scratch = mem_calloc(1, READER_LINE_MAX);
	header_init(&r->header, now);
	return r;
}

void
reader_free(struct reader *r)
{
	if (r == NULL)
		return;
	stream_free(r->stream);
	free(r->buffer);
	free(r->scratch);
	free(r);
}

const char *
reader_why(const struct reader *r)
{
	return stream_why(r->stream);
}

const struct reader_count *
reader_count(const struct reader *r)
{
	return &r->count;
}

/* --- bytes and lines of text */

/* More bytes behind those that are there: 1; the file has no more: 0. */
static int
refill(struct reader *r)
{
	ssize_t n;

	if (r->over)
		return 0;
	if (r->at > 0) {
		memmove(r->buffer, r->buffer + r->at, r->end - r->at);
		r->end -= r->at;
		r->at = 0;
	}
	n = stream_read(r->stream, r->buffer + r->end, BUFFER - r->end);
	r->count.bytes = stream_taken(r->stream);
	r->count.size = stream_size(r->stream);
	r->broken = n == -1;
	r->over = n <= 0;
	if (n <= 0)
		return 0;
	r->end += (size_t)n;
	return 1;
}

/* What follows of a line that was cut. */
static void
drop_rest(struct reader *r)
{
	const char *lf;

	while (r->dropping) {
		lf = memchr(r->buffer + r->at, '\n', r->end - r->at);
		r->at = lf == NULL ? r->end : (size_t)(lf - r->buffer) + 1;
		r->dropping = lf == NULL && refill(r) == 1;
	}
}

/* The end of the line, or NULL when the file or the room ends before. */
static const char *
find_end(struct reader *r)
{
	size_t seen = 0;
	const char *lf;

	for (;;) {
		lf = memchr(r->buffer + r->at + seen, '\n', r->end - r->at - seen);
		seen = r->end - r->at;
		if (lf != NULL || seen > READER_LINE_MAX || refill(r) == 0)
			return lf;
	}
}

/*
 * The next line without its end: 1, or 0 when there is none.  The last one
 * needs no end, unless the file is broken: then it is not known to be whole.
 */
static int
next_text(struct reader *r, struct slice *text)
{
	const char *lf;

	drop_rest(r);
	lf = find_end(r);
	text->p = r->buffer + r->at;
	text->len = (lf != NULL ? (size_t)(lf - r->buffer) : r->end) - r->at;
	r->at += text->len + (lf != NULL);
	if (lf == NULL && (text->len == 0 || r->broken))
		return 0;
	r->dropping = lf == NULL && !r->over;
	if (text->len > READER_LINE_MAX)
		text->len = READER_LINE_MAX;
	if (text->len > 0 && text->p[text->len - 1] == '\r')
		text->len--;
	return 1;
}

/* --- forms */

/*
 * A record as tlswardend -l stderr writes it.  JSON that is no entry of the
 * journal counts as one, too: whoever reads it will say if it is broken.
 */
static int
bare_record(const char *p, size_t len, struct line *line)
{
	memset(line, 0, sizeof(*line));
	line->program = (struct slice){ "tlswardend", 10 };
	line->text = (struct slice){ p, len };
	return 0;
}

static int
parse(struct header *header, char *scratch, const char *p, size_t len,
    struct line *line)
{
	static const char record[] = "{\"v\":";
	struct journal entry;

	if (len > 0 && *p == '{') {
		if (len >= sizeof(record) && memcmp(p, record, sizeof(record) - 1) == 0)
			return bare_record(p, len, line);
		journal_start(&entry, scratch, READER_LINE_MAX);
		if (journal_json(&entry, p, len) == 0 &&
		    journal_line(&entry, line) == 0)
			return 0;
		return entry.time.p == NULL ? bare_record(p, len, line) : -1;
	}
	if (len > 2 && p[0] == 'v' && p[1] == '=')
		return bare_record(p, len, line);
	return header_parse(header, p, len, line);
}

int
line_parse(const char *p, size_t len, int64_t now, char *scratch,
    struct line *line)
{
	struct header header;

	header_init(&header, now);
	if (len > READER_LINE_MAX)
		len = READER_LINE_MAX;
	return parse(&header, scratch, p, len, line);
}

/* --- journalctl -o export */

/* Move n bytes out of the stream, keep the first of them. */
static int
take_bytes(struct reader *r, uint64_t n, char *keep, size_t room)
{
	size_t here, kept;

	while (n > 0) {
		if (r->at == r->end && refill(r) == 0)
			return -1;
		here = r->end - r->at;
		if (here > n)
			here = (size_t)n;
		kept = here < room ? here : room;
		if (kept > 0) {
			memcpy(keep, r->buffer + r->at, kept);
			keep += kept;
			room -= kept;
		}
		r->at += here;
		n -= here;
	}
	return 0;
}

/* Behind the name: eight bytes of length, the value, a line end.  -1: the end. */
static int
binary_field(struct reader *r, struct journal *j, struct slice *slot)
{
	unsigned char length[8];
	size_t room = 0, i;
	uint64_t n = 0;
	char *keep = NULL, lf;

	if (take_bytes(r, sizeof(length), (char *)length, sizeof(length)) == -1)
		return -1;
	for (i = sizeof(length); i > 0; i--)
		n = n << 8 | length[i - 1];
	if (n > FIELD_MAX) {
		r->count.broken++;
		return 0;
	}
	if (slot != NULL) {
		room = n < READER_LINE_MAX ? (size_t)n : READER_LINE_MAX;
		keep = journal_room(j, &room);
	}
	if (take_bytes(r, n, keep, room) == -1 || take_bytes(r, 1, &lf, 1) == -1)
		return -1;
	if (lf != '\n')
		r->count.broken++;
	else if (slot != NULL)
		*slot = (struct slice){ keep, room };
	return 0;
}

/* What is no name has no value behind it: the lengths of damage are its own. */
static bool
is_field_name(struct slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((s.p[i] < 'A' || s.p[i] > 'Z') && s.p[i] != '_' &&
		    (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	return s.len > 0;
}

/* "NAME=value"; the buffer moves on, so the value is kept. */
static void
text_field(struct journal *j, struct slice *slot, struct slice value)
{
	char *keep;

	if (slot == NULL)
		return;
	keep = journal_room(j, &value.len);
	if (value.len > 0)
		memcpy(keep, value.p, value.len);
	*slot = (struct slice){ keep, value.len };
}

/* Fields up to an empty line.  1: an entry; 0: the end. */
static int
next_export(struct reader *r, struct journal *j)
{
	struct slice text, value, *slot;
	const char *equals;
	bool any = false;

	journal_start(j, r->scratch, READER_LINE_MAX);
	while (next_text(r, &text) == 1) {
		if (text.len == 0 && any)
			return 1;
		if (text.len == 0)
			continue;
		any = true;
		equals = memchr(text.p, '=', text.len);
		if (equals == NULL) {
			if (!is_field_name(text))
				continue;
			slot = journal_slot(j, text.p, text.len);
			if (binary_field(r, j, slot) == -1) {
				r->count.broken++;
				return 0;
			}
			continue;
		}
		slot = journal_slot(j, text.p, (size_t)(equals - text.p));
		value.p = equals + 1;
		value.len = (size_t)(text.p + text.len - value.p);
		text_field(j, slot, value);
	}
	return any && !r->broken;
}

static int
read_export(struct reader *r, struct line *line)
{
	struct journal entry;

	while (next_export(r, &entry) == 1) {
		r->count.lines++;
		if (journal_line(&entry, line) == 0)
			return 1;
		r->count.broken++;
	}
	return r->broken ? -1 : 0;
}

/* --- either */

/* Every entry of an export begins with its cursor. */
static void
look_at_start(struct reader *r)
{
	static const char first[] = "__CURSOR=";
	size_t n = sizeof(first) - 1;

	r->begun = true;
	while (r->end < n && refill(r) == 1)
		;
	r->export = r->end >= n && memcmp(r->buffer, first, n) == 0;
}

/* "-- Boot 1234 --" and the like, which journalctl puts between lines. */
static bool
is_remark(struct slice text)
{
	return text.len == 0 || slice_starts(text, "-- ");
}

int
reader_next(struct reader *r, struct line *line)
{
	struct slice text;

	if (!r->begun)
		look_at_start(r);
	if (r->export)
		return read_export(r, line);
	while (next_text(r, &text) == 1) {
		if (is_remark(text))
			continue;
		r->count.lines++;
		if (parse(&r->header, r->scratch, text.p, text.len, line) == 0)
			return 1;
		r->count.broken++;
	}
	return r->broken ? -1 : 0;
}
