/*
 * json.c owns a report as one JSON object; it may not know how it was come by.
 */
/* libc */
#include <inttypes.h>
/* this directory */
#include "render.h"
#include "sighting.h"
#include "when.h"

/* All text of a report is printable ASCII already, titles and notes are ours. */
static void
put_string(struct buf *b, const char *s)
{
	buf_putc(b, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
	buf_putc(b, '"');
}

static void
put_member(struct buf *b, const char *name)
{
	put_string(b, name);
	buf_puts(b, ": ");
}

static void
put_time(struct buf *b, int64_t time)
{
	char text[WHEN_TEXT];

	when_utc(time, text);
	if (text[0] == '\0')
		buf_puts(b, "null");
	else
		put_string(b, text);
}

static void
put_value(struct buf *b, const struct cell *c, enum column_kind kind)
{
	char day[WHEN_TEXT];

	if (!c->there) {
		buf_puts(b, "null");
		return;
	}
	switch (kind) {
	case KIND_TEXT:
		put_string(b, c->text);
		break;
	case KIND_COUNT:
		buf_printf(b, "%" PRIu64, c->number);
		break;
	case KIND_SHARE:
		buf_printf(b, "%" PRIu64 ".%03" PRIu64, c->number / 1000,
		    c->number % 1000);
		break;
	case KIND_TIME:
		put_time(b, (int64_t)c->number);
		break;
	case KIND_DAY:
		when_day_text((uint32_t)c->number, day);
		put_string(b, day);
		break;
	case KIND_RANK:
		put_string(b, rank_name((enum tls_rank)c->number));
		break;
	}
}

static void
put_sheet(struct buf *b, const struct sheet *s)
{
	size_t row, i;

	buf_puts(b, "    ");
	put_member(b, s->name);
	buf_puts(b, "{\n      \"title\": ");
	put_string(b, s->title);
	buf_printf(b, ",\n      \"rows_total\": %" PRIu64 ",\n      \"error\": %" PRIu64
	    ",\n      \"rows\": [", s->rows_total, s->error);
	for (row = 0; row < s->rows; row++) {
		buf_puts(b, row > 0 ? ",\n        {" : "\n        {");
		for (i = 0; i < s->width; i++) {
			buf_puts(b, i > 0 ? ", " : "");
			put_member(b, column_info(s->columns[i])->name);
			put_value(b, &s->cells[row * s->width + i],
			    column_info(s->columns[i])->kind);
		}
		buf_putc(b, '}');
	}
	buf_puts(b, s->rows > 0 ? "\n      ]\n    }" : "]\n    }");
}

static void
put_findings(struct buf *b, const struct report *r)
{
	const struct finding *f;
	size_t i;

	if (r->one_table) {
		buf_puts(b, "  \"findings\": null,\n");
		return;
	}
	buf_puts(b, "  \"findings\": [");
	for (i = 0; i < r->finding_count; i++) {
		f = &r->findings[i];
		buf_puts(b, i > 0 ? ",\n    {" : "\n    {");
		put_member(b, "name");
		put_string(b, f->name);
		buf_printf(b, ", \"level\": \"%s\", \"count\": %" PRIu64 ", ",
		    f->level == LEVEL_BAD ? "bad" : "warning", f->count);
		put_member(b, "table");
		if (f->table != NULL)
			put_string(b, f->table);
		else
			buf_puts(b, "null");
		buf_puts(b, ", ");
		put_member(b, "text");
		put_string(b, f->text);
		buf_putc(b, '}');
	}
	buf_puts(b, r->finding_count > 0 ? "\n  ],\n" : "],\n");
}

static void
put_head(struct buf *b, const struct report *r)
{
	const struct {
		const char	*name;
		int64_t		 time;
	} times[] = { { "made", r->made }, { "since", r->since }, { "until", r->until },
	    { "first", r->first }, { "last", r->last } };
	size_t i;

	buf_puts(b, "{\n  \"schema\": ");
	put_string(b, r->schema);
	buf_puts(b, ",\n  \"command\": ");
	put_string(b, r->command);
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		buf_puts(b, ",\n  ");
		put_member(b, times[i].name);
		put_time(b, times[i].time);
	}
	buf_puts(b, ",\n  \"hosts\": ");
	put_string(b, buf_str(&r->hosts));
	buf_printf(b, ",\n  \"error\": %" PRIu64 ",\n  \"numbers\": {", r->error);
	for (i = 0; i < r->number_count; i++) {
		buf_puts(b, i > 0 ? ",\n    " : "\n    ");
		put_member(b, r->numbers[i].name);
		buf_printf(b, "%" PRIu64, r->numbers[i].value);
	}
	buf_puts(b, "\n  },\n");
}

void
render_json(const struct report *r, struct buf *b)
{
	size_t i;

	put_head(b, r);
	put_findings(b, r);
	buf_puts(b, "  \"tables\": {");
	for (i = 0; i < r->sheet_count; i++) {
		buf_puts(b, i > 0 ? ",\n" : "\n");
		put_sheet(b, r->sheets[i]);
	}
	buf_puts(b, "\n  }\n}\n");
}
