/*
 * explain.h: a session judged stage by stage, and how that is shown.
 */
#ifndef TLSWARDEN_EXPLAIN_H
#define TLSWARDEN_EXPLAIN_H

#include "buf.h"
#include "policy.h"
#include "session.h"
#include "trace.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>

struct step {
	enum stage	 stage;
	struct verdict	 verdict;
	struct trace	*trace;
};

struct explanation {
	const struct policy *policy;
	struct session	*session;
	bool		 given[ATTR_COUNT];	/* by the user or the record */
	struct step	 steps[STAGE_COUNT];	/* the last one is final */
	size_t		 count;
	/* What the record says of itself, printable; empty without one. */
	struct {
		struct buf	 policy;
		struct buf	 verdict;
		struct buf	 rule;
	} recorded;
};

/*
 * The facts of the first line that holds a record of a message or session, with
 * whatever syslog or journald put before or around it.  EXIT_CLEAN, or
 * EXIT_FAILED when there is none, which is said.
 */
int	explain_record(struct explanation *, const char *lines);

/* Both leave the session at the stage of the last step. */
void	explain_text(const struct explanation *, bool colour, struct buf *);
void	explain_json(const struct explanation *, struct buf *);

/* --- explain_why.c: what both forms say */

/* verdict, rule, stage, reply, ... as in the log, the reply whole. */
void	explain_verdict(const struct explanation *, enum log_format,
	    struct buf *);
/* The comparison that decided about a rule; NULL when there is none. */
const char *explain_condition(const struct trace_entry *, struct buf *);
/* The fact it asked about, at the session's stage: "tls is none". */
void	explain_fact(const struct explanation *, enum attr, struct buf *);
/*
 * Is the client's address what keeps the rule, which has a share, from an
 * answer at this stage?
 */
bool	explain_is_share(const struct step *, uint32_t rule);
/* Was the record written under another policy than this one? */
bool	explain_is_other(const struct explanation *);
/*
 * Facts that were not given: those that the policy asks about and that are
 * lacking for it; those that could still change an undecided verdict.
 */
void	explain_assumed(const struct explanation *, bool [ATTR_COUNT]);
void	explain_hangs_on(const struct explanation *, bool [ATTR_COUNT]);

#endif
