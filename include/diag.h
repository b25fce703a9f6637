/*
 * diag.h: what is wrong with a text, where, and what may help.
 *
 * A diagnostic keeps the line it points into, so that it can be printed long
 * after the text is gone.  A list of diagnostics is filled by one loader and
 * belongs to its caller.
 *
 *   policy.conf:12:8: error: no attribute is named "tsl"
 *       if tsl < TLSv1.2
 *          ^~~
 *       hint: did you mean "tls"?
 */
#ifndef TLSWARDEN_DIAG_H
#define TLSWARDEN_DIAG_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>

enum diag_level {
	DIAG_ERROR,
	DIAG_WARNING
};

/* Where a piece of text stands; columns and widths count bytes, from 1. */
struct place {
	const char	*file;		/* lent; NULL: no place */
	const char	*line_text;	/* lent; start of the line, ends at LF or NUL */
	const struct place *from;	/* lent; the include that brought it, or NULL */
	unsigned int	 line;
	unsigned int	 column;
	unsigned int	 width;
};

struct diags;

struct diags	*diags_new(void);
void		 diags_free(struct diags *);
/* None, as when it was made. */
void		 diags_clear(struct diags *);

/* Everything is copied.  hint may be NULL. */
void		 diag_add(struct diags *, enum diag_level, const struct place *,
		    const char *hint, const char *fmt, ...)
		    __attribute__((__format__(printf, 5, 6)));

size_t		 diags_count(const struct diags *, enum diag_level);
size_t		 diags_total(const struct diags *);
enum diag_level	 diags_level(const struct diags *, size_t i);
/* "file:line:column", or "file", or "" */
const char	*diags_where(const struct diags *, size_t i);
const char	*diags_message(const struct diags *, size_t i);
/* NULL when there is none */
const char	*diags_hint(const struct diags *, size_t i);

/* Sort by place (a stable sort; files in order of first appearance). */
void		 diags_sort(struct diags *);
/* All of them as shown above; client bytes are made visible. */
void		 diags_print(const struct diags *, struct buf *, bool colour);

#endif
