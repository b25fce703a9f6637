/*
 * pattern.h: regular expressions, with limits.
 *
 * PCRE2 without JIT: match limit 10,000, depth 250, heap 128 KiB, pattern up
 * to 1,024 characters, subject up to 512 bytes (longer: unknown).  Patterns
 * are compiled once and shared; a match uses the scratch of one connection.
 * Without it, or when it does not do, the answer is PATTERN_LIMIT.
 */
#ifndef TLSWARDEN_PATTERN_H
#define TLSWARDEN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#define PATTERN_MAX		1024
#define PATTERN_SUBJECT_MAX	512
#define PATTERN_STEPS		10000	/* PCRE2's match limit */

struct pattern;
struct scratch;

/*
 * NULL when it does not compile: message gets why, offset the byte of the
 * pattern at which.
 */
struct pattern	*pattern_compile(const char *, size_t, bool nocase,
		    char *message, size_t size, size_t *offset);
void		 pattern_free(struct pattern *);

/* NULL when there is no memory. */
struct scratch	*scratch_new(void);
struct scratch	*scratch_new_or_null(void);
void		 scratch_free(struct scratch *);

enum pattern_answer { PATTERN_NO, PATTERN_YES, PATTERN_LIMIT };
enum pattern_answer pattern_match(const struct pattern *, const char *, size_t,
		    struct scratch *);
/*
 * The least number of steps that brings a match to its answer, or `least' when
 * that many do; PATTERN_STEPS + 1 when it hits a limit.
 */
unsigned int	 pattern_cost(const struct pattern *, const char *, size_t,
		    struct scratch *, unsigned int least);

/* --- pattern_prefix.c: what a pattern asks for at the least, seen from its text */

/*
 * Every subject that a pattern matches, with or without nocase, begins with
 * these bytes, in upper or lower case; at most size of them, and no NUL.
 * 0: nothing is known.  The pattern compiles.
 */
size_t		 pattern_prefix(const char *text, char *prefix, size_t size);

/* --- pattern_trial.c: what a pattern may cost, seen from its text */

/* A quantifier over a group that holds a quantifier: (a+)+ */
bool		 pattern_is_nested(const char *, size_t);

/* The worst of the subjects that were tried. */
struct pattern_trial {
	unsigned int	 steps;		/* as pattern_cost() */
	size_t		 len;
	char		 subject[PATTERN_SUBJECT_MAX];
};
/* Subjects of at most max bytes, made from the text of the pattern. */
void		 pattern_try(const struct pattern *, const char *text, size_t max,
		    struct scratch *, struct pattern_trial *);

#endif
