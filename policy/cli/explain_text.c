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

#define ANSWER_WIDTH	12

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
put_rule(const struct explanation *e, const struct trace_entry *entry,
    const char *name, size_t width, bool colour, struct buf *b)
{
	struct buf cond = BUF_INIT;
	const char *condition;
	enum attr attr;

	put_padded(b, colour, tint_of(entry->answer),
	    trace_answer_name(entry->answer), ANSWER_WIDTH);
	put_padded(b, colour, TINT_NONE, name, width);
	condition = explain_condition(entry, &cond);
	if (condition != NULL) {
		buf_puts(b, condition);
		attr = policy_cond_attr(entry->why);
		if (attr != ATTR_NOTHING) {
			buf_puts(b, ": ");
			explain_fact(e, attr, b);
		}
	}
	if (entry->stage_word != NULL)
		buf_printf(b, " [%s]", entry->stage_word);
	while (b->len > 0 && b->data[b->len - 1] == ' ')
		buf_truncate(b, b->len - 1);
	buf_putc(b, '\n');
	buf_free(&cond);
}

static void
put_rules(const struct explanation *e, bool colour, struct buf *b)
{
	const struct step *step = &e->steps[e->count - 1];
	const struct verdict *v = &step->verdict;
	struct trace_entry fallback = { TRACE_NOT_REACHED, NULL, NULL };
	size_t width = name_width(e->policy);
	uint32_t i;

	for (i = 0; i < step->trace->count; i++)
		put_rule(e, &step->trace->entries[i],
		    policy_rule_name(e->policy, i), width, colour, b);
	if (v->withheld ? v->observed_rule == RULE_DEFAULT : v->rule == RULE_DEFAULT)
		fallback.answer = TRACE_MATCHED;
	put_rule(e, &fallback, "default", width, colour, b);
}

/* The rule that stopped the walk at a stage; the last unknown one. */
static const char *
stopped_by(const struct explanation *e, const struct step *step)
{
	const char *name = "";
	uint32_t i;

	for (i = 0; i < step->trace->count; i++)
		if (step->trace->entries[i].answer == TRACE_UNKNOWN)
			name = policy_rule_name(e->policy, i);
	return name;
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
	bool attrs[ATTR_COUNT];
	enum attr missing;
	size_t i;

	explain_verdict(e, LOG_LOGFMT, b);
	buf_putc(b, '\n');
	put_rules(e, colour, b);
	for (i = 0; i < e->count && !e->steps[i].verdict.decided; i++) {
		missing = e->steps[i].verdict.missing;
		buf_printf(b, "at %s: not decided yet, %s asks for %s\n",
		    stage_name(e->steps[i].stage), stopped_by(e, &e->steps[i]),
		    missing < ATTR_NOTHING ? attr_info(missing)->name : "the date");
	}
	if (v->limits > 0)
		buf_printf(b, "a pattern of rule %s hit its limit\n",
		    policy_rule_name(e->policy, v->limit_rule));
	explain_assumed(e, attrs);
	put_attrs(b, "not given, taken as none: ", attrs);
	explain_hangs_on(e, attrs);
	put_attrs(b, "not given, the verdict hangs on it: ", attrs);
}
