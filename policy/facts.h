/*
 * facts.h: the facts of a session as one evaluation sees them.
 *
 * Many rules ask for the same few facts; each is asked of the session once.
 */
#ifndef TLSWARDEN_FACTS_H
#define TLSWARDEN_FACTS_H

#include "attr.h"
#include "session.h"

#include <stdbool.h>

struct facts {
	const struct session	*session;
	struct fact		 facts[ATTR_COUNT];	/* as far as asked for */
	bool			 asked[ATTR_COUNT];
};

/* The session must not change while they are in use. */
void			 facts_of(struct facts *, const struct session *);
const struct fact	*facts_get(struct facts *, enum attr);

#endif
