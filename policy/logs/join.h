/*
 * join.h: from lines to entries.
 *
 * Lines of one MTA process are one session at a time; they are joined by host,
 * program and process id until the session ends.  The number of sessions open
 * at once is bounded: the one that was silent longest is ended to make room.
 *
 * tlswardend's records need no joining.  Where a record and the MTA's own
 * lines tell of the same message (by queue id and host, within a day) or of
 * the same session (by client address, service and time), it is counted once,
 * as the record, with what only the MTA saw added; MTA sessions without any
 * record, while the log has records of that host, are gaps.  For that the lines
 * of several files shall come in the order of time: see merge.h.
 */
#ifndef TLSWARDEN_JOIN_H
#define TLSWARDEN_JOIN_H

#include "answer.h"
#include "entry.h"
#include "reader.h"

#include <stdint.h>

struct join;

/* --service NAME=PATTERN: syslog names (shell pattern) of a service. */
struct service_name {
	const char	*service;
	const char	*pattern;
};

struct join_count {
	uint64_t	 records;	/* lines of ours, also those that came twice */
	uint64_t	 mta;		/* lines of an MTA that were used */
	uint64_t	 other;		/* lines of no interest */
	uint64_t	 broken;	/* ours or an MTA's, but not understood */
	uint64_t	 evicted;	/* sessions ended for lack of room */
	uint64_t	 gaps;		/* MTA sessions without a record */
};

struct join	*join_new(const struct service_name *, size_t count,
		    entry_sink *, void *ctx);
/* Whose replies they are, in the lines of an MTA; to be said before the first. */
void		 join_know(struct join *, const struct answers *);
void		 join_line(struct join *, const struct line *);
/* The logs are over: end what is open. */
void		 join_end(struct join *);
const struct join_count *join_count(const struct join *);
void		 join_free(struct join *);

/* The parts; each says whether it understood the line. */
bool	own_line(const struct line *, entry_sink *, void *ctx, bool *broken);

struct postfix;
struct postfix	*postfix_new(const struct service_name *, size_t count,
		    entry_sink *, void *ctx);
void		 postfix_know(struct postfix *, const struct answers *);
/* It is that late: tell of what waited too long. */
void		 postfix_expire(struct postfix *, int64_t now);
/* false: not a line of Postfix's smtpd, postscreen or cleanup */
bool		 postfix_line(struct postfix *, const struct line *);
void		 postfix_end(struct postfix *);
/* Sessions and messages told early, for lack of room. */
uint64_t	 postfix_evicted(const struct postfix *);
void		 postfix_free(struct postfix *);

struct sendmail;
struct sendmail	*sendmail_new(const struct service_name *, size_t count,
		    entry_sink *, void *ctx);
void		 sendmail_know(struct sendmail *, const struct answers *);
void		 sendmail_expire(struct sendmail *, int64_t now);
bool		 sendmail_line(struct sendmail *, const struct line *);
void		 sendmail_end(struct sendmail *);
uint64_t	 sendmail_evicted(const struct sendmail *);
void		 sendmail_free(struct sendmail *);

#endif
