/*
 * verdict.h: what a policy says to a session.
 */
#ifndef TLSWARDEN_VERDICT_H
#define TLSWARDEN_VERDICT_H

#include "attr.h"

#include <stdbool.h>
#include <stdint.h>

enum action {
	ACTION_ACCEPT,
	ACTION_REJECT,		/* 5xx */
	ACTION_TEMPFAIL,	/* 4xx but 421 */
	ACTION_DISCONNECT,	/* 421: the server closes */
	ACTION_NOTE		/* put the rule's name on record, go on */
};

const char	*action_name(enum action);

/*
 * An SMTP reply, RFC 5321 section 4.2 and RFC 3463.  Its parts were checked
 * against each other when the policy was loaded, and hold nothing a client
 * chose.  The text is one line of printable ASCII.
 */
#define REPLY_TEXT_MAX	400	/* octets after expansion */
struct reply {
	unsigned int	code;		/* 0: none */
	char		enhanced[12];	/* "5.7.0" */
	char		text[REPLY_TEXT_MAX + 1];
};

/* Rules that were observed or noted; more than fit are counted only. */
#define MARKS_MAX	8
struct marks {
	unsigned int	count;			/* all */
	unsigned int	rules[MARKS_MAX];	/* numbers of the first ones */
};

#define RULE_DEFAULT	UINT32_MAX		/* the default decided */
#define RULE_UNDECIDED	(UINT32_MAX - 1)	/* a fact stayed unknown */
#define RULE_NON_SMTP	(UINT32_MAX - 2)	/* no network session: not judged */

struct verdict {
	bool		 decided;	/* false: ask again at a later stage */
	enum action	 action;	/* what to do; ACCEPT while not decided */
	uint32_t	 rule;		/* number of the rule, or RULE_* */
	enum stage	 stage;		/* of the evaluation */
	enum attr	 missing;	/* not decided, or RULE_UNDECIDED: the fact */
	struct reply	 reply;		/* code 0 with ACCEPT */
	struct marks	 observed;	/* would have decided */
	enum action	 observed_whole; /* mode observe: the action withheld */
	uint32_t	 observed_rule;	/* mode observe: by which rule */
	bool		 withheld;	/* mode observe withheld observed_whole */
	struct marks	 notes;
	unsigned int	 limits;	/* regex limits hit while evaluating */
	uint32_t	 limit_rule;	/* the first rule that hit one */
};

#endif
