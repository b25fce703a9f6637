/*
 * check.c owns the meaning of a policy as a whole: names, what belongs
 * together, what the rules ask for.  It may not know the grammar, nor how a
 * policy is evaluated.
 */
/* libc */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
/* this project */
#include "check.h"
#include "digest.h"
#include "parse.h"
#include "service.h"
#include "source.h"
#include "strset.h"
#include "suggest.h"

#define KEY_FILE_MAX	4096
#define COMPARED_MAX	50000	/* names, a fraction of a second at worst */

/* Words that records use for what is not a rule of the policy. */
static const char *const reserved[] = { "default", "undecided", "none", "non-smtp" };

const char *
check_suggest(struct check *c, struct buf *hint, const char *word,
    const char *(*next)(const void *, size_t), const void *ctx)
{
	const char *near;
	size_t n;

	for (n = 0; next(ctx, n) != NULL; n++)
		if (c->compared++ >= COMPARED_MAX)
			return NULL;
	near = suggest(word, strlen(word), next, ctx);
	if (near == NULL)
		return NULL;
	buf_printf(hint, "did you mean \"%s\"?", near);
	return buf_str(hint);
}

static bool
is_reserved(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(name, reserved[i]) == 0)
			return true;
	return false;
}

static void
check_service_names(struct check *c)
{
	const struct policy *p = c->policy;
	size_t i, k;

	for (i = 0; i < p->service_count; i++) {
		const struct service *s = &p->services[i];

		if (strcmp(s->name, "other") == 0 || is_reserved(s->name))
			diag_add(c->diags, DIAG_ERROR, &s->place, NULL,
			    "\"%s\" has a meaning of its own and names no service",
			    s->name);
		for (k = 0; k < i; k++)
			if (strcmp(p->services[k].name, s->name) == 0) {
				diag_add(c->diags, DIAG_ERROR, &s->place, NULL,
				    "there is a service \"%s\" already", s->name);
				break;
			}
	}
}

static void
check_rule_name(struct check *c, const struct rule *r)
{
	struct buf hint = BUF_INIT;
	const struct rule *o;

	if (is_reserved(r->name))
		diag_add(c->diags, DIAG_ERROR, &r->place, NULL,
		    "\"%s\" has a meaning of its own and names no rule", r->name);
	if (!strset_contains(c->rules, r->name, strlen(r->name))) {
		strset_add(c->rules, r->name);
		return;
	}
	for (o = c->policy->rules; strcmp(o->name, r->name) != 0; o++)
		continue;
	buf_printf(&hint, "the other is in line %u of %s", o->place.line, o->place.file);
	diag_add(c->diags, DIAG_ERROR, &r->place, buf_str(&hint),
	    "there is a rule \"%s\" already", r->name);
	buf_free(&hint);
}

static void
check_rules(struct check *c)
{
	struct policy *p = c->policy;
	size_t i;

	for (i = 0; i < p->rule_count; i++) {
		struct rule *r = &p->rules[i];

		check_rule_name(c, r);
		check_cond(c, r->cond);
		reply_check(p, r, c->diags);
		if (r->until != 0 && r->from > r->until)
			diag_add(c->diags, DIAG_ERROR, &r->until_place, NULL,
			    "the rule \"%s\" is over before it begins", r->name);
	}
	reply_check(p, &p->fallback, c->diags);
}

static bool
shares(const struct policy *p)
{
	size_t i;

	for (i = 0; i < p->rule_count; i++)
		if (p->rules[i].has_share)
			return true;
	return false;
}

/*
 * The key decides which clients are in a share.  A person who checks a policy
 * may not be allowed to read it, so that is no error: all else can be told.
 */
static void
read_key(struct check *c)
{
	struct policy *p = c->policy;
	struct place place = { .file = p->settings.key_file };
	struct digest *digest;
	struct stat st;
	uint8_t sum[DIGEST_SIZE];
	size_t len;
	char why[128], *text;

	if (p->settings.key_file[0] == '\0' || !shares(p))
		return;
	text = source_read(p->settings.key_file, KEY_FILE_MAX, &len, &st, why,
	    sizeof(why));
	if (text == NULL) {
		diag_add(c->diags, DIAG_WARNING, &place, "without the key, a share "
		    "falls on other clients", "cannot use the key file: %s", why);
		return;
	}
	digest = digest_new();
	digest_add(digest, text, len);
	digest_end(digest, sum);
	memcpy(p->share_key, sum, sizeof(p->share_key));
	explicit_bzero(text, len);
	explicit_bzero(sum, sizeof(sum));
	free(text);
}

void
check(struct policy *policy, struct diags *diags)
{
	struct check c = { .policy = policy, .diags = diags };
	size_t i;

	c.rules = strset_new();
	check_service_names(&c);
	service_add_builtin(policy);
	check_lists(&c);
	check_rules(&c);
	for (i = 0; i < policy->expect_count; i++)
		check_expect(&c, &policy->expects[i]);
	read_key(&c);
	strset_free(c.rules);
	free(c.lists);
}
