/*
 * asked_facts.h: the facts of a session as one evaluation sees them.
 *
 * Many rules ask for the same few facts; each is asked of the session once.
 */
#ifndef TLSWARDEN_ASKED_FACTS_H
#define TLSWARDEN_ASKED_FACTS_H

#include "attr.h"
#include "session.h"

#include <stdbool.h>

struct asked_facts {
	const struct session	*session;
	struct fact		 facts[ATTR_COUNT];	/* as far as asked for */
	bool			 asked[ATTR_COUNT];
};

/* The session must not change while they are in use. */
void			 asked_facts_of(struct asked_facts *, const struct session *);
const struct fact	*asked_facts_get(struct asked_facts *, enum attr);

#endif
