/*
 * rule.c owns the release of the parts of a policy; it may not know how they
 * came to be.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "netblock.h"
#include "pattern.h"
#include "rule.h"
#include "strset.h"

void
list_free(struct list *l)
{
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < l->count; i++)
		free(l->items[i].text);
	free(l->items);
	free(l->name);
	free(l->argument);
	netblock_free(l->networks);
	strset_free(l->strings);
	free(l->numbers);
	free(l);
}

void
cond_free(struct cond *c)
{
	if (c == NULL)
		return;
	cond_free(c->left);
	cond_free(c->right);
	free(c->value.text);
	/* a list with a name is the policy's */
	if (c->list != NULL && c->list->name == NULL)
		list_free(c->list);
	free(c->list_name);
	pattern_free(c->pattern);
	free(c->pattern_text);
	free(c);
}

void
reply_spec_clear(struct reply_spec *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		free(r->pieces[i].text);
	free(r->pieces);
	free(r->text);
	memset(r, 0, sizeof(*r));
}

void
rule_clear(struct rule *r)
{
	free(r->name);
	cond_free(r->cond);
	reply_spec_clear(&r->reply);
	free(r->alarm);
	free(r->owner);
	free(r->because);
	memset(r, 0, sizeof(*r));
}

void
service_clear(struct service *s)
{
	size_t i;

	for (i = 0; i < s->daemon_count; i++)
		free(s->daemons[i]);
	free(s->daemons);
	free(s->listeners);
	free(s->ports);
	free(s->name);
	memset(s, 0, sizeof(*s));
}

void
expect_clear(struct expect *e)
{
	size_t i;

	for (i = 0; i < e->count; i++)
		free(e->given[i].text);
	free(e->given);
	free(e->rule);
	memset(e, 0, sizeof(*e));
}
