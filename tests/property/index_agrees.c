/*
 * index_agrees.c draws policies of many rules and facts at random, and judges
 * with an index of the rules and without: the verdict must be the same.
 *
 *	index_agrees [SEED]
 */
/* libc */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* under test */
#include "asked_facts.h"
#include "index.h"
#include "policy.h"
#include "rule.h"
#include "session.h"
/* tests */
#include "draw.h"

#define POLICIES	400
#define SESSIONS	40		/* a policy */
#define NAMES		7		/* of each kind; few, so that facts meet rules */

struct totals {
	unsigned long	judged;
	unsigned long	decided;	/* by a rule */
	unsigned long	rules;
	unsigned long	passed_over;
	unsigned long	wrong;
};

/* As in policies that hold a line for each partner, user or device. */
static const char *const numbered[] = {
	"user = u%u", "user in { u%u, U%ub }", "sender = ann@example%u.org",
	"sender in { example%u.net, .example%u.net }", "sender in { EXAMPLE%u.org. }",
	"client = 10.0.%u.0/24", "client in { 10.%u.0.0/16, 2001:db8:%u::/48 }",
	"client in { 192.0.2.%u }", "client_name in { .example%u.net }",
	"client_name = Host%u.example.net.", "helo = host%u.example.net",
	"helo ~ /^host%u\\.(example|test)/", "helo ~ /^HOST%u/i",
	"helo ~ /^host%u?/", "helo ~ /^host%u|net$/", "helo ~ /^[h]ost%u/",
	"sender ~ /^ann@example%u\\.(net|org)$/", "cert_subject = \"CN=u%u\"",
	"cert_subject in { \"CN=u%u\", \"cn=u%u\" }", "service = s%u",
	"service in { s%u, mx }", "auth in { PLAIN%u, LOGIN }",
	"recipient in { bob@example.com, example%u.net }",
};

static void
put_comparison(struct buf *b)
{
	const char *s;
	unsigned int n = draw(NAMES);

	if (draw(3) == 0) {
		draw_comparison(b);
		return;
	}
	for (s = numbered[draw(sizeof(numbered) / sizeof(numbered[0]))]; *s != '\0'; s++)
		if (s[0] == '%' && s[1] == 'u') {
			buf_printf(b, "%u", n);
			s++;
		} else {
			buf_putc(b, *s);
		}
}

/* %u: a number below NAMES */
static const struct {
	enum attr	 attr;
	const char	*text;
} values[] = {
	{ ATTR_USER, "u%u" }, { ATTR_USER, "U%ub" }, { ATTR_SENDER, "ann@example%u.org" },
	{ ATTR_SENDER, "x@example%u.net" }, { ATTR_SENDER, "x@a.EXAMPLE%u.net." },
	{ ATTR_SENDER, "x@.example%u.net" }, { ATTR_SENDER, "example%u.net" },
	{ ATTR_SENDER, "a@b@c.d.example%u.net" }, { ATTR_SENDER, "a@b@example%u.net" },
	{ ATTR_SENDER, ".example%u.net" },
	{ ATTR_CLIENT, "10.0.%u.9" }, { ATTR_CLIENT, "10.%u.0.1" },
	{ ATTR_CLIENT, "192.0.2.%u" }, { ATTR_CLIENT, "2001:db8:%u::1" },
	{ ATTR_CLIENT, "::ffff:10.0.%u.1" },
	{ ATTR_CLIENT_NAME, "a.example%u.net" }, { ATTR_CLIENT_NAME, "host%u.example.net" },
	{ ATTR_HELO, "HOST%u.example.net." }, { ATTR_HELO, "host%u.test" },
	{ ATTR_HELO, "host" }, { ATTR_HELO, "host%u" }, { ATTR_HELO, "hos" },
	{ ATTR_CERT_SUBJECT, "CN=u%u" }, { ATTR_CERT_SUBJECT, "cn=u%u" },
	{ ATTR_SERVICE, "s%u" }, { ATTR_AUTH, "plain%u" },
	{ ATTR_RECIPIENT, "x@example%u.net" },
};

static void
meet_rules(struct session *s)
{
	char text[64];
	size_t i, n;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (draw(4) != 0)
			continue;
		snprintf(text, sizeof(text), "%s", values[i].text);
		n = strcspn(text, "%");
		if (text[n] == '%') {
			text[n] = (char)('0' + draw(NAMES));
			memmove(text + n + 1, text + n + 2, strlen(text + n + 2) + 1);
		}
		session_set(s, values[i].attr, text, strlen(text));
	}
}

