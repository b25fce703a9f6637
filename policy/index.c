/*
 * index.c owns what is known of many rules at once; it may not know their order,
 * nor what they do.  See index.h.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "asked_facts.h"
#include "index.h"
#include "index_keys.h"
#include "match.h"
#include "mem.h"
#include "policy.h"
#include "rule.h"

#define SHARED_MIN	4	/* rules that make a comparison worth sharing */
#define SHARED_MAX	64	/* comparisons that are made for each session */
#define SHARED_ITEMS	64	/* of a list without a name: it is printed */

/* A comparison that many rules make. */
struct shared {
	const struct cond	*cond;
	uint64_t		*needed;	/* rules that are false without it */
	uint64_t		*barred;	/* rules that are false with it */
};

struct index {
	size_t		 words;		/* of a set of rules */
	struct shared	*shared;
	size_t		 shared_count;
	struct keys	*keys;
};

/* A comparison that has to be true, or false, for one rule to apply. */
struct use {
	uint32_t		 rule;
	size_t			 place;		/* among all */
	const struct cond	*cond;
	bool			 negated;
	bool			 shared;
	char			*text;		/* without its negation; owned */
};

struct uses {
	struct use	*all;
	size_t		 count;
	size_t		 room;
};

/* Uses of one text, which stand side by side. */
struct run {
	size_t	first;
	size_t	count;
};

static void
set_rule(uint64_t *set, uint32_t rule)
{
	set[rule / 64] |= UINT64_C(1) << rule % 64;
}

/*
 * Comparisons that read the same are the same.  NULL: not to be shared.
 */
static char *
text_of(const struct cond *cond)
{
	struct cond positive = *cond;
	struct buf text = BUF_INIT;
	char *p;

	/* A pattern may cost much, and a rule might never come to it. */
	if (cond->kind == COND_MATCH || (cond->kind == COND_IN &&
	    cond->list->name == NULL && cond->list->count > SHARED_ITEMS))
		return NULL;
	positive.negated = false;
	policy_print_cond(&positive, &text);
	p = mem_strdup(buf_str(&text));
	buf_free(&text);
	return p;
}

static void
add_use(struct uses *uses, uint32_t rule, const struct cond *cond, bool negated)
{
	if (uses->count == uses->room) {
		uses->room = uses->room > 0 ? 2 * uses->room : 64;
		uses->all = mem_resize(uses->all, uses->room, sizeof(*uses->all));
	}
	uses->all[uses->count] = (struct use){ .rule = rule, .cond = cond,
	    .place = uses->count, .negated = negated, .text = text_of(cond) };
	uses->count++;
}

/* What has to be so for the condition to be true: "not (a or b)" asks for both. */
static void
collect(struct uses *uses, uint32_t rule, const struct cond *cond, bool negated)
{
	negated = negated != cond->negated;
	switch (cond->kind) {
	case COND_NOT:
		collect(uses, rule, cond->left, !negated);
		break;
	case COND_AND:
	case COND_OR:
		if ((cond->kind == COND_OR) != negated)
			break;
		collect(uses, rule, cond->left, negated);
		collect(uses, rule, cond->right, negated);
		break;
	default:
		add_use(uses, rule, cond, negated);
		break;
	}
}

static int
by_place(const void *va, const void *vb)
{
	const struct use *a = va, *b = vb;

	return a->place < b->place ? -1 : a->place > b->place;
}

static int
by_text(const void *va, const void *vb)
{
	const struct use *a = va, *b = vb;
	int order;

	if (a->text == NULL || b->text == NULL)
		return (a->text == NULL) - (b->text == NULL);
	order = strcmp(a->text, b->text);
	return order != 0 ? order : by_place(va, vb);
}

