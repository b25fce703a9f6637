/*
 * render.h: the forms of a report.
 *
 * Each writes the whole report into a buf.  None of them can fail.
 */
#ifndef TLSWARDEN_RENDER_H
#define TLSWARDEN_RENDER_H

#include "report.h"

#include <stdbool.h>

/* In columns, findings first.  colour: a terminal that shows it. */
void	render_text(const struct report *, bool colour, struct buf *);
/* One object; the schema has a number, see tlswarden-report(1). */
void	render_json(const struct report *, struct buf *);
/*
 * RFC 4180.  A report of several tables is one: the first field names the
 * table, and there is a field for every column that any of them has.  A field
 * that a spreadsheet would take for a formula begins with an apostrophe.
 */
void	render_csv(const struct report *, struct buf *);
/* One page that fetches nothing and runs nothing. */
void	render_html(const struct report *, struct buf *);

/* --- parts of the page */

/* Text between tags or in an attribute. */
void	html_text(struct buf *, const char *);
/* The chart of a sheet that has one and has rows. */
void	svg_chart(const struct sheet *, size_t number, struct buf *);
extern const char html_style[];

#endif
