/*
 * chain.h: the certificates a server sent, as bytes.
 */
#ifndef TLSWARDEN_CHAIN_H
#define TLSWARDEN_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#define CHAIN_MAX	10
#define CERT_BYTES_MAX	(64 * 1024)

struct chain {
	uint8_t	*der[CHAIN_MAX];
	size_t	 len[CHAIN_MAX];
	size_t	 count;
};

/* A copy at the end; what is too much or too long is left out. */
void	 chain_add(struct chain *, const uint8_t *, size_t);
void	 chain_free(struct chain *);
/* From the body of a Certificate message (RFC 5246, section 7.4.2). */
void	 chain_from_message(struct chain *, const uint8_t *, size_t);

#endif