static int
by_count(const void *va, const void *vb)
{
	const struct run *a = va, *b = vb;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

/* The uses are sorted by text; returns how many runs there are. */
static size_t
find_runs(const struct uses *uses, struct run *runs)
{
	size_t i, n = 0;

	for (i = 0; i < uses->count && uses->all[i].text != NULL; i++) {
		if (n > 0 && strcmp(uses->all[i].text,
		    uses->all[runs[n - 1].first].text) == 0)
			runs[n - 1].count++;
		else
			runs[n++] = (struct run){ .first = i, .count = 1 };
	}
	qsort(runs, n, sizeof(*runs), by_count);
	return n;
}

static void
share(struct index *x, struct use *uses, size_t count)
{
	struct shared *s = &x->shared[x->shared_count++];
	size_t i;

	s->cond = uses->cond;
	s->needed = mem_calloc(x->words, sizeof(*s->needed));
	s->barred = mem_calloc(x->words, sizeof(*s->barred));
	for (i = 0; i < count; i++) {
		uses[i].shared = true;
		set_rule(uses[i].negated ? s->barred : s->needed, uses[i].rule);
	}
}

/* Those that most rules make. */
static void
share_most(struct index *x, struct uses *uses)
{
	struct run *runs;
	size_t i, n;

	qsort(uses->all, uses->count, sizeof(*uses->all), by_text);
	runs = mem_calloc(uses->count, sizeof(*runs));
	n = find_runs(uses, runs);
	x->shared = mem_calloc(SHARED_MAX, sizeof(*x->shared));
	for (i = 0; i < n && i < SHARED_MAX && runs[i].count >= SHARED_MIN; i++)
		share(x, &uses->all[runs[i].first], runs[i].count);
	free(runs);
	qsort(uses->all, uses->count, sizeof(*uses->all), by_place);
}

/* The first that can be looked up, of each rule. */
static void
key_first(struct index *x, const struct uses *uses)
{
	const struct use *use;
	uint32_t done = UINT32_MAX;
	size_t i;

	for (i = 0; i < uses->count; i++) {
		use = &uses->all[i];
		if (use->rule != done && !use->negated && !use->shared &&
		    keys_add(x->keys, use->cond, use->rule))
			done = use->rule;
	}
	keys_sort(x->keys);
}

struct index *
index_new(const struct rule *rules, size_t count)
{
	struct index *x = mem_calloc(1, sizeof(*x));
	struct uses uses = { 0 };
	size_t i;

	x->words = (count + 63) / 64;
	x->keys = keys_new(x->words);
	for (i = 0; i < count; i++)
		if (rules[i].cond != NULL)
			collect(&uses, (uint32_t)i, rules[i].cond, false);
	if (uses.count > 0) {
		share_most(x, &uses);
		key_first(x, &uses);
	}
	for (i = 0; i < uses.count; i++)
		free(uses.all[i].text);
	free(uses.all);
	return x;
}

void
index_free(struct index *x)
{
	size_t i;

	if (x == NULL)
		return;
	for (i = 0; i < x->shared_count; i++) {
		free(x->shared[i].needed);
		free(x->shared[i].barred);
	}
	free(x->shared);
	keys_free(x->keys);
	free(x);
}

static void
take_out(uint64_t *live, const uint64_t *set, size_t words)
{
	size_t i;

	for (i = 0; i < words; i++)
		live[i] &= ~set[i];
}

static void
fill(struct rule_set *set, size_t rules)
{
	memset(set->words, 0xff, rules / 64 * sizeof(*set->words));
	if (rules % 64 != 0)
		set->words[rules / 64] = (UINT64_C(1) << rules % 64) - 1;
}

void
index_live(const struct index *x, size_t rules, struct asked_facts *facts,
    struct rule_set *live)
{
	const struct shared *s;
	unsigned int limits = 0;	/* no pattern is among the shared ones */
	enum answer answer;
	size_t i;

	fill(live, rules);
	if (x == NULL)
		return;
	for (i = 0; i < x->shared_count; i++) {
		s = &x->shared[i];
		answer = match(s->cond, asked_facts_get(facts, s->cond->attr), NULL, &limits);
		if (answer != UNKNOWN)
			take_out(live->words, answer == NO ? s->needed : s->barred,
			    x->words);
	}
	keys_live(x->keys, facts, live->words);
}
