/*
 * marks.c owns the finding of the bytes that matter in a record, many at a time;
 * it may not know what a record is.
 */
/* libc */
#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif
/* this directory */
#include "marks.h"

#define BLOCK	64	/* bytes, and bits of their marks */

_Static_assert(MARKS_LINE / 8 < UINT8_MAX, "what is counted place by place fits");

/* The end of a line as a block, with spaces behind it. */
static inline const char *
spaced(char block[BLOCK], const char *p, size_t len)
{
	memset(block, ' ', BLOCK);
	if (len > 0)
		memcpy(block, p, len);
	return block;
}

/* --- eight bytes as a number */

#define ONES	UINT64_C(0x0101010101010101)
#define HIGH	(ONES * 0x80)

/* The top bits of the bytes that are c; no byte is above 0x7f. */
static inline uint64_t
bytes_that_are(uint64_t word, unsigned char c)
{
	/* What differs carries into the top bit. */
	return ~((word ^ ONES * c) + ONES * 0x7f) & HIGH;
}

struct others {
	uint64_t	 bad;		/* top bits of bytes that may not be there */
	uint64_t	 equals;	/* how many there are, in each place of eight */
};

static inline uint64_t
marks_of_8(const char *p, struct others *o)
{
	uint64_t word, found;

	memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	/* 0x7f and up: adding 1 carries into, or leaves, the top bit. */
	o->bad |= (word | (word + ONES) | (word - ONES * ' ')) & HIGH;
	o->bad |= bytes_that_are(word, '\\');
	o->equals += bytes_that_are(word, '=') >> 7;
	found = bytes_that_are(word, ' ') | bytes_that_are(word, '"');
	/* Eight top bits, side by side. */
	return ((found >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static inline uint64_t
marks_by_8(const char *p, struct others *o)
{
	uint64_t marks = 0;
	unsigned int i;

	for (i = 0; i < BLOCK; i += 8)
		marks |= marks_of_8(p + i, o) << i;
	return marks;
}

static bool
marks_by_number(const char *p, size_t len, struct line_marks *m)
{
	struct others o = { 0, 0 };
	char last[BLOCK];
	size_t at;

	if (len > MARKS_LINE)
		return false;
	for (at = 0; at + BLOCK <= len; at += BLOCK)
		m->bits[at / BLOCK] = marks_by_8(p + at, &o);
	m->bits[at / BLOCK] = marks_by_8(spaced(last, p + at, len - at), &o);
	for (m->equals = 0; o.equals != 0; o.equals >>= 8)
		m->equals += o.equals & 0xff;
	return o.bad == 0;
}

/* --- sixteen */

#ifdef __SSE2__
struct others_16 {
	__m128i	 least;
	__m128i	 most;
	__m128i	 escapes;
	__m128i	 equals;	/* below zero, in each place of sixteen */
};

static inline uint64_t
marks_of_16(const char *p, struct others_16 *o)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);

	o->least = _mm_min_epu8(o->least, bytes);
	o->most = _mm_max_epu8(o->most, bytes);
	o->escapes = _mm_or_si128(o->escapes, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
	o->equals = _mm_add_epi8(o->equals, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('=')));
	/* A space and a quote differ in one bit. */
	return (unsigned int)_mm_movemask_epi8(_mm_cmpeq_epi8(
	    _mm_andnot_si128(_mm_set1_epi8(' ' ^ '"'), bytes), _mm_set1_epi8(' ')));
}

static inline uint64_t
marks_by_16(const char *p, struct others_16 *o)
{
	return marks_of_16(p, o) | marks_of_16(p + 16, o) << 16 |
	    marks_of_16(p + 32, o) << 32 | marks_of_16(p + 48, o) << 48;
}

static bool
marks_by_sse2(const char *p, size_t len, struct line_marks *m)
{
	const __m128i zero = _mm_setzero_si128();
	struct others_16 o = { _mm_set1_epi8('~'), _mm_set1_epi8(' '), zero, zero };
	__m128i bad, sums;
	char last[BLOCK];
	size_t at;

	if (len > MARKS_LINE)
		return false;
	for (at = 0; at + BLOCK <= len; at += BLOCK)
		m->bits[at / BLOCK] = marks_by_16(p + at, &o);
	m->bits[at / BLOCK] = marks_by_16(spaced(last, p + at, len - at), &o);
	sums = _mm_sad_epu8(_mm_sub_epi8(zero, o.equals), zero);
	m->equals = (unsigned int)(_mm_cvtsi128_si32(sums) +
	    _mm_cvtsi128_si32(_mm_srli_si128(sums, 8)));
	/* What is less than a space, or more than ~, is left of one of these. */
	bad = _mm_or_si128(o.escapes, _mm_or_si128(
	    _mm_subs_epu8(_mm_set1_epi8(' '), o.least),
	    _mm_subs_epu8(o.most, _mm_set1_epi8('~'))));
	return _mm_movemask_epi8(_mm_cmpeq_epi8(bad, zero)) == 0xffff;
}

/* --- thirty-two, on the processors that can: not all that we are built for */

#define AVX2	__attribute__((__target__("avx2")))

struct others_32 {
	__m256i	 least;
	__m256i	 most;
	__m256i	 escapes;
	__m256i	 equals;
};

AVX2 static inline uint64_t
marks_of_32(const char *p, struct others_32 *o)
{
	__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)p);

	o->least = _mm256_min_epu8(o->least, bytes);
	o->most = _mm256_max_epu8(o->most, bytes);
	o->escapes = _mm256_or_si256(o->escapes,
	    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
	o->equals = _mm256_add_epi8(o->equals,
	    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('=')));
	return (unsigned int)_mm256_movemask_epi8(_mm256_cmpeq_epi8(
	    _mm256_andnot_si256(_mm256_set1_epi8(' ' ^ '"'), bytes),
	    _mm256_set1_epi8(' ')));
}

