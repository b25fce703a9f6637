/*
 * json.h: is it one JSON text (RFC 8259)?  Strict, and only for what we write:
 * printable ASCII, nested a few levels.
 */
#ifndef TLSWARDEN_JSON_H
#define TLSWARDEN_JSON_H

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define JSON_DEPTH	20

static inline const char *
json_space(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* Behind the string, or NULL. */
static inline const char *
json_string(const char *s)
{
	size_t i;

	if (*s++ != '"')
		return NULL;
	for (; *s != '"'; s++) {
		if (*s < ' ' || *s > '~')
			return NULL;
		if (*s != '\\')
			continue;
		if (*++s == '\0' || strchr("\"\\/bfnrtu", *s) == NULL)
			return NULL;
		for (i = 0; *s == 'u' && i < 4; i++)
			if (!isxdigit((unsigned char)s[i + 1]))
				return NULL;
	}
	return s + 1;
}

static inline const char *
json_number(const char *s)
{
	size_t n;

	s += *s == '-';
	n = strspn(s, "0123456789");
	if (n == 0 || (n > 1 && *s == '0'))
		return NULL;
	s += n;
	if (*s == '.' && (n = strspn(s + 1, "0123456789")) > 0)
		s += 1 + n;
	return s;
}

/* Behind the value, or NULL. */
static inline const char *
json_value(const char *s, unsigned int depth)
{
	static const char *const words[] = { "null", "true", "false" };
	char end = *(s = json_space(s)) == '{' ? '}' : ']';
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(s, words[i], strlen(words[i])) == 0)
			return s + strlen(words[i]);
	if (*s == '"')
		return json_string(s);
	if (*s != '{' && *s != '[')
		return json_number(s);
	if (depth == JSON_DEPTH)
		return NULL;
	s = json_space(s + 1);
	if (*s == end)
		return s + 1;
	for (;;) {
		if (end == '}') {
			s = json_string(json_space(s));
			if (s == NULL || *(s = json_space(s)) != ':')
				return NULL;
			s++;
		}
		s = json_value(s, depth + 1);
		if (s == NULL)
			return NULL;
		s = json_space(s);
		if (*s == end)
			return s + 1;
		if (*s++ != ',')
			return NULL;
	}
}

static inline bool
is_json(const char *s)
{
	s = json_value(s, 0);
	return s != NULL && *json_space(s) == '\0';
}

#endif
