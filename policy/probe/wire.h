/*
 * wire.h: lines to and from a server, in the clear or inside TLS.
 */
#ifndef TLSWARDEN_WIRE_H
#define TLSWARDEN_WIRE_H

#include "net.h"

#include <stdbool.h>
#include <stddef.h>

struct channel;

#define LINE_SIZE	2048	/* RFC 5321 has 512; servers have more */
#define LINES_MAX	200	/* of one reply */

struct wire {
	struct net	 net;
	struct channel	*channel;	/* NULL: in the clear */
	char		 in[4096];
	size_t		 in_at, in_len;
};

/* 0, or -1 and net.fault.  wire_close() ends it in any case. */
int	 wire_open(struct wire *, const struct sockaddr *, socklen_t,
	    const struct net_time *, bool elsewhere);
void	 wire_close(struct wire *);
/*
 * The next line without its end; what is not printable is a question mark, for
 * no part of a reply that means anything is.  Its length, or -1 and net.fault.
 */
int	 wire_line(struct wire *, char line[LINE_SIZE]);
int	 wire_send(struct wire *, const void *, size_t);
int	 wire_puts(struct wire *, const char *);

#endif
