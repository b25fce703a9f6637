/*
 * check_reach.c owns the question whether a rule can ever be reached; it knows
 * when one condition follows from another, but judges no session.
 *
 * "Follows" holds for unknown facts as well: an earlier rule that is unknown
 * stops the walk, so what stands behind it is not reached by that either.
 */
/* libc */
#include <string.h>
/* this project */
#include "check.h"
#include "netblock.h"
#include "strset.h"

/* Steps for a whole policy; a policy that needs more gets fewer warnings. */
#define BUDGET	3000000

/* A comparison without the "not" in front of it. */
struct leaf {
	const struct cond *cond;
	enum cond_kind	 kind;
	bool		 negated;
};

static bool
as_leaf(const struct cond *c, struct leaf *leaf)
{
	bool negated = false;

	for (; c->kind == COND_NOT; c = c->left)
		negated = !negated;
	if (c->kind == COND_AND || c->kind == COND_OR)
		return false;
	leaf->cond = c;
	leaf->kind = c->kind;
	leaf->negated = negated != c->negated;
	/* "tls" is "tls != none" */
	if (c->kind == COND_PRESENT && attr_info(c->attr)->type != TYPE_FLAG) {
		leaf->kind = COND_NONE;
		leaf->negated = !leaf->negated;
	}
	return true;
}

/* The values a comparison of ordered values takes; false when it is none. */
static bool
range(const struct leaf *l, int64_t *low, int64_t *high)
{
	int64_t n = l->cond->value.number;
	enum attr_type type = attr_info(l->cond->attr)->type;

	*low = INT64_MIN;
	*high = INT64_MAX;
	if (type == TYPE_FLAG && l->kind == COND_PRESENT) {
		*low = *high = 1;
		return true;
	}
	if (type != TYPE_TLS && type != TYPE_NUMBER && type != TYPE_FLAG)
		return false;
	switch (l->kind) {
	case COND_EQ:
		*low = *high = n;
		return true;
	case COND_LT:
		*high = n - 1;
		return true;
	case COND_LE:
		*high = n;
		return true;
	case COND_GT:
		*low = n + 1;
		return true;
	case COND_GE:
		*low = n;
		return true;
	default:
		return false;
	}
}

static bool
same_text(const char *a, const char *b, bool exact)
{
	return exact ? strcmp(a, b) == 0 : strcasecmp(a, b) == 0;
}

static bool
same(const struct cond *a, const struct cond *b)
{
	enum attr_type type = attr_info(a->attr)->type;

	switch (a->kind) {
	case COND_EQ:
		if (type == TYPE_ADDRESS)
			return a->value.prefix == b->value.prefix &&
			    address_compare(&a->value.address, &b->value.address) == 0;
		return same_text(a->value.text, b->value.text, type == TYPE_TEXT);
	case COND_IN:
		return a->list == b->list;
	case COND_MATCH:
		return a->pattern_nocase == b->pattern_nocase &&
		    strcmp(a->pattern_text, b->pattern_text) == 0;
	default:
		return true;
	}
}

/* Is the one value of the first among the values of the second? */
static bool
is_member(const struct value *v, const struct cond *set)
{
	struct address a = v->address;
	size_t n = strlen(v->text);

	switch (v->type) {
	case TYPE_ADDRESS:
		if (set->kind == COND_IN)
			return v->prefix == a.bits && set->list->networks != NULL &&
			    netblock_contains(set->list->networks, &a);
		if (a.bits != set->value.address.bits || set->value.prefix > v->prefix)
			return false;
		address_mask(&a, set->value.prefix);
		return address_compare(&a, &set->value.address) == 0;
	case TYPE_WORD:
		return set->kind == COND_IN &&
		    strset_contains(set->list->strings, v->text, n);
	case TYPE_DOMAIN:
		return set->kind == COND_IN &&
		    strset_contains_domain(set->list->strings, v->text, n);
	case TYPE_MAILBOX:
		return set->kind == COND_IN &&
		    strset_contains_mailbox(set->list->strings, v->text, n);
	default:
		return false;
	}
}

static bool
leaf_implies(const struct leaf *x, const struct leaf *y)
{
	int64_t xlow, xhigh, ylow, yhigh;

	if (x->cond->attr != y->cond->attr)
		return false;
	if (x->negated == y->negated && x->kind == y->kind && same(x->cond, y->cond))
		return true;
	/* what is lacking is not equal to anything; what equals is not lacking */
	if (x->kind == COND_NONE && !x->negated)
		return y->negated && y->kind != COND_NONE;
	if (y->kind == COND_NONE)
		return y->negated && !x->negated;
	if (x->negated || x->kind == COND_NONE) {
		struct leaf not_x = *x, not_y = *y;

		if (!y->negated || x->kind == COND_NONE)
			return false;
		not_x.negated = not_y.negated = false;
		return leaf_implies(&not_y, &not_x);
	}
	if (range(x, &xlow, &xhigh) && range(y, &ylow, &yhigh))
		return y->negated ? xhigh < ylow || yhigh < xlow :
		    ylow <= xlow && xhigh <= yhigh;
	return !y->negated && x->kind == COND_EQ &&
	    (y->kind == COND_IN || y->kind == COND_EQ) &&
	    is_member(&x->cond->value, y->cond);
}

bool
cond_implies(const struct cond *x, const struct cond *y, unsigned int *budget)
{
	struct leaf lx, ly;

	if (*budget == 0)
		return false;
	--*budget;
	if (y->kind == COND_AND)
		return cond_implies(x, y->left, budget) &&
		    cond_implies(x, y->right, budget);
	if (x->kind == COND_OR)
		return cond_implies(x->left, y, budget) &&
		    cond_implies(x->right, y, budget);
	if (x->kind == COND_AND && (cond_implies(x->left, y, budget) ||
	    cond_implies(x->right, y, budget)))
		return true;
	if (y->kind == COND_OR)
		return cond_implies(x, y->left, budget) ||
		    cond_implies(x, y->right, budget);
	if (as_leaf(x, &lx) && as_leaf(y, &ly))
		return leaf_implies(&lx, &ly);
	return x->kind == COND_NOT && y->kind == COND_NOT &&
	    cond_implies(y->left, x->left, budget);
}

/* Does the rule decide each session that its condition fits, today and later? */
static bool
always_decides(const struct rule *r, uint32_t today)
{
	return r->action != ACTION_NOTE && !r->observe && r->until == 0 &&
	    (r->from == 0 || (today != 0 && r->from <= today)) && r->share == 100;
}

static bool
covers(const struct rule *earlier, const struct rule *later, unsigned int *budget)
{
	if (earlier->cond == NULL)
		return true;
	return later->cond != NULL && cond_implies(later->cond, earlier->cond, budget);
}

void
warn_unreached(const struct policy *p, uint32_t today, struct diags *diags)
{
	unsigned int budget = BUDGET;
	size_t i, k;

	for (i = 1; i < p->rule_count && budget > 0; i++) {
		for (k = 0; k < i && budget > 0; k++) {
			const struct rule *earlier = &p->rules[k], *r = &p->rules[i];

			if (!always_decides(earlier, today) ||
			    !covers(earlier, r, &budget))
				continue;
			diag_add(diags, DIAG_WARNING, &r->place, NULL,
			    "the rule \"%s\" is never reached: \"%s\" in line %u "
			    "decides all it could match", r->name, earlier->name,
			    earlier->place.line);
			break;
		}
	}
}
