/*
 * facts.c owns what one evaluation has asked of a session; it may not know why.
 */
/* libc */
#include <string.h>
/* this project */
#include "facts.h"

void
facts_of(struct facts *f, const struct session *session)
{
	f->session = session;
	memset(f->asked, 0, sizeof(f->asked));
}

const struct fact *
facts_get(struct facts *f, enum attr attr)
{
	if (!f->asked[attr]) {
		f->facts[attr] = session_fact(f->session, attr);
		f->asked[attr] = true;
	}
	return &f->facts[attr];
}
