/*
 * check_expect.c owns the proof that an expectation can be tried: its rule
 * exists and its facts are facts.  It may not know how it is tried.
 */
/* libc */
#include <string.h>
/* this project */
#include "check.h"
#include "session.h"
#include "strset.h"

static const char *
rule_word(const void *ctx, size_t i)
{
	const struct policy *p = ctx;

	if (i < p->rule_count)
		return p->rules[i].name;
	return i == p->rule_count ? "default" : i == p->rule_count + 1 ? "undecided" :
	    NULL;
}

static void
check_by(struct check *c, const struct expect *e)
{
	struct buf hint = BUF_INIT;

	if (strset_contains(c->rules, e->rule, strlen(e->rule)) ||
	    strcmp(e->rule, "default") == 0 || strcmp(e->rule, "undecided") == 0)
		return;
	diag_add(c->diags, DIAG_ERROR, &e->rule_place,
	    check_suggest(c, &hint, e->rule, rule_word, c->policy),
	    "no rule is named \"%s\"", e->rule);
	buf_free(&hint);
}

/* What a session may be without, or what an MTA may know to be lacking. */
static bool
can_lack(enum attr attr)
{
	const struct attr_info *info = attr_info(attr);

	return info->optional || info->depends != ATTR_NOTHING ||
	    attr == ATTR_CLIENT_NAME || attr == ATTR_HELO;
}

static void
check_given(struct check *c, const struct given *g, struct session *session)
{
	const char *name = g->attr != ATTR_NOTHING ? attr_info(g->attr)->name : "date";

	if (g->attr == ATTR_NOTHING)
		return;
	if (g->none) {
		if (!can_lack(g->attr))
			diag_add(c->diags, DIAG_ERROR, &g->place, NULL,
			    "no session lacks \"%s\"", name);
	} else if (g->attr == ATTR_SERVICE)
		check_service_name(c, g->text, &g->place);
	else if (g->text[0] == '\0' ||
	    session_set(session, g->attr, g->text, strlen(g->text)) == -1)
		diag_add(c->diags, DIAG_ERROR, &g->place, NULL,
		    "\"%s\" cannot be \"%s\"", name, g->text);
}

void
check_expect(struct check *c, const struct expect *e)
{
	struct session *session;
	uint32_t seen = 0;
	size_t i;

	if (e->rule != NULL)
		check_by(c, e);
	session = session_new();
	for (i = 0; i < e->count; i++) {
		if (seen & (1u << e->given[i].attr))
			diag_add(c->diags, DIAG_ERROR, &e->given[i].place, NULL,
			    "this was given already");
		seen |= 1u << e->given[i].attr;
		check_given(c, &e->given[i], session);
	}
	session_free(session);
}
