/*
 * text.c owns a report in columns for a terminal or a letter; it may not know
 * how it was come by.
 */
/* libc */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this directory */
#include "render.h"
#include "when.h"

#define CELL_MAX	44	/* bytes of a name; what is longer ends in ... */
#define LINE		78	/* for sentences */

enum paint { PLAIN, STRONG, DIM, RED, YELLOW, GREEN };

static const char *const paints[] = {
	[PLAIN] = "", [STRONG] = "\033[1m", [DIM] = "\033[2m", [RED] = "\033[31m",
	[YELLOW] = "\033[33m", [GREEN] = "\033[32m"
};

struct text {
	struct buf	*out;
	bool		 colour;
};

static void
put(const struct text *t, enum paint paint, const char *s)
{
	if (t->colour && paint != PLAIN)
		buf_printf(t->out, "%s%s\033[0m", paints[paint], s);
	else
		buf_puts(t->out, s);
}

/* Fold a sentence at spaces. */
static void
put_folded(const struct text *t, enum paint paint, const char *s, size_t indent)
{
	struct buf line = BUF_INIT;
	const char *end;
	size_t i, column = indent;

	for (; *s != '\0'; s = end) {
		end = s + strcspn(s, " ");
		if (line.len > 0 && column + 1 + (size_t)(end - s) > LINE) {
			buf_putc(&line, '\n');
			for (i = 0; i < indent; i++)
				buf_putc(&line, ' ');
			column = indent;
		} else if (line.len > 0) {
			buf_putc(&line, ' ');
			column++;
		}
		buf_put(&line, s, (size_t)(end - s));
		column += (size_t)(end - s);
		end += strspn(end, " ");
	}
	put(t, paint, buf_str(&line));
	buf_putc(t->out, '\n');
	buf_free(&line);
}

/* --- tables */

static void
cell_text(const struct sheet *s, size_t row, size_t column, struct buf *b)
{
	buf_clear(b);
	put_cell(b, &s->cells[row * s->width + column],
	    column_info(s->columns[column])->kind);
	if (b->len > CELL_MAX) {
		buf_truncate(b, CELL_MAX - 3);
		buf_puts(b, "...");
	}
}

/* Numbers stand to the right. */
static bool
is_right(enum column c)
{
	enum column_kind kind = column_info(c)->kind;

	return kind == KIND_COUNT || kind == KIND_SHARE;
}

static void
put_padded(const struct text *t, enum paint paint, const char *s, size_t width,
    bool right, bool last)
{
	size_t n = strlen(s);

	for (; right && n < width; n++)
		buf_putc(t->out, ' ');
	put(t, paint, s);
	for (; !right && !last && n < width; n++)
		buf_putc(t->out, ' ');
	buf_puts(t->out, last ? "\n" : "  ");
}

static void
put_rows(const struct text *t, const struct sheet *s)
{
	size_t widths[SHEET_COLUMNS], row, c;
	struct buf b = BUF_INIT;

	for (c = 0; c < s->width; c++)
		widths[c] = strlen(column_info(s->columns[c])->title);
	for (row = 0; row < s->rows; row++)
		for (c = 0; c < s->width; c++) {
			cell_text(s, row, c, &b);
			if (b.len > widths[c])
				widths[c] = b.len;
		}
	buf_puts(t->out, "  ");
	for (c = 0; c < s->width; c++)
		put_padded(t, DIM, column_info(s->columns[c])->title, widths[c],
		    is_right(s->columns[c]), c + 1 == s->width);
	for (row = 0; row < s->rows; row++) {
		buf_puts(t->out, "  ");
		for (c = 0; c < s->width; c++) {
			cell_text(s, row, c, &b);
			put_padded(t, PLAIN, buf_str(&b), widths[c],
			    is_right(s->columns[c]), c + 1 == s->width);
		}
	}
	buf_free(&b);
}

