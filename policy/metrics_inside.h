/*
 * metrics_inside.h: the totals, as they are counted and printed.
 */
#ifndef TLSWARDEN_METRICS_INSIDE_H
#define TLSWARDEN_METRICS_INSIDE_H

#include "metrics.h"

#define METRICS_NAME		(POLICY_NAME_MAX + 1)
#define METRICS_OUTCOMES	(OUTCOME_ABANDONED + 1)
#define METRICS_ACTIONS		(ACTION_NOTE + 1)

/* none, SSLv3, TLSv1 to TLSv1.3, other, unknown: see metrics_versions[] */
#define METRICS_VERSIONS	8
/* memory, reply, watchdog, metrics, other: see metrics_faults[] */
#define METRICS_FAULTS		5

enum metrics_what { METRICS_SESSION, METRICS_MESSAGE, METRICS_WHATS };

struct metrics_service {
	char		name[METRICS_NAME];	/* "": no more */
	uint64_t	outcomes[METRICS_WHATS][METRICS_OUTCOMES];
};

struct metrics_rule {
	char		name[METRICS_NAME];
	enum action	action;
	uint64_t	applied;	/* decided; of a note: matched */
	uint64_t	observed;	/* would have decided */
};

struct metrics_alarm {
	char		kind[METRICS_NAME];
	uint64_t	count;
};

/* By rules that have no place of their own; the index is the action. */
struct metrics_rest {
	uint64_t	applied[METRICS_ACTIONS];
	uint64_t	observed[METRICS_ACTIONS];
};

struct metrics {
	/* the last ones are "other" */
	struct metrics_service services[METRICS_SERVICES + 1];
	struct metrics_alarm alarms[METRICS_ALARMS + 1];
	struct metrics_rule rules[METRICS_RULES];
	struct metrics_rest others;	/* rules beyond */
	struct metrics_rest fallback;	/* the default */
	struct metrics_rest undecided;
	uint64_t	 non_smtp;
	uint64_t	 versions[METRICS_WHATS][METRICS_VERSIONS];
	uint64_t	 faults[METRICS_FAULTS];
	uint64_t	 events[METRICS_EVENTS];
	bool		 last_reload_failed;
};

extern const char *const metrics_versions[METRICS_VERSIONS];
extern const char *const metrics_faults[METRICS_FAULTS];

#endif
