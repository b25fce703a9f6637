/*
 * asked_facts.c owns what one evaluation has asked of a session; it may not know why.
 */
/* libc */
#include <string.h>
/* this project */
#include "asked_facts.h"

void
asked_facts_of(struct asked_facts *f, const struct session *session)
{
	f->session = session;
	memset(f->asked, 0, sizeof(f->asked));
}

const struct fact *
asked_facts_get(struct asked_facts *f, enum attr attr)
{
	if (!f->asked[attr]) {
		f->facts[attr] = session_fact(f->session, attr);
		f->asked[attr] = true;
	}
	return &f->facts[attr];
}
