/*
 * check_imply.c owns the question whether one condition follows from another,
 * or excludes it; it judges no session, and may not know rules.
 *
 * "Follows" holds for unknown facts as well: an earlier rule that is unknown
 * stops the walk, so what stands behind it is not reached by that either.  It
 * takes for granted that what hangs on a lacking fact is lacking: no cipher
 * without TLS, no user without a login.
 */
/* libc */
#include <assert.h>
#include <string.h>
/* this project */
#include "check.h"
#include "netblock.h"
#include "strset.h"
#include "tls.h"

#define ITEMS_MAX	64	/* of a list that is looked through */

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

/* 1: yes, 0: no, -1: it cannot be told. */
static int
told(bool b)
{
	return b ? 1 : 0;
}

/* Is every address of the one network in the other? */
static int
is_within(const struct value *v, const struct value *net)
{
	struct address a = v->address, b = net->address;
	unsigned int prefix = v->prefix < net->prefix ? v->prefix : net->prefix;

	if (a.bits != b.bits)
		return 0;
	address_mask(&a, prefix);
	address_mask(&b, prefix);
	if (address_compare(&a, &b) != 0)
		return 0;
	return net->prefix <= v->prefix ? 1 : -1;
}

static bool
has(const struct list *l, const char *text)
{
	return strset_contains(l->strings, text, strlen(text));
}

/* Is every address of the network in one of the list?  In none? */
static int
is_in_networks(const struct value *v, const struct list *l)
{
	struct value net = { .type = TYPE_ADDRESS };
	int answer = 0, one;
	size_t i;

	if (v->prefix == v->address.bits)
		return told(l->networks != NULL &&
		    netblock_contains(l->networks, &v->address));
	if (l->count > ITEMS_MAX)
		return -1;
	for (i = 0; i < l->count && answer != 1; i++) {
		net.address = l->items[i].address;
		net.prefix = l->items[i].prefix;
		one = is_within(v, &net);
		answer = one == 0 ? answer : one;
	}
	return answer;
}

/* Is the one value among those of the list? */
static int
is_listed(const struct value *v, const struct list *l)
{
	size_t n = strlen(v->text), i;

	switch (v->type) {
	case TYPE_ADDRESS:
		return is_in_networks(v, l);
	case TYPE_NUMBER:
		for (i = 0; i < l->number_count; i++)
			if (l->numbers[i] == v->number)
				return 1;
		return 0;
	case TYPE_TLS:
		return told(has(l, tls_version_name(v->number)));
	case TYPE_CIPHER:
		return told(has(l, v->suite));
	case TYPE_WORD:
		return told(has(l, v->text));
	case TYPE_DOMAIN:
		return told(strset_contains_domain(l->strings, v->text, n));
	case TYPE_MAILBOX:
		return told(strset_contains_mailbox(l->strings, v->text, n));
	default:
		return -1;
	}
}

static int
is_same_domain(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	n -= n > 0 && a[n - 1] == '.';
	m -= m > 0 && b[m - 1] == '.';
	return told(n == m && strncasecmp(a, b, n) == 0);
}

/* Is what equals the value among what the comparison takes? */
static int
is_member(const struct value *v, const struct cond *set)
{
	const struct value *w = &set->value;

	if (set->kind == COND_IN)
		return is_listed(v, set->list);
	if (set->kind != COND_EQ)
		return -1;
	switch (v->type) {
	case TYPE_ADDRESS:
		return is_within(v, w);
	case TYPE_DOMAIN:
		return is_same_domain(v->text, w->text);
	case TYPE_CIPHER:
		return told(strcmp(v->suite, w->suite) == 0);
	case TYPE_TEXT:
		return told(strcmp(v->text, w->text) == 0);
	case TYPE_WORD:
	case TYPE_MAILBOX:
		return told(strcasecmp(v->text, w->text) == 0);
	default:
		return -1;
	}
}

/* The one value, or network, that an item stands for; false for a set. */
static bool
item_value(const struct item *it, enum attr_type type, struct value *v)
{
	struct cipher cipher;

	memset(v, 0, sizeof(*v));
	v->type = type;
	v->text = it->text;
	v->number = it->number;
	v->address = it->address;
	v->prefix = it->prefix;
	switch (type) {
	case TYPE_TLS:
		v->number = tls_version(it->text, strlen(it->text));
		return true;
	case TYPE_CIPHER:
		if (tls_cipher(it->text, strlen(it->text), &cipher))
			v->suite = cipher.name;
		return v->suite != NULL;
	case TYPE_DOMAIN:
		return it->text[0] != '.';
	case TYPE_MAILBOX:
		return it->kind == ITEM_MAILBOX;
	default:
		return true;
	}
}

