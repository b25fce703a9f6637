/*
 * walk.h: one session through its stages, as the daemon would judge it.
 *
 * For whoever has all the facts of a session at once: the policy's own
 * expectations, and the command that explains or replays.
 */
#ifndef TLSWARDEN_WALK_H
#define TLSWARDEN_WALK_H

#include "policy.h"
#include "session.h"
#include "trace.h"
#include "verdict.h"

#include <stdbool.h>

/* Told the verdict of each stage; trace is NULL when none was asked for. */
typedef void walk_step(void *ctx, enum stage, const struct verdict *,
    const struct trace *);

/*
 * Judge the session, whose facts are set, at CONNECT, HELO, MAIL and RCPT, as
 * far as the policy needs to go: up to the stage that decides.  The service is
 * found first.  step may be NULL; so may trace, which is filled anew for each
 * stage.  *final is the last verdict, and it is decided.
 */
void	policy_walk(const struct policy *, struct session *, struct scratch *,
	    bool observe, struct trace *, walk_step *, void *ctx,
	    struct verdict *final);

#endif
