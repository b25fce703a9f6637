/*
 * scan.c owns cutting lines into pieces; it may not know whose lines they are.
 */
/* libc */
#include <ctype.h>
#include <string.h>
/* this project */
#include "scan.h"

struct slice
cut_until(struct slice *s, char c)
{
	struct slice before = *s;
	const char *at = s->len > 0 ? memchr(s->p, c, s->len) : NULL;

	if (at == NULL) {
		*s = slice_from(*s, s->len);
		return before;
	}
	before.len = (size_t)(at - s->p);
	*s = slice_from(*s, before.len + 1);
	return before;
}

size_t
slice_find(struct slice s, const char *text)
{
	size_t n = strlen(text);
	const char *at = s.p, *end;

	/* what is not there is not even to be added to */
	if (s.len < n || s.len == 0)
		return SIZE_MAX;
	for (end = s.p + s.len; (size_t)(end - at) >= n; at++) {
		at = memchr(at, text[0], (size_t)(end - at) - n + 1);
		if (at == NULL)
			break;
		if (memcmp(at, text, n) == 0)
			return (size_t)(at - s.p);
	}
	return SIZE_MAX;
}

size_t
slice_find_last(struct slice s, const char *text)
{
	size_t n = strlen(text), left;
	const char *at;

	if (s.len < n || s.len == 0)
		return SIZE_MAX;
	for (left = s.len - n + 1; left > 0; left = (size_t)(at - s.p)) {
		at = memrchr(s.p, text[0], left);
		if (at == NULL)
			break;
		if (memcmp(at, text, n) == 0)
			return (size_t)(at - s.p);
	}
	return SIZE_MAX;
}

bool
cut_past(struct slice *s, const char *text, struct slice *before)
{
	size_t at = slice_find(*s, text);

	if (at == SIZE_MAX)
		return false;
	if (before != NULL)
		*before = (struct slice){ s->p, at };
	*s = slice_from(*s, at + strlen(text));
	return true;
}

int
cut_number(struct slice *s, uint32_t *number)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < s->len && i < 9 && isdigit((unsigned char)s->p[i]); i++)
		n = n * 10 + (uint32_t)(s->p[i] - '0');
	if (i == 0 || (i < s->len && isdigit((unsigned char)s->p[i])))
		return -1;
	*s = slice_from(*s, i);
	*number = n;
	return 0;
}

struct slice
cut_alnum(struct slice *s)
{
	struct slice word = { s->p, 0 };

	while (word.len < s->len && isalnum((unsigned char)s->p[word.len]))
		word.len++;
	*s = slice_from(*s, word.len);
	return word;
}

/* The bracket that ends what begins at 1; SIZE_MAX: none. */
static size_t
angle_end(struct slice s, bool quotes)
{
	bool quoted = false;
	size_t i;

	for (i = 1; i < s.len; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		else if (quotes && s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '>' && !quoted)
			return i;
	}
	return SIZE_MAX;
}

bool
cut_angle(struct slice *s, struct slice *address)
{
	size_t end = 1;

	if (s->len == 0 || s->p[0] != '<')
		return false;
	/* Few have quotes. */
	while (end < s->len && s->p[end] != '>' && s->p[end] != '"')
		end++;
	if (end == s->len || s->p[end] != '>')
		end = angle_end(*s, true);
	if (end == SIZE_MAX)
		end = angle_end(*s, false);
	if (end == SIZE_MAX)
		return false;
	*address = (struct slice){ s->p + 1, end - 1 };
	*s = slice_from(*s, end + 1);
	return true;
}
