/*
 * postfix_tail.c owns the end of Postfix's lines about refusals, where stands
 * what the client said; it may not know what was refused.
 *
 *	...; from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mx> \
 *	    sasl_username=<ann>
 *
 * Senders and recipients may hold anything in quotes, also all of the above,
 * and the recipient stands in the reply before it too.  So the tail is what
 * parses as one from "; " to the very end of the line: what a client wrote
 * into an address is followed by the rest of that address, and does not.  In
 * the HELO name Postfix itself replaces blanks and brackets.
 */
/* libc */
#include <string.h>
/* this project */
#include "postfix.h"
#include "scan.h"

#define TAIL_MAX	4096	/* what a client can say, several times over */
#define TRIES_MAX	16

static bool
cut_word(struct slice *s, struct slice *word)
{
	const char *blank = s->len > 0 ? memchr(s->p, ' ', s->len) : NULL;

	*word = *s;
	if (blank != NULL)
		word->len = (size_t)(blank - s->p);
	*s = slice_from(*s, word->len);
	return word->len > 0 && memchr(word->p, '<', word->len) == NULL;
}

/* A name as an administrator made it, so the last bracket ends it. */
static bool
cut_last_angle(struct slice *s, struct slice *name)
{
	size_t end = slice_find(*s, "> sasl_sender=");

	if (end == SIZE_MAX)
		end = s->len > 0 && s->p[s->len - 1] == '>' ? s->len - 1 : SIZE_MAX;
	if (s->p[0] != '<' || end == SIZE_MAX || end == 0)
		return false;
	*name = (struct slice){ s->p + 1, end - 1 };
	*s = slice_from(*s, end + 1);
	return true;
}

static bool
cut_item(struct slice *s, struct tail *t)
{
	struct slice ignored;

	if (t->from.p == NULL && cut_prefix(s, "from="))
		return cut_angle(s, &t->from);
	if (t->to.p == NULL && cut_prefix(s, "to="))
		return cut_angle(s, &t->to);
	if (cut_prefix(s, "proto="))
		return cut_word(s, &ignored);
	if (t->helo.p == NULL && cut_prefix(s, "helo="))
		return cut_angle(s, &t->helo) &&
		    memchr(t->helo.p, ' ', t->helo.len) == NULL;
	if (t->method.p == NULL && cut_prefix(s, "sasl_method="))
		return cut_word(s, &t->method);
	if (t->user.p == NULL && cut_prefix(s, "sasl_username="))
		return s->len > 0 && cut_last_angle(s, &t->user);
	if (cut_prefix(s, "sasl_sender="))
		return cut_angle(s, &ignored);
	return false;
}

static bool
parse(struct slice s, struct tail *t)
{
	memset(t, 0, sizeof(*t));
	do {
		if (!cut_item(&s, t))
			return false;
	} while (cut_prefix(&s, " "));
	return s.len == 0;
}

bool
postfix_tail(struct slice s, struct tail *t)
{
	unsigned int tries;

	if (s.len > TAIL_MAX)
		s = slice_from(s, s.len - TAIL_MAX);
	for (tries = 0; tries < TRIES_MAX && cut_past(&s, "; ", NULL); tries++)
		if (parse(s, t))
			return true;
	memset(t, 0, sizeof(*t));
	return false;
}
