/*
 * reload.h: where the policy comes from, at start and again later.
 */
#ifndef TLSWARDEN_RELOAD_H
#define TLSWARDEN_RELOAD_H

#include "current.h"
#include "diag.h"
#include "options.h"
#include "process.h"

#include <stddef.h>

/* Keeps what it needs of the options.  Call it once, before all others. */
void		 reload_init(const struct options *);

/*
 * Load the policy that the options name, or the built-in one when they name
 * none and there is no file at the default place.  NULL: diags says why.
 */
struct policy	*reload_policy(struct diags *);
/* The same with its key, as a session needs it. */
struct edition	*reload_edition(struct diags *);

/*
 * Make the key file that the policy names, when there is none, for the user the
 * daemon is about to become.  0, or an exit status after a complaint.
 */
int		 reload_prepare_key(const struct policy *, const struct identity *);

/* SIGUSR1: take the new policy, or keep the old one and say why. */
void		 reload_now(void);
/* Which policy is in force, and what was wrong with one that is not. */
void		 reload_status(char *text, size_t size);

/* tlswardend -t: an exit status of tlswarden check. */
int		 reload_test(void);

#endif
