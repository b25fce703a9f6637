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
#include "slice.h"

#define BUCKETS		8192	/* a power of two; more are far away from the processor */
#define WAYS		8	/* newest first; a cache line */
#define KEY_A		UINT64_C(0x9e3779b97f4a7c15)
#define KEY_B		UINT64_C(0xd1b54a32d192ed03)

struct again {
	uint64_t seed;
	uint64_t (*seen)[WAYS];		/* BUCKETS of hashes, in room; 0: none */
	uint64_t room[(BUCKETS + 1) * WAYS];
};

struct again *
again_new(void)
{
	struct again *a = mem_calloc(1, sizeof(*a));
	size_t over = (uintptr_t)a->room % sizeof(a->seen[0]);

	/* A bucket begins where a cache line does. */
	a->seen = (void *)((char *)a->room + (over > 0 ? sizeof(a->seen[0]) - over : 0));
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

/* Both halves of the product: each bit of it hangs on many of both. */
static inline uint64_t
mix(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
	a = (a ^ a >> 32) * KEY_A;
	a = ((a ^ a >> 29) + b) * KEY_B;
	return a ^ a >> 32;
#endif
}

/* Four lanes, none of which needs to wait for another. */
struct lanes {
	uint64_t	 key[2];
	uint64_t	 a, b, c, d;
};
#define STEP	64

static inline void
mix_step(struct lanes *l, const char *p)
{
	l->a = mix(word_at(p) ^ l->key[0], word_at(p + 8) ^ l->a);
	l->b = mix(word_at(p + 16) ^ l->key[1], word_at(p + 24) ^ l->b);
	l->c = mix(word_at(p + 32) ^ l->key[0], word_at(p + 40) ^ l->c);
	l->d = mix(word_at(p + 48) ^ l->key[1], word_at(p + 56) ^ l->d);
}

/* Its length goes in, too: where one text ends is part of it. */
static uint64_t
mix_text(uint64_t hash, struct slice s)
{
	struct lanes l = { { hash ^ KEY_A, hash ^ KEY_B }, hash, hash + KEY_A,
	    hash + KEY_B, s.len };
	char little[STEP] = "";
	size_t at;

	if (s.len < STEP) {
		if (s.len > 0)
			memcpy(little, s.p, s.len);
		mix_step(&l, little);
	} else {
		for (at = 0; at + STEP <= s.len; at += STEP)
			mix_step(&l, s.p + at);
		/* what is left, and a little more */
		if (at < s.len)
			mix_step(&l, s.p + s.len - STEP);
	}
	return mix(mix(l.a ^ l.key[0], l.b ^ l.key[1]),
	    mix(l.c ^ l.key[0], l.d ^ l.key[1]));
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
	for (i = WAYS - 1; i > 0; i--)
		ways[i] = ways[i - 1];
	ways[0] = hash;
	return false;
}
