/*
 * probe.h: one port under audit: how to get to where TLS begins, and to ask.
 */
#ifndef TLSWARDEN_PROBE_H
#define TLSWARDEN_PROBE_H

#include "facts.h"
#include "hello.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

/* After this many that were not answered in time we stop asking. */
#define STRIKES_MAX	3

struct probe {
	struct facts	*facts;
	const struct speech *speech;
	bool		 implicit;
	const char	*sni;		/* NULL: none */
	struct net_time	 given;		/* to the whole port */
	unsigned int	 strikes;
	bool		 gone;		/* closed on a hello, without an answer */
};

/* Connect, and count it. */
int	 probe_open(struct probe *, struct wire *);
/* To where a ClientHello may be sent.  more goes with STARTTLS; 1: that was refused. */
int	 probe_dial(struct probe *, struct wire *, const char *more);
/* No more questions: they are not answered, or the time is over. */
bool	 probe_is_over(const struct probe *);
/*
 * Send a hello on a connection of its own.  The answer is in the reader, which
 * the caller frees; it holds only what was offered.  -1: there is none.
 */
int	 probe_ask(struct probe *, struct hello *, bool whole, struct hello_reader *);

/* --- enumerate.c */

/* Versions, suites of each, who chooses, groups, and what hellos tell besides. */
void	 enumerate(struct probe *, struct chain *);

#endif
