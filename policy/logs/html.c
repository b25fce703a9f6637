/*
 * html.c owns a report as one page, which is well-formed XML as well; it may
 * not know how the report was come by.
 */
/* libc */
#include <inttypes.h>
#include <string.h>
/* this directory */
#include "render.h"
#include "when.h"

#define COLUMNS_NARROW	4	/* fit on a phone */
#define COLUMNS_WIDER	8	/* need all the width that there is */
#define COLUMNS_ANY	14	/* fit nowhere */
#define CELL_MAX	120	/* bytes; a letter has lines of 998 at most */
#define ROWS_OPEN	14	/* longer tables behind a chart are folded away */

void
html_text(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		switch (*s) {
		case '&':
			buf_puts(b, "&amp;");
			break;
		case '<':
			buf_puts(b, "&lt;");
			break;
		case '>':
			buf_puts(b, "&gt;");
			break;
		case '"':
			buf_puts(b, "&quot;");
			break;
		case '\'':
			buf_puts(b, "&#39;");
			break;
		default:
			buf_putc(b, *s);
			break;
		}
}

/* <p class="...">text</p> */
static void
put_paragraph(struct buf *b, const char *class, const char *text)
{
	buf_printf(b, "<p class=\"%s\">", class);
	html_text(b, text);
	buf_puts(b, "</p>\n");
}

/* --- head */

static void
put_head(struct buf *b, const struct report *r)
{
	buf_puts(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\"/>\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	    "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	    "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'unsafe-inline'\"/>\n<title>");
	html_text(b, r->title);
	if (r->hosts.len > 0) {
		buf_puts(b, ": ");
		html_text(b, buf_str(&r->hosts));
	}
	buf_puts(b, "</title>\n<style>\n");
	buf_puts(b, html_style);
	buf_puts(b, "</style>\n</head>\n<body>\n");
}

static void
put_period(struct buf *b, const struct report *r)
{
	char first[WHEN_TEXT], last[WHEN_TEXT];
	struct buf line = BUF_INIT;

	when_local(r->first, first);
	when_local(r->last, last);
	buf_puts(b, "<header>\n<h1>");
	html_text(b, r->title);
	buf_puts(b, "</h1>\n");
	if (r->first != 0) {
		buf_printf(&line, "%s to %s", first, last);
		put_paragraph(b, "soft", buf_str(&line));
	}
	if (r->hosts.len > 0)
		put_paragraph(b, "soft", buf_str(&r->hosts));
	buf_puts(b, "</header>\n");
	buf_free(&line);
}

static void
put_findings(struct buf *b, const struct report *r)
{
	const struct finding *f;
	size_t i;

	if (r->one_table)
		return;
	buf_puts(b, "<ul class=\"findings\">\n");
	for (i = 0; i < r->finding_count; i++) {
		f = &r->findings[i];
		buf_printf(b, "<li class=\"%s\">",
		    f->level == LEVEL_BAD ? "bad" : "warn");
		if (f->table != NULL)
			buf_printf(b, "<a href=\"#%s\">", f->table);
		html_text(b, f->text);
		buf_puts(b, f->table != NULL ? "</a></li>\n" : "</li>\n");
	}
	if (r->finding_count == 0)
		buf_puts(b, "<li class=\"good\">Nothing found that asks for action."
		    "</li>\n");
	buf_puts(b, "</ul>\n");
}

static void
put_numbers(struct buf *b, const struct report *r)
{
	size_t i, rest = 0;

	buf_puts(b, "<ul class=\"tiles\">\n");
	for (i = 0; i < r->number_count; i++) {
		if (!r->numbers[i].head) {
			rest += r->numbers[i].value > 0;
			continue;
		}
		buf_puts(b, "<li><b>");
		put_grouped(b, r->numbers[i].value);
		buf_puts(b, "</b> <span class=\"soft\">");
		put_number_title(b, &r->numbers[i]);
		buf_puts(b, "</span></li>\n");
	}
	buf_puts(b, "</ul>\n");
	if (rest == 0)
		return;
	buf_puts(b, "<p class=\"soft\">");
	for (i = 0; i < r->number_count; i++) {
		if (r->numbers[i].head || r->numbers[i].value == 0)
			continue;
		put_grouped(b, r->numbers[i].value);
		buf_putc(b, ' ');
		put_number_title(b, &r->numbers[i]);
		buf_puts(b, --rest > 0 ? ", " : ".");
	}
	buf_puts(b, "</p>\n");
}

/* --- tables */

static const char *
class_of(enum column c)
{
	switch (column_info(c)->kind) {
	case KIND_COUNT:
	case KIND_SHARE:
		return " class=\"n\"";
	case KIND_TIME:
	case KIND_DAY:
	case KIND_RANK:
		return " class=\"t\"";
	case KIND_TEXT:
		break;
	}
	/* Long ones get a line of their own on a phone. */
	if (c == COL_USER || c == COL_CIPHER || c == COL_CLIENT || c == COL_NETWORK ||
	    c == COL_HELO || c == COL_DOMAIN || c == COL_BECAUSE)
		return " class=\"w\"";
	/* They are words, and short: they need not break. */
	if (c == COL_SERVICE || c == COL_AUTH || c == COL_OUTCOME || c == COL_VERDICT ||
	    c == COL_HOW || c == COL_EVENT || c == COL_STATUS)
		return " class=\"s\"";
	return c == COL_DAY || c == COL_TLS ? " class=\"t\"" : "";
}

