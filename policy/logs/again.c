/*
 * again.c owns which records were there before; it may not know what they say.
 */
/* libc */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
/* this project */
#include "again.h"
#include "mem.h"

#define BUCKETS		65536	/* a power of two */
#define WAYS		4	/* newest first */
#define WORD		sizeof(uint64_t)

struct again {
	uint64_t seed;
	uint64_t seen[BUCKETS][WAYS];	/* hashes; 0: none */
};

struct again *
again_new(void)
{
	struct again *a = mem_calloc(1, sizeof(*a));

	/* Without random bytes, a client could try for a hash; it is told no time. */
	if (getrandom(&a->seed, sizeof(a->seed), GRND_NONBLOCK) == -1)
		a->seed = 0;
	return a;
}

void
again_free(struct again *a)
{
	free(a);
}

static uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static uint64_t
word_at(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/*
 * Its length goes in, too: where one text ends is part of it.  Each step waits for
 * the one before, so there are four lanes: four steps are made at a time.
 */
static uint64_t
mix_text(uint64_t hash, struct slice s)
{
	uint64_t a, b, c, d, last = 0;
	const char *p = s.p;
	size_t left;

	a = b = c = d = mix(hash, s.len);
	for (left = s.len; left >= 4 * WORD; left -= 4 * WORD, p += 4 * WORD) {
		a = mix(a, word_at(p));
		b = mix(b, word_at(p + WORD));
		c = mix(c, word_at(p + 2 * WORD));
		d = mix(d, word_at(p + 3 * WORD));
	}
	hash = mix(mix(mix(a, b), c), d);
	for (; left >= WORD; left -= WORD, p += WORD)
		hash = mix(hash, word_at(p));
	if (left > 0)
		memcpy(&last, p, left);
	return mix(hash, last);
}

static uint64_t *
ways_of(struct again *a, uint64_t hash)
{
	return a->seen[(hash >> 1) % BUCKETS];
}

uint64_t
again_expect(struct again *a, const struct line *line)
{
	uint64_t hash;

	if (line->stamp.len == 0)
		return 0;
	hash = mix_text(a->seed, line->stamp);
	hash = mix_text(mix_text(hash, line->host), line->text) | 1;
	__builtin_prefetch(ways_of(a, hash), 1);
	return hash;
}

bool
again_seen(struct again *a, uint64_t hash)
{
	uint64_t *ways = ways_of(a, hash);
	size_t i;

	if (hash == 0)
		return false;
	for (i = 0; i < WAYS; i++)
		if (ways[i] == hash)
			return true;
	memmove(&ways[1], &ways[0], (WAYS - 1) * sizeof(ways[0]));
	ways[0] = hash;
	return false;
}
