/*
 * index_keys.c owns the keys of comparisons, and the look-up of a fact among
 * them; it may not know what else a rule asks.
 *
 * What match.c would find, a key finds: the keys of a comparison and those of a
 * fact are made so that a fact that fits shares at least one with it.  It may
 * share one without fitting; then the rule is asked, and says so.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "address.h"
#include "asked_facts.h"
#include "index.h"
#include "index_keys.h"
#include "mem.h"
#include "pattern.h"
#include "policy.h"
#include "rule.h"
#include "siphash.h"
#include "strset.h"

#define ITEMS_MAX	64	/* a longer list is asked by itself: one look-up */
#define TEXT_MAX	1024	/* no fact is longer: attr.c */
#define PREFIX_BYTES	63	/* of the beginning of a pattern, at most */
#define ADDRESS_BITS	128

enum key_kind { KEY_NONE, KEY_STRING, KEY_NETWORK, KEY_BEGINNING };

struct entry {
	uint64_t	hash;
	uint32_t	rule;
};

/* All keys of one kind for one attribute. */
struct column {
	enum attr	 attr;
	enum key_kind	 kind;
	uint64_t	*rules;		/* that have a key here */
	struct entry	*entries;
	size_t		 count;
	size_t		 room;
	uint64_t	 lengths;	/* bit n % 64: some key has n bytes */
	bool		 prefixes[2][ADDRESS_BITS + 1];	/* IPv4, IPv6 */
};

struct keys {
	size_t		 words;
	struct column	*columns;
	size_t		 count;
};

static const uint8_t secret[16];

static uint64_t
hash_folded(const char *text, size_t len)
{
	char folded[TEXT_MAX];
	size_t i;

	for (i = 0; i < len; i++)
		folded[i] = text[i] >= 'A' && text[i] <= 'Z' ?
		    (char)(text[i] - 'A' + 'a') : text[i];
	return siphash(secret, folded, len);
}

static uint64_t
hash_network(const struct address *address, unsigned int prefix)
{
	struct address network = *address;
	uint8_t key[2 + sizeof(network.bytes)];

	address_mask(&network, prefix);
	key[0] = network.bits;
	key[1] = (uint8_t)prefix;
	memcpy(key + 2, network.bytes, sizeof(network.bytes));
	return siphash(secret, key, 2 + network.bits / 8u);
}

static size_t
without_root(const char *text, size_t len)
{
	return len > 0 && text[len - 1] == '.' ? len - 1 : len;
}

struct keys *
keys_new(size_t words)
{
	struct keys *k = mem_calloc(1, sizeof(*k));

	k->words = words;
	return k;
}

void
keys_free(struct keys *k)
{
	size_t i;

	for (i = 0; i < k->count; i++) {
		free(k->columns[i].rules);
		free(k->columns[i].entries);
	}
	free(k->columns);
	free(k);
}

/* --- the keys of a comparison */

static struct column *
column_of(struct keys *k, enum attr attr, enum key_kind kind)
{
	struct column *c;
	size_t i;

	for (i = 0; i < k->count; i++)
		if (k->columns[i].attr == attr && k->columns[i].kind == kind)
			return &k->columns[i];
	k->columns = mem_resize(k->columns, k->count + 1, sizeof(*k->columns));
	c = &k->columns[k->count++];
	memset(c, 0, sizeof(*c));
	c->attr = attr;
	c->kind = kind;
	c->rules = mem_calloc(k->words, sizeof(*c->rules));
	return c;
}

static void
put(struct column *c, uint64_t hash, uint32_t rule)
{
	if (c->count == c->room) {
		c->room = c->room > 0 ? 2 * c->room : 64;
		c->entries = mem_resize(c->entries, c->room, sizeof(*c->entries));
	}
	c->entries[c->count].hash = hash;
	c->entries[c->count++].rule = rule;
}

static void
put_text(struct column *c, const char *text, size_t len, uint32_t rule)
{
	if (len > TEXT_MAX)
		return;
	c->lengths |= UINT64_C(1) << len % 64;
	put(c, hash_folded(text, len), rule);
}

static void
put_network(struct column *c, const struct address *a, unsigned int prefix,
    uint32_t rule)
{
	c->prefixes[a->bits == ADDRESS_BITS][prefix] = true;
	put(c, hash_network(a, prefix), rule);
}

static void
add_networks(struct column *c, const struct cond *cond, uint32_t rule)
{
	const struct list *l = cond->list;
	size_t i;

	if (cond->kind == COND_EQ) {
		put_network(c, &cond->value.address, cond->value.prefix, rule);
		return;
	}
	/* an address is in a list of networks, and of nothing else */
	for (i = 0; i < l->count; i++)
		put_network(c, &l->items[i].address, l->items[i].prefix, rule);
}

/* One string of a list. */
struct member {
	struct column	*column;
	uint32_t	 rule;
};

static void
add_member(void *ctx, const char *text, size_t len)
{
	const struct member *m = ctx;

	put_text(m->column, text, len, m->rule);
}

