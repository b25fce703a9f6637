/*
 * selfcheck.c owns sessions whose verdict is known before they are judged; it
 * may not know who wants to know.
 */
/* libc */
#include <stdbool.h>
#include <string.h>
/* this project */
#include "diag.h"
#include "policy.h"
#include "session.h"
#include "verdict.h"
/* this program */
#include "clock.h"
#include "conn.h"
#include "current.h"
#include "selfcheck.h"
#include "sink.h"

/* It asks for a bit of each: a network, a login, a pattern, TLS. */
static const char known_policy[] =
    "service known port 587\n"
    "list known-clients = { 192.0.2.0/24, 2001:db8::/32 }\n"
    "rule known-clear\n"
    "    if service = known and client in known-clients and auth and not tls\n"
    "        and sender ~ /^[a-z]+@example\\.org$/\n"
    "    reject 530 5.7.0 \"Known\"\n"
    "default accept\n";

static const struct known {
	const char	*tls;
	const char	*cipher;
	const char	*bits;
	enum action	 action;
	const char	*rule;
} knowns[] = {
	{ NULL, NULL, NULL, ACTION_REJECT, "known-clear" },
	{ "TLSv1.3", "TLS_AES_256_GCM_SHA384", "256", ACTION_ACCEPT, "default" },
};

#define KNOWNS	(sizeof(knowns) / sizeof(knowns[0]))

/* What a policy said, mode observe or not. */
struct answer {
	bool		 decided;
	enum action	 action;
	uint32_t	 rule;
};

/* What the policy in force answered when it was asked first, that day. */
static struct {
	uint64_t	 generation;
	uint32_t	 day;
	struct answer	 answers[KNOWNS];
} first;

static struct conn *fixed;	/* with the policy from above */
static const char *wrong;	/* the first answer that was */

static void
set(struct session *s, enum attr a, const char *text)
{
	session_set(s, a, text, strlen(text));
}

/* The way of a session through callback.c, without libmilter. */
static int
ask(struct conn *c, const struct known *k, struct answer *a)
{
	struct session *s;
	struct verdict v;

	if (conn_begin(c) == -1)
		return -1;
	s = c->session;
	set(s, ATTR_CLIENT, "192.0.2.25");
	set(s, ATTR_PORT, "587");
	policy_classify(c->edition->policy, s);
	session_set_stage(s, STAGE_HELO);
	set(s, ATTR_HELO, "client.example.org");
	session_set_tls(s, k->tls, k->cipher, k->bits);
	if (conn_judge(c, STAGE_HELO, &v) == -1)
		return -1;
	session_set_stage(s, STAGE_MAIL);
	set(s, ATTR_AUTH, "PLAIN");
	set(s, ATTR_USER, "known");
	set(s, ATTR_SENDER, "known@example.org");
	if (conn_judge(c, STAGE_MAIL, &v) == -1)
		return -1;
	a->decided = v.decided;
	a->action = v.withheld ? v.observed_whole : v.action;
	a->rule = v.withheld ? v.observed_rule : v.rule;
	return 0;
}

int
selfcheck_init(void)
{
	struct policy *p;
	struct diags *d;

	d = diags_new();
	p = policy_parse("known", known_policy, sizeof(known_policy) - 1, 0, d);
	diags_free(d);
	if (p == NULL)
		return -1;
	fixed = conn_new_with(edition_new(p, NULL));
	return fixed != NULL ? 0 : -1;
}

static const char *
check_fixed(void)
{
	const struct policy *p = fixed->edition->policy;
	struct answer a;
	size_t i;

	for (i = 0; i < KNOWNS; i++) {
		if (ask(fixed, &knowns[i], &a) == -1)
			return "there is no memory to judge";
		if (!a.decided || a.action != knowns[i].action ||
		    strcmp(policy_rule_name(p, a.rule), knowns[i].rule) != 0) {
			wrong = "a known session was judged wrongly";
			return wrong;
		}
	}
	return NULL;
}

static bool
same_answer(const struct answer *a, const struct answer *b)
{
	return a->decided == b->decided && a->action == b->action &&
	    a->rule == b->rule;
}

/*
 * The policy in force may say anything, but on one day always the same: a rule
 * may begin or end at midnight.
 */
static const char *
check_current(struct conn *c)
{
	uint32_t day = clock_today();
	struct answer now[KNOWNS];
	size_t i;

	for (i = 0; i < KNOWNS; i++)
		if (ask(c, &knowns[i], &now[i]) == -1)
			return "there is no memory to judge";
	if (day != clock_today())
		return NULL;
	if (first.generation != c->edition->generation || first.day != day) {
		first.generation = c->edition->generation;
		first.day = day;
		memcpy(first.answers, now, sizeof(now));
	}
	for (i = 0; i < KNOWNS; i++)
		if (!same_answer(&first.answers[i], &now[i])) {
			wrong = "the policy answers a session otherwise than "
			    "before";
			return wrong;
		}
	return NULL;
}

const char *
selfcheck(void)
{
	const char *trouble;
	struct conn *c;

	if (wrong != NULL)
		return wrong;
	trouble = check_fixed();
	if (trouble != NULL)
		return trouble;
	c = conn_new_with(current_acquire());
	if (c == NULL)
		return "there is no memory for a connection";
	trouble = check_current(c);
	conn_free(c);
	if (trouble == NULL && !sink_answers())
		trouble = "the thread that writes the log does not answer";
	return trouble;
}
