/*
 * survey_inside.h: what the files of the survey share.
 */
#ifndef TLSWARDEN_SURVEY_INSIDE_H
#define TLSWARDEN_SURVEY_INSIDE_H

#include "lump.h"
#include "section.h"
#include "survey.h"
#include "survey_sections.h"
#include "when.h"

/* What a server's own lines tell of TLS, in messages. */
struct told {
	uint64_t	 messages;
	uint64_t	 with_tls;
	uint64_t	 unknown;	/* there may have been TLS */
};

struct survey {
	const struct survey_settings *settings;
	struct section	 by;		/* name NULL: the whole report */
	struct part	*parts;
	size_t		 count;
	struct part	*rules;
	struct part	**direct;	/* counted line by line; the odd ones last */
	size_t		 direct_count;
	size_t		 even;		/* those that are not odd */
	struct tally	*hosts;
	struct when_day	 day;
	struct lumps	*lumps;
	struct name	 name;		/* scratch */
	int64_t		 first;
	int64_t		 last;
	bool		 recorded;	/* there are records among the logs */
	struct told	 told[ORIGIN_SENDMAIL + 1];	/* by enum entry_origin */
	uint64_t	 messages;
	uint64_t	 sessions;
	uint64_t	 abandoned;
	uint64_t	 refused;
	uint64_t	 handshakes;
	uint64_t	 local;		/* not from the network, not counted */
	uint64_t	 unasked[2];	/* for lack of a milter: messages, sessions */
	uint64_t	 dropped;	/* records that were lost */
	uint64_t	 outcomes[OUTCOME_ABANDONED + 1];
};

/* NULL when there is none of that name. */
struct part	*survey_part(const struct survey *, const char *name);

/* --- survey_find.c: what asks for somebody to do something */
void		 survey_find_nothing(const struct survey *, struct report *);
void		 survey_find_first(const struct survey *, const struct policy *,
		    uint32_t today, struct report *);
void		 survey_find_rest(const struct survey *, struct report *);

#endif
