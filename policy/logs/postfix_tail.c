/*
 * postfix_tail.c owns the end of Postfix's lines about refusals, where stands
 * what the client said; it may not know what was refused.
 *
 *	...; from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<mx> \
 *	    sasl_username=<ann>
 *
 * Senders and recipients may hold anything in quotes, also all of the above,
 * and the recipient stands in the reply before it too.  So the tail is what
 * parses as one from "; " to the very end of the line, in the order in which
 * Postfix writes it: what a client wrote into an address is followed by the
 * rest of that address and, at last, by what Postfix says behind it.  In the
 * HELO name Postfix itself replaces blanks and brackets; and the name of who
 * logged in is the only thing behind it.
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

/* <name> in which is no bracket: nobody who may log in has one. */
static bool
cut_plain_angle(struct slice *s, struct slice *name)
{
	return cut_angle(s, name) && memchr(name->p, '<', name->len) == NULL;
}

static bool
cut_helo(struct slice *s, struct slice *helo)
{
	return cut_plain_angle(s, helo) && memchr(helo->p, ' ', helo->len) == NULL;
}

/* In the order in which they stand; each may be left out. */
static const struct {
	const char	*name;
	size_t		 offset;
	bool		(*cut)(struct slice *, struct slice *);
} items[] = {
	{ "from=", offsetof(struct tail, from), cut_angle },
	{ "to=", offsetof(struct tail, to), cut_angle },
	{ "proto=", offsetof(struct tail, proto), cut_word },
	{ "helo=", offsetof(struct tail, helo), cut_helo },
	{ "sasl_method=", offsetof(struct tail, method), cut_word },
	{ "sasl_username=", offsetof(struct tail, user), cut_plain_angle },
	{ "sasl_sender=", offsetof(struct tail, login_sender), cut_angle },
};

#define ITEMS	(sizeof(items) / sizeof(items[0]))

static struct slice *
item_of(struct tail *t, size_t i)
{
	return (struct slice *)(void *)((char *)t + items[i].offset);
}

static bool
parse(struct slice s, struct tail *t)
{
	size_t i = 0;

	memset(t, 0, sizeof(*t));
	do {
		while (i < ITEMS && !cut_prefix(&s, items[i].name))
			i++;
		if (i == ITEMS || !items[i].cut(&s, item_of(t, i)))
			return false;
		i++;
	} while (cut_prefix(&s, " "));
	return s.len == 0;
}

/* " name=<value>" at the end, with no bracket in the value. */
static bool
chop_angle(struct slice *s, const char *name, struct slice *value)
{
	size_t n = strlen(name), at = slice_find_last(*s, "<");

	if (at == SIZE_MAX || at < n || s->p[s->len - 1] != '>' ||
	    memcmp(s->p + at - n, name, n) != 0 ||
	    memchr(s->p + at, '>', s->len - at - 1) != NULL)
		return false;
	*value = (struct slice){ s->p + at + 1, s->len - at - 2 };
	s->len = at - n;
	return true;
}

/* Who it was, though addresses full of "; " hide where the tail begins. */
static bool
parse_end(struct slice s, struct tail *t)
{
	memset(t, 0, sizeof(*t));
	chop_angle(&s, " sasl_username=", &t->user);
	chop_angle(&s, " helo=", &t->helo);
	return t->helo.p != NULL;
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
	if (parse_end(s, t))
		return true;
	memset(t, 0, sizeof(*t));
	return false;
}
