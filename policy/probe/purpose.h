/*
 * purpose.h: what a policy holds of a port of a mail server.
 */
#ifndef TLSWARDEN_PURPOSE_H
#define TLSWARDEN_PURPOSE_H

#include "buf.h"
#include "policy.h"

#include <stdbool.h>
#include <stdint.h>

/* TLS versions in their order, as numbers on the wire. */
#define PURPOSE_TLS_1_0		0x0301u
#define PURPOSE_NO_TLS		0xffffu	/* above every version */

struct purpose {
	char		service[POLICY_NAME_MAX + 1];
	bool		known;		/* not "other" */
	bool		submission;	/* refuse while the daemon is down */
	bool		implicit_tls;
	uint32_t	floor;		/* lowest version a stranger may use */
};

/* daemon and listener may be NULL. */
void	purpose_find(const struct policy *, unsigned int port, const char *daemon,
	    const char *listener, struct purpose *);
/*
 * The line of the policy that makes the ports ("588 590") ones of this service, and the
 * beginning of the line it stands for ("" when there was none).
 */
void	purpose_declare(const struct policy *, const char *service,
	    const char *ports, struct buf *line, struct buf *replaces);

/* "TLSv1.2"; "all" below TLS 1.0 and "none" above all. */
const char *purpose_version_name(uint32_t);
/* 0 when it is no version's name. */
uint32_t purpose_version(const char *, size_t);

#endif
