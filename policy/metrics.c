/*
 * metrics.c owns the totals since the start; it may not know how they are
 * shown.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "mem.h"
#include "metrics_inside.h"
#include "session.h"

const char *const metrics_versions[METRICS_VERSIONS] = {
	"none", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "other",
	"unknown"
};
#define VERSION_NONE	0
#define VERSION_OTHER	6
#define VERSION_UNKNOWN	7

const char *const metrics_faults[METRICS_FAULTS] = {
	"memory", "reply", "watchdog", "metrics", "other"
};

struct metrics *
metrics_new(void)
{
	struct metrics *m;

	m = mem_calloc(1, sizeof(*m));
	strcpy(m->services[METRICS_SERVICES].name, "other");
	strcpy(m->alarms[METRICS_ALARMS].kind, "other");
	return m;
}

void
metrics_free(struct metrics *m)
{
	free(m);
}

void
metrics_copy(struct metrics *to, const struct metrics *from)
{
	*to = *from;
}

/* --- names out of a policy */

static void
set_name(char to[METRICS_NAME], const char *from)
{
	size_t len = strlen(from);

	len = len < METRICS_NAME - 1 ? len : METRICS_NAME - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

/* Words that a label has without the policy: one series twice is an error. */
static bool
is_ours(const char *name)
{
	static const char *const ours[] = { "other", "default", "undecided",
	    "non-smtp" };
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcasecmp(ours[i], name) == 0)
			return true;
	return false;
}

static void
take_services(struct metrics *m, const struct policy *p)
{
	struct metrics_service old[METRICS_SERVICES];
	const char *name;
	size_t i, k, n = 0;

	memcpy(old, m->services, sizeof(old));
	memset(m->services, 0, sizeof(old));
	for (i = 0; n < METRICS_SERVICES; i++) {
		name = policy_service_name(p, i);
		if (name == NULL)
			break;
		if (is_ours(name))
			continue;
		set_name(m->services[n].name, name);
		for (k = 0; k < METRICS_SERVICES; k++)
			if (strcasecmp(old[k].name, m->services[n].name) == 0)
				memcpy(m->services[n].outcomes, old[k].outcomes,
				    sizeof(old[k].outcomes));
		n++;
	}
}

static struct metrics_alarm *
find_alarm(struct metrics_alarm *alarms, const char *kind)
{
	size_t i;

	for (i = 0; i < METRICS_ALARMS && alarms[i].kind[0] != '\0'; i++)
		if (strncmp(alarms[i].kind, kind, METRICS_NAME - 1) == 0)
			return &alarms[i];
	return NULL;
}

static void
take_alarms(struct metrics *m, const struct policy *p)
{
	struct metrics_alarm old[METRICS_ALARMS], *known;
	const char *kind;
	size_t n = 0;
	uint32_t i;

	memcpy(old, m->alarms, sizeof(old));
	memset(m->alarms, 0, sizeof(old));
	for (i = 0; i < policy_rule_count(p) && n < METRICS_ALARMS; i++) {
		kind = policy_rule_alarm(p, i);
		if (kind == NULL || is_ours(kind) || find_alarm(m->alarms, kind) != NULL)
			continue;
		set_name(m->alarms[n].kind, kind);
		known = find_alarm(old, kind);
		m->alarms[n++].count = known != NULL ? known->count : 0;
	}
}

static void
take_rules(struct metrics *m, const struct policy *p)
{
	struct metrics_rule old[METRICS_RULES], *r;
	size_t k, n = 0;
	uint32_t i;

	memcpy(old, m->rules, sizeof(old));
	memset(m->rules, 0, sizeof(old));
	for (i = 0; i < policy_rule_count(p) && n < METRICS_RULES; i++) {
		if (is_ours(policy_rule_name(p, i)))
			continue;
		r = &m->rules[n++];
		set_name(r->name, policy_rule_name(p, i));
		r->action = policy_rule_action(p, i);
		/* a rule that does something else now begins afresh */
		for (k = 0; k < METRICS_RULES; k++)
			if (old[k].action == r->action &&
			    strcmp(old[k].name, r->name) == 0)
				*r = old[k];
	}
}

void
metrics_take_policy(struct metrics *m, const struct policy *p)
{
	take_services(m, p);
	take_alarms(m, p);
	take_rules(m, p);
}

/* --- one record */

