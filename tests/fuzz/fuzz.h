/*
 * fuzz.h: what the fuzz targets share.
 *
 * A target is one function that takes bytes, does with them what the program
 * does with bytes of strangers, and holds promises against what comes out.
 * libFuzzer and AFL++ bring a main() of their own; drive.c has the one that
 * runs a corpus.
 */
#ifndef TLSWARDEN_FUZZ_H
#define TLSWARDEN_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What must be true whatever came in; a fuzzer takes the abort for a crash. */
#define PROMISE(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: broken: %s\n",		\
			    __FILE__, __LINE__, #condition);		\
			abort();					\
		}							\
	} while (0)

/* A piece of the input. */
struct input {
	const char	*p;
	size_t		 len;
};

/* Up to the mark, which is dropped; everything when it is not there. */
static inline struct input
take_until(struct input *in, const char *mark)
{
	size_t n = strlen(mark), i;
	struct input piece = *in;

	for (i = 0; i + n <= in->len; i++)
		if (memcmp(in->p + i, mark, n) == 0) {
			piece.len = i;
			in->p += i + n;
			in->len -= i + n;
			return piece;
		}
	in->p += in->len;
	in->len = 0;
	return piece;
}

static inline bool
input_starts(struct input in, const char *text)
{
	return in.len >= strlen(text) && memcmp(in.p, text, strlen(text)) == 0;
}

/* As a string of its own; what stands behind a NUL is lost. */
static inline char *
input_string(struct input in)
{
	char *s = malloc(in.len + 1);

	if (s == NULL)
		abort();
	if (in.len > 0)
		memcpy(s, in.p, in.len);
	s[in.len] = '\0';
	return s;
}

/* Printable ASCII, and what else is allowed. */
static inline bool
is_printable(const char *s, size_t len, const char *also)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((s[i] < ' ' || s[i] > '~') &&
		    (s[i] == '\0' || strchr(also, s[i]) == NULL))
			return false;
	return true;
}

#endif
