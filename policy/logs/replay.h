/*
 * replay.h: judge what the logs tell again, by another policy, and say whom
 * that would hurt.
 */
#ifndef TLSWARDEN_REPLAY_H
#define TLSWARDEN_REPLAY_H

#include "entry.h"
#include "report.h"
#include "survey.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policy;
struct replay;

struct replay_settings {
	struct wanted	 wanted;
	const struct policy *policy;	/* the new one */
	const struct policy *old;	/* NULL: what was recorded */
	uint32_t	 day;		/* judge as of this day; 0: that of the entry */
	uint32_t	 today;		/* for entries without a time */
	size_t		 top;
	size_t		 max_memory;
};

/* The settings are lent for as long as it lives.  NULL: no memory */
struct replay	*replay_new(const struct replay_settings *);
void		 replay_free(struct replay *);
/* An entry_sink; ctx is the replay. */
void		 replay_add(void *ctx, const struct entry *);
void		 replay_report(const struct replay *, struct report *);
/* Messages and sessions that would be newly refused. */
uint64_t	 replay_refused(const struct replay *);
/* Nothing was judged: no message and no session counted. */
bool		 replay_is_empty(const struct replay *);
/* Those that could not be judged, for lack of a fact. */
uint64_t	 replay_undecided(const struct replay *);

#endif
