/*
 * index.h: of many rules, those that may still apply to a session.
 *
 * A condition of comparisons joined by "and" is false as soon as one of them
 * is, whatever is known of the others.  So a rule can be passed over, without
 * its condition being looked at, when
 *
 *   a comparison that many rules share, as "service = submission", is false
 *   (or true, where they say "not"): it is made once for all of them; or
 *   a comparison of its own asks for a name, a network, or the beginning of a
 *   text, and the fact is not among all that are asked for: one look-up for
 *   all of them.
 *
 * Rules that are passed over are false and nothing else: which rule decides,
 * and which is unknown, stays as without an index.  Only that a pattern hits
 * its limit may go unseen, in a rule that was false anyway.
 *
 * Built once, then only read; nothing is allocated while it is asked.
 */
#ifndef TLSWARDEN_INDEX_H
#define TLSWARDEN_INDEX_H

#include "policy.h"

#include <stddef.h>
#include <stdint.h>

struct asked_facts;
struct index;
struct rule;

/* Fewer rules are asked one by one. */
#define INDEX_RULES_MIN	16

/* A set of rules, by their numbers. */
#define RULE_SET_WORDS	((POLICY_RULES_MAX + 63) / 64)
struct rule_set {
	uint64_t	words[RULE_SET_WORDS];	/* as many as the rules take */
};

/* The rules are lent; they, and their conditions, may not change or go. */
struct index	*index_new(const struct rule *, size_t count);
void		 index_free(struct index *);

/* The rules whose condition is not certain to be false; without an index, all. */
void		 index_live(const struct index *, size_t rules, struct asked_facts *,
		    struct rule_set *);

#endif
