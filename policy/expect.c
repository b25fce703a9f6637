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

#define REASONS_MAX	100	/* errors of a policy, of which the why is said */

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

/* What came of one trial; the session is still there. */
struct trial {
	struct session	*session;
	struct trace	*trace;		/* NULL: not asked for */
	struct verdict	 verdict;
};

static void
put_not(const struct trial *t, const struct cond *why, struct buf *b)
{
	char scratch[SESSION_SCRATCH];
	enum attr attr = policy_cond_attr(why);
	const char *text = session_text(t->session, attr, scratch, sizeof(scratch));

	buf_puts(b, " at \"");
	policy_print_cond(why, b);
	buf_printf(b, "\": %s is ", attr_info(attr)->name);
	if (text[0] != '\0')
		buf_put_visible(b, text, attr_info(attr)->max);
	else
		/* of what is not known no comparison says no */
		buf_puts(b, "none");
}

/* Only observed, and why. */
static void
put_observed(const struct rule *r, const char *word, struct buf *b)
{
	buf_puts(b, " is only observed");
	if (strcmp(word, "from") == 0)
		buf_printf(b, " before %04u-%02u-%02u", (unsigned int)(r->from / 10000),
		    (unsigned int)(r->from / 100 % 100), (unsigned int)(r->from % 100));
	else if (strcmp(word, "share") == 0)
		buf_printf(b, " for this client, with a share of %u%%", r->share);
}

/* Why the rule that was expected did not decide. */
static void
put_reason(const struct policy *p, const struct expect *e, const struct trial *t,
    struct buf *b)
{
	const struct trace_entry *entry;
	uint32_t i;

	for (i = 0; i < p->rule_count && strcmp(p->rules[i].name, e->rule) != 0; i++)
		continue;
	if (i == p->rule_count || t->trace->entries[i].answer == TRACE_MATCHED)
		return;
	entry = &t->trace->entries[i];
	buf_printf(b, "\"%s\"", e->rule);
	if (entry->answer == TRACE_NOT) {
		buf_puts(b, " does not match");
		put_not(t, entry->why, b);
	} else if (entry->stage_word != NULL)
		/* whether or not its condition could be told by then */
		put_observed(&p->rules[i], entry->stage_word, b);
	else if (entry->answer == TRACE_NOTED)
		buf_puts(b, " only notes");
	else if (entry->answer == TRACE_INACTIVE)
		buf_puts(b, " is over");
	else
		buf_puts(b, " was not reached");
}

/* Which fact is not given, and the rule that asks for it: the last that was reached. */
static void
put_missing(const struct policy *p, const struct trial *t, struct buf *b)
{
	const char *name = attr_info(t->verdict.missing)->name;
	size_t i = t->trace != NULL ? p->rule_count : 0;

	while (i > 0 && t->trace->entries[i - 1].answer != TRACE_UNKNOWN)
		i--;
	if (i > 0)
		buf_printf(b, "\"%s\" asks for \"%s\", which is not given: add %s=... here",
		    p->rules[i - 1].name, name, name);
	else
		buf_printf(b, "the answer hangs on \"%s\", which is not given", name);
}

static void
complain(const struct policy *p, const struct expect *e, const struct trial *t,
    struct diags *diags)
{
	struct buf expected = BUF_INIT, got = BUF_INIT, hint = BUF_INIT;
	const struct verdict *v = &t->verdict;

	buf_puts(&expected, e->undecided ? "undecided" : action_name(e->action));
	if (e->rule != NULL)
		buf_printf(&expected, " by %s", e->rule);
	if (v->rule == RULE_UNDECIDED) {
		buf_printf(&got, "undecided at %s", stage_name(v->stage));
		put_missing(p, t, &hint);
	} else {
		buf_printf(&got, "%s by %s at %s", action_name(v->action),
		    policy_rule_name(p, v->rule), stage_name(v->stage));
		if (v->rule < p->rule_count) {
			buf_puts(&got, " (");
			policy_rule_where(p, v->rule, &got);
			buf_putc(&got, ')');
		}
		if (e->rule != NULL && t->trace != NULL)
			put_reason(p, e, t, &hint);
	}
	diag_add(diags, DIAG_ERROR, &e->place, hint.len > 0 ? buf_str(&hint) : NULL,
	    "expected %s, but the verdict is %s", buf_str(&expected), buf_str(&got));
	buf_free(&expected);
	buf_free(&got);
	buf_free(&hint);
}

/* trace may be NULL. */
static void
try(const struct policy *p, const struct expect *e, uint32_t today,
    struct scratch *scratch, struct trial *t)
{
	session_free(t->session);
	t->session = session_new();
	set_facts(e, today, t->session);
	policy_walk(p, t->session, scratch, false, t->trace, NULL, NULL, &t->verdict);
	see_through(&t->verdict);
}

void
expect_run(const struct policy *p, uint32_t today, struct diags *diags)
{
	struct scratch *scratch = policy_scratch(p);
	struct trial t = { .session = NULL };
	const struct expect *e;
	size_t i;

	for (i = 0; i < p->expect_count; i++) {
		e = &p->expects[i];
		try(p, e, today, scratch, &t);
		if (is_met(p, e, &t.verdict))
			continue;
		/* once more, to say why */
		if (diags_count(diags, DIAG_ERROR) < REASONS_MAX) {
			t.trace = trace_new(p);
			try(p, e, today, scratch, &t);
		}
		complain(p, e, &t, diags);
		trace_free(t.trace);
		t.trace = NULL;
	}
	session_free(t.session);
	scratch_free(scratch);
}
