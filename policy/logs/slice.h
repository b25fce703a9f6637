/*
 * slice.h: a piece of somebody else's bytes.
 */
#ifndef TLSWARDEN_SLICE_H
#define TLSWARDEN_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char	*p;		/* NULL: not there */
	size_t		 len;
};

#define SLICE_NULL	((struct slice){ NULL, 0 })

/* Eight bytes at once, in the order of the machine. */
static inline uint64_t
word_at(const void *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* Most texts differ in the first byte, and need not be counted nor compared. */
static inline bool
slice_differs(struct slice s, const char *text)
{
	return s.p == NULL || (s.len > 0 && *text != '\0' && *s.p != *text);
}

static inline bool
slice_is(struct slice s, const char *text)
{
	size_t n;

	if (slice_differs(s, text))
		return false;
	n = strlen(text);
	return s.len == n && memcmp(s.p, text, n) == 0;
}

static inline bool
slice_starts(struct slice s, const char *text)
{
	size_t n;

	if (slice_differs(s, text))
		return false;
	n = strlen(text);
	return s.len >= n && memcmp(s.p, text, n) == 0;
}

#endif
