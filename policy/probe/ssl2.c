/*
 * ssl2.c owns the one question that SSL 2.0 is worth: is it taken?  It may not
 * know how a server is reached.
 */
/* libc */
#include <string.h>
#include <sys/random.h>
/* this project */
#include "net.h"
#include "ssl2.h"

#define HELLO_MS	3000
#define CHALLENGE	16
#define SERVER_HELLO	4

/* All kinds of cipher there are. */
static const uint8_t kinds[] = {
	0x07, 0x00, 0xc0,	/* DES_192_EDE3_CBC_WITH_MD5 */
	0x05, 0x00, 0x80,	/* IDEA_128_CBC_WITH_MD5 */
	0x03, 0x00, 0x80,	/* RC2_128_CBC_WITH_MD5 */
	0x01, 0x00, 0x80,	/* RC4_128_WITH_MD5 */
	0x06, 0x00, 0x40,	/* DES_64_CBC_WITH_MD5 */
	0x04, 0x00, 0x80,	/* RC2_128_CBC_EXPORT40_WITH_MD5 */
	0x02, 0x00, 0x80	/* RC4_128_EXPORT40_WITH_MD5 */
};

static size_t
build(uint8_t hello[SSL2_HELLO_MAX])
{
	static const uint8_t head[] = {
		0x80, 9 + sizeof(kinds) + CHALLENGE,	/* no padding */
		1, 0, 2,				/* CLIENT-HELLO, 2.0 */
		0, sizeof(kinds), 0, 0, 0, CHALLENGE
	};
	uint8_t *at = hello;

	memcpy(at, head, sizeof(head));
	at += sizeof(head);
	memcpy(at, kinds, sizeof(kinds));
	at += sizeof(kinds);
	if (getrandom(at, CHALLENGE, 0) != CHALLENGE)
		memset(at, 0x55, CHALLENGE);
	return (size_t)(at - hello) + CHALLENGE;
}

bool
ssl2_is_server_hello(const uint8_t *p, size_t len)
{
	/* A session of SSL 2.0 that is resumed has no certificate; ours is new. */
	return len >= SSL2_ANSWER && (p[0] & 0x80) != 0 &&
	    (size_t)((p[0] & 0x7f) << 8 | p[1]) >= SSL2_ANSWER - 2 &&
	    p[2] == SERVER_HELLO && p[3] == 0 && p[5] == 0 && p[6] == 2 &&
	    (p[9] != 0 || p[10] != 0);
}

bool
ssl2_is_taken(struct net *n)
{
	uint8_t hello[SSL2_HELLO_MAX], answer[SSL2_ANSWER];
	size_t len = 0;
	ssize_t got;

	net_step(n, HELLO_MS);
	if (net_write(n, hello, build(hello)) == -1)
		return false;
	while (len < sizeof(answer)) {
		got = net_read(n, answer + len, sizeof(answer) - len);
		if (got <= 0)
			return false;
		len += (size_t)got;
	}
	return ssl2_is_server_hello(answer, len);
}
