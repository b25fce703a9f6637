/*
 * reply.h: SMTP replies: checked when the policy is loaded, filled in when used.
 */
#ifndef TLSWARDEN_REPLY_H
#define TLSWARDEN_REPLY_H

#include "verdict.h"

struct policy;
struct rule;
struct session;

/* Fill in.  Never fails: check saw to it that the longest expansion fits. */
void	reply_expand(const struct policy *, const struct rule *,
	    const struct session *, struct reply *);
/* The reply when a fact stayed unknown: 451 4.3.0. */
void	reply_undecided(struct reply *);

#endif