static struct metrics_service *
find_service(struct metrics *m, const struct session *s)
{
	char scratch[SESSION_SCRATCH];
	const char *name;
	size_t i;

	name = session_text(s, ATTR_SERVICE, scratch, sizeof(scratch));
	for (i = 0; i < METRICS_SERVICES && m->services[i].name[0] != '\0'; i++)
		if (strcasecmp(m->services[i].name, name) == 0)
			return &m->services[i];
	return &m->services[METRICS_SERVICES];
}

static size_t
find_version(const struct session *s)
{
	char scratch[SESSION_SCRATCH];
	struct fact f = session_fact(s, ATTR_TLS);
	const char *name;
	size_t i;

	if (f.state != FACT_KNOWN)
		return f.state == FACT_NONE ? VERSION_NONE : VERSION_UNKNOWN;
	name = session_text(s, ATTR_TLS, scratch, sizeof(scratch));
	for (i = VERSION_NONE + 1; i < VERSION_OTHER; i++)
		if (strcmp(metrics_versions[i], name) == 0)
			return i;
	return VERSION_OTHER;
}

/*
 * By the name, for the session may have begun under another policy; most often
 * the number is that of the place.
 */
static struct metrics_rule *
find_rule(struct metrics *m, const struct policy *p, uint32_t rule)
{
	const char *name = policy_rule_name(p, rule);
	enum action action = policy_rule_action(p, rule);
	size_t i;

	if (rule < METRICS_RULES && m->rules[rule].action == action &&
	    strcmp(m->rules[rule].name, name) == 0)
		return &m->rules[rule];
	for (i = 0; i < METRICS_RULES && m->rules[i].name[0] != '\0'; i++)
		if (m->rules[i].action == action &&
		    strcmp(m->rules[i].name, name) == 0)
			return &m->rules[i];
	return NULL;
}

static void
count_rule(struct metrics *m, const struct policy *p, uint32_t rule,
    enum action action, bool observed)
{
	struct metrics_rest *rest = &m->others;
	struct metrics_rule *r = NULL;

	if (rule == RULE_NON_SMTP) {
		m->non_smtp++;
		return;
	}
	if (rule == RULE_DEFAULT) {
		rest = &m->fallback;
	} else if (rule == RULE_UNDECIDED) {
		rest = &m->undecided;
	} else {
		action = policy_rule_action(p, rule);
		r = find_rule(m, p, rule);
	}
	if (r != NULL && observed)
		r->observed++;
	else if (r != NULL)
		r->applied++;
	else if (observed)
		rest->observed[action]++;
	else
		rest->applied[action]++;
}

static void
count_marks(struct metrics *m, const struct policy *p, const struct marks *marks,
    bool observed)
{
	unsigned int i;

	for (i = 0; i < marks->count && i < MARKS_MAX; i++)
		count_rule(m, p, marks->rules[i], ACTION_ACCEPT, observed);
}

void
metrics_count(struct metrics *m, const struct account *a, const struct policy *p,
    const struct session *s, const struct verdict *v)
{
	enum metrics_what what = strcmp(a->event, "message") == 0 ?
	    METRICS_MESSAGE : METRICS_SESSION;

	find_service(m, s)->outcomes[what][session_outcome(s, a->mail)]++;
	m->versions[what][find_version(s)]++;
	count_rule(m, p, v->decided ? v->rule : RULE_UNDECIDED, v->action, false);
	if (v->withheld)
		count_rule(m, p, v->observed_rule, v->observed_whole, true);
	count_marks(m, p, &v->observed, true);
	count_marks(m, p, &v->notes, false);
}

void
metrics_alarm(struct metrics *m, const char *kind)
{
	struct metrics_alarm *a = find_alarm(m->alarms, kind);

	if (a == NULL)
		a = &m->alarms[METRICS_ALARMS];
	a->count++;
}

void
metrics_fault(struct metrics *m, const char *kind)
{
	size_t i;

	for (i = 0; i < METRICS_FAULTS - 1; i++)
		if (strcmp(metrics_faults[i], kind) == 0)
			break;
	m->faults[i]++;
}

void
metrics_event(struct metrics *m, enum metrics_event e, uint64_t count)
{
	m->events[e] += count;
	if (e == METRICS_RELOAD_OK || e == METRICS_RELOAD_FAILED)
		m->last_reload_failed = e == METRICS_RELOAD_FAILED;
}
