/*
 * channel.h: a TLS session over a connection, by this machine's OpenSSL.
 *
 * It takes every certificate and every version and suite it can, for it is
 * there to look, not to trust.
 */
#ifndef TLSWARDEN_CHANNEL_H
#define TLSWARDEN_CHANNEL_H

#include "net.h"

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;
struct chain;
struct ticket;		/* what a session leaves for the next one */

/*
 * Shake hands within a step of the connection.  sni may be NULL; again is a
 * ticket to be tried, or NULL; top is the highest version, 0 for any; signatures
 * are the algorithms to be offered, as OpenSSL has them, NULL for any.  NULL and
 * the connection's fault when it failed.
 */
struct channel	*channel_open(struct net *, const char *sni,
		    const struct ticket *again, uint16_t top,
		    const char *signatures);
void		 channel_free(struct channel *);
ssize_t		 channel_read(struct channel *, struct net *, void *, size_t);
int		 channel_write(struct channel *, struct net *, const void *, size_t);

bool		 channel_resumed(const struct channel *);
/* The certificates as they were sent, the server's first. */
void		 channel_chain(const struct channel *, struct chain *);
/* A ticket that the server gave until now, or NULL; the caller frees it. */
struct ticket	*channel_ticket(const struct channel *);
void		 ticket_free(struct ticket *);
/* Ask for another handshake inside this one: was it had? */
bool		 channel_renegotiate(struct channel *, struct net *);

#endif
