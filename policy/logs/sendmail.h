/*
 * sendmail.h: what the parts of the reader of Sendmail's lines share.
 *
 * sendmail.c		sessions, their messages, and the telling of them
 * sendmail_line.c	the lines, one handler a pattern
 *
 * One process serves one client, and says nothing when it ends well; a message
 * is known whole at its "from=" line, but for a refusal that may follow it.
 */
#ifndef TLSWARDEN_SENDMAIL_H
#define TLSWARDEN_SENDMAIL_H

#include "answer.h"
#include "grade.h"
#include "join.h"
#include "kept.h"
#include "naming.h"
#include "peer.h"
#include "table.h"

#define SENDMAIL_SESSIONS	8192
#define SENDMAIL_SILENCE	3900	/* seconds; Timeout.command is an hour */
#define SENDMAIL_PATIENCE	60	/* for what follows a from= line */

struct sendmail_message {
	bool		 open;		/* there is one */
	bool		 told;		/* its from= line came */
	struct kept	 kept;		/* copied at the from= line */
	struct kept	 early;		/* sender and reply, before it */
	int64_t		 time;
	enum outcome	 outcome;
	bool		 refused;
	bool		 ours;
	const char	*stage;
};

struct sendmail_session {
	struct node	 node;
	struct sendmail_session *before, *after;	/* that wait, in time */
	bool		 waits;
	struct kept	 kept;
	struct sendmail_message message;
	int64_t		 time;		/* of the last line */
	enum outcome	 grade;
	bool		 encrypted;
	bool		 handshake_failed;
	bool		 refused;	/* as a session: at connect or HELO */
	bool		 ours;
	const char	*stage;
	uint32_t	 messages;
	uint32_t	 auth_clear;
	uint32_t	 auth_failed;
};

struct sendmail {
	struct naming	 naming;
	struct answers	 answers;
	entry_sink	*sink;
	void		*ctx;
	struct grade	*grade;
	struct table	 sessions;
	struct sendmail_session *spare;
	struct sendmail_session *first, *last;	/* that wait for what may follow */
	int64_t		 latest;	/* see stamp_steady() */
	int64_t		 now;
	uint64_t	 evicted;
	char		 plain[READER_LINE_MAX];	/* a line without escapes */
};

/* --- sendmail.c */

/* NULL when there is none of that process. */
struct sendmail_session *sendmail_find(struct sendmail *, const struct line *);
/* A new one; the one that is there is over.  The client may be NULL, for now. */
struct sendmail_session *sendmail_open(struct sendmail *, const struct line *,
	    const struct peer *);
/* The one of that client, or a new one. */
struct sendmail_session *sendmail_get(struct sendmail *, const struct line *,
	    const struct peer *);
void	sendmail_close(struct sendmail *, struct sendmail_session *);
void	sendmail_daemon(struct sendmail *, struct sendmail_session *,
	    const struct line *, struct slice daemon);

/* What a from= line says. */
struct envelope {
	struct slice	 sender;
	struct slice	 proto;
	struct slice	 daemon;
	uint32_t	 recipients;
	bool		 received;	/* it has a message id */
};
void	sendmail_envelope(struct sendmail *, struct sendmail_session *,
	    const struct line *, struct slice qid, const struct envelope *);
/* sender: p NULL when the line does not say */
void	sendmail_refused(struct sendmail *, struct sendmail_session *,
	    const struct line *, struct slice qid, const char *stage,
	    struct slice sender, const struct answer *);
/* Nothing more will be said of the message. */
void	sendmail_settled(struct sendmail *, struct sendmail_session *, struct slice qid);

/* --- sendmail_line.c. Was it of use? */

bool	sendmail_take(struct sendmail *, const struct line *);

#endif
