/*
 * stats.h: totals by service, TLS version and verdict, for the summary.
 *
 * No locking here: the owner serialises.  The number of services that are
 * counted apart is bounded; more go to "other".
 */
#ifndef TLSWARDEN_STATS_H
#define TLSWARDEN_STATS_H

#include "record.h"
#include "session.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

struct stats;

struct stats	*stats_new(void);
void		 stats_free(struct stats *);
void		 stats_count(struct stats *, const struct account *,
		    const struct session *, const struct verdict *);
void		 stats_alarm(struct stats *);
/*
 * Fill event=summary from the totals; counting starts afresh if reset.  A
 * record that was started already (record_start, since) is gone on with.
 */
void		 stats_record(struct stats *, struct record *, bool reset);

#endif