/* Is each of the values among what the other takes (1), or none (0)? */
static int
are_members(const struct list *l, const struct cond *set)
{
	enum attr_type type = attr_info(set->attr)->type;
	struct value v;
	int answer = -1, one;
	size_t i;

	if (l->count > ITEMS_MAX || l->origin == LIST_CIPHERS)
		return -1;
	for (i = 0; i < l->count; i++) {
		one = item_value(&l->items[i], type, &v) ? is_member(&v, set) : -1;
		if (one == -1 || (i > 0 && one != answer))
			return -1;
		answer = one;
	}
	return answer;
}

static bool
same(const struct cond *a, const struct cond *b)
{
	switch (a->kind) {
	case COND_EQ:
		return is_member(&a->value, b) == 1 && is_member(&b->value, a) == 1;
	case COND_IN:
		return a->list == b->list;
	case COND_MATCH:
		return a->pattern_nocase == b->pattern_nocase &&
		    strcmp(a->pattern_text, b->pattern_text) == 0;
	case COND_PRESENT:
	case COND_NONE:
		return true;
	default:
		return a->value.number == b->value.number;
	}
}

/* Is the first lacking whenever the second is? */
static bool
depends(enum attr attr, enum attr on)
{
	while (attr != ATTR_NOTHING && attr != on)
		attr = attr_info(attr)->depends;
	return attr == on;
}

static bool
leaf_implies(const struct leaf *x, const struct leaf *y)
{
	int64_t xlow, xhigh, ylow, yhigh;
	enum attr xattr = x->cond->attr, yattr = y->cond->attr;

	/* what is lacking is not equal to anything; what equals is not lacking */
	if (x->kind == COND_NONE && !x->negated && depends(yattr, xattr))
		return y->kind == COND_NONE ? !y->negated : y->negated;
	if (y->kind == COND_NONE && y->negated && depends(xattr, yattr) &&
	    x->negated == (x->kind == COND_NONE))
		return true;
	if (xattr != yattr)
		return false;
	if (range(x, &xlow, &xhigh) && range(y, &ylow, &yhigh) && !x->negated)
		return y->negated ? xhigh < ylow || yhigh < xlow :
		    ylow <= xlow && xhigh <= yhigh;
	if (x->negated == y->negated && x->kind == y->kind && same(x->cond, y->cond))
		return true;
	if (y->kind == COND_NONE)
		return false;
	/* what is lacking was seen to first */
	assert(x->negated || x->kind != COND_NONE);
	if (x->negated) {
		struct leaf not_x = *x, not_y = *y;

		if (!y->negated || x->kind == COND_NONE)
			return false;
		not_x.negated = not_y.negated = false;
		return leaf_implies(&not_y, &not_x);
	}
	if (x->kind == COND_EQ)
		return is_member(&x->cond->value, y->cond) == !y->negated;
	return x->kind == COND_IN &&
	    are_members(x->cond->list, y->cond) == !y->negated;
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
	return y->kind == COND_NOT && cond_excludes(x, y->left, budget);
}

bool
cond_excludes(const struct cond *x, const struct cond *y, unsigned int *budget)
{
	struct leaf lx, ly;

	if (*budget == 0)
		return false;
	--*budget;
	if (x->kind == COND_OR)
		return cond_excludes(x->left, y, budget) &&
		    cond_excludes(x->right, y, budget);
	if (y->kind == COND_OR)
		return cond_excludes(x, y->left, budget) &&
		    cond_excludes(x, y->right, budget);
	if (x->kind == COND_AND && (cond_excludes(x->left, y, budget) ||
	    cond_excludes(x->right, y, budget)))
		return true;
	if (y->kind == COND_AND)
		return cond_excludes(x, y->left, budget) ||
		    cond_excludes(x, y->right, budget);
	if (as_leaf(x, &lx) && as_leaf(y, &ly)) {
		ly.negated = !ly.negated;
		return leaf_implies(&lx, &ly);
	}
	return (y->kind == COND_NOT && cond_implies(x, y->left, budget)) ||
	    (x->kind == COND_NOT && cond_implies(y, x->left, budget));
}
