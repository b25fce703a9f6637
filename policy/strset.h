/*
 * strset.h: a set of strings, case folded (ASCII), looked up by hash.
 *
 * Filled once, then only read.  The hash is SipHash-2-4 with a key drawn by
 * the caller or zero, so that a file of chosen names costs no more than
 * another.
 */
#ifndef TLSWARDEN_STRSET_H
#define TLSWARDEN_STRSET_H

#include <stdbool.h>
#include <stddef.h>

struct strset;

struct strset	*strset_new(void);
void		 strset_free(struct strset *);
void		 strset_add(struct strset *, const char *);
bool		 strset_contains(const struct strset *, const char *, size_t);
/*
 * The domain itself, or .parent for any parent of it: O(labels).  A trailing
 * dot of the domain is ignored.
 */
bool		 strset_contains_domain(const struct strset *, const char *, size_t);
/* The whole mailbox, or its domain as above. */
bool		 strset_contains_mailbox(const struct strset *, const char *, size_t);
/* Every member, folded, in no order. */
void		 strset_each(const struct strset *,
		    void (*told)(void *ctx, const char *, size_t), void *ctx);

#endif
