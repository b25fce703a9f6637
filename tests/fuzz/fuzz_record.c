/*
 * fuzz_record.c: log records.
 *
 * Input that begins with "w" is fields to be written, one a line: a letter for
 * its kind (c a client's, o ours, n a number, - none), and its value, where \n
 * stands for a line end and \0 for a NUL.  Other input is a line to be read.
 *
 * A line has at most 900 bytes, none of them a control character; what was
 * written reads back equal, or as its start with the mark; what can be read is
 * written and read again, in both forms.
 */
/* this project */
#include "buf.h"
#include "record.h"
#include "session.h"
/* tests */
#include "given.h"
#include "json.h"

/* Is what was read what was written? */
static void
compare(const struct field *w, const struct field *r)
{
	PROMISE(strcmp(w->name, r->name) == 0);
	PROMISE(r->len <= w->len);
	PROMISE(memcmp(w->value, r->value, r->len) == 0);
	PROMISE(w->absent == r->absent);
	PROMISE(r->len == w->len || r->cut);
	PROMISE(!w->cut || r->cut);
	PROMISE(r->value[r->len] == '\0');
}

static void
write_and_read(const struct record *w)
{
	struct session *s = session_new();
	struct buf line;
	struct record r;
	size_t i, format;

	PROMISE(s != NULL);
	for (format = 0; format < 2; format++) {
		line = (struct buf)BUF_INIT;
		record_format(w, format == 0 ? LOG_LOGFMT : LOG_JSON, &line);
		PROMISE(line.len <= RECORD_MAX);
		PROMISE(is_printable(line.data, line.len, ""));
		PROMISE(format == 0 || is_json(line.data));
		record_init(&r);
		PROMISE(record_parse(&r, line.data, line.len) == 0);
		PROMISE(r.count <= w->count);
		for (i = 0; i < r.count; i++)
			compare(&w->fields[i], &r.fields[i]);
		record_facts(&r, s);
		session_set_stage(s, STAGE_RCPT);
		look_at_facts(s);
		record_free(&r);
		buf_free(&line);
	}
	session_free(s);
}

static size_t
unescape(char *s, size_t len)
{
	size_t in, out = 0;

	for (in = 0; in < len; in++) {
		if (s[in] == '\\' && in + 1 < len &&
		    (s[in + 1] == 'n' || s[in + 1] == '0'))
			s[out++] = s[++in] == 'n' ? '\n' : '\0';
		else
			s[out++] = s[in];
	}
	return out;
}

/* The names are those of the table, from the third on, each once. */
static void
put_field(struct record *r, size_t number, struct input line)
{
	const char *name = record_field_name(number + 2);
	char *value, *number_end;
	struct input rest;
	size_t len;

	if (name == NULL || line.len == 0)
		return;
	rest = (struct input){ line.p + 1, line.len - 1 };
	value = input_string(rest);
	len = unescape(value, rest.len);
	switch (line.p[0]) {
	case 'c':
		record_put_client(r, name, value, len);
		break;
	case 'o':
		value[len] = '\0';
		record_put(r, name, value);
		break;
	case 'n':
		record_put_number(r, name, strtoull(value, &number_end, 10));
		break;
	case '-':
		record_put_none(r, name);
		break;
	default:
		break;
	}
	free(value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	struct record r;
	size_t i;

	record_init(&r);
	if (input_starts(in, "w\n")) {
		take_until(&in, "\n");
		record_start(&r, "message");
		for (i = 0; in.len > 0; i++)
			put_field(&r, i, take_until(&in, "\n"));
		write_and_read(&r);
	} else if (record_parse(&r, in.p, in.len) == 0) {
		PROMISE(r.count <= RECORD_FIELDS);
		PROMISE(record_find(&r, "event") != NULL);
		write_and_read(&r);
	}
	record_free(&r);
	return 0;
}
