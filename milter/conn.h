/*
 * conn.h: one connection of the MTA: its policy, its facts, its verdict.
 *
 * A connection is used by one thread at a time, but not always by the same.
 * It is plain calloc(3): a lack of memory fails that connection alone.
 */
#ifndef TLSWARDEN_CONN_H
#define TLSWARDEN_CONN_H

#include "current.h"
#include "policy.h"
#include "session.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define CONN_ID		17	/* 16 hex digits and NUL */
#define CONN_QID	65	/* longest queue id kept, and NUL */
#define CONN_ABANDONED	20	/* transactions given up, each on record */
#define CONN_ALARMS	4	/* rules remembered to have raised one */

struct conn {
	struct edition	*edition;	/* the policy it began with */
	struct session	*session;	/* NULL before CONNECT */
	bool		 open;		/* counted by conn_open() */
	bool		 asked;		/* the MTA sends the macros we ask for */
	bool		 postfix;	/* what the MTA calls itself */
	bool		 tells_sni;	/* an SNI that it does not tell is none */
	bool		 untold;	/* but not those of CONNECT came */
	bool		 simulated;	/* no network session: nothing to judge */
	bool		 greeted;	/* there was a HELO */
	bool		 in_mail;	/* between MAIL and its end */
	bool		 had_mail;	/* so no record of a session */
	bool		 told;		/* refused at HELO, and on record */
	uint32_t	 told_rule;
	uint64_t	 abandoned;	/* transactions given up */
	time_t		 unsaid_since;	/* those after CONN_ABANDONED began */
	uint32_t	 recipients;	/* taken in this transaction */
	uint32_t	 alarms[CONN_ALARMS]; /* rules, in this transaction */
	unsigned int	 alarm_count;
	char		*recipient;	/* the one the verdict is about, or NULL */
	char		 id[CONN_ID];
	char		 qid[CONN_QID];	/* "": not known */
	struct verdict	 verdict;
};

/* Set the daemon's -O; once, at start. */
void		 conn_set_observe(bool);

/* With the current policy.  NULL when there is no memory. */
struct conn	*conn_new(void);
/* With another; the caller's reference is taken over, in either case. */
struct conn	*conn_new_with(struct edition *);
void		 conn_free(struct conn *);

/* How many were made by conn_new() and are not freed. */
uint64_t	 conn_open(void);

/* CONNECT: a session without facts.  0, or -1 when there is no memory. */
int		 conn_begin(struct conn *);
/* MAIL: a transaction without facts. */
void		 conn_begin_mail(struct conn *);
void		 conn_end_mail(struct conn *);

/*
 * Judge at a stage; the verdict is filled in.  0, or -1 when there was no memory
 * for a fact, for patterns or for the macros of CONNECT: what is not known could
 * be what is refused.
 */
int		 conn_judge(struct conn *, enum stage, struct verdict *);
/*
 * A recipient was judged.  The first one taken gives the message its verdict;
 * true when this one got another answer, which is a record of its own.
 */
bool		 conn_take_recipient(struct conn *, const char *recipient,
		    const struct verdict *);

bool		 verdict_refuses(const struct verdict *);

#endif
