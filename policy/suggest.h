/*
 * suggest.h: the nearest known word, for hints.
 */
#ifndef TLSWARDEN_SUGGEST_H
#define TLSWARDEN_SUGGEST_H

#include <stddef.h>

/*
 * The candidate at the smallest edit distance (one swap of neighbours counts
 * one), or NULL when none is near: more than a third of the word's length
 * away, at least one.  A word by which other mail software names the same (deny,
 * defer, tls_version) comes first.  next(ctx, i) returns candidate i, NULL after
 * the last.
 */
const char	*suggest(const char *word, size_t len,
		    const char *(*next)(const void *, size_t), const void *ctx);

#endif
