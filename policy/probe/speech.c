/*
 * speech.c owns what the three protocols share; it may not know their verbs.
 */
/* libc */
#include <stdio.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "speech.h"

void
said_copy(char said[SAID_SIZE], const char *text)
{
	size_t len = strlen(text);

	if (len >= SAID_SIZE)
		len = SAID_SIZE - 1;
	memcpy(said, text, len);
	said[len] = '\0';
}

bool
said_starts(const char *line, const char *word)
{
	return strncasecmp(line, word, strlen(word)) == 0;
}

void
offer_mechanism(struct offer *o, const char *name, size_t len)
{
	static const char *const readable[] = { "PLAIN", "LOGIN", "USER" };
	size_t i, used = strlen(o->mechanisms);

	if (len == 0)
		return;
	for (i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		if (len == strlen(readable[i]) &&
		    strncasecmp(name, readable[i], len) == 0)
			o->readable = true;
	o->login = true;
	if (len + 2 < SAID_SIZE - used)
		snprintf(o->mechanisms + used, SAID_SIZE - used, "%s%.*s",
		    used > 0 ? " " : "", (int)len, name);
}

void
offer_mechanisms(struct offer *o, const char *words)
{
	size_t len;

	for (; *words != '\0'; words += len) {
		words += strspn(words, " \t");
		len = strcspn(words, " \t");
		offer_mechanism(o, words, len);
	}
}
