/*
 * hello.h: ClientHello messages of our own making, and what comes back.
 *
 * Nothing here encrypts.  Up to TLS 1.2 a server answers a hello in the clear,
 * with the version, the suite and more; in TLS 1.3 a hello without any key
 * share makes it ask for one (HelloRetryRequest, RFC 8446, section 4.1.4),
 * and that names version, suite and group as well.  So what a server takes can
 * be learnt whatever the OpenSSL of this machine can do.
 */
#ifndef TLSWARDEN_HELLO_H
#define TLSWARDEN_HELLO_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hello {
	uint16_t	 version;	/* 0x0300 to 0x0304, this one alone in 1.3 */
	const uint16_t	*suites;
	size_t		 suite_count;
	const uint16_t	*groups;	/* supported_groups */
	size_t		 group_count;
	const char	*sni;		/* NULL: none */
	bool		 compression;	/* offer DEFLATE, and like it best */
	uint8_t		 random[32];
};

/* Append the record that carries it. */
void	 hello_build(struct buf *, const struct hello *);

enum hello_kind {
	HELLO_MORE,		/* not all is there yet */
	HELLO_SERVER,		/* ServerHello */
	HELLO_RETRY,		/* HelloRetryRequest */
	HELLO_ALERT,
	HELLO_NOT_TLS,		/* whatever that was, it was not TLS */
	HELLO_MALFORMED,
	HELLO_GONE		/* the connection ended, or time did */
};

struct hello_answer {
	enum hello_kind	 kind;
	uint16_t	 version;
	uint16_t	 suite;
	uint16_t	 group;		/* 0: none was named */
	uint8_t		 compression;
	uint8_t		 alert;		/* its description */
	bool		 renegotiation;	/* RFC 5746's extension was there */
	unsigned int	 dh_bits;	/* 0: no Diffie-Hellman over a field */
	const uint8_t	*certificates;	/* body of the message, in the reader */
	size_t		 certificates_len;
};

/*
 * Reads what comes back, piece by piece.  whole: go on to ServerHelloDone, for
 * the certificates and the key exchange of TLS 1.2 and before.
 */
struct hello_reader {
	bool			 whole;
	struct buf		 records;	/* not yet read */
	struct buf		 messages;	/* handshake bytes */
	size_t			 at;		/* in messages */
	size_t			 certificates_at;
	unsigned int		 warnings;
	struct hello_answer	 answer;
};

void	 hello_reader_init(struct hello_reader *, bool whole);
void	 hello_reader_free(struct hello_reader *);
/* More bytes.  true when the answer stands: its kind is not HELLO_MORE. */
bool	 hello_reader_feed(struct hello_reader *, const uint8_t *, size_t);
/* "handshake_failure"; NULL when it has no name. */
const char	*alert_name(uint8_t);

#endif
