/*
 * address.c owns the text and the order of IP addresses; it may not know who
 * has them.
 */
/* libc */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "address.h"

/* ::ffff:0:0/96, RFC 4291 section 2.5.5.2 */
static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

void
address_from_bytes(struct address *a, const uint8_t *bytes, size_t n)
{
	memset(a, 0, sizeof(*a));
	if (n == 16 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		bytes += sizeof(mapped);
		n = 4;
	}
	if (n != 4 && n != 16)
		return;
	a->bits = (uint8_t)(n * 8);
	memcpy(a->bytes, bytes, n);
}

int
address_parse(struct address *a, const char *text, size_t len)
{
	static const char prefix[] = "IPv6:";
	char copy[INET6_ADDRSTRLEN];
	uint8_t bytes[16];
	const char *zone;
	int family;

	memset(a, 0, sizeof(*a));
	family = memchr(text, ':', len) != NULL ? AF_INET6 : AF_INET;
	if (family == AF_INET6) {
		if (len > sizeof(prefix) - 1 &&
		    strncasecmp(text, prefix, sizeof(prefix) - 1) == 0) {
			text += sizeof(prefix) - 1;
			len -= sizeof(prefix) - 1;
		}
		zone = memchr(text, '%', len);
		if (zone != NULL)
			len = (size_t)(zone - text);
	}
	if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(family, copy, bytes) != 1)
		return -1;
	address_from_bytes(a, bytes, family == AF_INET ? 4 : 16);
	return 0;
}

/* Logs have millions of them, for which inet_ntop(3) asks sprintf(3). */
static void
format_ipv4(const uint8_t bytes[4], char *text)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (bytes[i] >= 100)
			*text++ = (char)('0' + bytes[i] / 100);
		if (bytes[i] >= 10)
			*text++ = (char)('0' + bytes[i] / 10 % 10);
		*text++ = (char)('0' + bytes[i] % 10);
		*text++ = i < 3 ? '.' : '\0';
	}
}

void
address_format(const struct address *a, char text[ADDRESS_TEXT])
{
	if (a->bits == 32)
		format_ipv4(a->bytes, text);
	else if (a->bits == 0 || inet_ntop(AF_INET6, a->bytes, text, ADDRESS_TEXT) == NULL)
		text[0] = '\0';
}

int
address_compare(const struct address *a, const struct address *b)
{
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->bits / 8);
}

void
address_mask(struct address *a, unsigned int prefix)
{
	unsigned int i, n = a->bits / 8;

	if (prefix >= a->bits)
		return;
	a->bytes[prefix / 8] &= (uint8_t)(0xff00u >> (prefix % 8));
	for (i = prefix / 8 + 1; i < n; i++)
		a->bytes[i] = 0;
}
