/*
 * suggest.c owns the distance between words; it may not know what they name.
 */
/* libc */
#include <limits.h>
#include <string.h>
/* this project */
#include "suggest.h"

#define WORD_MAX	64	/* longer words get no suggestion */

static unsigned char
fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned int
min3(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/*
 * Insertions, deletions, substitutions and swaps of neighbours, each one, no
 * place edited twice: the three last rows of the table are enough.
 */
static unsigned int
distance(const char *a, size_t alen, const char *b, size_t blen)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *two = rows[0], *one = rows[1], *now = rows[2], *swap;
	size_t i, j;

	for (j = 0; j <= blen; j++)
		one[j] = (unsigned int)j;
	for (i = 1; i <= alen; i++) {
		now[0] = (unsigned int)i;
		for (j = 1; j <= blen; j++) {
			now[j] = min3(one[j] + 1, now[j - 1] + 1,
			    one[j - 1] + (fold(a[i - 1]) != fold(b[j - 1])));
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]) &&
			    two[j - 2] + 1 < now[j])
				now[j] = two[j - 2] + 1;
		}
		swap = two;
		two = one;
		one = now;
		now = swap;
	}
	return one[blen];
}

const char *
suggest(const char *word, size_t len,
    const char *(*next)(const void *, size_t), const void *ctx)
{
	const char *candidate, *best = NULL;
	unsigned int d, limit, best_distance = UINT_MAX;
	size_t i, n;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	limit = len / 3 > 1 ? (unsigned int)(len / 3) : 1;
	for (i = 0; (candidate = next(ctx, i)) != NULL; i++) {
		n = strlen(candidate);
		if (n > WORD_MAX || n > len + limit || len > n + limit)
			continue;
		d = distance(word, len, candidate, n);
		/* a word of which nothing is left says nothing */
		if (d <= limit && d < len && d < best_distance) {
			best = candidate;
			best_distance = d;
		}
	}
	return best;
}
