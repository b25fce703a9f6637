/*
 * again.h: records that syslog delivered twice.
 *
 * A relay that waits for confirmation sends once more what it saw none for, so
 * that nothing is lost; and a central file may be read together with the log
 * it was made from.  Two lines are one when host, time and text are the same
 * and the time is told to a part of a second: within a whole second one client
 * can well do the same twice.
 *
 * Memory is bounded: what was read some ten thousand records ago may be
 * forgotten.
 */
#ifndef TLSWARDEN_AGAIN_H
#define TLSWARDEN_AGAIN_H

#include "reader.h"

#include <stdbool.h>
#include <stdint.h>

struct again;

struct again	*again_new(void);
void		 again_free(struct again *);
/*
 * What a line is known by, 0 when it may well come twice.  Memory is on its way
 * from then on, and something else can be done meanwhile.
 */
uint64_t	 again_expect(struct again *, const struct line *);
/* Was this very line there before?  It is now. */
bool		 again_seen(struct again *, uint64_t hash);

#endif
