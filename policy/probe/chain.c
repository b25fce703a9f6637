/*
 * chain.c owns the bytes of certificates; it may not know what they say.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "chain.h"
#include "mem.h"

void
chain_add(struct chain *c, const uint8_t *der, size_t len)
{
	if (c->count == CHAIN_MAX || len == 0 || len > CERT_BYTES_MAX)
		return;
	c->der[c->count] = mem_calloc(1, len);
	memcpy(c->der[c->count], der, len);
	c->len[c->count++] = len;
}

void
chain_free(struct chain *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		free(c->der[i]);
	memset(c, 0, sizeof(*c));
}

static size_t
length24(const uint8_t *p)
{
	return (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
}

void
chain_from_message(struct chain *c, const uint8_t *p, size_t len)
{
	size_t n;

	if (len < 3 || length24(p) != len - 3)
		return;
	for (p += 3, len -= 3; len >= 3; p += n, len -= n) {
		n = length24(p);
		p += 3;
		len -= 3;
		if (n > len)
			return;
		chain_add(c, p, n);
	}
}
