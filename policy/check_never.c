/*
 * check_never.c owns comparisons that always come out the same, and what cannot
 * be true together; it may not refuse anything.
 */
/* libc */
#include <string.h>
/* this project */
#include "check.h"
#include "tls.h"

#define BUDGET		1000000	/* steps, for a whole policy */
#define STRONGEST	256	/* bits of a cipher */

struct tour {
	struct diags	*diags;
	unsigned int	 budget;
};

/* The values that there are. */
static void
span(enum attr attr, uint32_t *low, uint32_t *high)
{
	*low = 0;
	switch (attr) {
	case ATTR_PORT:
		*low = 1;
		*high = UINT16_MAX;
		break;
	case ATTR_CIPHER_BITS:
	case ATTR_CIPHER_STRENGTH:
		*high = STRONGEST;
		break;
	case ATTR_TLS:
		*low = tls_version("SSLv2", 5);
		/* a later version than we know may come */
		*high = UINT32_MAX;
		break;
	default:
		*high = UINT32_MAX;
	}
}

/* Comparisons with what is beyond the end, or with the end itself. */
static void
warn_order(const struct cond *c, struct tour *t)
{
	uint32_t n = c->value.number, low, high;
	bool is_low, is_high;

	span(c->attr, &low, &high);
	switch (c->kind) {
	case COND_LT:
	case COND_GE:
		is_low = n <= low;
		is_high = n > high;
		break;
	default:
		is_low = n < low;
		is_high = n >= high;
	}
	if (is_low || is_high)
		diag_add(t->diags, DIAG_WARNING, &c->value_place, NULL,
		    "no \"%s\" is %s than that: the comparison is always %s",
		    attr_info(c->attr)->name, is_low ? "lower" : "higher",
		    is_low == (c->kind == COND_LT || c->kind == COND_LE) ?
		    "false" : "true");
}

static void
warn_equal(const struct cond *c, const struct place *place, uint32_t n, struct tour *t)
{
	uint32_t low, high;

	span(c->attr, &low, &high);
	if (n < low || n > high)
		diag_add(t->diags, DIAG_WARNING, place, NULL,
		    "no \"%s\" is %lu: the comparison is always %s",
		    attr_info(c->attr)->name, (unsigned long)n,
		    c->negated ? "true" : "false");
}

/* Items that are no value of the attribute, though they have its form. */
static void
warn_items(const struct cond *c, struct tour *t)
{
	const struct attr_info *info = attr_info(c->attr);
	const struct list *l = c->list;
	const struct place *place;
	uint32_t low, high;
	size_t i;

	span(c->attr, &low, &high);
	for (i = 0; i < l->count; i++) {
		const struct item *it = &l->items[i];

		place = l->name == NULL ? &it->place : &c->value_place;
		if (info->type == TYPE_NUMBER && (it->number < low || it->number > high))
			diag_add(t->diags, DIAG_WARNING, place, NULL,
			    "no \"%s\" is %lu: this item is in vain", info->name,
			    (unsigned long)it->number);
		else if (it->kind != ITEM_NETWORK && it->kind != ITEM_NUMBER &&
		    strlen(it->text) > info->max)
			diag_add(t->diags, DIAG_WARNING, place, NULL,
			    "no \"%s\" is longer than %zu bytes: an item of the list "
			    "is in vain", info->name, info->max);
		else
			continue;
		/* a list elsewhere is told about once */
		if (l->name != NULL)
			return;
	}
}

/* Of a chain of "and", the part that the other is in the way of. */
static const struct cond *
narrowed(const struct cond *c, const struct cond *other, struct tour *t)
{
	while (c->kind == COND_AND) {
		if (cond_excludes(c->left, other, &t->budget))
			c = c->left;
		else if (cond_excludes(c->right, other, &t->budget))
			c = c->right;
		else
			break;
	}
	return c;
}

/* A part that is true only when another is false, and the other way round. */
static void
warn_together(const struct cond *c, struct tour *t)
{
	struct buf left = BUF_INIT, right = BUF_INIT;
	const struct cond *a = c->left, *b = c->right;

	if (!cond_excludes(a, b, &t->budget))
		return;
	a = narrowed(a, b, t);
	b = narrowed(b, a, t);
	policy_print_cond(a, &left);
	policy_print_cond(b, &right);
	diag_add(t->diags, DIAG_WARNING, &b->place, NULL,
	    "\"%s\" and \"%s\" are never true together", buf_str(&left),
	    buf_str(&right));
	buf_free(&left);
	buf_free(&right);
}

static void
visit(const struct cond *c, struct tour *t)
{
	if (c == NULL)
		return;
	visit(c->left, t);
	visit(c->right, t);
	switch (c->kind) {
	case COND_AND:
		warn_together(c, t);
		break;
	case COND_EQ:
		if (attr_info(c->attr)->type == TYPE_NUMBER)
			warn_equal(c, &c->value_place, c->value.number, t);
		break;
	case COND_IN:
		warn_items(c, t);
		break;
	case COND_LT:
	case COND_LE:
	case COND_GT:
	case COND_GE:
		warn_order(c, t);
		break;
	default:
		break;
	}
}

void
warn_never(const struct policy *p, struct diags *diags)
{
	struct tour tour = { .diags = diags, .budget = BUDGET };
	size_t i;

	for (i = 0; i < p->rule_count; i++)
		visit(p->rules[i].cond, &tour);
}
