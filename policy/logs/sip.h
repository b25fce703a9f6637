/*
 * sip.h: SipHash-1-3, keyed and quick: enough for tables against names that
 * somebody chose to collide.  A weaker mixing is not, however secret its start:
 * two words can differ so that it cancels out.
 */
#ifndef TLSWARDEN_SIP_H
#define TLSWARDEN_SIP_H

#include "slice.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

struct sip_key {
	uint64_t	 half[2];
};

/* Without random bytes, names can be made to collide; nothing more. */
static inline void
sip_draw(struct sip_key *key)
{
	if (getrandom(key, sizeof(*key), GRND_NONBLOCK) != sizeof(*key))
		memset(key, 0x5a, sizeof(*key));
}

struct sip {
	uint64_t	 v[4];
};

static inline uint64_t
sip_turn(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline void
sip_round(struct sip *s)
{
	uint64_t *v = s->v;

	v[0] += v[1];
	v[1] = sip_turn(v[1], 13) ^ v[0];
	v[0] = sip_turn(v[0], 32);
	v[2] += v[3];
	v[3] = sip_turn(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = sip_turn(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = sip_turn(v[1], 17) ^ v[2];
	v[2] = sip_turn(v[2], 32);
}

static inline struct sip
sip_start(const struct sip_key *key)
{
	return (struct sip){ { key->half[0] ^ 0x736f6d6570736575,
	    key->half[1] ^ 0x646f72616e646f6d, key->half[0] ^ 0x6c7967656e657261,
	    key->half[1] ^ 0x7465646279746573 } };
}

static inline void
sip_number(struct sip *s, uint64_t number)
{
	s->v[3] ^= number;
	sip_round(s);
	s->v[0] ^= number;
}

/* Its length goes in, too: where one text ends is part of what is hashed. */
static inline void
sip_text(struct sip *s, struct slice text)
{
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= text.len; i += sizeof(word)) {
		memcpy(&word, text.p + i, sizeof(word));
		sip_number(s, word);
	}
	word = 0;
	if (i < text.len)
		memcpy(&word, text.p + i, text.len - i);
	sip_number(s, word ^ (uint64_t)text.len << 56);
}

static inline uint64_t
sip_end(struct sip *s)
{
	s->v[2] ^= 0xff;
	sip_round(s);
	sip_round(s);
	sip_round(s);
	return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

#endif
