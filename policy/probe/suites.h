/*
 * suites.h: the numbers of TLS on the wire, and what they are called.
 *
 * Suites are told apart by number, whatever the OpenSSL of this machine still
 * carries; what a suite is worth follows from its registered name.
 */
#ifndef TLSWARDEN_SUITES_H
#define TLSWARDEN_SUITES_H

#include <stddef.h>
#include <stdint.h>

#define VERSION_SSL3	0x0300u
#define VERSION_TLS1_2	0x0303u
#define VERSION_TLS1_3	0x0304u
#define VERSIONS	5	/* SSLv3, TLS 1.0 to 1.3, in this order */

#define SUITES_MAX	256	/* room for all of a table, and some more */
#define GROUPS_MAX	64

#define SUITE_RENEGOTIATION	0x00ffu	/* RFC 5746, section 3.3 */

/* What is to be said about a suite; none of them: nothing. */
enum suite_trait {
	SUITE_NULL = 1,		/* does not encrypt */
	SUITE_ANON = 2,		/* does not authenticate the server */
	SUITE_EXPORT = 4,
	SUITE_RC4 = 8,
	SUITE_DES = 16,		/* single DES, and RC2 */
	SUITE_3DES = 32,
	SUITE_NO_FS = 64,	/* no forward secrecy */
	SUITE_OLD = 128,	/* IDEA, SEED, MD5: sound enough, and obsolete */
	SUITE_CBC = 256,
	SUITE_DHE = 512,	/* over a finite field: its size matters */
	SUITE_ECDHE = 1024
};

/* What no server should take from anybody. */
#define SUITE_WEAK	(SUITE_NULL | SUITE_ANON | SUITE_EXPORT | SUITE_RC4 | \
			SUITE_DES | SUITE_3DES)

struct numbered {
	uint16_t	 number;
	const char	*name;
};

/* The suites of TLS 1.2 and before, without keys shared before (PSK, SRP). */
extern const struct numbered suites_before[];
extern const size_t suites_before_count;
extern const struct numbered suites_tls13[];
extern const size_t suites_tls13_count;
extern const struct numbered groups[];	/* RFC 8446's named groups */
extern const size_t groups_count;

/* All traits of a suite, by its number. */
unsigned int	 suite_traits(uint16_t);
/* IANA's name, or NULL when it is not known. */
const char	*suite_name(uint16_t);
const char	*group_name(uint16_t);
/* A group that no one should use: less than 112 bits of strength. */
int		 group_is_weak(uint16_t);
/* Of key exchange that a quantum computer does not break. */
int		 group_is_hybrid(uint16_t);
/* 0x0300 and so on: "SSLv3", "TLSv1", "TLSv1.2"; "" for others. */
const char	*version_text(uint16_t);

#endif
