/*
 * tls.h: the order of TLS versions, and what a cipher suite is worth.
 *
 * Versions are numbered as on the wire (0x0301 is TLS 1.0), which is their
 * order; SSLv2 is 0x0002.  The names are those OpenSSL uses, and so those
 * that Postfix and Sendmail send: TLSv1, TLSv1.1, TLSv1.2, TLSv1.3.
 *
 * Properties of suites that this OpenSSL no longer carries (RC4, export,
 * single DES, NULL, anonymous DH) are known as well, by their OpenSSL and
 * IANA names, for another machine's MTA may still name them.
 */
#ifndef TLSWARDEN_TLS_H
#define TLSWARDEN_TLS_H

#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_1_2		0x0303u
#define TLS_1_3		0x0304u

/* 0 when it is not the name of a version; case is one. */
uint32_t	 tls_version(const char *, size_t);
/* TLSv1.4 to TLSv1.9: a version that came after this program; else 0. */
uint32_t	 tls_version_later(const char *, size_t);
/* "TLSv1.2", also for later ones; "" for a number that is no version */
const char	*tls_version_name(uint32_t);

struct cipher {
	const char	*name;		/* OpenSSL's */
	const char	*iana;		/* TLS_..._WITH_...; may be "" */
	const char	*former;	/* what OpenSSL called it before; may be "" */
	unsigned int	 bits;		/* of the key, as OpenSSL says (algbits) */
	unsigned int	 strength;	/* effective: 112 for 3DES, 40 for export */
	bool		 aead;
	bool		 fs;		/* forward secrecy: (EC)DHE, and TLS 1.3 */
	bool		 anon;		/* the server did not authenticate */
	bool		 tls13;		/* a TLS 1.3 suite */
};

/*
 * By OpenSSL or IANA name, case is one.  false when no such suite is known.
 * Allocates nothing: safe during evaluation.
 */
bool		 tls_cipher(const char *, size_t, struct cipher *);
/*
 * Could an MTA give the suite this many bits?  OpenSSL says its strength, which
 * for some suites was judged otherwise in other versions.
 */
bool		 tls_bits_fit(const struct cipher *, uint32_t);

/*
 * Every suite an OpenSSL cipher string selects, TLS 1.3 suites included when
 * the string does not leave them out: calls add() for the OpenSSL and the IANA
 * name of each.  0, or -1 when OpenSSL does not understand the string or it
 * selects nothing.
 */
int		 tls_cipher_string(const char *, void (*add)(void *, const char *),
		    void *);

#endif
