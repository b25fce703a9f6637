/*
 * answer.c owns reading replies that log lines quote; it may not know to what
 * command they answer.
 */
/* libc */
#include <ctype.h>
/* this project */
#include "answer.h"
#include "policy.h"
#include "scan.h"

#define TEXT_LOOK	512	/* a reply of ours is no longer */

/* Words of a policy about encryption; what else answers x.7.0 lacks them. */
static const char *const words[] = { "TLS", "ncrypt", "cipher" };
/* The daemon's own failures, 451 4.3.0. */
static const char *const failures[] = { "cannot judge this connection",
    "Temporary failure of the policy service" };

static bool
holds(struct slice text, const char *const *list, size_t count)
{
	size_t i;

	if (text.len > TEXT_LOOK)
		text.len = TEXT_LOOK;
	for (i = 0; i < count; i++)
		if (slice_find(text, list[i]) != SIZE_MAX)
			return true;
	return false;
}

static bool
cut_code(struct slice *s)
{
	if (s->len < 4 || s->p[3] != ' ' || (s->p[0] != '4' && s->p[0] != '5') ||
	    !isdigit((unsigned char)s->p[1]) || !isdigit((unsigned char)s->p[2]))
		return false;
	*s = slice_from(*s, 4);
	return true;
}

/* RFC 3463: class, subject, detail. */
static struct slice
cut_enhanced(struct slice *s)
{
	struct slice rest = *s;
	uint32_t class, subject, detail;

	if (cut_number(&rest, &class) == 0 && (class == 4 || class == 5) &&
	    cut_prefix(&rest, ".") && cut_number(&rest, &subject) == 0 &&
	    cut_prefix(&rest, ".") && cut_number(&rest, &detail) == 0 &&
	    subject < 1000 && detail < 1000 && (rest.len == 0 || rest.p[0] == ' ')) {
		struct slice enhanced = { s->p, s->len - rest.len };

		*s = rest;
		return enhanced;
	}
	return SLICE_NULL;
}

/* text: from the code on; rest: behind the codes */
static bool
is_ours(const struct answers *known, struct slice text, struct slice enhanced,
    struct slice rest)
{
	size_t i, len = text.len < TEXT_LOOK ? text.len : TEXT_LOOK;

	for (i = 0; i < ANSWER_POLICIES && known->policies[i] != NULL; i++)
		if (policy_replies(known->policies[i], text.p, len))
			return true;
	enhanced = slice_from(enhanced, 1);
	/* Other or undefined; encryption needed; encryption required for it. */
	if (slice_is(enhanced, ".7.0") || slice_is(enhanced, ".7.10") ||
	    slice_is(enhanced, ".7.11"))
		return holds(rest, words, sizeof(words) / sizeof(words[0]));
	return slice_starts(text, "451 4.3.0 ") &&
	    holds(rest, failures, sizeof(failures) / sizeof(failures[0]));
}

bool
answer_read(struct slice text, bool milter, const struct answers *known,
    struct answer *a)
{
	struct slice rest = text, enhanced;
	bool code = cut_code(&rest);

	enhanced = cut_enhanced(&rest);
	if (!code && enhanced.p == NULL)
		return false;
	a->reply = (struct slice){ text.p, enhanced.p != NULL ?
	    (size_t)(rest.p - text.p) : 3 };
	a->ours = milter && code && enhanced.p != NULL &&
	    is_ours(known, text, enhanced, rest);
	return true;
}