static void
put_sheet(const struct text *t, const struct sheet *s)
{
	struct buf b = BUF_INIT;

	buf_putc(t->out, '\n');
	put(t, STRONG, s->title);
	buf_putc(t->out, '\n');
	if (s->note != NULL) {
		buf_puts(t->out, "  ");
		put_folded(t, DIM, s->note, 2);
	}
	put_rows(t, s);
	if (s->rows_total > s->rows) {
		buf_puts(&b, "and ");
		put_left_out(&b, s);
	}
	if (s->error > 0) {
		buf_puts(&b, b.len > 0 ? "; " : "");
		buf_puts(&b, "counts may be too low by up to ");
		put_grouped(&b, s->error);
	}
	if (b.len > 0) {
		buf_puts(t->out, "  ");
		put(t, DIM, buf_str(&b));
		buf_putc(t->out, '\n');
	}
	buf_free(&b);
}

/* --- head */

static void
put_period(const struct text *t, const struct report *r)
{
	char first[WHEN_TEXT], last[WHEN_TEXT];

	when_local(r->first, first);
	when_local(r->last, last);
	put(t, STRONG, r->title);
	buf_putc(t->out, '\n');
	if (r->first != 0)
		buf_printf(t->out, "from %s to %s\n", first, last);
	if (r->hosts.len > 0) {
		buf_puts(t->out, "of ");
		put_folded(t, PLAIN, buf_str(&r->hosts), 3);
	}
}

static void
put_findings(const struct text *t, const struct report *r)
{
	size_t i;

	if (r->one_table)
		return;
	buf_putc(t->out, '\n');
	for (i = 0; i < r->finding_count; i++) {
		put(t, r->findings[i].level == LEVEL_BAD ? RED : YELLOW,
		    r->findings[i].level == LEVEL_BAD ? "!! " : "!  ");
		put_folded(t, r->findings[i].level == LEVEL_BAD ? STRONG : PLAIN,
		    r->findings[i].text, 3);
	}
	if (r->finding_count == 0) {
		put(t, GREEN, "Nothing found that asks for action.");
		buf_putc(t->out, '\n');
	}
}

static void
put_numbers(const struct text *t, const struct report *r)
{
	struct buf b = BUF_INIT;
	size_t i, width = 0;

	for (i = 0; i < r->number_count; i++) {
		buf_clear(&b);
		put_grouped(&b, r->numbers[i].value);
		if (b.len > width)
			width = b.len;
	}
	buf_putc(t->out, '\n');
	for (i = 0; i < r->number_count; i++) {
		if (!r->numbers[i].head && r->numbers[i].value == 0)
			continue;
		buf_clear(&b);
		put_grouped(&b, r->numbers[i].value);
		buf_printf(t->out, "%*s  ", (int)width, buf_str(&b));
		put_number_title(t->out, &r->numbers[i]);
		buf_putc(t->out, '\n');
	}
	buf_free(&b);
}

/* Tables without a row are named in one sentence. */
static void
put_empty(const struct text *t, const struct report *r)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < r->sheet_count; i++)
		if (r->sheets[i]->rows == 0)
			buf_printf(&b, "%s%s", b.len > 0 ? "; " : "No data: ",
			    r->sheets[i]->title);
	if (b.len > 0) {
		buf_puts(&b, ".");
		buf_putc(t->out, '\n');
		put_folded(t, DIM, buf_str(&b), 0);
	}
	buf_free(&b);
}

void
render_text(const struct report *r, bool colour, struct buf *out)
{
	const struct text t = { out, colour };
	size_t i;

	put_period(&t, r);
	put_findings(&t, r);
	put_numbers(&t, r);
	if (r->error > 0) {
		buf_putc(out, '\n');
		put_folded(&t, YELLOW, "Memory was bounded: these counts are "
		    "approximate, as each table says.", 0);
	}
	for (i = 0; i < r->sheet_count; i++)
		if (r->sheets[i]->rows > 0)
			put_sheet(&t, r->sheets[i]);
	put_empty(&t, r);
}
