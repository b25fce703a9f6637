/*
 * check_trial.c owns the warnings that only show when ordinary sessions are
 * judged: old TLS is refused where cleartext is taken (RFC 7435, section 3), or
 * only when the password was sent.  It may not know how a session is judged.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "check.h"
#include "mem.h"
#include "session.h"
#include "walk.h"

#define TRIALS	200000	/* services tried, times rules */

static const struct ordinary {
	enum attr	 attr;
	const char	*text;
} ordinary[] = {
	{ ATTR_CLIENT, "198.51.100.1" },
	{ ATTR_CLIENT_NAME, "client.example.com" },
	{ ATTR_HELO, "client.example.com" },
	{ ATTR_SENDER, "ann@example.com" },
	{ ATTR_RECIPIENT, "bob@example.org" },
	{ ATTR_MTA, "Postfix" },
};

static void
set(struct session *s, enum attr attr, const char *text)
{
	session_set(s, attr, text, strlen(text));
}

struct trial {
	const struct policy *policy;
	struct scratch	*scratch;
	uint32_t	 today;
	struct trace	*trace;		/* NULL: not asked for */
	uint32_t	 stopped_by;	/* at HELO, which rule; or RULE_DEFAULT */
};

/* The walk was stopped by the last rule that it came to. */
static void
see_stop(void *ctx, enum stage stage, const struct verdict *v,
    const struct trace *trace)
{
	struct trial *t = ctx;
	uint32_t i;

	if (stage != STAGE_HELO || v->decided || trace == NULL)
		return;
	for (i = trace->count; i > 0; i--)
		if (trace->entries[i - 1].answer != TRACE_NOT_REACHED) {
			t->stopped_by = i - 1;
			return;
		}
}

/* An ordinary session; tls NULL: in the clear. */
static void
judge(struct trial *t, const char *service, const char *tls, const char *cipher,
    struct verdict *v)
{
	struct session *s;
	size_t i;

	t->stopped_by = RULE_DEFAULT;
	s = session_new();
	session_set_today(s, t->today);
	set(s, ATTR_SERVICE, service);
	for (i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
		set(s, ordinary[i].attr, ordinary[i].text);
	if (tls != NULL) {
		set(s, ATTR_TLS, tls);
		set(s, ATTR_CIPHER, cipher);
	} else
		session_set_none(s, ATTR_TLS);
	/* nobody sends mail there without a login */
	if (policy_is_submission(t->policy, service)) {
		set(s, ATTR_AUTH, "PLAIN");
		set(s, ATTR_USER, "ann");
	}
	policy_walk(t->policy, s, t->scratch, false, t->trace, see_stop, t, v);
	session_free(s);
}

static void
judge_old(struct trial *t, const char *service, struct verdict *v)
{
	judge(t, service, "TLSv1", "ECDHE-RSA-AES128-SHA", v);
}

/* The rule that refuses old TLS there while cleartext is taken, or NULL. */
static const struct rule *
culprit(struct trial *t, const char *service)
{
	const struct policy *p = t->policy;
	struct verdict old, modern, clear;

	judge_old(t, service, &old);
	judge(t, service, "TLSv1.3", "TLS_AES_256_GCM_SHA384", &modern);
	judge(t, service, NULL, NULL, &clear);
	if (old.action == ACTION_ACCEPT || modern.action != ACTION_ACCEPT ||
	    clear.action != ACTION_ACCEPT || clear.rule == RULE_UNDECIDED ||
	    old.rule >= p->rule_count)
		return NULL;
	return &p->rules[old.rule];
}

static void
warn_downgrade(struct trial *t, size_t n, struct diags *diags)
{
	const struct policy *p = t->policy;
	const struct rule **found = mem_calloc(n, sizeof(struct rule *));
	struct buf where = BUF_INIT;
	size_t i, k;

	for (i = 0; i < n; i++)
		found[i] = culprit(t, p->services[i].name);
	for (i = 0; i < n; i++) {
		const struct rule *r = found[i];

		/* a rule that gives its reason was thought about */
		if (r == NULL || r->because != NULL)
			continue;
		buf_clear(&where);
		for (k = i; k < n; k++)
			if (found[k] == r) {
				buf_printf(&where, "%s%s", k > i ? ", " : "",
				    p->services[k].name);
				found[k] = NULL;
			}
		diag_add(diags, DIAG_WARNING, &r->place, "a client that is refused may "
		    "come back in the clear (RFC 9325, section 5.2); if that is "
		    "meant, say why with because", "the rule \"%s\" refuses old TLS "
		    "where cleartext is accepted: %s", r->name, buf_str(&where));
	}
	buf_free(&where);
	free(found);
}

/* Can the condition be told at HELO, once there is TLS? */
static bool
is_early(const struct cond *c)
{
	if (c == NULL)
		return true;
	if (c->attr != ATTR_NOTHING)
		return attr_info(c->attr)->arrives <= STAGE_HELO;
	return is_early(c->left) && is_early(c->right);
}

/*
 * A client with old TLS can be refused before it sends its password, but not
 * when a rule in front waits for a fact that comes with MAIL.
 */
static void
warn_late(struct trial *t, size_t n, struct diags *diags)
{
	const struct policy *p = t->policy;
	const struct rule *last = NULL, *r, *stop;
	struct buf hint = BUF_INIT;
	struct verdict v;
	size_t i;

	t->trace = trace_new(p);
	for (i = 0; i < n; i++) {
		if (!policy_is_submission(p, p->services[i].name))
			continue;
		judge_old(t, p->services[i].name, &v);
		if (v.action == ACTION_ACCEPT || v.rule >= p->rule_count ||
		    t->stopped_by >= v.rule)
			continue;
		r = &p->rules[v.rule];
		stop = &p->rules[t->stopped_by];
		if (stop == last || stop->because != NULL || !is_early(r->cond))
			continue;
		last = stop;
		buf_clear(&hint);
		buf_printf(&hint, "put \"%s\" before it; if that is meant, say why with "
		    "because", r->name);
		diag_add(diags, DIAG_WARNING, &stop->place, buf_str(&hint),
		    "the rule \"%s\" waits for %s, and so \"%s\" in line %u refuses "
		    "old TLS on %s only when the password was sent", stop->name,
		    v.stage == STAGE_RCPT ? "RCPT" : "MAIL", r->name, r->place.line,
		    p->services[i].name);
	}
	buf_free(&hint);
	trace_free(t->trace);
	t->trace = NULL;
}

void
warn_trials(const struct policy *p, uint32_t today, struct diags *diags)
{
	struct trial t = { .policy = p, .scratch = policy_scratch(p), .today = today };
	size_t n = p->service_count;

	/* a policy of very many rules has its first services tried */
	if (n > TRIALS / (p->rule_count + 1))
		n = TRIALS / (p->rule_count + 1);
	warn_downgrade(&t, n, diags);
	warn_late(&t, n, diags);
	scratch_free(t.scratch);
}
