/*
 * metrics.h: totals since the start of the daemon, for Prometheus.
 *
 * How many series there can be is settled here, whatever the policy and the
 * clients do: see METRICS_SERIES_MAX.  Labels are names out of the policy or
 * words of ours; what a policy has more of than there is room for, in the order
 * of the file, is counted as "other".
 *
 * No locking here: the owner serialises.
 */
#ifndef TLSWARDEN_METRICS_H
#define TLSWARDEN_METRICS_H

#include "buf.h"
#include "policy.h"
#include "record.h"
#include "session.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

#define METRICS_SERVICES	6	/* counted apart */
#define METRICS_RULES		32
#define METRICS_ALARMS		6	/* kinds */
#define METRICS_SERIES_MAX	200

struct metrics;

/* Things that happen beside sessions. */
enum metrics_event {
	METRICS_RELOAD_OK,
	METRICS_RELOAD_FAILED,
	METRICS_REGEX_LIMIT,
	METRICS_INCONSISTENT,	/* macros about TLS that contradict */
	METRICS_NO_PORT,	/* sessions whose port nobody names */
	METRICS_UNSAID,		/* records left out: given up too often */
	METRICS_EVENTS
};

/* How it stands at the moment of the printing. */
struct metrics_now {
	const char	*version;
	bool		 up;		/* false: the last words */
	bool		 observing;
	const char	*hash;		/* of the policy */
	uint64_t	 generation;
	uint64_t	 rules;
	int64_t		 started;	/* seconds since 1970 */
	int64_t		 loaded;
	int64_t		 written;
	uint64_t	 open;		/* sessions */
	uint64_t	 queue;		/* log lines that wait */
	uint64_t	 queue_max;
	uint64_t	 dropped;	/* log lines, since the start */
};

struct metrics	*metrics_new(void);
void		 metrics_free(struct metrics *);
/* For printing without the lock; allocates nothing. */
void		 metrics_copy(struct metrics *to, const struct metrics *from);

/*
 * Another policy counts from now on.  What it names as before goes on being
 * counted; totals of names that are gone are dropped.
 */
void		 metrics_take_policy(struct metrics *, const struct policy *);
/* One record; the policy is the one it was judged by. */
void		 metrics_count(struct metrics *, const struct account *,
		    const struct policy *, const struct session *,
		    const struct verdict *);
void		 metrics_alarm(struct metrics *, const char *kind);
/* A fault of ours, by its kind in the log. */
void		 metrics_fault(struct metrics *, const char *kind);
void		 metrics_event(struct metrics *, enum metrics_event, uint64_t count);

void		 metrics_print(const struct metrics *, const struct metrics_now *,
		    struct buf *);

#endif