static bool
same(const struct verdict *a, const struct verdict *b)
{
	return a->decided == b->decided && a->action == b->action &&
	    a->rule == b->rule && a->missing == b->missing &&
	    a->observed.count == b->observed.count &&
	    memcmp(a->observed.rules, b->observed.rules, sizeof(a->observed.rules)) == 0 &&
	    a->notes.count == b->notes.count &&
	    memcmp(a->notes.rules, b->notes.rules, sizeof(a->notes.rules)) == 0 &&
	    a->withheld == b->withheld && a->limits <= b->limits &&
	    strcmp(a->reply.text, b->reply.text) == 0;
}

static void
count_live(const struct policy *p, const struct session *s, struct totals *t)
{
	struct asked_facts facts;
	struct rule_set live;
	size_t i;

	asked_facts_of(&facts, s);
	index_live(p->index, p->rule_count, &facts, &live);
	t->rules += p->rule_count;
	for (i = 0; i < p->rule_count; i++)
		t->passed_over += (live.words[i / 64] >> i % 64 & 1) == 0;
}

/* At each stage: with the index, with it and a trace, and without. */
static void
judge(struct policy *p, struct session *s, struct scratch *scratch,
    struct trace *trace, struct totals *t, const char *text)
{
	struct index *index = p->index;
	struct verdict with, traced, without;
	enum stage stage;

	session_set_stage(s, STAGE_CONNECT);
	policy_classify(p, s);
	for (stage = STAGE_CONNECT; stage <= STAGE_RCPT; stage++) {
		session_set_stage(s, stage);
		policy_judge(p, s, scratch, false, &with, NULL);
		policy_judge(p, s, scratch, false, &traced, trace);
		p->index = NULL;
		policy_judge(p, s, scratch, false, &without, NULL);
		p->index = index;
		t->judged++;
		t->decided += without.decided && without.rule < RULE_NON_SMTP;
		count_live(p, s, t);
		if (same(&with, &without) && same(&traced, &without) &&
		    traced.limits == with.limits)
			continue;
		if (t->wrong++ == 0)
			printf("# with: %s; without: %s, at %s\n%s",
			    policy_rule_name(p, with.rule),
			    policy_rule_name(p, without.rule), stage_name(stage), text);
	}
}

static bool
try_policy(struct totals *t)
{
	struct diags *diags = diags_new();
	struct session *s = session_new();
	struct buf b = BUF_INIT;
	struct scratch *scratch;
	struct trace *trace;
	struct policy *p;
	int i;

	for (i = 0; i < NAMES; i++)
		buf_printf(&b, "service s%d port %d\n", i, 30000 + i);
	draw_rules(&b, 1 + draw(draw(2) ? 40 : 300), put_comparison);
	p = policy_parse("drawn.conf", b.data, b.len, 0, diags);
	if (p != NULL) {
		if (p->index == NULL)
			p->index = index_new(p->rules, p->rule_count);
		scratch = policy_scratch(p);
		trace = trace_new(p);
		for (i = 0; i < SESSIONS; i++) {
			draw_facts(s);
			meet_rules(s);
			judge(p, s, scratch, trace, t, buf_str(&b));
		}
		trace_free(trace);
		scratch_free(scratch);
	} else {
		printf("# %s", buf_str(&b));
	}
	i = p != NULL;
	policy_unref(&p);
	session_free(s);
	diags_free(diags);
	buf_free(&b);
	return i;
}

int
main(int argc, char *argv[])
{
	struct totals t = { 0 };
	unsigned long seed;
	bool ok = true;
	int i;

	seed = argc > 1 ? strtoul(argv[1], NULL, 10) : DRAW_SEED;
	draw_seed(seed);
	printf("1..2\n# seed %lu\n", seed);
	for (i = 0; i < POLICIES && ok; i++)
		ok = try_policy(&t);
	printf("# %lu judged, %lu decided by a rule; of %lu rules %lu were passed over; "
	    "%lu not the same\n", t.judged, t.decided, t.rules, t.passed_over, t.wrong);
	ok = ok && t.wrong == 0 && t.decided > t.judged / 10;
	printf("%s 1 - with an index of the rules the verdict is the same\n",
	    ok ? "ok" : "not ok");
	printf("%s 2 - rules are passed over\n",
	    t.passed_over > t.rules / 10 ? "ok" : "not ok");
	return ok && t.passed_over > t.rules / 10 ? 0 : 1;
}
