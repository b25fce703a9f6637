/*
 * check_pattern.c owns the trial of a policy's regular expressions; it may not
 * know how one is matched.
 */
/* libc */
#include <string.h>
/* this project */
#include "check.h"
#include "pattern.h"

#define TRIED_MAX	50	/* at each load */
#define TOLD_MAX	1000	/* when asked */
#define SHOWN		12	/* bytes of a subject */

struct tour {
	const struct policy *policy;
	struct scratch	*scratch;
	struct diags	*diags;		/* to warn */
	unsigned int	 tried;
	void		(*told)(void *, const struct pattern_worst *);
	void		*ctx;
	uint32_t	 rule;
};

static size_t
longest_subject(const struct cond *c)
{
	size_t max = attr_info(c->attr)->max;

	return max < PATTERN_SUBJECT_MAX ? max : PATTERN_SUBJECT_MAX;
}

/* Its beginning and its end: "aaaaaaaaaaaa...a!" */
static void
put_subject(struct buf *b, const struct pattern_trial *trial)
{
	buf_putc(b, '"');
	buf_put_visible(b, trial->subject, SHOWN < trial->len ? SHOWN : trial->len);
	buf_puts(b, "...");
	if (trial->len > 2)
		buf_put_visible(b, trial->subject + trial->len - 2, 2);
	buf_printf(b, "\" of %zu bytes", trial->len);
}

static void
warn(const struct cond *c, struct tour *t)
{
	struct pattern_trial trial;
	struct buf subject = BUF_INIT;

	if (pattern_is_nested(c->pattern_text, strlen(c->pattern_text))) {
		diag_add(t->diags, DIAG_WARNING, &c->value_place, "a limit keeps it from "
		    "harm, but what hits the limit is unknown", "a repetition within "
		    "a repetition can take very long");
		return;
	}
	if (t->tried++ >= TRIED_MAX)
		return;
	pattern_try(c->pattern, c->pattern_text, longest_subject(c), t->scratch, &trial);
	if (trial.steps <= PATTERN_STEPS)
		return;
	put_subject(&subject, &trial);
	diag_add(t->diags, DIAG_WARNING, &c->value_place, "what hits the limit is "
	    "unknown", "the regular expression hits its limit on %s",
	    buf_str(&subject));
	buf_free(&subject);
}

static void
tell(const struct cond *c, struct tour *t)
{
	struct pattern_worst worst = { .rule = t->rule, .cond = c };
	struct pattern_trial trial = { 0 };
	struct buf subject = BUF_INIT;

	if (t->tried++ >= TOLD_MAX)
		return;
	pattern_try(c->pattern, c->pattern_text, longest_subject(c), t->scratch, &trial);
	put_subject(&subject, &trial);
	worst.percent = (trial.steps * 100 + PATTERN_STEPS - 1) / PATTERN_STEPS;
	worst.limit = trial.steps > PATTERN_STEPS;
	worst.subject = buf_str(&subject);
	t->told(t->ctx, &worst);
	buf_free(&subject);
}

static void
visit(const struct cond *c, struct tour *t)
{
	if (c == NULL)
		return;
	visit(c->left, t);
	visit(c->right, t);
	if (c->kind != COND_MATCH)
		return;
	if (t->told != NULL)
		tell(c, t);
	else
		warn(c, t);
}

static void
visit_all(struct tour *t)
{
	if (!t->policy->has_patterns)
		return;
	t->scratch = scratch_new();
	for (t->rule = 0; t->rule < t->policy->rule_count; t->rule++)
		visit(t->policy->rules[t->rule].cond, t);
	scratch_free(t->scratch);
}

void
warn_patterns(const struct policy *p, struct diags *diags)
{
	struct tour t = { .policy = p, .diags = diags };

	visit_all(&t);
}

void
policy_try_patterns(const struct policy *p,
    void (*told)(void *, const struct pattern_worst *), void *ctx)
{
	struct tour t = { .policy = p, .told = told, .ctx = ctx };

	visit_all(&t);
}
