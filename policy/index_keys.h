/*
 * index_keys.h: rules by the names, networks and beginnings that they ask for.
 *
 * A part of index.c.  Only hashes of 64 bits are kept: two keys of one hash
 * make a rule be asked that is false, never the other way round.
 */
#ifndef TLSWARDEN_INDEX_KEYS_H
#define TLSWARDEN_INDEX_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cond;
struct asked_facts;
struct keys;

/* For sets of rules of that many words. */
struct keys	*keys_new(size_t words);
void		 keys_free(struct keys *);

/*
 * The rule is false unless the comparison is true.  false: it has no keys, and
 * nothing was kept.  At most one comparison a rule.
 */
bool		 keys_add(struct keys *, const struct cond *, uint32_t rule);
/* After the last one. */
void		 keys_sort(struct keys *);

/* Take out of the set the rules whose comparison is certain to be false. */
void		 keys_live(const struct keys *, struct asked_facts *, uint64_t *set);

#endif
