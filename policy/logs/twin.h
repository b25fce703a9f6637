/*
 * twin.h: records that were read, to be found again by what the MTA says of
 * the same message or session.
 *
 * The MTA tells of a session when it is over, later than we do, and what it
 * adds belongs to the record.  So a record waits a while before it is told.
 * What remains of it then is its key.  Of keys there are TWIN_KEYS, and the
 * oldest goes when there are more.
 */
#ifndef TLSWARDEN_TWIN_H
#define TLSWARDEN_TWIN_H

#include "entry.h"
#include "reader.h"

#include <stdint.h>

#define TWIN_KEYS	65536
#define TWIN_ROOM	(8 * 1024 * 1024)	/* for records that wait */
#define TWIN_WAIT	4500	/* seconds; a silent session of Sendmail's has an hour */

#define TWIN_DAY	86400	/* one queue id, one message */
#define TWIN_NEAR	600	/* one client: its time of the two is close */
#define TWIN_BLIND	10	/* and when one of them does not tell the client */

struct twins;

/* A record leaves: told for the first time, with what its twin adds, if any. */
typedef void twin_tell(void *ctx, const struct line *, const struct entry *twin);

struct twins	*twins_new(twin_tell *, void *ctx);
void		 twins_free(struct twins *);
/* The line is kept, not the entry, which is what was read from it. */
void		 twins_add(struct twins *, const struct line *,
		    const struct entry *, int64_t now);
/*
 * Is there a record of it?  It has no other twin then, and is told at once.
 * What does not tell its client, or may have none, shall be asked for last.
 */
bool		 twins_take(struct twins *, const struct entry *, int64_t now);
/* Tell of those that waited long enough; of all of them. */
void		 twins_expire(struct twins *, int64_t now);
void		 twins_end(struct twins *);

#endif
