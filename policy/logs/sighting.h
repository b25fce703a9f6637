/*
 * sighting.h: an entry of the logs, with what follows from it worked out once,
 * and what it is counted as.
 */
#ifndef TLSWARDEN_SIGHTING_H
#define TLSWARDEN_SIGHTING_H

#include "column.h"
#include "entry.h"
#include "tally.h"
#include "when.h"

#include <stdbool.h>
#include <stdint.h>

/* What another policy would make of it; replay.c. */
enum change {
	CHANGE_NONE,
	CHANGE_REFUSED,		/* newly */
	CHANGE_LET_IN,		/* newly */
	CHANGE_UNDECIDED,	/* a fact is missing */
	CHANGE_OBSERVED		/* a mark of a rule that only observes */
};

struct sighting {
	const struct entry *entry;
	enum tls_rank	 rank;		/* of its TLS */
	enum tls_rank	 told;		/* the same, for best and worst */
	struct slice	 day;		/* its name, which stands in the cache */
	bool		 incoming;	/* from another server, not from a user */
	bool		 login;		/* it logged in */
	bool		 exposed;	/* and its password could be read */
	bool		 refused;
	enum change	 change;
	struct slice	 rule;		/* the entry's, or of one of its marks */
	struct slice	 verdict;
	struct slice	 how;
	struct slice	 missing;
	const struct tally_row *lump;	/* it stands for many that are alike; or NULL */
};

/* day is the cache of when_day(). */
void	 sighting_of(struct sighting *, const struct entry *, struct when_day *day);

/* An encrypted message of which nothing else is to be told. */
static inline bool
sighting_is_plain(const struct sighting *s)
{
	const struct entry *e = s->entry;

	return e->kind == ENTRY_MESSAGE && e->outcome == OUTCOME_ENCRYPTED && !e->gap &&
	    !e->handshake_failed && e->auth_clear == 0;
}

enum tls_rank	 rank_of(struct slice);
/* "none", "TLSv1.2"; "" for RANK_UNKNOWN */
const char	*rank_name(enum tls_rank);

/*
 * What the sighting is counted as in a dimension.  The text may stand in
 * scratch; it is "unknown" or "none" where a name of ours would stand, and
 * "(unknown)", "(none)" where a client's would.
 */
#define SIGHTING_SCRATCH	(NAME_PART_MAX + 8)
struct slice	 sighting_name(const struct sighting *, enum column,
		    char scratch[SIGHTING_SCRATCH]);

#endif
