/*
 * explain_json.c owns an explanation as one JSON object for a program; it may
 * not know how it was come by.
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* this project */
#include "attr.h"
#include "explain.h"

static void
put_string(struct buf *b, const char *text)
{
	const char *s;

	buf_putc(b, '"');
	for (s = text; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *s);
	}
	buf_putc(b, '"');
}

/* Bytes outside printable ASCII, and the backslash, are \xHH, as in records. */
static void
put_member(struct buf *b, const char *name, const char *text)
{
	struct buf visible = BUF_INIT;

	buf_put_visible(&visible, text, strlen(text));
	buf_printf(b, ",\"%s\":", name);
	put_string(b, buf_str(&visible));
	buf_free(&visible);
}

static void
put_attrs(struct buf *b, const char *name, const bool attrs[ATTR_COUNT])
{
	enum attr attr;
	const char *comma = "";

	buf_printf(b, ",\"%s\":[", name);
	for (attr = 0; attr < ATTR_COUNT; attr++) {
		if (!attrs[attr])
			continue;
		buf_printf(b, "%s\"%s\"", comma, attr_info(attr)->name);
		comma = ",";
	}
	buf_putc(b, ']');
}

static void
put_fact(const struct explanation *e, enum attr attr, struct buf *b)
{
	char scratch[SESSION_SCRATCH];

	put_member(b, "attribute", attr_info(attr)->name);
	switch (session_fact(e->session, attr).state) {
	case FACT_KNOWN:
		put_member(b, "state", "known");
		put_member(b, "value", session_text(e->session, attr, scratch,
		    sizeof(scratch)));
		break;
	case FACT_NONE:
		put_member(b, "state", "none");
		break;
	case FACT_UNKNOWN:
	case FACT_UNSET:
		put_member(b, "state", "unknown");
		break;
	}
}

static void
put_rule(const struct explanation *e, const struct step *step, uint32_t i,
    struct buf *b)
{
	const struct trace_entry *entry = &step->trace->entries[i];
	struct buf text = BUF_INIT;

	buf_printf(b, "%s{\"rule\":\"%s\"", i > 0 ? "," : "",
	    policy_rule_name(e->policy, i));
	policy_rule_where(e->policy, i, &text);
	put_member(b, "place", buf_str(&text));
	put_member(b, "answer", trace_answer_name(entry->answer));
	if (explain_is_share(step, i)) {
		put_member(b, "because", "share");
		put_fact(e, ATTR_CLIENT, b);
	} else if (entry->why != NULL) {
		buf_puts(b, ",\"condition\":");
		put_string(b, explain_condition(entry, &text));
		if (policy_cond_attr(entry->why) != ATTR_NOTHING)
			put_fact(e, policy_cond_attr(entry->why), b);
	}
	if (entry->stage_word != NULL)
		put_member(b, "because", entry->stage_word);
	buf_putc(b, '}');
	buf_free(&text);
}

static void
put_step(const struct explanation *e, const struct step *step, struct buf *b)
{
	uint32_t i;

	session_set_stage(e->session, step->stage);
	buf_printf(b, "{\"stage\":\"%s\",\"decided\":%s", stage_name(step->stage),
	    step->verdict.decided ? "true" : "false");
	if (!step->verdict.decided)
		put_member(b, "missing", attr_info(step->verdict.missing)->name);
	buf_puts(b, ",\"rules\":[");
	for (i = 0; i < step->trace->count; i++)
		put_rule(e, step, i, b);
	buf_puts(b, "]}");
}

void
explain_json(const struct explanation *e, struct buf *b)
{
	bool attrs[ATTR_COUNT];
	size_t i;

	explain_verdict(e, LOG_JSON, b);
	buf_truncate(b, b->len - 1);	/* the closing brace */
	explain_assumed(e, attrs);
	put_attrs(b, "taken_as_none", attrs);
	explain_hangs_on(e, attrs);
	put_attrs(b, "hangs_on", attrs);
	if (explain_is_other(e)) {
		buf_puts(b, ",\"recorded\":{\"policy\":");
		put_string(b, buf_str(&e->recorded.policy));
		put_member(b, "verdict", buf_str(&e->recorded.verdict));
		put_member(b, "rule", buf_str(&e->recorded.rule));
		buf_putc(b, '}');
	}
	buf_puts(b, ",\"stages\":[");
	for (i = 0; i < e->count; i++) {
		if (i > 0)
			buf_putc(b, ',');
		put_step(e, &e->steps[i], b);
	}
	buf_puts(b, "]}\n");
}
