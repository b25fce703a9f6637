/*
 * pattern.h: regular expressions, with limits.
 *
 * PCRE2 without JIT: match limit 10,000, depth 250, heap 256 KiB, pattern up
 * to 1,024 characters, subject up to 512 bytes (longer: unknown).  Patterns
 * are compiled once and shared; a match uses the scratch of one connection.
 */
#ifndef TLSWARDEN_PATTERN_H
#define TLSWARDEN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#define PATTERN_MAX		1024
#define PATTERN_SUBJECT_MAX	512

struct pattern;
struct scratch;

/*
 * NULL when it does not compile: message gets why, offset the byte of the
 * pattern at which.
 */
struct pattern	*pattern_compile(const char *, size_t, bool nocase,
		    char *message, size_t size, size_t *offset);
void		 pattern_free(struct pattern *);
/* A quantifier over a group that holds a quantifier: (a+)+ */
bool		 pattern_is_nested(const char *, size_t);

struct scratch	*scratch_new(void);
void		 scratch_free(struct scratch *);

enum pattern_answer { PATTERN_NO, PATTERN_YES, PATTERN_LIMIT };
enum pattern_answer pattern_match(const struct pattern *, const char *, size_t,
		    struct scratch *);

#endif
