/*
 * pattern.c owns regular expressions and everything of PCRE2; it may not know
 * what they are matched against.
 *
 * No JIT: the subjects are short, and the limits must be hit at the same place
 * by the daemon in its sandbox and by the command in a shell.
 */
/* libc */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
/* this project */
#include "mem.h"
#include "pattern.h"
/* pcre2 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define DEPTH_LIMIT	250
#define HEAP_LIMIT	128		/* KiB */
#define CODE_MAX	(64 * 1024)	/* bytes of a compiled pattern */

struct pattern {
	pcre2_code	*code;
};

/*
 * Memory for one match at a time.  PCRE2 keeps its frames of backtracking in
 * one block, up to the heap limit; to have a larger one it asks for that,
 * copies, and gives the smaller one back.  So one block stands at the lower
 * end and the next at the upper, in turns, and twice the limit is enough,
 * beside the contexts and the match data.  Pages that no match ever needed are
 * never touched, and so cost nothing.
 */
#define ARENA_SIZE	(2 * HEAP_LIMIT * 1024 + 4096)

struct scratch {
	pcre2_general_context	*general;
	pcre2_match_context	*limits;
	size_t			 kept;	/* of the two above */
	size_t			 floor;	/* of these and the match data */
	size_t			 low;	/* taken from the lower end */
	size_t			 high;	/* taken from the upper end */
	size_t			 top;	/* of that, the block taken last */
	bool			 grown;	/* the upper end was used */
	_Alignas(max_align_t) uint8_t arena[ARENA_SIZE];
};

static void *
arena_take(PCRE2_SIZE size, void *ctx)
{
	struct scratch *s = ctx;
	size_t room = ARENA_SIZE - s->low - s->high;

	if (size > room)
		return NULL;
	size += (_Alignof(max_align_t) - size % _Alignof(max_align_t)) %
	    _Alignof(max_align_t);
	if (size > room)
		return NULL;
	if (s->floor == 0 || s->low == s->floor) {
		s->low += size;
		return s->arena + s->low - size;
	}
	s->high += size;
	s->top = size;
	s->grown = true;
	return s->arena + ARENA_SIZE - s->high;
}

/* What is not the last of its end stays until the match is over. */
static void
arena_give_back(void *p, void *ctx)
{
	struct scratch *s = ctx;

	if (s->floor == 0 || p == NULL)
		return;
	if (p == s->arena + s->floor) {
		s->low = s->floor;
	} else if (p == s->arena + ARENA_SIZE - s->high) {
		s->high -= s->top;
		s->top = 0;
	}
}

/* Empty but for what is kept; a match that took much gives its pages back. */
static void
arena_clear(struct scratch *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), from;

	s->floor = 0;
	s->low = s->kept;
	s->high = s->top = 0;
	if (!s->grown)
		return;
	s->grown = false;
	from = offsetof(struct scratch, arena) + s->kept;
	from += (page - from % page) % page;
	madvise((uint8_t *)s + from, sizeof(*s) - from, MADV_DONTNEED);
}

struct scratch *
scratch_new_or_null(void)
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
	pcre2_set_match_limit(s->limits, PATTERN_STEPS);
	pcre2_set_depth_limit(s->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(s->limits, HEAP_LIMIT);
	s->kept = s->low;
	return s;
}

struct scratch *
scratch_new(void)
{
	struct scratch *s;

	s = scratch_new_or_null();
	if (s == NULL)
		mem_give_up(sizeof(*s));
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
	if (code == NULL && error == PCRE2_ERROR_HEAP_FAILED)
		mem_give_up(len);
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
	int result = PCRE2_ERROR_NOMEMORY;

	if (s == NULL || len > PATTERN_SUBJECT_MAX)
		return PATTERN_LIMIT;
	data = pcre2_match_data_create(1, s->general);
	s->floor = s->low;
	if (data != NULL)
		result = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, 0, 0, data,
		    s->limits);
	arena_clear(s);
	if (result == PCRE2_ERROR_NOMATCH)
		return PATTERN_NO;
	return result >= 0 ? PATTERN_YES : PATTERN_LIMIT;
}

static bool
ends_within(const struct pattern *pattern, const char *text, size_t len,
    struct scratch *s, unsigned int steps)
{
	enum pattern_answer answer;

	pcre2_set_match_limit(s->limits, steps);
	answer = pattern_match(pattern, text, len, s);
	pcre2_set_match_limit(s->limits, PATTERN_STEPS);
	return answer != PATTERN_LIMIT;
}

unsigned int
pattern_cost(const struct pattern *pattern, const char *text, size_t len,
    struct scratch *s, unsigned int least)
{
	unsigned int low = least, high = PATTERN_STEPS, middle;

	if (s == NULL)
		return PATTERN_STEPS + 1;
	if (least > PATTERN_STEPS || ends_within(pattern, text, len, s, least))
		return least;
	if (!ends_within(pattern, text, len, s, PATTERN_STEPS))
		return PATTERN_STEPS + 1;
	/* low does not do, high does */
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (ends_within(pattern, text, len, s, middle))
			high = middle;
		else
			low = middle;
	}
	return high;
}
