/*
 * svg.c owns the charts of the page; it may not know what they are about.
 *
 * Shapes are placed in per cent of the width and pixels of the height, without
 * a viewBox, so that a chart fills any width.
 * Labels are text of the page, beside the drawing, which may break.
 */
/* libc */
#include <inttypes.h>
#include <string.h>
/* this directory */
#include "render.h"

#define HEIGHT		200	/* pixels; .y of the style has the same */
#define BARS_MAX	10
#define LABEL_MAX	38	/* bytes of a label */
#define MIDDLE		20	/* bars, of which one may be called the middle */
#define CROWD		60	/* bars that leave no room for gaps */

static uint64_t
value(const struct sheet *s, size_t row, size_t column)
{
	return s->cells[row * s->width + column].number;
}

static uint64_t
row_sum(const struct sheet *s, size_t row)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < s->chart_count; i++)
		sum += value(s, row, s->chart_first + i);
	return sum;
}

/* A round number that is not less than n, and not much more. */
static uint64_t
round_up(uint64_t n)
{
	static const uint64_t steps[] = { 1, 2, 3, 4, 5, 6, 8 };
	uint64_t power;
	size_t i;

	for (power = 1; power <= UINT64_MAX / 100; power *= 10)
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
			if (steps[i] * power >= n)
				return steps[i] * power;
	return n;
}

static void
put_label(struct buf *b, const struct sheet *s, size_t row)
{
	struct buf label = BUF_INIT;

	put_cell(&label, &s->cells[row * s->width], column_info(s->columns[0])->kind);
	if (label.len > LABEL_MAX) {
		buf_truncate(&label, LABEL_MAX - 3);
		buf_puts(&label, "...");
	}
	html_text(b, buf_str(&label));
	buf_free(&label);
}

/* What the drawing is, for those who do not see it. */
static void
open_svg(struct buf *b, const struct sheet *s, size_t number)
{
	buf_printf(b, "<svg role=\"img\" width=\"100%%\" height=\"%d\" "
	    "aria-labelledby=\"t%zu d%zu\">\n<title id=\"t%zu\">", HEIGHT, number,
	    number, number);
	html_text(b, s->title);
	buf_printf(b, "</title>\n<desc id=\"d%zu\">The table below has the numbers."
	    "</desc>\n", number);
}

/* --- stacked bars */

static void
put_legend(struct buf *b, const struct sheet *s)
{
	const struct column_info *info;
	uint64_t sum;
	size_t i, row;

	buf_puts(b, "<figcaption>");
	for (i = 0; i < s->chart_count; i++) {
		info = column_info(s->columns[s->chart_first + i]);
		for (sum = 0, row = 0; row < s->rows; row++)
			sum += value(s, row, s->chart_first + i);
		if (sum > 0)
			buf_printf(b, "<span><i class=\"c-%s\"></i>%s</span> ",
			    info->name, info->title);
	}
	buf_puts(b, "</figcaption>\n");
}

static void
put_axis(struct buf *b, const struct sheet *s, uint64_t top)
{
	buf_puts(b, "<div class=\"plot\">\n<div class=\"y\" aria-hidden=\"true\">"
	    "<span>");
	if (s->chart == CHART_SHARES)
		buf_puts(b, "100 %</span><span>50 %</span><span>0 %");
	else {
		put_grouped(b, top);
		buf_puts(b, "</span>");
		/* Half of an odd number is no number of messages. */
		if (top % 2 == 0) {
			buf_puts(b, "<span>");
			put_grouped(b, top / 2);
			buf_puts(b, "</span>");
		}
		buf_puts(b, "<span>0");
	}
	buf_puts(b, "</span></div>\n<div>\n");
}

