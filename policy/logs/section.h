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

struct part {
	const struct section *section;
	struct tally	*tally;
	bool		 lumped;	/* it is counted from lumps, see lump.h */
	bool		 expects;	/* the name is that of what is to be counted */
	struct name	 name;		/* scratch */
};

void	 part_init(struct part *, const struct section *, size_t memory);
void	 part_free(struct part *);
/* Count it, if the section takes it. */
void	 part_add(struct part *, const struct sighting *);
/* The same in steps, between which other things are done: see tally_expect(). */
void	 part_expect(struct part *, const struct sighting *);
void	 part_fetch(const struct part *);
void	 part_expected(struct part *, const struct sighting *);
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
