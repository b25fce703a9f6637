/*
 * scan.h: taking a line of a log apart, from the left.
 *
 * Each cut_*() takes something off the front of a slice.  What clients may
 * have written is never searched for a word that follows it: the callers go
 * around it by what its form allows, see postfix_tail.c and sendmail_line.c.
 */
#ifndef TLSWARDEN_SCAN_H
#define TLSWARDEN_SCAN_H

#include "slice.h"

static inline bool
slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline struct slice
slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

/* What is left behind the first n bytes. */
static inline struct slice
slice_from(struct slice s, size_t n)
{
	/* nothing may be added to a pointer to nothing, not even 0 */
	return (struct slice){ n > 0 ? s.p + n : s.p, s.len - n };
}

static inline bool
cut_prefix(struct slice *s, const char *text)
{
	if (!slice_starts(*s, text))
		return false;
	*s = slice_from(*s, strlen(text));
	return true;
}

/* Up to the byte, which goes too; all of it when the byte is not there. */
struct slice	cut_until(struct slice *, char);
/* The first text in s: s goes on behind it, *before may be NULL. */
bool		cut_past(struct slice *s, const char *text, struct slice *before);
/* Digits; -1 when there are none or too many. */
int		cut_number(struct slice *, uint32_t *);
/* Letters and digits, up to what is none: a queue id, a word. */
struct slice	cut_alnum(struct slice *);
/*
 * An address in angle brackets, which go.  A bracket in a quoted string ends
 * nothing (RFC 5321, section 4.1.2), unless nothing else does.
 */
bool		cut_angle(struct slice *, struct slice *address);

/* Where the text stands in s, the first or the last; SIZE_MAX: nowhere. */
size_t		slice_find(struct slice s, const char *text);
size_t		slice_find_last(struct slice s, const char *text);

#endif
