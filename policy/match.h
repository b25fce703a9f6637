/*
 * match.h: one comparison against one fact, in three answers.
 *
 * The matchers allocate nothing.  Negation is not theirs: eval.c turns YES and
 * NO around in one place.
 */
#ifndef TLSWARDEN_MATCH_H
#define TLSWARDEN_MATCH_H

enum answer { NO, YES, UNKNOWN };

struct cond;
struct fact;
struct scratch;

/*
 * The condition is a comparison (not AND, OR, NOT).  A limit that a pattern
 * hit gives UNKNOWN and adds one to *limits.
 */
enum answer	match(const struct cond *, const struct fact *,
		    struct scratch *, unsigned int *limits);

#endif
