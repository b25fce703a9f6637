/*
 * explain_text.c owns an explanation in columns for a person; it may not know
 * how it was come by.
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* this project */
#include "attr.h"
#include "cli.h"
#include "explain.h"
#include "record.h"

#define ANSWER_WIDTH	12
#define STAGE_WIDTH	7	/* connect */

static enum tint
tint_of(enum trace_answer answer)
{
	switch (answer) {
	case TRACE_MATCHED:
		return TINT_STRONG;
	case TRACE_OBSERVED:
	case TRACE_NOTED:
		return TINT_GOOD;
	case TRACE_UNKNOWN:
		return TINT_BAD;
	default:
		return TINT_DIM;
	}
}

static size_t
name_width(const struct policy *p)
{
	uint32_t i;
	size_t n, width = strlen("default");

	for (i = 0; i < policy_rule_count(p); i++) {
		n = strlen(policy_rule_name(p, i));
		width = n > width ? n : width;
	}
	return width;
}

static void
put_padded(struct buf *b, bool colour, enum tint tint, const char *text,
    size_t width)
{
	size_t n = strlen(text);

	term_put(b, colour, tint, text);
	while (n++ < width + 2)
		buf_putc(b, ' ');
}

static void
put_line_end(struct buf *b)
{
	while (b->len > 0 && b->data[b->len - 1] == ' ')
		buf_truncate(b, b->len - 1);
	buf_putc(b, '\n');
}

/* The comparison that said so and the fact it asked about, at that stage. */
static void
put_reason(const struct explanation *e, const struct step *step, uint32_t rule,
    struct buf *b)
{
	const struct trace_entry *entry = &step->trace->entries[rule];
	enum stage last = session_stage(e->session);
	struct buf cond = BUF_INIT;
	const char *condition = explain_condition(entry, &cond);
	enum attr attr = ATTR_NOTHING;

	session_set_stage(e->session, step->stage);
	if (explain_is_share(step, rule)) {
		buf_puts(b, "share");
		attr = ATTR_CLIENT;
	} else if (condition != NULL) {
		buf_puts(b, condition);
		attr = policy_cond_attr(entry->why);
	}
	if (attr != ATTR_NOTHING) {
		buf_puts(b, ": ");
		explain_fact(e, attr, b);
	}
	if (entry->stage_word != NULL)
		buf_printf(b, " [%s]", entry->stage_word);
	session_set_stage(e->session, last);
	buf_free(&cond);
}

/*
 * Did the rule answer the same at the stage before?  Once it is not, it stays
 * so, and the first reason is the one to tell.
 */
static bool
is_same(const struct explanation *e, size_t step, uint32_t rule)
{
	const struct trace_entry *x, *y;

	if (step == 0)
		return false;
	x = &e->steps[step - 1].trace->entries[rule];
	y = &e->steps[step].trace->entries[rule];
	if (x->answer != y->answer || x->stage_word != y->stage_word)
		return false;
	return x->answer != TRACE_UNKNOWN || (x->why == y->why &&
	    explain_is_share(&e->steps[step - 1], rule) ==
	    explain_is_share(&e->steps[step], rule));
}

/* The stages before the n-th at which the rule answered otherwise. */
static void
put_earlier(const struct explanation *e, uint32_t rule, size_t n, size_t width,
    struct buf *b)
{
	enum trace_answer answer;
	size_t i;

	for (i = 0; i < n; i++) {
		answer = e->steps[i].trace->entries[rule].answer;
		if (answer == TRACE_NOT_REACHED || is_same(e, i, rule))
			continue;
		buf_puts(b, "  ");
		put_padded(b, false, TINT_NONE, trace_answer_name(answer),
		    ANSWER_WIDTH - 2);
		put_padded(b, false, TINT_NONE, "", width);
		put_padded(b, false, TINT_NONE, stage_name(e->steps[i].stage),
		    STAGE_WIDTH);
		put_reason(e, &e->steps[i], rule, b);
		put_line_end(b);
	}
}

/* What the rule answered in the end, since when, and what before. */
static void
put_rule(const struct explanation *e, uint32_t rule, size_t width, bool colour,
    struct buf *b)
{
	size_t last = e->count - 1, first = last;
	enum trace_answer answer = e->steps[last].trace->entries[rule].answer;

	while (is_same(e, first, rule))
		first--;
	put_padded(b, colour, tint_of(answer), trace_answer_name(answer), ANSWER_WIDTH);
	put_padded(b, colour, TINT_NONE, policy_rule_name(e->policy, rule), width);
	if (answer != TRACE_NOT_REACHED) {
		put_padded(b, colour, TINT_NONE, stage_name(e->steps[first].stage),
		    STAGE_WIDTH);
		/* what is unknown to the end is so for good */
		put_reason(e, &e->steps[answer == TRACE_UNKNOWN ? last : first], rule, b);
	}
	put_line_end(b);
	put_earlier(e, rule, first, width, b);
}

static void
put_default(const struct explanation *e, size_t width, bool colour, struct buf *b)
{
	const struct verdict *v;
	bool matched = false;
	size_t i;

	for (i = 0; i < e->count && !matched; i++) {
		v = &e->steps[i].verdict;
		matched = v->decided && (v->withheld ? v->observed_rule : v->rule) ==
		    RULE_DEFAULT;
	}
	put_padded(b, colour, matched ? TINT_STRONG : TINT_DIM, trace_answer_name(matched ?
	    TRACE_MATCHED : TRACE_NOT_REACHED), ANSWER_WIDTH);
	put_padded(b, colour, TINT_NONE, "default", width);
	if (matched)
		buf_puts(b, stage_name(e->steps[i - 1].stage));
	put_line_end(b);
}

static void
put_attrs(struct buf *b, const char *what, const bool attrs[ATTR_COUNT])
{
	const char *before = what;
	enum attr attr;

	for (attr = 0; attr < ATTR_COUNT; attr++) {
		if (!attrs[attr])
			continue;
		buf_printf(b, "%s%s", before, attr_info(attr)->name);
		before = ", ";
	}
	if (before != what)
		buf_putc(b, '\n');
}

void
explain_text(const struct explanation *e, bool colour, struct buf *b)
{
	const struct verdict *v = &e->steps[e->count - 1].verdict;
	size_t width = name_width(e->policy);
	bool attrs[ATTR_COUNT];
	uint32_t i;

	explain_verdict(e, LOG_LOGFMT, b);
	buf_putc(b, '\n');
	for (i = 0; i < policy_rule_count(e->policy); i++)
		put_rule(e, i, width, colour, b);
	put_default(e, width, colour, b);
	if (v->limits > 0)
		buf_printf(b, "a pattern of rule %s hit its limit\n",
		    policy_rule_name(e->policy, v->limit_rule));
	if (v->withheld)
		buf_puts(b, "the policy only observes: what matched is recorded, "
		    "and not done\n");
	explain_assumed(e, attrs);
	put_attrs(b, "not given, taken as none: ", attrs);
	explain_hangs_on(e, attrs);
	put_attrs(b, "not given, the verdict hangs on it: ", attrs);
	if (explain_is_other(e))
		buf_printf(b, "recorded under policy %s as verdict=%s rule=%s; this is "
		    "policy %.*s\n", buf_str(&e->recorded.policy),
		    buf_str(&e->recorded.verdict), buf_str(&e->recorded.rule),
		    RECORD_HASH_DIGITS, policy_hash(e->policy));
}
