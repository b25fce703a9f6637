/*
 * marks.h: where in a line the bytes are that can end a value.
 */
#ifndef TLSWARDEN_MARKS_H
#define TLSWARDEN_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARKS_WORDS(len)	((len) / 64 + 1)

/*
 * Set bit i % 64 of marks[i / 64] where byte i is a space, `"', `=' or `\', and
 * where i is len, and clear the others of those below.  There is room for
 * MARKS_WORDS(len).  False: a byte is none of space to ~; the marks are of no
 * use then.
 */
bool	marks_of(const char *, size_t len, uint64_t *marks);
/* The same without what some processors have, for the test that compares. */
bool	marks_of_any(const char *, size_t len, uint64_t *marks);

/* The first mark at or behind a place; there is one. */
static inline size_t
marks_next(const uint64_t *marks, size_t at)
{
	size_t i = at / 64;
	uint64_t word = marks[i] >> at % 64;

	if (word != 0)
		return at + (size_t)__builtin_ctzll(word);
	while (marks[++i] == 0)
		;
	return i * 64 + (size_t)__builtin_ctzll(marks[i]);
}

#endif
