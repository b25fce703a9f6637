/*
 * explain_why.c owns what an explanation says; it may not know in which form.
 */
/* libc */
#include <string.h>
/* this project */
#include "attr.h"
#include "cli.h"
#include "explain.h"
#include "record.h"

static const struct step *
last_step(const struct explanation *e)
{
	return &e->steps[e->count - 1];
}

static void
put_reply(struct record *r, const struct reply *reply)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "%u %s %s", reply->code, reply->enhanced, reply->text);
	record_put(r, "reply", buf_str(&b));
	buf_free(&b);
}

/* The stage that decided; a verdict of CONNECT waits until HELO can answer. */
static enum stage
deciding_stage(const struct explanation *e)
{
	size_t i;

	for (i = 0; i + 1 < e->count && !e->steps[i].verdict.decided; i++)
		;
	return e->steps[i].stage > STAGE_HELO ? e->steps[i].stage : STAGE_HELO;
}

/* The record that the daemon would write has the words; take them from it. */
void
explain_verdict(const struct explanation *e, enum log_format format,
    struct buf *out)
{
	static const char *const names[] = { "verdict", "rule", "stage", "reply",
	    "missing", "observed", "notes" };
	const struct verdict *v = &last_step(e)->verdict;
	struct account account = { .event = "message", .id = "", .mail = true };
	struct record judged, said;
	const struct field *f;
	size_t i;

	account.stage = deciding_stage(e);
	record_init(&judged);
	record_init(&said);
	record_judged(&judged, &account, e->policy, e->session, v, NULL);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		f = record_find(&judged, names[i]);
		if (f == NULL)
			continue;
		if (strcmp(names[i], "reply") == 0)
			put_reply(&said, &v->reply);
		else
			record_put_client(&said, names[i], f->value, f->len);
	}
	record_format(&said, format, out);
	record_free(&judged);
	record_free(&said);
}

const char *
explain_condition(const struct trace_entry *entry, struct buf *b)
{
	struct buf raw = BUF_INIT;

	buf_clear(b);
	if (entry->why == NULL)
		return NULL;
	policy_print_cond(entry->why, &raw);
	term_put_policy(b, buf_str(&raw));
	buf_free(&raw);
	return buf_str(b);
}

bool
explain_is_other(const struct explanation *e)
{
	const char *was = buf_str(&e->recorded.policy);

	return was[0] != '\0' &&
	    strncmp(was, policy_hash(e->policy), RECORD_HASH_DIGITS) != 0;
}

bool
explain_is_share(const struct step *step, uint32_t rule)
{
	const struct trace_entry *entry = &step->trace->entries[rule];

	/* unknown, but not for the comparison: see in_share() of the evaluation */
	return entry->answer == TRACE_UNKNOWN &&
	    (!step->verdict.decided || step->verdict.rule == RULE_UNDECIDED) &&
	    step->verdict.missing == ATTR_CLIENT &&
	    (entry->why == NULL || policy_cond_attr(entry->why) != ATTR_CLIENT) &&
	    (rule + 1 == step->trace->count ||
	    step->trace->entries[rule + 1].answer == TRACE_NOT_REACHED);
}

void
explain_fact(const struct explanation *e, enum attr attr, struct buf *b)
{
	char scratch[SESSION_SCRATCH];
	struct fact fact = session_fact(e->session, attr);

	buf_puts(b, attr_info(attr)->name);
	switch (fact.state) {
	case FACT_KNOWN:
		buf_puts(b, " is ");
		buf_put_visible(b, session_text(e->session, attr, scratch,
		    sizeof(scratch)), attr_info(attr)->max);
		break;
	case FACT_NONE:
		buf_puts(b, " is none");
		break;
	case FACT_UNKNOWN:
	case FACT_UNSET:
		buf_puts(b, session_stage(e->session) <
		    policy_last_stage(e->policy) ? " is not known yet" :
		    e->given[attr] ? " is not known" : " was not given");
		break;
	}
}

void
explain_assumed(const struct explanation *e, bool out[ATTR_COUNT])
{
	enum attr attr, on;

	for (attr = 0; attr < ATTR_COUNT; attr++) {
		on = attr_info(attr)->depends;
		out[attr] = !e->given[attr] && policy_asks(e->policy, attr) &&
		    session_fact(e->session, attr).state == FACT_NONE &&
		    (on == ATTR_NOTHING ||
		    session_fact(e->session, on).state != FACT_NONE);
	}
}

/* Not cipher_strength but the cipher, not the cipher but tls. */
static enum attr
root_of(const struct explanation *e, enum attr attr)
{
	enum attr on;

	while ((on = attr_info(attr)->depends) != ATTR_NOTHING &&
	    session_fact(e->session, on).state == FACT_UNKNOWN)
		attr = on;
	return attr;
}

void
explain_hangs_on(const struct explanation *e, bool out[ATTR_COUNT])
{
	const struct verdict *v = &last_step(e)->verdict;
	enum attr attr;

	memset(out, 0, ATTR_COUNT * sizeof(*out));
	if (v->rule != RULE_UNDECIDED &&
	    !(v->withheld && v->observed_rule == RULE_UNDECIDED))
		return;
	for (attr = 0; attr < ATTR_COUNT; attr++) {
		if (!policy_asks(e->policy, attr) ||
		    session_fact(e->session, attr).state != FACT_UNKNOWN)
			continue;
		out[root_of(e, attr)] = true;
	}
	/* a share hangs on the client, though no rule may ask for it */
	out[root_of(e, v->missing)] = true;
}
