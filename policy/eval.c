/*
 * eval.c owns the walk over the rules and the three answers of conditions; it
 * may not know the parser, nor where facts come from.  It allocates nothing,
 * takes no lock and asks no clock.
 */
/* libc */
#include <string.h>
/* this project */
#include "asked_facts.h"
#include "index.h"
#include "match.h"
#include "policy.h"
#include "reply.h"
#include "rule.h"
#include "session.h"
#include "siphash.h"

struct walk {
	const struct policy	*policy;
	struct scratch		*scratch;
	struct asked_facts	 facts;
	uint32_t		 today;
	unsigned int		 limits;
};

static enum answer
turn(enum answer answer)
{
	return answer == UNKNOWN ? UNKNOWN : answer == YES ? NO : YES;
}

/*
 * and, or: one side may settle it alone (NO, YES); else what is unknown makes
 * it unknown.  *why is the comparison that settled it: the first that is
 * unknown, else the last that was needed.
 */
static enum answer
evaluate(struct walk *w, const struct cond *cond, const struct cond **why)
{
	const struct cond *other;
	enum answer answer, second, settles;

	switch (cond->kind) {
	case COND_NOT:
		answer = turn(evaluate(w, cond->left, why));
		break;
	case COND_AND:
	case COND_OR:
		settles = cond->kind == COND_AND ? NO : YES;
		answer = evaluate(w, cond->left, why);
		if (answer == settles)
			break;
		second = evaluate(w, cond->right, &other);
		if (answer == UNKNOWN && second != settles)
			break;
		answer = second;
		*why = other;
		break;
	default:
		answer = match(cond, asked_facts_get(&w->facts, cond->attr), w->scratch,
		    &w->limits);
		*why = cond;
		break;
	}
	return cond->negated ? turn(answer) : answer;
}

/* Does the rule apply to this client's part?  UNKNOWN without an address. */
static enum answer
in_share(struct walk *w, const struct rule *rule)
{
	const struct fact *client;
	uint8_t text[POLICY_NAME_MAX + sizeof(client->address.bytes)];
	size_t len, name;

	if (!rule->has_share || rule->share >= 100)
		return YES;
	client = asked_facts_get(&w->facts, ATTR_CLIENT);
	if (client->state != FACT_KNOWN)
		return UNKNOWN;
	name = strnlen(rule->name, POLICY_NAME_MAX);
	len = client->address.bits / 8;
	memcpy(text, rule->name, name);
	memcpy(text + name, client->address.bytes, len);
	return siphash(w->policy->share_key, text, name + len) % 100 < rule->share ?
	    YES : NO;
}

/* Why the rule decides nothing, whatever it answers; NULL: it does decide. */
static const char *
observed_by(const struct rule *rule, uint32_t today, enum answer share)
{
	if (rule->observe)
		return "observe";
	/* On an unknown day what is to come has not come. */
	if (rule->from != 0 && (today == 0 || today < rule->from))
		return "from";
	return share == NO ? "share" : NULL;
}

static void
mark(struct marks *marks, uint32_t rule)
{
	if (marks->count < MARKS_MAX)
		marks->rules[marks->count] = rule;
	marks->count++;
}

/* What one rule makes of the session. */
struct outcome_of_rule {
	enum trace_answer	 answer;
	const struct cond	*why;
	const char		*observed;
	enum attr		 missing;	/* UNKNOWN: the fact */
};

static struct outcome_of_rule
ask(struct walk *w, const struct rule *rule)
{
	struct outcome_of_rule o = { .answer = TRACE_NOT, .missing = ATTR_NOTHING };
	enum answer answer, share;

	if (rule->until != 0 && w->today > rule->until) {
		o.answer = TRACE_INACTIVE;
		return o;
	}
	answer = rule->cond != NULL ? evaluate(w, rule->cond, &o.why) : YES;
	if (answer == NO)
		return o;
	share = in_share(w, rule);
	o.observed = observed_by(rule, w->today, share);
	if (answer == UNKNOWN) {
		o.answer = TRACE_UNKNOWN;
		o.missing = o.why->attr;
	} else if (o.observed != NULL) {
		o.answer = TRACE_OBSERVED;
	} else if (share == UNKNOWN) {
		o.answer = TRACE_UNKNOWN;
		o.missing = ATTR_CLIENT;
	} else {
		o.answer = rule->action == ACTION_NOTE ? TRACE_NOTED : TRACE_MATCHED;
	}
	return o;
}

