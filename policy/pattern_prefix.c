/*
 * pattern_prefix.c owns what is certain of the beginning of what a pattern
 * matches; it may not know PCRE2.  Whatever it does not understand, it leaves:
 * a shorter beginning, or none, is never wrong.
 */
/* libc */
#include <stdbool.h>
#include <string.h>
/* this project */
#include "pattern.h"

/* Letters and digits stand for themselves, whatever comes before them. */
static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '@';
}

/* What an escape with this letter takes up goes beyond the letter. */
static bool
is_opaque(char escaped)
{
	return escaped == '\0' || strchr("QEc", escaped) != NULL;
}

/* The closing bracket of a class that opens here, or NULL. */
static const char *
end_of_class(const char *p)
{
	p += p[1] == '^' ? 2 : 1;
	/* one that stands first is a member */
	if (*p == ']')
		p++;
	for (; *p != '\0' && *p != ']'; p++) {
		/* [:alpha:] and its kind */
		if (*p == '[' && (p[1] == ':' || p[1] == '.' || p[1] == '='))
			return NULL;
		/* in a class \Q quotes, too, and \c] is no bracket */
		if (*p == '\\' && is_opaque(*++p))
			return NULL;
	}
	return *p == ']' ? p : NULL;
}

/*
 * Nothing but what is read here: groups that only group, no alternative outside
 * of them, no quoting by \Q, no \c(, no options, no verbs.
 */
static bool
is_simple(const char *p)
{
	unsigned int depth = 0;

	for (; *p != '\0'; p++) {
		switch (*p) {
		case '\\':
			if (is_opaque(*++p))
				return false;
			break;
		case '[':
			p = end_of_class(p);
			if (p == NULL)
				return false;
			break;
		case '(':
			if (p[1] == '*' || (p[1] == '?' && p[2] != ':'))
				return false;
			depth++;
			break;
		case ')':
			if (depth-- == 0)
				return false;
			break;
		case '|':
			if (depth == 0)
				return false;
			break;
		default:
			break;
		}
	}
	return depth == 0;
}

size_t
pattern_prefix(const char *text, char *prefix, size_t size)
{
	const char *p = text;
	size_t n = 0;

	if (*p++ != '^' || !is_simple(p))
		return 0;
	while (n < size) {
		if (is_plain(*p))
			prefix[n++] = *p++;
		else if (p[0] == '\\' && (p[1] == '.' || p[1] == '-' || p[1] == '@'))
			prefix[n++] = p[1], p += 2;
		else
			break;
	}
	/* the last may be there any number of times, or not at all */
	if (n > 0 && *p != '\0' && strchr("*+?{", *p) != NULL)
		n--;
	return n;
}
