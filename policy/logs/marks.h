/*
 * marks.h: where in a line the bytes are that can end a value.
 */
#ifndef TLSWARDEN_MARKS_H
#define TLSWARDEN_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARKS_LINE	1024	/* bytes of a line; few are longer */

struct line_marks {
	unsigned int	 equals;	/* how many `=' there are */
	uint64_t	 bits[MARKS_LINE / 64 + 1];
};

/*
 * Set bit i % 64 of bits[i / 64] where byte i is a space or `"', and where i is
 * len, and clear the others of those below.  False: the line is longer, or has a
 * byte that is none of space to ~, or a `\': the marks are of no use then.
 */
bool	marks_of(const char *, size_t len, struct line_marks *);
/* The ways there are to do it on this processor, for the test; NULL: no more. */
typedef bool marks_way(const char *, size_t len, struct line_marks *);
marks_way	*marks_ways(size_t i);

/* From mark to mark, without a look at what stands between them. */
struct marks_walk {
	const uint64_t	*next;
	uint64_t	 word;		/* those still to come of the one before */
	size_t		 base;		/* what its first bit stands for */
};

static inline struct marks_walk
marks_walk(const struct line_marks *m)
{
	return (struct marks_walk){ m->bits + 1, m->bits[0], 0 };
}

/* Not to be asked for any behind the one at len. */
static inline size_t
marks_next(struct marks_walk *w)
{
	size_t at;

	while (w->word == 0) {
		w->word = *w->next++;
		w->base += 64;
	}
	at = w->base + (unsigned int)__builtin_ctzll(w->word);
	w->word &= w->word - 1;
	return at;
}

#endif