static void
add_strings(struct column *c, const struct cond *cond, uint32_t rule)
{
	struct member m = { .column = c, .rule = rule };
	const char *text = cond->value.text;

	if (cond->kind == COND_EQ)
		put_text(c, text, attr_info(cond->attr)->type == TYPE_DOMAIN ?
		    without_root(text, strlen(text)) : strlen(text), rule);
	else
		strset_each(cond->list->strings, add_member, &m);
}

/* KEY_NONE: it has none. */
static enum key_kind
kind_of(const struct cond *cond)
{
	if (cond->kind == COND_MATCH)
		return KEY_BEGINNING;
	if (cond->kind != COND_EQ &&
	    (cond->kind != COND_IN || cond->list->count > ITEMS_MAX))
		return KEY_NONE;
	switch (attr_info(cond->attr)->type) {
	case TYPE_ADDRESS:
		return KEY_NETWORK;
	case TYPE_WORD:
	case TYPE_DOMAIN:
	case TYPE_MAILBOX:
	case TYPE_TEXT:
		return KEY_STRING;
	default:
		return KEY_NONE;
	}
}

bool
keys_add(struct keys *k, const struct cond *cond, uint32_t rule)
{
	enum key_kind kind = kind_of(cond);
	char prefix[PREFIX_BYTES];
	struct column *c;
	size_t len = 0;

	if (kind == KEY_BEGINNING) {
		len = pattern_prefix(cond->pattern_text, prefix, sizeof(prefix));
		if (len == 0)
			return false;
	}
	if (kind == KEY_NONE)
		return false;
	c = column_of(k, cond->attr, kind);
	/* also of one that no fact fits */
	c->rules[rule / 64] |= UINT64_C(1) << rule % 64;
	if (kind == KEY_BEGINNING)
		put_text(c, prefix, len, rule);
	else if (kind == KEY_NETWORK)
		add_networks(c, cond, rule);
	else
		add_strings(c, cond, rule);
	return true;
}

static int
by_hash(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

void
keys_sort(struct keys *k)
{
	size_t i;

	for (i = 0; i < k->count; i++)
		if (k->columns[i].count > 0)
			qsort(k->columns[i].entries, k->columns[i].count,
			    sizeof(*k->columns[i].entries), by_hash);
}

/* --- the keys of a fact */

static void
find(const struct column *c, uint64_t hash, uint64_t *found)
{
	size_t low = 0, high = c->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (c->entries[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < c->count && c->entries[low].hash == hash; low++)
		found[c->entries[low].rule / 64] |=
		    UINT64_C(1) << c->entries[low].rule % 64;
}

static void
find_text(const struct column *c, const char *text, size_t len, uint64_t *found)
{
	if ((c->lengths >> len % 64 & 1) != 0 && len <= TEXT_MAX)
		find(c, hash_folded(text, len), found);
}

/* As strset_contains_domain(). */
static void
find_domain(const struct column *c, const char *text, uint64_t *found)
{
	size_t i, len;

	len = without_root(text, strlen(text));
	find_text(c, text, len, found);
	for (i = 1; i < len; i++)
		if (text[i] == '.')
			find_text(c, text + i, len - i, found);
}

static void
find_string(const struct column *c, const char *text, uint64_t *found)
{
	const char *at;

	find_text(c, text, strlen(text), found);
	switch (attr_info(c->attr)->type) {
	case TYPE_DOMAIN:
		find_domain(c, text, found);
		break;
	case TYPE_MAILBOX:
		at = strrchr(text, '@');
		if (at != NULL)
			find_domain(c, at + 1, found);
		break;
	default:
		break;
	}
}

static void
find_beginning(const struct column *c, const char *text, uint64_t *found)
{
	size_t len;

	for (len = 1; len <= PREFIX_BYTES && text[len - 1] != '\0'; len++)
		find_text(c, text, len, found);
}

static void
find_address(const struct column *c, const struct address *a, uint64_t *found)
{
	const bool *used = c->prefixes[a->bits == ADDRESS_BITS];
	unsigned int prefix;

	for (prefix = 0; prefix <= a->bits; prefix++)
		if (used[prefix])
			find(c, hash_network(a, prefix), found);
}

static void
find_fact(const struct column *c, const struct fact *fact, uint64_t *found)
{
	/* Whatever a lacking fact is compared with, it is not that. */
	if (fact->state == FACT_NONE)
		return;
	switch (c->kind) {
	case KEY_STRING:
		find_string(c, fact->text, found);
		break;
	case KEY_BEGINNING:
		find_beginning(c, fact->text, found);
		break;
	default:
		find_address(c, &fact->address, found);
		break;
	}
}

void
keys_live(const struct keys *k, struct asked_facts *facts, uint64_t *set)
{
	struct rule_set found;
	const struct fact *fact;
	const struct column *c;
	size_t i, word;

	for (i = 0; i < k->count; i++) {
		c = &k->columns[i];
		fact = asked_facts_get(facts, c->attr);
		if (fact->state != FACT_KNOWN && fact->state != FACT_NONE)
			continue;
		memset(found.words, 0, k->words * sizeof(*found.words));
		find_fact(c, fact, found.words);
		for (word = 0; word < k->words; word++)
			set[word] &= ~c->rules[word] | found.words[word];
	}
}
