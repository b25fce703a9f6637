/*
 * session.h: the facts of one SMTP session, as far as they are known.
 *
 * Facts go in as the MTA tells them (milter), as a person gives them
 * (explain, expect) or as a record holds them (replay); the evaluation asks
 * for them by attribute and gets one of three answers: known, known to be
 * lacking, or unknown.  The stage the session is at decides between the last
 * two: see session_fact().
 *
 * A session is used by one thread at a time.  Strings are copied in.
 */
#ifndef TLSWARDEN_SESSION_H
#define TLSWARDEN_SESSION_H

#include "address.h"
#include "attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;

enum fact_state {
	FACT_UNSET,	/* nothing was said; session_fact() never returns it */
	FACT_UNKNOWN,
	FACT_NONE,	/* known to be lacking */
	FACT_KNOWN
};

struct fact {
	enum fact_state	 state;
	bool		 cut;		/* too long: unknown, text is its start */
	const char	*text;		/* all string types; lent by the session */
	uint32_t	 number;	/* NUMBER, FLAG (0, 1), TLS (see tls.h order) */
	struct address	 address;	/* ADDRESS */
	const char	*suite;		/* CIPHER: the one name of a known suite, or NULL */
};

struct session	*session_new(void);
/*
 * For who must live on without memory: then it is NULL, or a session that is
 * starved from the first fact on for which there was no memory, and which is
 * unknown.  Nothing may be made of the facts of one.
 */
struct session	*session_new_or_null(void);
bool		 session_starved(const struct session *);
void		 session_free(struct session *);

/*
 * The stage the session has reached.  It may go back: a new EHLO or MAIL on
 * the same connection does that, after session_forget().
 */
void		 session_set_stage(struct session *, enum stage);
enum stage	 session_stage(const struct session *);
/* Drop every fact that arrives at this stage or later. */
void		 session_forget(struct session *, enum stage);

/*
 * Set an attribute from text, read by its type.  "<>" is the null sender;
 * angle brackets around a mailbox are dropped.  Empty text clears.  Text
 * longer than the attribute's max makes it unknown and cut.
 * 0, or -1 when the text does not fit the type: the fact is unknown then.
 *
 * Setting the cipher also sets the cipher_* attributes and cipher_bits that
 * follow from it, unless those were set themselves.
 */
int		 session_set(struct session *, enum attr, const char *, size_t);
void		 session_set_client(struct session *, const struct address *);
void		 session_set_number(struct session *, enum attr, uint32_t);
void		 session_set_none(struct session *, enum attr);
void		 session_set_unknown(struct session *, enum attr);
void		 session_clear(struct session *, enum attr);

/*
 * TLS as an MTA tells it: three macros that must all be there and fit
 * together, for an administrator's milter_macro_defaults can forge one of
 * them.  NULL and "" both mean not sent.  Replaces all that was known of tls,
 * cipher and cipher_*.
 */
enum tls_report {
	TLS_ABSENT,		/* none sent; the facts stay unset */
	TLS_PRESENT,
	TLS_INCONSISTENT	/* some sent, or they contradict: unknown */
};
enum tls_report	 session_set_tls(struct session *, const char *version,
		    const char *cipher, const char *bits);

/* The service expects TLS from the first byte: absence is settled at HELO. */
void		 session_set_implicit_tls(struct session *, bool);
/* The day of the session, as 20261231; 0 is unknown. */
void		 session_set_today(struct session *, uint32_t);
uint32_t	 session_today(const struct session *);

/*
 * What is known of an attribute at the session's stage.
 *
 *   set, and the stage is not before the attribute's arrival	as set
 *   set, before its arrival					unknown
 *   set to none, before its settling stage			unknown
 *   unset, what it depends on is lacking or unknown		the same
 *   unset, optional, at or after the settling stage		none
 *   unset otherwise						unknown
 */
struct fact	 session_fact(const struct session *, enum attr);

/* A known fact as text ("TLSv1.2", "yes", "587"); "" unless it is known. */
const char	*fact_as_text(const struct fact *, enum attr, char *scratch, size_t size);
const char	*session_text(const struct session *, enum attr,
		    char *scratch, size_t size);
#define SESSION_SCRATCH	ADDRESS_TEXT	/* enough for every non-string type */

/* How the session used the opportunity to encrypt; RFC 7435. */
enum outcome {
	OUTCOME_UNKNOWN,	/* the facts contradict */
	OUTCOME_ENCRYPTED,
	OUTCOME_DEPRECATED,	/* TLS below 1.2, or a weak cipher */
	OUTCOME_CLEARTEXT,
	OUTCOME_ABANDONED	/* left in the clear without mail */
};
/* mail: the session got as far as MAIL. */
enum outcome	 session_outcome(const struct session *, bool mail);
const char	*outcome_name(enum outcome);

#endif
