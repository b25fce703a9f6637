/*
 * table.c owns finding what is going on by key, and its order in time; it may
 * not know what that is.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "scan.h"
#include "table.h"

void
table_init(struct table *t, size_t max, enum kept_name name)
{
	size_t slots = 64;

	while (slots < max)
		slots *= 2;
	*t = (struct table){ .mask = slots - 1, .max = max, .name = name };
	t->slots = mem_calloc(slots, sizeof(*t->slots));
	/* A log that was made for it shall not find the same slot each time. */
	sip_draw(&t->secret);
}

void
table_free(struct table *t)
{
	free(t->slots);
	t->slots = NULL;
}

static struct slice
cut(struct slice s)
{
	s.len = s.len < KEPT_VALUE_MAX ? s.len : KEPT_VALUE_MAX;
	return s;
}

struct key
table_key(struct slice host, struct slice name, uint32_t pid)
{
	return (struct key){ cut(host), cut(name), pid, 0 };
}

struct key
table_process(const struct line *l)
{
	return table_key(l->host, l->program, l->pid);
}

uint64_t
table_hash(const struct table *t, struct key *key)
{
	struct sip s;

	if (key->hash != 0)
		return key->hash;
	s = sip_start(&t->secret);
	sip_text(&s, key->host);
	sip_text(&s, key->name);
	sip_number(&s, key->pid);
	key->hash = sip_end(&s);
	return key->hash;
}

static bool
is_named(const struct table *t, const struct node *n, const struct key *key)
{
	return n->pid == key->pid &&
	    slice_equal(kept_get(n->kept, t->name), key->name) &&
	    slice_equal(kept_get(n->kept, KEPT_HOST), key->host);
}

struct node *
table_find(const struct table *t, struct key *key)
{
	struct node *n = t->recent[key->pid % TABLE_RECENT];
	uint64_t hash;

	if (n != NULL && is_named(t, n, key))
		return n;
	hash = table_hash(t, key);
	for (n = t->slots[hash & t->mask]; n != NULL; n = n->chain)
		if (n->hash == hash && is_named(t, n, key))
			return n;
	return NULL;
}

static void
append(struct table *t, struct node *n)
{
	n->older = t->newest;
	n->newer = NULL;
	if (t->newest != NULL)
		t->newest->newer = n;
	else
		t->oldest = n;
	t->newest = n;
}

static void
detach(struct table *t, struct node *n)
{
	if (n->older != NULL)
		n->older->newer = n->newer;
	else
		t->oldest = n->newer;
	if (n->newer != NULL)
		n->newer->older = n->older;
	else
		t->newest = n->older;
}

void
table_add(struct table *t, struct node *n, struct kept *kept, struct key *key)
{
	uint64_t hash = table_hash(t, key);
	struct node **slot = &t->slots[hash & t->mask];

	kept_set(kept, KEPT_HOST, key->host);
	kept_set(kept, t->name, key->name);
	n->kept = kept;
	n->pid = key->pid;
	n->hash = hash;
	n->chain = *slot;
	n->at = slot;
	if (*slot != NULL)
		(*slot)->at = &n->chain;
	*slot = n;
	t->recent[n->pid % TABLE_RECENT] = n;
	append(t, n);
	t->count++;
}

void
table_remove(struct table *t, struct node *n)
{
	if (t->recent[n->pid % TABLE_RECENT] == n)
		t->recent[n->pid % TABLE_RECENT] = NULL;
	*n->at = n->chain;
	if (n->chain != NULL)
		n->chain->at = n->at;
	detach(t, n);
	t->count--;
}

void
table_touch(struct table *t, struct node *n)
{
	if (t->newest == n)
		return;
	detach(t, n);
	append(t, n);
}
