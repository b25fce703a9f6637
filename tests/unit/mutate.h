/*
 * mutate.h: chance for tests, the same in every run, and damage done by it.
 */
#ifndef TLSWARDEN_TEST_MUTATE_H
#define TLSWARDEN_TEST_MUTATE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * How often to draw: a twentieth where an analyser looks at every step.  Valgrind's
 * build says that it is one by the macro of gcc's ThreadSanitizer.
 */
#ifdef __SANITIZE_THREAD__
#define DRAWS(n)	((n) / 20)
#else
#define DRAWS(n)	(n)
#endif

struct chance {
	uint64_t	 state;
};

/* 0 to n - 1 */
static inline size_t
draw(struct chance *c, size_t n)
{
	/* xorshift64*, Vigna 2016 */
	c->state ^= c->state >> 12;
	c->state ^= c->state << 25;
	c->state ^= c->state >> 27;
	return (size_t)((c->state * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* Change, drop, double or insert bytes, or end early; room is at least len. */
static inline size_t
mutate(struct chance *c, char *line, size_t len, size_t room)
{
	static const char odd[] = " =\"\\none,{}[]:0x61\t\n\r\x1b\x7f\xff.v1/<>%";
	size_t at, n;
	char byte;

	if (len == 0)
		return 0;
	at = draw(c, len);
	n = 1 + draw(c, draw(c, 4) == 0 ? 40 : 3);
	byte = odd[draw(c, sizeof(odd))];
	switch (draw(c, 6)) {
	case 0:
		line[at] = byte;
		return len;
	case 1:
		line[at] = (char)draw(c, 256);
		return len;
	case 2:
		if (n > len - at)
			n = len - at;
		memmove(line + at, line + at + n, len - at - n);
		return len - n;
	case 3:
		return draw(c, 4) == 0 ? at : len;
	case 4:
		if (n > len - at)
			n = len - at;
		if (n > room - len)
			return len;
		memmove(line + at + n, line + at, len - at);
		return len + n;
	default:
		if (len == room)
			return len;
		memmove(line + at + 1, line + at, len - at);
		line[at] = byte;
		return len + 1;
	}
}

#endif
