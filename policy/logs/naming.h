/*
 * naming.h: the service a session belongs to, by the names in the log.
 */
#ifndef TLSWARDEN_NAMING_H
#define TLSWARDEN_NAMING_H

#include "join.h"

struct naming {		/* lent: the patterns of --service */
	const struct service_name	*names;
	size_t				 count;
};

struct named {
	const char	*service;
	bool		 implicit;	/* TLS from the first byte, by its name */
};

/*
 * Postfix: program is "postfix/submission/smtpd".  A pattern is held against
 * that and against what stands before the last slash.
 */
struct named	naming_postfix(const struct naming *, struct slice program);
/* Sendmail: the name of the daemon (DaemonPortOptions), or the program. */
struct named	naming_sendmail(const struct naming *, struct slice daemon,
		    struct slice program);

#endif