/* Would it be too wide for a phone?  Times do not break. */
static bool
is_wide(const struct sheet *s)
{
	size_t c;

	for (c = 0; c < s->width; c++)
		if (column_info(s->columns[c])->kind == KIND_TIME)
			return true;
	return s->width > COLUMNS_NARROW;
}

static void
put_table(struct buf *b, const struct sheet *s)
{
	const struct column_info *info;
	struct buf cell = BUF_INIT;
	size_t row, c;

	buf_printf(b, "<table%s>\n<thead><tr>\n",
	    s->width >= COLUMNS_ANY ? " class=\"cards\"" :
	    s->width >= COLUMNS_WIDER ? " class=\"wider\"" :
	    is_wide(s) ? " class=\"wide\"" : "");
	for (c = 0; c < s->width; c++)
		buf_printf(b, "<th scope=\"col\"%s>%s</th>\n", class_of(s->columns[c]),
		    column_info(s->columns[c])->title);
	buf_puts(b, "</tr></thead>\n<tbody>\n");
	for (row = 0; row < s->rows; row++) {
		buf_puts(b, "<tr>\n");
		for (c = 0; c < s->width; c++) {
			info = column_info(s->columns[c]);
			buf_clear(&cell);
			put_cell(&cell, &s->cells[row * s->width + c], info->kind);
			if (cell.len > CELL_MAX) {
				buf_truncate(&cell, CELL_MAX - 3);
				buf_puts(&cell, "...");
			}
			buf_printf(b, "<td%s data-label=\"%s\">",
			    class_of(s->columns[c]), info->title);
			html_text(b, buf_str(&cell));
			buf_puts(b, "</td>\n");
		}
		buf_puts(b, "</tr>\n");
	}
	buf_puts(b, "</tbody>\n</table>\n");
	buf_free(&cell);
}

static void
put_rest(struct buf *b, const struct sheet *s)
{
	if (s->rows_total > s->rows) {
		buf_puts(b, "<p class=\"soft\">And ");
		put_left_out(b, s);
		buf_puts(b, ".</p>\n");
	}
	if (s->error > 0) {
		buf_puts(b, "<p class=\"soft\">Memory was bounded: these counts may be "
		    "too low by up to ");
		put_grouped(b, s->error);
		buf_puts(b, ".</p>\n");
	}
}

static void
put_sheet(struct buf *b, const struct sheet *s, size_t number)
{
	bool folded = s->chart != CHART_NONE && s->rows > ROWS_OPEN;

	buf_printf(b, "<section id=\"%s\">\n<h2>", s->name);
	html_text(b, s->title);
	buf_puts(b, "</h2>\n");
	if (s->note != NULL)
		put_paragraph(b, "soft", s->note);
	if (s->rows == 0) {
		buf_puts(b, "<p>No data.</p>\n</section>\n");
		return;
	}
	if (s->chart != CHART_NONE)
		svg_chart(s, number, b);
	if (folded)
		buf_puts(b, "<details>\n<summary>The numbers</summary>\n");
	put_table(b, s);
	if (folded)
		buf_puts(b, "</details>\n");
	put_rest(b, s);
	buf_puts(b, "</section>\n");
}

/* Tables without a row are named in one sentence, but for those with a chart. */
static void
put_empty(struct buf *b, const struct report *r)
{
	const char *before = "<p class=\"soft\">No data: ";
	size_t i;

	for (i = 0; i < r->sheet_count; i++) {
		if (r->sheets[i]->rows > 0 || r->sheets[i]->chart != CHART_NONE)
			continue;
		buf_puts(b, before);
		html_text(b, r->sheets[i]->title);
		before = "; ";
	}
	if (before[0] == ';')
		buf_puts(b, ".</p>\n");
}

void
render_html(const struct report *r, struct buf *b)
{
	char made[WHEN_TEXT];
	size_t i;

	put_head(b, r);
	put_period(b, r);
	put_findings(b, r);
	put_numbers(b, r);
	buf_puts(b, "<main>\n");
	for (i = 0; i < r->sheet_count; i++)
		if (r->sheets[i]->rows > 0 || r->sheets[i]->chart != CHART_NONE)
			put_sheet(b, r->sheets[i], i);
	put_empty(b, r);
	when_local(r->made, made);
	buf_puts(b, "</main>\n");
	if (made[0] != '\0')
		buf_printf(b, "<footer class=\"soft\">tlswarden %s, %s</footer>\n",
		    r->command, made);
	buf_puts(b, "</body>\n</html>\n");
}
