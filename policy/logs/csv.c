/*
 * csv.c owns a report as comma-separated values; it may not know how it was
 * come by.
 */
/* libc */
#include <inttypes.h>
#include <string.h>
/* this directory */
#include "render.h"
#include "sighting.h"
#include "when.h"

static void
put_field(struct buf *b, const char *s)
{
	bool formula = *s != '\0' && strchr("=+-@\t\r", *s) != NULL;

	if (!formula && strpbrk(s, "\",\r\n") == NULL) {
		buf_puts(b, s);
		return;
	}
	buf_puts(b, formula ? "\"'" : "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"')
			buf_putc(b, '"');
		buf_putc(b, *s);
	}
	buf_putc(b, '"');
}

static void
put_value(struct buf *b, const struct cell *c, enum column_kind kind)
{
	char text[WHEN_TEXT];

	if (!c->there)
		return;
	switch (kind) {
	case KIND_TEXT:
		put_field(b, c->text);
		break;
	case KIND_COUNT:
		buf_printf(b, "%" PRIu64, c->number);
		break;
	case KIND_SHARE:
		buf_printf(b, "%" PRIu64 ".%03" PRIu64, c->number / 1000,
		    c->number % 1000);
		break;
	case KIND_TIME:
		when_local((int64_t)c->number, text);
		buf_puts(b, text);
		break;
	case KIND_DAY:
		when_day_text((uint32_t)c->number, text);
		buf_puts(b, text);
		break;
	case KIND_RANK:
		buf_puts(b, rank_name((enum tls_rank)c->number));
		break;
	}
}

static size_t
find_column(const struct sheet *s, enum column c)
{
	size_t i;

	for (i = 0; i < s->width; i++)
		if (s->columns[i] == c)
			break;
	return i;
}

/* Where the columns of all sheets stand, in the order of the one table of them. */
static size_t
all_columns(const struct report *r, enum column all[COL_NOTHING])
{
	size_t n = 0, i;
	int c;

	for (c = 0; c < COL_NOTHING; c++)
		for (i = 0; i < r->sheet_count; i++)
			if (find_column(r->sheets[i], (enum column)c) <
			    r->sheets[i]->width) {
				all[n++] = (enum column)c;
				break;
			}
	return n;
}

static void
put_row(struct buf *b, const struct sheet *s, size_t row, const enum column *all,
    size_t count)
{
	size_t i, at;

	buf_puts(b, s->name);
	for (i = 0; i < count; i++) {
		buf_putc(b, ',');
		at = find_column(s, all[i]);
		if (at < s->width)
			put_value(b, &s->cells[row * s->width + at],
			    column_info(all[i])->kind);
	}
	buf_puts(b, "\r\n");
}

void
render_csv(const struct report *r, struct buf *b)
{
	enum column all[COL_NOTHING];
	size_t count = all_columns(r, all), i, row;

	buf_puts(b, "table");
	for (i = 0; i < count; i++)
		buf_printf(b, ",%s", column_info(all[i])->name);
	buf_puts(b, "\r\n");
	for (i = 0; i < r->sheet_count; i++)
		for (row = 0; row < r->sheets[i]->rows; row++)
			put_row(b, r->sheets[i], row, all, count);
}
