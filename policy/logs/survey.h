/*
 * survey.h: how mail arrives: the counts behind `tlswarden report'.
 */
#ifndef TLSWARDEN_SURVEY_H
#define TLSWARDEN_SURVEY_H

#include "column.h"
#include "entry.h"
#include "report.h"

#include <stddef.h>
#include <stdint.h>

struct policy;
struct survey;

#define SURVEY_BY_MAX	4	/* dimensions of --by */

/* Which entries count. */
struct wanted {
	int64_t		 since;		/* 0: from the beginning */
	int64_t		 until;		/* 0: to the end; included */
	const char	*service;	/* NULL: all */
};

struct survey_settings {
	struct wanted	 wanted;
	enum column	 by[SURVEY_BY_MAX + 1];	/* ends with COL_NOTHING; none: all tables */
	size_t		 top;		/* rows of a table; 0: all */
	size_t		 max_memory;	/* bytes for the counts; 0: any */
};

/* Does it count? Without a time it does unless a time was asked for. */
bool	 entry_is_wanted(const struct entry *, const struct wanted *);

/* The settings are lent for as long as it lives. */
struct survey	*survey_new(const struct survey_settings *);
void		 survey_free(struct survey *);
/* An entry_sink; ctx is the survey. */
void		 survey_add(void *ctx, const struct entry *);
/*
 * All that was found.  policy tells of exceptions and may be NULL; today is
 * the day (20261231) by which they are judged.
 */
void		 survey_report(const struct survey *, const struct policy *,
		    uint32_t today, struct report *);

#endif
