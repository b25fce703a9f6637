/*
 * digest.c owns the use of libcrypto's hashes; it may not know what is
 * hashed.
 */

/* libc */
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
/* openssl */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
/* this project */
#include "digest.h"
#include "mem.h"

struct digest {
	EVP_MD_CTX	*ctx;
};

/* --- memory: nothing of no bytes is NULL, as libcrypto has it by itself */

static void *
take(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size > 0 ? mem_resize(NULL, size, 1) : NULL;
}

static void
give_back(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void *
resize(void *old, size_t size, const char *file, int line)
{
	if (size > 0)
		return mem_resize(old, size, 1);
	give_back(old, file, line);
	return NULL;
}

void
digest_init(void)
{
	static bool done;

	/* It refuses when it has memory already, of ours or its own. */
	if (!done)
		CRYPTO_set_mem_functions(take, resize, give_back);
	done = true;
}

/* --- hashes */

/*
 * SHA-256 fails only when libcrypto was configured without it; no caller could
 * go on.
 */
struct digest *
digest_new(void)
{
	struct digest *d;

	digest_init();
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
	if (key_len > INT_MAX)
		return -1;
	/* A NULL key means to libcrypto "the key used before". */
	if (key_len == 0)
		key = "";
	return HMAC(EVP_sha256(), key, (int)key_len, data, len, sum, NULL) != NULL ?
	    0 : -1;
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
