/*
 * section.h: one table of a report: what it counts, by what, and what it shows.
 *
 * A section is a row of a table in survey.c or replay.c.  It takes some
 * sightings, counts them in a tally by its dimensions, and in the end becomes
 * a table of the report.
 */
#ifndef TLSWARDEN_SECTION_H
#define TLSWARDEN_SECTION_H

#include "report.h"
#include "sighting.h"
#include "tally.h"

#include <stdbool.h>

#define SECTION_DIMENSIONS	5

/*
 * Counters of a row; a section has them up to one of them.  Of the two groups
 * behind the basic ones it has either: rows by client are many, and small ones
 * are found sooner.
 */
enum counter {
	COUNT_MESSAGES,
	COUNT_SESSIONS,
	COUNT_REFUSED,
	COUNTERS_BASIC,

	COUNT_WITH_TLS = COUNTERS_BASIC,	/* when the last came encrypted */
	COUNT_IN_CLEAR,				/* and the last in the clear */
	COUNT_CLEAR_SINCE,
	COUNTERS_FALL,

	COUNT_OUTCOME = COUNTERS_BASIC,		/* by enum outcome */
	COUNTERS_OUTCOME = COUNT_OUTCOME + OUTCOME_ABANDONED + 1,

	COUNT_ATTEMPTS = COUNTERS_OUTCOME,	/* AUTH in the clear */
	COUNT_HANDSHAKES,
	COUNT_ALARMS,
	COUNT_TIMES,				/* that alarms were about */
	COUNTERS_EVENTS,

	COUNT_RANKS = COUNTERS_EVENTS,		/* messages by enum tls_rank */
	COUNTERS_RANKS = COUNT_RANKS + RANK_COUNT
};

struct section {
	const char	*name;
	const char	*title;
	const char	*note;
	enum column	 by[SECTION_DIMENSIONS];	/* ends with COL_NOTHING */
	enum column	 shows[SHEET_COLUMNS];		/* the same */
	bool		(*takes)(const struct sighting *);
	/* Which rows in the end; NULL: all. */
	tally_keeps	*keeps;
	tally_order	*order;		/* NULL: by name */
	enum counter	 counters;
	size_t		 rows_max;	/* of the tally; 0: as memory allows */
	bool		 whole;		/* all rows are shown, however many */
	bool		 several;	/* only when there are two rows */
	bool		 lumps;		/* takes and counts nothing a lump lacks */
	bool		 odd;		/* takes no message that is sighting_is_plain() */
	const char	*same;		/* shows the tally of that section */
	enum chart	 chart;
	enum column	 chart_from;	/* the columns drawn */
	enum column	 chart_to;
};

/* What of a sighting is counted, beside its name. */
struct counted {
	int64_t		 time;
	const struct tally_row *lump;	/* see struct sighting */
	enum entry_kind	 kind;
	enum outcome	 outcome;
	enum tls_rank	 rank;
	enum tls_rank	 told;
	bool		 refused;
	bool		 handshake_failed;
	uint32_t	 auth_clear;
	uint64_t	 times;		/* of an alarm */
};

/*
 * Sightings that are to be counted, so many that what is needed of a large table
 * has come when their turn is.
 */
#define PART_WAITING	4

struct part {
	const struct section *section;
	struct tally	*tally;
	bool		 lumped;	/* it is counted from lumps, see lump.h */
	unsigned int	 first;		/* of those that wait */
	unsigned int	 waiting;
	struct name	 names[PART_WAITING];
	struct counted	 counted[PART_WAITING];
};

void	 part_init(struct part *, const struct section *, size_t memory);
void	 part_free(struct part *);
/* Count it, if the section takes it. */
void	 part_add(struct part *, const struct sighting *);
/* The same, but soon: before its tally is looked at comes part_settle(). */
void	 part_expect(struct part *, const struct sighting *);
void	 part_settle(struct part *);
/*
 * The table; top: most rows; 0: all.  tally is the part's own or that of the
 * section it shows.
 */
struct sheet *part_sheet(const struct part *, const struct tally *,
	    struct report *, size_t top);

/* orders: the most first */
tally_order	order_messages;		/* then sessions */
tally_order	order_count;

#endif
