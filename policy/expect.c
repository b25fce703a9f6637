/*
 * expect.c owns the trial of a policy's expectations; it may not know how they
 * are written, nor how a session is judged.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "parse.h"
#include "rule.h"
#include "session.h"
#include "walk.h"

static uint32_t
day_number(const char *s)
{
	return (uint32_t)(strtoul(s, NULL, 10) * 10000 +
	    strtoul(s + 5, NULL, 10) * 100 + strtoul(s + 8, NULL, 10));
}

static void
set_facts(const struct expect *e, uint32_t today, struct session *session)
{
	size_t i;

	session_set_today(session, today);
	for (i = 0; i < e->count; i++) {
		const struct given *g = &e->given[i];

		if (g->attr == ATTR_NOTHING)
			session_set_today(session, day_number(g->text));
		else if (g->none)
			session_set_none(session, g->attr);
		else
			session_set(session, g->attr, g->text, strlen(g->text));
	}
}

/*
 * Under "set mode observe" a policy decides as ever and its refusals are
 * withheld: an expectation is about the decision.
 */
static void
see_through(struct verdict *v)
{
	if (!v->withheld)
		return;
	v->action = v->observed_whole;
	v->rule = v->observed_rule;
}

static bool
is_met(const struct policy *p, const struct expect *e, const struct verdict *v)
{
	if (e->rule != NULL && strcmp(e->rule, policy_rule_name(p, v->rule)) != 0)
		return false;
	if (e->undecided)
		return v->rule == RULE_UNDECIDED;
	/* what nobody decided is not what was expected, even if it looks so */
	if (v->rule == RULE_UNDECIDED && e->rule == NULL)
		return false;
	return v->action == e->action;
}

static void
complain(const struct policy *p, const struct expect *e, const struct verdict *v,
    struct diags *diags)
{
	struct buf expected = BUF_INIT, got = BUF_INIT, hint = BUF_INIT;

	buf_puts(&expected, e->undecided ? "undecided" : action_name(e->action));
	if (e->rule != NULL)
		buf_printf(&expected, " by %s", e->rule);
	if (v->rule == RULE_UNDECIDED) {
		buf_printf(&got, "undecided at %s", stage_name(v->stage));
		buf_printf(&hint, "the answer hangs on \"%s\", which is not given",
		    v->missing == ATTR_NOTHING ? "date" : attr_info(v->missing)->name);
	} else
		buf_printf(&got, "%s by %s at %s", action_name(v->action),
		    policy_rule_name(p, v->rule), stage_name(v->stage));
	diag_add(diags, DIAG_ERROR, &e->place, hint.len > 0 ? buf_str(&hint) : NULL,
	    "expected %s, but the verdict is %s", buf_str(&expected), buf_str(&got));
	buf_free(&expected);
	buf_free(&got);
	buf_free(&hint);
}

void
expect_run(const struct policy *p, uint32_t today, struct diags *diags)
{
	struct scratch *scratch = policy_scratch(p);
	struct session *session;
	struct verdict v;
	size_t i;

	for (i = 0; i < p->expect_count; i++) {
		session = session_new();
		if (session == NULL)
			break;
		set_facts(&p->expects[i], today, session);
		policy_walk(p, session, scratch, false, NULL, NULL, NULL, &v);
		see_through(&v);
		if (!is_met(p, &p->expects[i], &v))
			complain(p, &p->expects[i], &v, diags);
		session_free(session);
	}
	if (i < p->expect_count)
		diag_add(diags, DIAG_ERROR, &p->expects[i].place, NULL,
		    "no memory to try the expectation");
	scratch_free(scratch);
}
