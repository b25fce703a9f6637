/*
 * policy.c owns the life of a policy: loading, sharing, letting go; and lends
 * out its parts.  It may not know how it is written or evaluated.
 */
/* libc */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "index.h"
#include "mem.h"
#include "parse.h"
#include "pattern.h"
#include "policy.h"
#include "rule.h"
#include "settings.h"
#include "source.h"

static struct policy *
policy_new(const char *name)
{
	struct policy *p;

	p = mem_calloc(1, sizeof(*p));
	atomic_init(&p->refs, 1);
	p->name = mem_strdup(name);
	p->sources = source_set_new();
	settings_init(&p->settings);
	p->fallback.name = mem_strdup("default");
	p->fallback.action = ACTION_ACCEPT;
	p->fallback.has_action = true;
	p->fallback.share = 100;
	return p;
}

static void
policy_free(struct policy *p)
{
	size_t i;

	index_free(p->index);
	for (i = 0; i < p->rule_count; i++)
		rule_clear(&p->rules[i]);
	for (i = 0; i < p->list_count; i++)
		list_free(p->lists[i]);
	for (i = 0; i < p->service_count; i++)
		service_clear(&p->services[i]);
	for (i = 0; i < p->expect_count; i++)
		expect_clear(&p->expects[i]);
	rule_clear(&p->fallback);
	free(p->rules);
	free(p->lists);
	free(p->services);
	free(p->expects);
	settings_clear(&p->settings);
	source_set_free(p->sources);
	explicit_bzero(p->share_key, sizeof(p->share_key));
	free(p->name);
	free(p);
}

/*
 * Each step wants what the ones before it made; but what a rule means can be
 * told even when another could not be read.
 */
static struct policy *
build(struct policy *p, const struct source *source, uint32_t today,
    struct diags *diags, size_t errors)
{
	if (source != NULL) {
		parse(p, source, diags);
		check(p, diags);
	}
	if (diags_count(diags, DIAG_ERROR) == errors) {
		source_hash(p->sources, p->hash);
		if (p->rule_count >= INDEX_RULES_MIN)
			p->index = index_new(p->rules, p->rule_count);
		check_warnings(p, today, diags);
		expect_run(p, today, diags);
	}
	diags_sort(diags);
	if (diags_count(diags, DIAG_ERROR) == errors)
		return p;
	policy_free(p);
	return NULL;
}

struct policy *
policy_load(const char *path, uint32_t today, struct diags *diags)
{
	struct policy *p = policy_new(path);
	size_t errors = diags_count(diags, DIAG_ERROR);
	struct source *source;

	source = source_open(p->sources, path, POLICY_FILE_MAX, NULL, NULL, diags);
	return build(p, source, today, diags, errors);
}

struct policy *
policy_parse(const char *name, const char *text, size_t len, uint32_t today,
    struct diags *diags)
{
	struct policy *p = policy_new(name);
	size_t errors = diags_count(diags, DIAG_ERROR);
	struct source *source;

	source = source_text(p->sources, name, text, len, diags);
	return build(p, source, today, diags, errors);
}

struct policy *
policy_builtin(uint32_t today, struct diags *diags)
{
	const char *text = policy_builtin_text();

	return policy_parse("built-in", text, strlen(text), today, diags);
}

struct policy *
policy_ref(struct policy *p)
{
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

void
policy_unref(struct policy **where)
{
	struct policy *p = *where;

	*where = NULL;
	if (p == NULL)
		return;
	/* what other threads read of it happened before it goes */
	if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) == 1)
		policy_free(p);
}

bool
policy_stands(const struct policy *p, struct policy_files *files)
{
	return source_stands(p->sources, files);
}

const struct settings *
policy_settings(const struct policy *p)
{
	return &p->settings;
}

const char *
policy_hash(const struct policy *p)
{
	return p->hash;
}

const char *
policy_name(const struct policy *p)
{
	return p->name;
}

uint32_t
policy_rule_count(const struct policy *p)
{
	return (uint32_t)p->rule_count;
}

/* NULL for what is no rule of the policy nor its default. */
static const struct rule *
rule_at(const struct policy *p, uint32_t i)
{
	assert(p != NULL);
	if (i == RULE_DEFAULT)
		return &p->fallback;
	if (i == RULE_UNDECIDED || i == RULE_NON_SMTP)
		return NULL;
	assert(i < p->rule_count);
	return &p->rules[i];
}

const char *
policy_rule_name(const struct policy *p, uint32_t i)
{
	const struct rule *r = rule_at(p, i);

	if (r != NULL)
		return r->name;
	return i == RULE_NON_SMTP ? "non-smtp" : "undecided";
}

enum action
policy_rule_action(const struct policy *p, uint32_t i)
{
	const struct rule *r = rule_at(p, i);

	if (r != NULL)
		return r->action;
	if (i == RULE_NON_SMTP)
		return ACTION_ACCEPT;
	return p->settings.undecided == UNDECIDED_ACCEPT ? ACTION_ACCEPT :
	    ACTION_TEMPFAIL;
}

const char *
policy_rule_alarm(const struct policy *p, uint32_t i)
{
	const struct rule *r = rule_at(p, i);

	return r != NULL ? r->alarm : NULL;
}

uint32_t
policy_rule_until(const struct policy *p, uint32_t i)
{
	const struct rule *r = rule_at(p, i);

	return r != NULL ? r->until : 0;
}

const char *
policy_rule_owner(const struct policy *p, uint32_t i)
{
	const struct rule *r = rule_at(p, i);

	return r != NULL && r->owner != NULL ? r->owner : "";
}

const char *
policy_rule_because(const struct policy *p, uint32_t i)
{
	const struct rule *r = rule_at(p, i);

	return r != NULL && r->because != NULL ? r->because : "";
}

void
policy_rule_where(const struct policy *p, uint32_t i, struct buf *out)
{
	const struct rule *r = rule_at(p, i);

	if (r != NULL && r->place.file != NULL)
		buf_printf(out, "%s:%u", r->place.file, r->place.line);
	else
		buf_puts(out, p->name);
}

bool
policy_asks(const struct policy *p, enum attr attr)
{
	return attr < ATTR_COUNT && p->asks[attr];
}

enum stage
policy_last_stage(const struct policy *p)
{
	return p->asks[ATTR_RECIPIENT] ? STAGE_RCPT : STAGE_MAIL;
}

bool
policy_needs_scratch(const struct policy *p)
{
	return p->has_patterns;
}

struct scratch *
policy_scratch(const struct policy *p)
{
	return p->has_patterns ? scratch_new() : NULL;
}

struct scratch *
policy_scratch_or_null(const struct policy *p)
{
	return p->has_patterns ? scratch_new_or_null() : NULL;
}
