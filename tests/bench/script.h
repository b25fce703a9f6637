/*
 * script.h: what Postfix's smtpd(8) and cleanup(8) say to a milter in one session.
 *
 * A script is made for one kind of session and one answer to the negotiation, as
 * a list of writes: which packets stand in one write, which are answered and
 * which macros are sent was read off the wire between Postfix 3.7 and a milter.
 * What the milter declined is left out; but the macros of a declined RCPT or
 * DATA are sent all the same, as Postfix does.
 */
#ifndef TLSWARDEN_BENCH_SCRIPT_H
#define TLSWARDEN_BENCH_SCRIPT_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRIPT_STEPS	4096
#define SCRIPT_OFFER	17	/* bytes of the offer that opens a session */

struct script_kind {
	const char	*name;
	const char	*port;
	const char	*daemon;
	const char	*version;	/* NULL: no TLS */
	const char	*cipher;
	const char	*bits;
	const char	*auth;		/* NULL: no login */
	bool		 starttls;	/* a HELO in the clear comes before */
};

struct step {
	size_t	from;		/* bytes of the script's text */
	size_t	to;
	bool	answered;
	bool	is_mail;	/* here a session can be held open */
};

struct script {
	struct buf	text;
	struct step	steps[SCRIPT_STEPS];
	size_t		count;
	struct step	end;		/* how a session is left */
	uint32_t	declined;	/* steps, SMFIP_* */
	const char	*lists[7];	/* macros asked for, by place; NULL: Postfix's own */
};

/* NULL when there is no kind of that name. */
const struct script_kind *script_find(const char *name);

void	script_offer(char offer[SCRIPT_OFFER]);
/* False when the answer is not one, or a message does not fit a script. */
bool	script_make(struct script *, const char *answer, size_t len,
	    const struct script_kind *, unsigned int recipients, size_t body);

#endif
