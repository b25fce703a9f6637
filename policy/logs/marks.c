/*
 * marks.c owns the finding of the bytes that matter in a record, many at a time;
 * it may not know what a record is.
 */
/* libc */
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
/* this directory */
#include "marks.h"

#define BLOCK	64	/* bytes, and bits of their marks */

/*
 * A block: its marks; *bad is not 0 from then on when not all of it is
 * printable.
 */
typedef uint64_t block_marks(const char *, uint64_t *bad);

/* --- eight bytes as a number */

static inline uint64_t
marks_of_8(const char *p, uint64_t *bad)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), low = ones * 0x7f, high = ~low;
	uint64_t word, none;

	memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	/* 0x7f and up: adding 1 carries into, or leaves, the top bit. */
	*bad |= (word | (word + ones) | (word - ones * ' ')) & high;
	/* What differs, and is below 0x80, carries into the top bit, too. */
	none = ((word ^ ones * ' ') + low) & ((word ^ ones * '"') + low) &
	    ((word ^ ones * '=') + low) & ((word ^ ones * '\\') + low);
	/* Eight top bits, side by side. */
	return (((~none & high) >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static uint64_t
marks_by_8(const char *p, uint64_t *bad)
{
	uint64_t marks = 0;
	unsigned int i;

	for (i = 0; i < BLOCK; i += 8)
		marks |= marks_of_8(p + i, bad) << i;
	return marks;
}

/* --- sixteen */

#ifdef __SSE2__
static inline uint64_t
marks_of_16(const char *p, __m128i *bad)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p), found;

	/* As signed numbers those from 0x80 on are small, too. */
	*bad = _mm_or_si128(*bad, _mm_or_si128(
	    _mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')),
	    _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f))));
	found = _mm_or_si128(
	    _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')),
	    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))),
	    _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('=')),
	    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
	return (unsigned int)_mm_movemask_epi8(found);
}

static uint64_t
marks_by_16(const char *p, uint64_t *bad)
{
	__m128i unfit = _mm_setzero_si128();
	uint64_t marks;

	marks = marks_of_16(p, &unfit) | marks_of_16(p + 16, &unfit) << 16 |
	    marks_of_16(p + 32, &unfit) << 32 | marks_of_16(p + 48, &unfit) << 48;
	*bad |= (unsigned int)_mm_movemask_epi8(unfit);
	return marks;
}
#endif

/* --- all of it */

/* Behind the end stand spaces, which are marks: nobody looks for them in vain. */
static inline bool
marks_by(block_marks *block, const char *p, size_t len, uint64_t *marks)
{
	char last[BLOCK];
	uint64_t bad = 0;
	size_t at;

	for (at = 0; at + BLOCK <= len; at += BLOCK)
		*marks++ = block(p + at, &bad);
	memset(last, ' ', sizeof(last));
	if (at < len)
		memcpy(last, p + at, len - at);
	*marks = block(last, &bad);
	return bad == 0;
}

bool
marks_of_any(const char *p, size_t len, uint64_t *marks)
{
	return marks_by(marks_by_8, p, len, marks);
}

bool
marks_of(const char *p, size_t len, uint64_t *marks)
{
#ifdef __SSE2__
	return marks_by(marks_by_16, p, len, marks);
#else
	return marks_of_any(p, len, marks);
#endif
}
