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

static inline bool
slice_is(struct slice s, const char *text)
{
	size_t n = strlen(text);

	return s.p != NULL && s.len == n && memcmp(s.p, text, n) == 0;
}

static inline bool
slice_starts(struct slice s, const char *text)
{
	size_t n = strlen(text);

	return s.p != NULL && s.len >= n && memcmp(s.p, text, n) == 0;
}

#endif
