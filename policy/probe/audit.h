/*
 * audit.h: look at the ports of a mail server from outside.
 *
 * Nothing is sent that could log in or be mail.  Every read is bounded in bytes
 * and time, and a port as a whole in time.
 */
#ifndef TLSWARDEN_AUDIT_H
#define TLSWARDEN_AUDIT_H

#include "facts.h"

#include <stddef.h>
#include <stdint.h>

struct ticket;

/* What a server in good health needs, many times over. */
#define AUDIT_SECONDS	60

struct audit_options {
	int		 seconds;	/* for one port; AUDIT_SECONDS by default */
	const char	*name;		/* what the server is called, or NULL */
	const char	*ca_file;	/* more roots than the system's, or NULL */
	int64_t		 now;		/* seconds since 1970 */
};

/* Does anything answer there? */
bool	 audit_answers(const struct target *);
/* What is carried from port to port: a session, to be tried at the others. */
struct audit_tour {
	struct ticket	*ticket;	/* NULL: none yet */
	uint16_t	 port;		/* where it is from */
};

/* Learn all there is of a resolved target. */
void	 audit_port(struct facts *, const struct target *,
	    const struct audit_options *, struct audit_tour *);
void	 audit_tour_end(struct audit_tour *);

#endif
