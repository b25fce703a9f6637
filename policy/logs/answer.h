/*
 * answer.h: a reply to a client, as a log line quotes it.
 */
#ifndef TLSWARDEN_ANSWER_H
#define TLSWARDEN_ANSWER_H

#include "slice.h"

struct answer {
	struct slice	 reply;		/* "530 5.7.0", or the code alone */
	bool		 ours;		/* reads like one of tlswardend's */
};

struct policy;

#define ANSWER_POLICIES	2

/* Whose replies are known; lent. */
struct answers {
	const struct policy *policies[ANSWER_POLICIES];	/* NULL: none, or no more */
};

/*
 * The reply that the text begins with; false: there is none.  milter: it came
 * from a milter, so it can be ours.  It is when one of the policies has it, or
 * when it is of class x.7.0, x.7.10 or x.7.11 and speaks of TLS or encryption,
 * as those of the policy that is built in do, or is the 451 4.3.0 for a session
 * that could not be judged.
 */
bool	answer_read(struct slice text, bool milter, const struct answers *,
	    struct answer *);

#endif
