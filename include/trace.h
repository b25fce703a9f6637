/*
 * trace.h: why an evaluation ended as it did, rule by rule.
 *
 * Only the command and the tests ask for a trace; the daemon passes NULL.
 */
#ifndef TLSWARDEN_TRACE_H
#define TLSWARDEN_TRACE_H

#include "attr.h"

#include <stdint.h>

struct cond;
struct policy;

enum trace_answer {
	TRACE_NOT_REACHED,	/* an earlier rule decided or stopped the walk */
	TRACE_MATCHED,		/* this rule decided */
	TRACE_NOT,		/* its condition is false */
	TRACE_UNKNOWN,		/* its condition hangs on a fact not known */
	TRACE_OBSERVED,		/* true, but the rule is only observed */
	TRACE_NOTED,		/* true, a note */
	TRACE_INACTIVE		/* its time is over */
};

struct trace_entry {
	enum trace_answer	 answer;
	const struct cond	*why;	/* the comparison that said so; may be NULL */
	const char		*stage_word; /* why observed: "observe", "from", "share"; or NULL */
};

/* One entry a rule, in the order of the policy. */
struct trace {
	uint32_t		 count;
	struct trace_entry	*entries;
};

struct trace	*trace_new(const struct policy *);
void		 trace_free(struct trace *);
const char	*trace_answer_name(enum trace_answer);

#endif
