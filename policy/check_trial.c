/*
 * check_trial.c owns the warning that only shows when ordinary sessions are
 * judged: old TLS is refused where cleartext is taken (RFC 7435, section 3).
 * It may not know how a session is judged.
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

/* An ordinary session; tls NULL: in the clear. */
static int
judge(const struct policy *p, struct scratch *scratch, const char *service,
    const char *tls, const char *cipher, uint32_t today, struct verdict *v)
{
	struct session *s;
	size_t i;

	s = session_new();
	if (s == NULL)
		return -1;
	session_set_today(s, today);
	set(s, ATTR_SERVICE, service);
	for (i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
		set(s, ordinary[i].attr, ordinary[i].text);
	if (tls != NULL) {
		set(s, ATTR_TLS, tls);
		set(s, ATTR_CIPHER, cipher);
	} else
		session_set_none(s, ATTR_TLS);
	/* nobody sends mail there without a login */
	if (policy_is_submission(p, service)) {
		set(s, ATTR_AUTH, "PLAIN");
		set(s, ATTR_USER, "ann");
	}
	policy_walk(p, s, scratch, false, NULL, NULL, NULL, v);
	session_free(s);
	return 0;
}

/* The rule that refuses old TLS there while cleartext is taken, or NULL. */
static const struct rule *
culprit(const struct policy *p, struct scratch *scratch, const char *service,
    uint32_t today)
{
	struct verdict old, modern, clear;

	if (judge(p, scratch, service, "TLSv1", "ECDHE-RSA-AES128-SHA", today,
	    &old) == -1 ||
	    judge(p, scratch, service, "TLSv1.3", "TLS_AES_256_GCM_SHA384", today,
	    &modern) == -1 ||
	    judge(p, scratch, service, NULL, NULL, today, &clear) == -1)
		return NULL;
	if (old.action == ACTION_ACCEPT || modern.action != ACTION_ACCEPT ||
	    clear.action != ACTION_ACCEPT || clear.rule == RULE_UNDECIDED ||
	    old.rule >= p->rule_count)
		return NULL;
	return &p->rules[old.rule];
}

void
warn_downgrade(const struct policy *p, uint32_t today, struct diags *diags)
{
	struct scratch *scratch = policy_scratch(p);
	size_t i, k, n = p->service_count;
	const struct rule **found = mem_calloc(n, sizeof(struct rule *));
	struct buf where = BUF_INIT;

	/* a policy of very many rules has its first services tried */
	if (n > TRIALS / (p->rule_count + 1))
		n = TRIALS / (p->rule_count + 1);
	for (i = 0; i < n; i++)
		found[i] = culprit(p, scratch, p->services[i].name, today);
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
	scratch_free(scratch);
	free(found);
}