AVX2 static bool
marks_by_avx2(const char *p, size_t len, struct line_marks *m)
{
	const __m256i zero = _mm256_setzero_si256();
	struct others_32 o = { _mm256_set1_epi8('~'), _mm256_set1_epi8(' '), zero, zero };
	__m256i bad, sums;
	char last[BLOCK];
	size_t at;

	if (len > MARKS_LINE)
		return false;
	for (at = 0; at + BLOCK <= len; at += BLOCK)
		m->bits[at / BLOCK] = marks_of_32(p + at, &o) |
		    marks_of_32(p + at + 32, &o) << 32;
	(void)spaced(last, p + at, len - at);
	m->bits[at / BLOCK] = marks_of_32(last, &o) | marks_of_32(last + 32, &o) << 32;
	sums = _mm256_sad_epu8(_mm256_sub_epi8(zero, o.equals), zero);
	m->equals = (unsigned int)(_mm256_extract_epi32(sums, 0) +
	    _mm256_extract_epi32(sums, 2) + _mm256_extract_epi32(sums, 4) +
	    _mm256_extract_epi32(sums, 6));
	bad = _mm256_or_si256(o.escapes, _mm256_or_si256(
	    _mm256_subs_epu8(_mm256_set1_epi8(' '), o.least),
	    _mm256_subs_epu8(o.most, _mm256_set1_epi8('~'))));
	return _mm256_testz_si256(bad, bad) == 1;
}
#endif

/* --- the best of them */

bool
marks_of(const char *p, size_t len, struct line_marks *m)
{
#ifdef __SSE2__
	return __builtin_cpu_supports("avx2") ? marks_by_avx2(p, len, m) :
	    marks_by_sse2(p, len, m);
#else
	return marks_by_number(p, len, m);
#endif
}

marks_way *
marks_ways(size_t i)
{
	static marks_way *const ways[] = {
		marks_of,
#ifdef __SSE2__
		marks_by_sse2,
#endif
		marks_by_number
	};

	return i < sizeof(ways) / sizeof(ways[0]) ? ways[i] : NULL;
}
