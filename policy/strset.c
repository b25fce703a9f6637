/*
 * strset.c owns the set of strings and the rules of domain and mailbox
 * membership; it may not know what the strings are for.
 */
/* libc */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
#include "siphash.h"
#include "strset.h"

#define FIRST_SIZE	16	/* a power of two */

/*
 * No value that is looked up is longer than 512 bytes (attr.c), so members
 * longer than this could never be found and need no room on the stack.
 */
#define LOOKUP_MAX	1024

struct slot {
	char		*text;		/* folded; NULL: empty */
	size_t		 len;
	uint64_t	 hash;
};

/* Open addressing, at most half full. */
struct strset {
	struct slot	*slots;
	size_t		 size;
	size_t		 count;
	uint64_t	 lengths;	/* bit n % 64: some member has n bytes */
};

static const uint8_t key[16];

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void
fold_copy(char *to, const char *from, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = fold(from[i]);
}

struct strset *
strset_new(void)
{
	struct strset *set;

	set = mem_calloc(1, sizeof(*set));
	set->size = FIRST_SIZE;
	set->slots = mem_calloc(set->size, sizeof(*set->slots));
	return set;
}

void
strset_free(struct strset *set)
{
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->size; i++)
		free(set->slots[i].text);
	free(set->slots);
	free(set);
}

/* Where the string is, or would go. */
static struct slot *
find(const struct strset *set, const char *folded, size_t len)
{
	uint64_t hash;
	size_t i;

	hash = siphash(key, folded, len);
	for (i = hash & (set->size - 1); set->slots[i].text != NULL;
	    i = (i + 1) & (set->size - 1))
		if (set->slots[i].hash == hash && set->slots[i].len == len &&
		    memcmp(set->slots[i].text, folded, len) == 0)
			break;
	return &set->slots[i];
}

static void
grow(struct strset *set)
{
	struct slot *old = set->slots;
	size_t i, j, n = set->size;

	set->size = n * 2;
	set->slots = mem_calloc(set->size, sizeof(*set->slots));
	for (i = 0; i < n; i++) {
		if (old[i].text == NULL)
			continue;
		j = old[i].hash & (set->size - 1);
		while (set->slots[j].text != NULL)
			j = (j + 1) & (set->size - 1);
		set->slots[j] = old[i];
	}
	free(old);
}

void
strset_add(struct strset *set, const char *text)
{
	struct slot *slot;
	size_t len;
	char *copy;

	len = strlen(text);
	copy = mem_strndup(text, len);
	fold_copy(copy, text, len);
	slot = find(set, copy, len);
	if (slot->text != NULL) {
		free(copy);
		return;
	}
	slot->text = copy;
	slot->len = len;
	slot->hash = siphash(key, copy, len);
	set->lengths |= UINT64_C(1) << len % 64;
	if (++set->count > set->size / 2)
		grow(set);
}

/*
 * Of many lists each session asks, most have no member as long as the string:
 * that needs no hash, and not even the string folded.
 */
static bool
may_contain(const struct strset *set, size_t len)
{
	return (set->lengths >> len % 64 & 1) != 0 && len <= LOOKUP_MAX;
}

bool
strset_contains(const struct strset *set, const char *text, size_t len)
{
	char folded[LOOKUP_MAX];

	if (!may_contain(set, len))
		return false;
	fold_copy(folded, text, len);
	return find(set, folded, len)->text != NULL;
}

bool
strset_contains_domain(const struct strset *set, const char *text, size_t len)
{
	size_t i;

	if (len > 0 && text[len - 1] == '.')
		len--;
	/* ".example.org" is a member's way to say "below", and no name. */
	if (len == 0 || len > LOOKUP_MAX || text[0] == '.')
		return false;
	if (strset_contains(set, text, len))
		return true;
	for (i = 1; i < len; i++)
		if (text[i] == '.' && strset_contains(set, text + i, len - i))
			return true;
	return false;
}

bool
strset_contains_mailbox(const struct strset *set, const char *text, size_t len)
{
	size_t i;

	for (i = len; i > 0 && text[i - 1] != '@'; i--)
		;
	if (strset_contains(set, text, len))
		return true;
	return i > 0 && strset_contains_domain(set, text + i, len - i);
}

void
strset_each(const struct strset *set, void (*told)(void *, const char *, size_t),
    void *ctx)
{
	size_t i;

	for (i = 0; i < set->size; i++)
		if (set->slots[i].text != NULL)
			told(ctx, set->slots[i].text, set->slots[i].len);
}
