/*
 * digest.h: SHA-256 and HMAC-SHA-256 (RFC 2104), from libcrypto.
 */
#ifndef TLSWARDEN_DIGEST_H
#define TLSWARDEN_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE	32

/*
 * Before libcrypto or libssl are first used, and before there are threads: they
 * take memory as mem.h does.  A lack of it leaves libcrypto half made, then to
 * crash, or without some of its ciphers, so that a list of ciphers would lack
 * them too.
 */
void		 digest_init(void);

struct digest;

struct digest	*digest_new(void);
void		 digest_add(struct digest *, const void *, size_t);
/* Writes the sum and frees the digest. */
void		 digest_end(struct digest *, uint8_t [DIGEST_SIZE]);
/* 0, or -1 when libcrypto refuses. */
int		 digest_hmac(const void *key, size_t key_len, const void *,
		    size_t, uint8_t [DIGEST_SIZE]);
/* Two lower-case hex digits a byte, and a NUL. */
void		 digest_hex(const uint8_t *, size_t, char *);

#endif
