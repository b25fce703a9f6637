/*
 * digest.c owns the use of libcrypto's hashes; it may not know what is
 * hashed.
 */

/* libc */
#include <limits.h>
#include <stdlib.h>
/* openssl */
#include <openssl/evp.h>
#include <openssl/hmac.h>
/* this project */
#include "digest.h"
#include "mem.h"

struct digest {
	EVP_MD_CTX	*ctx;
};

/*
 * SHA-256 fails only when there is no memory, or when libcrypto was configured
 * without it; no caller could go on either way.
 */
struct digest *
digest_new(void)
{
	struct digest *d;

	d = mem_calloc(1, sizeof(*d));
	d->ctx = EVP_MD_CTX_new();
	if (d->ctx == NULL ||
	    EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1)
		abort();
	return d;
}

void
digest_add(struct digest *d, const void *data, size_t len)
{
	if (EVP_DigestUpdate(d->ctx, data, len) != 1)
		abort();
}

void
digest_end(struct digest *d, uint8_t sum[DIGEST_SIZE])
{
	if (EVP_DigestFinal_ex(d->ctx, sum, NULL) != 1)
		abort();
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

int
digest_hmac(const void *key, size_t key_len, const void *data, size_t len,
    uint8_t sum[DIGEST_SIZE])
{
	unsigned int n = 0;

	if (key_len > INT_MAX)
		return -1;
	/* A NULL key means to libcrypto "the key used before". */
	if (key_len == 0)
		key = "";
	if (HMAC(EVP_sha256(), key, (int)key_len, data, len, sum, &n) == NULL)
		return -1;
	return n == DIGEST_SIZE ? 0 : -1;
}

void
digest_hex(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 0x0f];
	}
	*out = '\0';
}
