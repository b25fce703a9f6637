/*
 * report.c owns what a report consists of; it may not know how the numbers were
 * come by, nor how they are shown.
 */
/* libc */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this directory */
#include "report.h"
#include "sighting.h"
#include "when.h"

#define NAME_MAX_SHOWN	400	/* bytes of a name; they were cut before */

void
report_init(struct report *r, const char *schema, const char *command,
    const char *title)
{
	memset(r, 0, sizeof(*r));
	r->schema = schema;
	r->command = command;
	r->title = title;
}

static void
sheet_free(struct sheet *t)
{
	size_t i;

	for (i = 0; i < t->filled; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t);
}

void
report_free(struct report *r)
{
	size_t i;

	for (i = 0; i < r->sheet_count; i++)
		sheet_free(r->sheets[i]);
	for (i = 0; i < r->finding_count; i++)
		free(r->findings[i].text);
	free(r->sheets);
	free(r->findings);
	buf_free(&r->hosts);
}

void
report_number(struct report *r, const char *name, const char *title,
    uint64_t value, bool head)
{
	assert(r->number_count < REPORT_NUMBERS);
	r->numbers[r->number_count++] = (struct number){ name, title, value, head };
}

void
report_finding(struct report *r, const char *name, enum level level,
    uint64_t count, const char *table, const char *fmt, ...)
{
	struct finding *f;
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	r->findings = mem_resize(r->findings, r->finding_count + 1,
	    sizeof(*r->findings));
	f = &r->findings[r->finding_count++];
	f->name = name;
	f->level = level;
	f->count = count;
	f->table = table;
	f->text = buf_steal(&b);
}

struct sheet *
report_sheet(struct report *r, const char *name, const char *title,
    const char *note, const enum column *columns)
{
	struct sheet *t = mem_calloc(1, sizeof(*t));

	t->name = name;
	t->title = title;
	t->note = note;
	for (; *columns != COL_NOTHING; columns++) {
		assert(t->width < SHEET_COLUMNS);
		t->columns[t->width++] = *columns;
	}
	r->sheets = mem_resize(r->sheets, r->sheet_count + 1, sizeof(*r->sheets));
	r->sheets[r->sheet_count++] = t;
	return t;
}

const struct sheet *
report_find(const struct report *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->sheet_count; i++)
		if (strcmp(r->sheets[i]->name, name) == 0)
			return r->sheets[i];
	return NULL;
}

static struct cell *
next_cell(struct sheet *t)
{
	struct cell *c;

	if (t->filled == t->size) {
		t->size = t->size == 0 ? 8 * t->width : 2 * t->size;
		t->cells = mem_resize(t->cells, t->size, sizeof(*t->cells));
	}
	c = &t->cells[t->filled++];
	memset(c, 0, sizeof(*c));
	t->rows = t->filled / t->width;
	if (t->rows > t->rows_total)
		t->rows_total = t->rows;
	return c;
}

void
sheet_text(struct sheet *t, struct slice s)
{
	struct cell *c = next_cell(t);
	struct buf b = BUF_INIT;

	put_plain(&b, s, NAME_MAX_SHOWN);
	c->there = true;
	c->text = buf_steal(&b);
}

void
sheet_number(struct sheet *t, uint64_t number)
{
	struct cell *c = next_cell(t);

	c->there = true;
	c->number = number;
}

void
sheet_nothing(struct sheet *t)
{
	(void)next_cell(t);
}

/* --- for people */

void
put_plain(struct buf *b, struct slice s, size_t max)
{
	size_t i, len = s.len < max ? s.len : max;
	unsigned char c;

	for (i = 0; i < len; i++) {
		c = (unsigned char)s.p[i];
		if (c < ' ' || c > '~' || c == '\\')
			buf_printf(b, "\\x%02x", c);
		else
			buf_putc(b, (char)c);
	}
	if (len < s.len)
		buf_puts(b, "...");
}

void
put_grouped(struct buf *b, uint64_t n)
{
	char digits[24], *end;
	struct buf d = BUF_INIT;

	buf_printf(&d, "%" PRIu64, n);
	memcpy(digits, buf_str(&d), d.len + 1);
	for (end = digits; *end != '\0'; end++) {
		if (end > digits && (digits + d.len - end) % 3 == 0)
			buf_putc(b, ',');
		buf_putc(b, *end);
	}
	buf_free(&d);
}

void
put_left_out(struct buf *b, const struct sheet *s)
{
	uint64_t n = s->rows_total - s->rows;

	put_grouped(b, n);
	buf_puts(b, n == 1 ? " more row" : " more rows");
}

void
put_number_title(struct buf *b, const struct number *n)
{
	size_t word = strcspn(n->title, " ");
	bool one = n->value == 1 && word > 2 && n->title[word - 1] == 's';

	buf_put(b, n->title, one ? word - 1 : word);
	buf_puts(b, n->title + word);
}

void
put_cell(struct buf *b, const struct cell *c, enum column_kind kind)
{
	char time[WHEN_TEXT];

	if (!c->there)
		return;
	switch (kind) {
	case KIND_TEXT:
		buf_puts(b, c->text);
		break;
	case KIND_COUNT:
		put_grouped(b, c->number);
		break;
	case KIND_SHARE:
		buf_printf(b, "%" PRIu64 ".%" PRIu64 " %%", c->number / 10,
		    c->number % 10);
		break;
	case KIND_TIME:
		when_local((int64_t)c->number, time);
		buf_puts(b, time);
		break;
	case KIND_DAY:
		when_day_text((uint32_t)c->number, time);
		buf_puts(b, time);
		break;
	case KIND_RANK:
		buf_puts(b, rank_name((enum tls_rank)c->number));
		break;
	}
}