static void
decide(struct walk *w, struct verdict *v, uint32_t number, const struct rule *rule)
{
	v->decided = true;
	v->rule = number;
	v->action = rule->action;
	if (v->action != ACTION_ACCEPT)
		reply_expand(w->policy, rule, w->facts.session, &v->reply);
}

/* A rule is unknown, and no later one may overtake it. */
static void
stop(struct walk *w, struct verdict *v, enum attr missing)
{
	enum undecided undecided = w->policy->settings.undecided;
	const struct fact *service;
	bool accept;

	v->missing = missing;
	v->rule = RULE_UNDECIDED;
	if (v->stage < policy_last_stage(w->policy))
		return;
	v->decided = true;
	accept = undecided == UNDECIDED_ACCEPT;
	if (undecided == UNDECIDED_BY_SERVICE) {
		service = asked_facts_get(&w->facts, ATTR_SERVICE);
		accept = service->state != FACT_KNOWN ||
		    !policy_is_submission(w->policy, service->text);
		/*
		 * Longer than RFC 5321 allows it to be: no client shall choose
		 * that a rule is not asked.
		 */
		if (asked_facts_get(&w->facts, missing)->cut)
			accept = false;
	}
	if (accept)
		return;
	v->action = ACTION_TEMPFAIL;
	reply_undecided(&v->reply);
}

/* What the rule makes of the session.  true: no later one is asked. */
static bool
step(struct walk *w, struct verdict *v, uint32_t number,
    const struct outcome_of_rule *o)
{
	const struct rule *rule = &w->policy->rules[number];

	switch (o->answer) {
	case TRACE_OBSERVED:
		mark(&v->observed, number);
		return false;
	case TRACE_NOTED:
		mark(&v->notes, number);
		return false;
	case TRACE_MATCHED:
		decide(w, v, number, rule);
		return true;
	case TRACE_UNKNOWN:
		if (o->observed != NULL || rule->action == ACTION_NOTE)
			return false;
		stop(w, v, o->missing);
		return true;
	default:
		return false;
	}
}

/* A rule that the index passed over is false; the trace still says why. */
static struct outcome_of_rule
explain(struct walk *w, const struct rule *rule)
{
	unsigned int limits = w->limits;
	struct outcome_of_rule o;

	o = ask(w, rule);
	w->limits = limits;
	return o;
}

static void
walk(struct walk *w, struct verdict *v, struct trace *trace)
{
	const struct policy *policy = w->policy;
	struct outcome_of_rule o;
	struct rule_set live;
	unsigned int before;
	uint64_t rest;		/* this rule, and behind it those of its word */
	uint32_t i;

	index_live(policy->index, policy->rule_count, &w->facts, &live);
	for (i = 0; i < policy->rule_count; i++) {
		rest = live.words[i / 64] >> i % 64;
		if ((rest & 1) == 0 && trace == NULL) {
			i |= rest == 0 ? 63 : 0;
			continue;
		}
		before = w->limits;
		o = (rest & 1) != 0 ? ask(w, &policy->rules[i]) :
		    explain(w, &policy->rules[i]);
		if (w->limits > before && before == 0)
			v->limit_rule = i;
		if (trace != NULL) {
			trace->entries[i].answer = o.answer;
			trace->entries[i].why = o.why;
			trace->entries[i].stage_word = o.observed;
		}
		if (step(w, v, i, &o))
			return;
	}
	decide(w, v, RULE_DEFAULT, &policy->fallback);
}

/* Say what would have happened, and let it pass. */
static void
withhold(struct verdict *v)
{
	if (!v->decided || v->action == ACTION_ACCEPT)
		return;
	v->withheld = true;
	v->observed_whole = v->action;
	v->observed_rule = v->rule;
	v->action = ACTION_ACCEPT;
	v->rule = RULE_DEFAULT;
	memset(&v->reply, 0, sizeof(v->reply));
}

void
policy_judge(const struct policy *policy, const struct session *session,
    struct scratch *scratch, bool observe, struct verdict *v, struct trace *trace)
{
	struct walk w;

	w.policy = policy;
	w.scratch = scratch;
	asked_facts_of(&w.facts, session);
	w.today = session_today(session);
	w.limits = 0;
	memset(v, 0, sizeof(*v));
	v->action = ACTION_ACCEPT;
	v->stage = session_stage(session);
	v->missing = ATTR_NOTHING;
	if (trace != NULL)
		memset(trace->entries, 0, trace->count * sizeof(*trace->entries));
	walk(&w, v, trace);
	v->limits = w.limits;
	if (observe || policy->settings.observe)
		withhold(v);
}
