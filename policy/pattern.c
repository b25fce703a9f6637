/*
 * pattern.c owns regular expressions and everything of PCRE2; it may not know
 * what they are matched against.
 *
 * No JIT: the subjects are short, and the limits must be hit at the same place
 * by the daemon in its sandbox and by the command in a shell.
 */
/* libc */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
/* this project */
#include "mem.h"
#include "pattern.h"
/* pcre2 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT	10000
#define DEPTH_LIMIT	250
#define HEAP_LIMIT	256		/* KiB */
#define CODE_MAX	(64 * 1024)	/* bytes of a compiled pattern */

struct pattern {
	pcre2_code	*code;
};

/*
 * Memory for one match at a time.  PCRE2 asks for frames of backtracking as it
 * goes, each time about twice as much, up to the heap limit: with what it gave
 * back and the match data that is less than three times the limit.  Nothing is
 * given back until the match is over, then all of it at once.  Pages that no
 * match ever needed are never touched, and so cost nothing.
 */
#define ARENA_SIZE	(3 * HEAP_LIMIT * 1024)

struct scratch {
	pcre2_general_context	*general;
	pcre2_match_context	*limits;
	size_t			 kept;	/* of the two above */
	size_t			 used;
	_Alignas(max_align_t) uint8_t arena[ARENA_SIZE];
};

static void *
arena_take(PCRE2_SIZE size, void *ctx)
{
	struct scratch *s = ctx;
	void *p;

	if (size > ARENA_SIZE - s->used)
		return NULL;
	p = s->arena + s->used;
	size += (_Alignof(max_align_t) - size % _Alignof(max_align_t)) %
	    _Alignof(max_align_t);
	s->used = size < ARENA_SIZE - s->used ? s->used + size : ARENA_SIZE;
	return p;
}

static void
arena_give_back(void *p, void *ctx)
{
	(void)p;
	(void)ctx;
}

struct scratch *
scratch_new(void)
{
	struct scratch *s;

	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s == MAP_FAILED)
		return NULL;
	s->general = pcre2_general_context_create(arena_take, arena_give_back, s);
	if (s->general != NULL)
		s->limits = pcre2_match_context_create(s->general);
	if (s->limits == NULL) {
		scratch_free(s);
		return NULL;
	}
	pcre2_set_match_limit(s->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(s->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(s->limits, HEAP_LIMIT);
	s->kept = s->used;
	return s;
}

void
scratch_free(struct scratch *s)
{
	if (s != NULL)
		munmap(s, sizeof(*s));
}

static int
refuse_callout(pcre2_callout_enumerate_block *block, void *ctx)
{
	*(size_t *)ctx = block->pattern_position;
	return 1;
}

/* What PCRE2 allows and a policy may not have; NULL when there is nothing. */
static const char *
refusal(const pcre2_code *code, const char *text, size_t len, size_t *offset)
{
	size_t size = 0;

	*offset = 0;
	if (len >= 2 && text[0] == '(' && text[1] == '*')
		return "a pattern may not begin with (*";
	if (pcre2_callout_enumerate(code, refuse_callout, offset) != 0)
		return "a pattern may not call out";
	pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
	if (size > CODE_MAX)
		return "the pattern is too large when compiled";
	return NULL;
}

struct pattern *
pattern_compile(const char *text, size_t len, bool nocase, char *message,
    size_t size, size_t *offset)
{
	const uint32_t options = PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF |
	    PCRE2_NEVER_UCP | PCRE2_DOLLAR_ENDONLY;
	const char *why;
	struct pattern *pattern;
	pcre2_code *code;
	PCRE2_SIZE at = 0;
	int error = 0;

	*offset = 0;
	if (len > PATTERN_MAX) {
		*offset = PATTERN_MAX;
		snprintf(message, size, "a pattern has at most %d characters",
		    PATTERN_MAX);
		return NULL;
	}
	code = pcre2_compile((PCRE2_SPTR)text, len,
	    options | (nocase ? PCRE2_CASELESS : 0), &error, &at, NULL);
	if (code == NULL) {
		*offset = at < len ? at : len;
		if (pcre2_get_error_message(error, (PCRE2_UCHAR *)message, size) < 0)
			snprintf(message, size, "error %d of PCRE2", error);
		return NULL;
	}
	why = refusal(code, text, len, offset);
	if (why != NULL) {
		snprintf(message, size, "%s", why);
		pcre2_code_free(code);
		return NULL;
	}
	pattern = mem_calloc(1, sizeof(*pattern));
	pattern->code = code;
	return pattern;
}

void
pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_code_free(pattern->code);
	free(pattern);
}

enum pattern_answer
pattern_match(const struct pattern *pattern, const char *text, size_t len,
    struct scratch *s)
{
	pcre2_match_data *data;
	int result;

	if (s == NULL || len > PATTERN_SUBJECT_MAX)
		return PATTERN_LIMIT;
	s->used = s->kept;
	data = pcre2_match_data_create(1, s->general);
	if (data == NULL)
		return PATTERN_LIMIT;
	result = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0, data,
	    s->limits);
	if (result == PCRE2_ERROR_NOMATCH)
		return PATTERN_NO;
	return result >= 0 ? PATTERN_YES : PATTERN_LIMIT;
}

/*
 * The rest is a warning's eye on the text of a pattern.  It need not be exact:
 * the limits hold whatever it overlooks.
 */
#define NESTED_MAX	256	/* groups in groups; PCRE2's own limit is 250 */

/* The end of an escape, a class or \Q..\E that starts at i; or i. */
static size_t
skip_atom(const char *p, size_t len, size_t i)
{
	const char *end;

	if (p[i] == '\\' && i + 1 < len) {
		if (p[i + 1] != 'Q')
			return i + 2;
		for (end = p + i + 2; end + 1 < p + len; end++)
			if (end[0] == '\\' && end[1] == 'E')
				return (size_t)(end - p) + 2;
		return len;
	}
	if (p[i] != '[')
		return i;
	i++;
	if (i < len && p[i] == '^')
		i++;
	if (i < len && p[i] == ']')
		i++;
	while (i < len && p[i] != ']')
		i += p[i] == '\\' ? 2 : 1;
	return i < len ? i + 1 : len;
}

/* Length of a quantifier without an upper end at i; 0 when there is none. */
static size_t
repetition(const char *p, size_t len, size_t i)
{
	size_t n = 1;

	if (i >= len)
		return 0;
	if (p[i] == '*' || p[i] == '+')
		return 1;
	if (p[i] != '{')
		return 0;
	while (i + n < len && p[i + n] >= '0' && p[i + n] <= '9')
		n++;
	if (n == 1 || i + n + 1 >= len || p[i + n] != ',' || p[i + n + 1] != '}')
		return 0;
	return n + 2;
}

bool
pattern_is_nested(const char *p, size_t len)
{
	bool inside[NESTED_MAX] = { false };
	size_t depth = 0, i, n, next;
	bool closed;

	for (i = 0; i < len; i = next) {
		next = skip_atom(p, len, i);
		closed = false;
		if (next == i) {
			next++;
			if (p[i] == '(' && depth + 1 < NESTED_MAX)
				inside[++depth] = false;
			else if (p[i] == ')' && depth > 0)
				closed = inside[depth--];
		}
		n = p[i] == '(' || p[i] == '|' ? 0 : repetition(p, len, next);
		if (n > 0 && closed)
			return true;
		/* What is possessive gives nothing back: (a++)+ is harmless. */
		if ((n > 0 && !(next + n < len && p[next + n] == '+')) || closed)
			inside[depth] = true;
		next += n;
	}
	return false;
}
