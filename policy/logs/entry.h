/*
 * entry.h: what the logs say of one message, or of one session without any.
 *
 * Whatever the source, tlswardend's records or the lines of Postfix and
 * Sendmail, an entry is the same thing: facts as text, by attribute, and what
 * became of the session.  replay judges it again, report counts it.  All text
 * is lent for the time of the call.
 */
#ifndef TLSWARDEN_ENTRY_H
#define TLSWARDEN_ENTRY_H

#include "attr.h"
#include "session.h"
#include "slice.h"

#include <stdbool.h>
#include <stdint.h>

enum entry_origin {
	ORIGIN_RECORD,		/* tlswardend */
	ORIGIN_POSTFIX,
	ORIGIN_SENDMAIL
};

enum entry_kind {
	ENTRY_MESSAGE,		/* taken, refused or given up, see stage */
	ENTRY_SESSION,		/* came and went without MAIL */
	ENTRY_ALARM,		/* a record of event=alarm */
	ENTRY_OTHER		/* start, stop, reload, summary, fault, dropped */
};

struct entry {
	enum entry_origin origin;
	enum entry_kind	 kind;
	int64_t		 time;		/* seconds since 1970; 0: not known */
	struct slice	 host;		/* of the log */

	/*
	 * Facts by attribute.  p NULL: not known.  lacking[]: known to be none.
	 * A value cut, truncated or hashed stands there as it was written and is
	 * counted as such, but marked[]: it cannot be judged.  Escapes of
	 * records are undone: bytes are as the client sent them.
	 */
	struct slice	 facts[ATTR_COUNT];
	bool		 lacking[ATTR_COUNT];
	bool		 marked[ATTR_COUNT];

	struct slice	 event;		/* of a record */
	struct slice	 id;		/* session id of records */
	struct slice	 qid;
	struct slice	 verdict;	/* of a record: accept, reject, ... */
	struct slice	 rule;
	struct slice	 stage;
	struct slice	 reply;
	struct slice	 observed;	/* "rule:action,..." */
	struct slice	 notes;
	struct slice	 missing;
	struct slice	 policy;	/* hash, first 12 hex digits */
	struct slice	 alarm;		/* ENTRY_ALARM: kind */
	uint64_t	 count;		/* ENTRY_ALARM, dropped */
	enum outcome	 outcome;

	/* What only the MTA's own log can tell. */
	bool		 handshake_failed; /* SSL_accept error, STARTTLS broken */
	uint32_t	 auth_clear;	/* AUTH commands before TLS, refused or not */
	uint32_t	 auth_failed;
	bool		 refused;	/* by the MTA or another milter */
	bool		 refused_by_us;	/* the text of a reply of tlswardend's */
	bool		 no_milter;	/* the MTA could not connect to one */
	bool		 partial;	/* its beginning is not in the logs */
	bool		 gap;		/* there should be a record of it, and is none */
};

/* Told each entry, in the order the sessions end. */
typedef void entry_sink(void *ctx, const struct entry *);

/* The verdict that its record has is a refusal. */
bool	entry_judged_refused(const struct entry *);

/*
 * The entry's facts as a session: a fact that is not known is set unknown,
 * one that is lacking none.  0, or -1 when there is no memory.
 */
int	entry_session(const struct entry *, struct session *);

#endif
