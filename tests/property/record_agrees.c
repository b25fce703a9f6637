/*
 * record_agrees.c draws policies and facts at random, judges, writes the record
 * that the daemon would, reads it back and judges again: the verdict must be
 * the same, for a record holds every fact that its verdict rested on.
 *
 *	record_agrees [SEED]
 */
/* libc */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "policy.h"
#include "record.h"
#include "walk.h"
/* tests */
#include "coherent.h"
#include "draw.h"

#define POLICIES	1000
#define SESSIONS	20		/* a policy */

struct totals {
	unsigned long	pairs;
	unsigned long	refused;
	unsigned long	wrong;
};

/* The line of the session, and the session of the line. */
static bool
by_record(const struct policy *p, const struct session *s, const struct verdict *v,
    enum log_format format, struct buf *line, struct session *again)
{
	static const struct record_privacy open = { .client = PRIVACY_FULL,
	    .user = PRIVACY_FULL, .sender = PRIVACY_FULL };
	struct account account = { .event = "message", .id = "0123456789abcdef",
	    .stage = v->stage, .mail = v->stage >= STAGE_MAIL };
	struct record r;
	bool read;

	record_init(&r);
	record_judged(&r, &account, p, s, v, &open);
	record_format(&r, format, line);
	record_free(&r);
	record_init(&r);
	read = record_parse(&r, line->data, line->len) == 0;
	if (read)
		record_facts(&r, again);
	record_free(&r);
	return read;
}

static bool
same(const struct verdict *a, const struct verdict *b)
{
	return a->action == b->action && a->rule == b->rule &&
	    a->missing == b->missing && a->withheld == b->withheld &&
	    a->observed_rule == b->observed_rule && a->reply.code == b->reply.code &&
	    strcmp(a->reply.text, b->reply.text) == 0;
}

static void
try_session(const struct policy *p, struct scratch *scratch, struct totals *t,
    const char *text)
{
	struct session *again = session_new(), *s = session_new();
	struct buf line = BUF_INIT;
	struct verdict first, second;
	bool ok;

	draw_facts(s);
	make_coherent(s);
	policy_walk(p, s, scratch, false, NULL, NULL, NULL, &first);
	ok = by_record(p, s, &first, draw(2) ? LOG_LOGFMT : LOG_JSON, &line, again);
	if (ok) {
		/* the day is the record's time stamp, which syslog writes */
		session_set_today(again, session_today(s));
		policy_walk(p, again, scratch, false, NULL, NULL, NULL, &second);
		ok = same(&first, &second);
	}
	t->pairs++;
	t->refused += first.action != ACTION_ACCEPT;
	if (!ok && t->wrong++ == 0) {
		printf("# first: %s by %s at %s\n# %s\n", action_name(first.action),
		    policy_rule_name(p, first.rule), stage_name(first.stage),
		    buf_str(&line));
		printf("# again: %s by %s at %s\n%s", action_name(second.action),
		    policy_rule_name(p, second.rule), stage_name(second.stage), text);
	}
	buf_free(&line);
	session_free(s);
	session_free(again);
}

static bool
try_policy(struct totals *t)
{
	struct diags *diags = diags_new();
	struct buf b = BUF_INIT;
	struct scratch *scratch;
	struct policy *p;
	int i;

	draw_policy(&b);
	p = policy_parse("drawn.conf", b.data, b.len, 0, diags);
	if (p != NULL) {
		scratch = policy_scratch(p);
		for (i = 0; i < SESSIONS; i++)
			try_session(p, scratch, t, buf_str(&b));
		scratch_free(scratch);
	}
	i = p != NULL;
	policy_unref(&p);
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
	printf("1..1\n# seed %lu\n", seed);
	for (i = 0; i < POLICIES && ok; i++)
		ok = try_policy(&t);
	printf("# %lu pairs, %lu refused, %lu not the same\n", t.pairs, t.refused,
	    t.wrong);
	ok = ok && t.wrong == 0 && t.refused > t.pairs / 10;
	printf("%s 1 - the record judged again gives the same verdict\n",
	    ok ? "ok" : "not ok");
	return ok ? 0 : 1;
}