/* One bar; heights are cut where the sum is, so that no gap opens. */
static void
put_stack(struct buf *b, const struct sheet *s, size_t row, uint64_t top)
{
	const struct column_info *info;
	double step = 100.0 / (double)s->rows, from = 0, to;
	double width = s->rows > CROWD ? step : step * 0.8;
	uint64_t sum = 0, n;
	size_t i;

	for (i = 0; i < s->chart_count; i++) {
		n = value(s, row, s->chart_first + i);
		sum += n;
		if (n == 0)
			continue;
		info = column_info(s->columns[s->chart_first + i]);
		to = HEIGHT * ((double)sum / (double)top);
		buf_printf(b, "<rect class=\"c-%s\" x=\"%.3f%%\" y=\"%.2f\" "
		    "width=\"%.3f%%\" height=\"%.2f\"><title>", info->name,
		    step * (double)row + (step - width) / 2, HEIGHT - to, width,
		    to - from);
		put_label(b, s, row);
		buf_printf(b, ": %s ", info->title);
		put_grouped(b, n);
		buf_puts(b, "</title></rect>\n");
		from = to;
	}
}

static void
put_days(struct buf *b, const struct sheet *s)
{
	size_t shown[3] = { 0, s->rows / 2, s->rows - 1 }, last = SIZE_MAX, i;

	buf_puts(b, "<div class=\"x\" aria-hidden=\"true\">");
	for (i = 0; i < 3; i++) {
		if (shown[i] == last)
			continue;
		/* Few bars of an even number have none in the middle. */
		if (i == 1 && s->rows % 2 == 0 && s->rows < MIDDLE)
			continue;
		last = shown[i];
		buf_puts(b, "<span>");
		put_label(b, s, last);
		buf_puts(b, "</span>");
	}
	buf_puts(b, "</div>\n");
}

static void
put_stacks(const struct sheet *s, size_t number, uint64_t most, struct buf *b)
{
	uint64_t top = round_up(most), sum;
	size_t row;

	buf_puts(b, "<figure>\n");
	put_legend(b, s);
	put_axis(b, s, top);
	open_svg(b, s, number);
	for (row = 0; row <= 2; row++)
		buf_printf(b, "<line x1=\"0\" x2=\"100%%\" y1=\"%zu\" y2=\"%zu\"/>\n",
		    row * HEIGHT / 2, row * HEIGHT / 2);
	for (row = 0; row < s->rows; row++) {
		sum = row_sum(s, row);
		if (sum > 0)
			put_stack(b, s, row, s->chart == CHART_SHARES ? sum : top);
	}
	buf_puts(b, "</svg>\n");
	put_days(b, s);
	buf_puts(b, "</div>\n</div>\n</figure>\n");
}

/* --- lying bars: name and number are text of the page, over each bar */

static void
put_bars(const struct sheet *s, uint64_t most, struct buf *b)
{
	size_t rows = s->rows < BARS_MAX ? s->rows : BARS_MAX, row;
	const char *name = column_info(s->columns[s->chart_first])->name;
	uint64_t n;

	buf_puts(b, "<figure class=\"bars\">\n");
	for (row = 0; row < rows; row++) {
		n = value(s, row, s->chart_first);
		buf_puts(b, "<p><span>");
		put_label(b, s, row);
		buf_puts(b, "</span> <b>");
		put_grouped(b, n);
		buf_printf(b, "</b></p>\n<svg aria-hidden=\"true\" width=\"100%%\" "
		    "height=\"12\"><rect class=\"c-%s\" x=\"0\" y=\"0\" width=\"%.3f%%\" "
		    "height=\"12\" rx=\"2\"/></svg>\n", name,
		    100.0 * (double)n / (double)most);
	}
	buf_puts(b, "</figure>\n");
}

void
svg_chart(const struct sheet *s, size_t number, struct buf *b)
{
	uint64_t most = 0, sum;
	size_t row;

	for (row = 0; row < s->rows; row++) {
		sum = row_sum(s, row);
		most = sum > most ? sum : most;
	}
	if (most == 0)
		buf_puts(b, "<p>No data.</p>\n");
	else if (s->chart == CHART_BARS)
		put_bars(s, most, b);
	else
		put_stacks(s, number, most, b);
}
