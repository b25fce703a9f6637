/*
 * coherent.h: facts by chance, made such as a record can tell.
 */
#ifndef TLSWARDEN_COHERENT_H
#define TLSWARDEN_COHERENT_H

#include "session.h"

/*
 * Take back what no session has: a cipher without TLS, mail to nobody, a
 * certificate of which nothing can be told when all else is.
 */
static inline void
make_coherent(struct session *s)
{
	unsigned int i;
	enum attr on;

	session_set_stage(s, STAGE_RCPT);
	for (i = 0; i < ATTR_COUNT; i++) {
		on = attr_info((enum attr)i)->depends;
		if (on != ATTR_NOTHING && session_fact(s, on).state != FACT_KNOWN)
			session_clear(s, (enum attr)i);
		if (i >= ATTR_CERT_VERIFIED && i <= ATTR_CERT_ISSUER &&
		    session_fact(s, (enum attr)i).state == FACT_UNKNOWN)
			session_clear(s, (enum attr)i);
	}
	if (session_fact(s, ATTR_RECIPIENT).state == FACT_NONE)
		session_set(s, ATTR_RECIPIENT, "bob@example.com", 15);
}

#endif
