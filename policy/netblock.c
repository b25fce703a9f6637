/*
 * netblock.c owns the set of networks and their text; it may not know what the
 * networks are for.
 *
 * A path-compressed binary trie, one for IPv4 and one for IPv6: a node stands
 * for a prefix, its children for longer prefixes that go on with a 0 or a 1
 * bit.  N networks make at most 2N - 1 nodes.
 */
/* libc */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "netblock.h"

struct node {
	struct node	*child[2];
	uint8_t		 key[16];	/* bits behind the prefix are zero */
	uint8_t		 prefix;
	bool		 member;	/* not only a fork */
};

struct netblock {
	struct node	*root[2];	/* IPv4, IPv6 */
};

static unsigned int
bit(const uint8_t *key, unsigned int i)
{
	return key[i / 8] >> (7 - i % 8) & 1u;
}

/* How many leading bits two keys share, at most max. */
static unsigned int
common(const uint8_t *a, const uint8_t *b, unsigned int max)
{
	unsigned int n;

	for (n = 0; n + 8 <= max && a[n / 8] == b[n / 8]; n += 8)
		;
	while (n < max && bit(a, n) == bit(b, n))
		n++;
	return n;
}

struct netblock *
netblock_new(void)
{
	return mem_calloc(1, sizeof(struct netblock));
}

/* No deeper than an address has bits. */
static void
node_free(struct node *n)
{
	if (n == NULL)
		return;
	node_free(n->child[0]);
	node_free(n->child[1]);
	free(n);
}

void
netblock_free(struct netblock *set)
{
	if (set == NULL)
		return;
	node_free(set->root[0]);
	node_free(set->root[1]);
	free(set);
}

static struct node *
node_new(const struct address *a, unsigned int prefix, bool member)
{
	struct address key = *a;
	struct node *n;

	address_mask(&key, prefix);
	n = mem_calloc(1, sizeof(*n));
	memcpy(n->key, key.bytes, sizeof(n->key));
	n->prefix = (uint8_t)prefix;
	n->member = member;
	return n;
}

void
netblock_add(struct netblock *set, const struct address *a, unsigned int prefix)
{
	struct node **link, *n, *new;
	unsigned int shared;

	assert(a->bits > 0 && prefix <= a->bits);
	link = &set->root[a->bits == 128];
	while ((n = *link) != NULL) {
		shared = common(n->key, a->bytes,
		    n->prefix < prefix ? n->prefix : prefix);
		if (shared < n->prefix) {
			new = node_new(a, shared, shared == prefix);
			new->child[bit(n->key, shared)] = n;
			if (shared < prefix)
				new->child[bit(a->bytes, shared)] =
				    node_new(a, prefix, true);
			*link = new;
			return;
		}
		if (prefix == n->prefix) {
			n->member = true;
			return;
		}
		link = &n->child[bit(a->bytes, n->prefix)];
	}
	*link = node_new(a, prefix, true);
}

bool
netblock_contains(const struct netblock *set, const struct address *a)
{
	const struct node *n;

	if (a->bits == 0)
		return false;
	n = set->root[a->bits == 128];
	while (n != NULL && common(n->key, a->bytes, n->prefix) == n->prefix) {
		if (n->member)
			return true;
		/* one of all bits is a member, and has nothing below it */
		assert(n->prefix < a->bits);
		n = n->child[bit(a->bytes, n->prefix)];
	}
	return false;
}

/* One to three digits; -1 when it is anything else. */
static int
prefix_parse(const char *s, size_t len)
{
	int n = 0;
	size_t i;

	if (len == 0 || len > 3)
		return -1;
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		n = n * 10 + (s[i] - '0');
	}
	return n;
}

int
netblock_parse(const char *text, size_t len, struct address *a,
    unsigned int *prefix)
{
	struct address whole;
	const char *slash;
	int n;

	slash = memchr(text, '/', len);
	if (address_parse(a, text, slash != NULL ? (size_t)(slash - text) : len) == -1)
		return -1;
	*prefix = a->bits;
	if (slash == NULL)
		return 0;
	n = prefix_parse(slash + 1, len - (size_t)(slash - text) - 1);
	/* ::ffff:192.0.2.0/120 was read as the IPv4 network that it is. */
	if (a->bits == 32 && memchr(text, ':', (size_t)(slash - text)) != NULL)
		n -= 96;
	if (n < 0 || n > a->bits)
		return -1;
	*prefix = (unsigned int)n;
	whole = *a;
	address_mask(a, *prefix);
	return address_compare(&whole, a) == 0 ? 0 : -2;
}

void
netblock_format(const struct address *a, unsigned int prefix,
    char text[ADDRESS_TEXT + 4])
{
	size_t len;

	address_format(a, text);
	len = strlen(text);
	if (prefix < a->bits)
		snprintf(text + len, ADDRESS_TEXT + 4 - len, "/%u", prefix % 1000);
}
