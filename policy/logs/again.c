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

/* Its length goes in, too: where one text ends is part of it. */
static uint64_t
mix_text(uint64_t hash, struct slice s)
{
	uint64_t word;
	size_t i;

	hash = mix(hash, s.len);
	for (i = 0; s.len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, s.p + i, sizeof(word));
		hash = mix(hash, word);
	}
	if (i < s.len) {
		word = 0;
		memcpy(&word, s.p + i, s.len - i);
		hash = mix(hash, word);
	}
	return hash;
}

bool
again_seen(struct again *a, const struct line *line)
{
	uint64_t hash, *ways;
	size_t i;

	if (line->stamp.len == 0)
		return false;
	hash = mix_text(a->seed, line->stamp);
	hash = mix_text(mix_text(hash, line->host), line->text) | 1;
	ways = a->seen[(hash >> 1) % BUCKETS];
	for (i = 0; i < WAYS; i++)
		if (ways[i] == hash)
			return true;
	memmove(&ways[1], &ways[0], (WAYS - 1) * sizeof(ways[0]));
	ways[0] = hash;
	return false;
}
