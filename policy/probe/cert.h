/*
 * cert.h: what certificates say, and whether it holds.
 */
#ifndef TLSWARDEN_CERT_H
#define TLSWARDEN_CERT_H

#include "chain.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CERT_TEXT	256
#define CERT_NAMES	1024

enum trust {
	TRUST_UNKNOWN,
	TRUST_GOOD,
	TRUST_SELF,		/* signed by itself, and not vouched for by the user */
	TRUST_ROOT,		/* the root it leads to is not known here */
	TRUST_INCOMPLETE,	/* it leads nowhere: a certificate is missing */
	TRUST_BAD		/* for another reason */
};

struct cert_facts {
	size_t		 count;		/* certificates that were sent */
	bool		 readable;	/* the server's own could be understood */
	char		 subject[CERT_TEXT];
	char		 issuer[CERT_TEXT];
	char		 names[CERT_NAMES];	/* of subjectAltName, by blanks */
	char		 key[32];	/* "RSA", "EC", ... */
	unsigned int	 key_bits;
	unsigned int	 strength;	/* of the key, in bits */
	char		 signature[64];
	bool		 weak_signature;	/* SHA-1 or MD5, of any but a root */
	int64_t		 begins, ends;	/* seconds since 1970 */
	int		 days;		/* until it ends; below 0: it has */
	char		 until[16];	/* 2026-12-31 */
	bool		 early;		/* it has not begun */
	bool		 ordered;	/* each one signed by the next */
	enum trust	 trust;
	const char	*trust_fault;	/* OpenSSL's words for TRUST_BAD; or NULL */
	char		 wanted[CERT_TEXT];	/* the name it was held against; or "" */
	bool		 name_fits;
};

/*
 * Read and judge.  name: what the server is called, or NULL; ca_file: more
 * roots than the system has, or NULL; now: seconds since 1970.
 */
void	 cert_read(struct cert_facts *, const struct chain *, const char *name,
	    const char *ca_file, int64_t now);

#endif
