/*
 * tally.c owns the table of counts and what happens when it is full; it may
 * not know what is counted.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this directory */
#include "sip.h"
#include "tally.h"

#define ROWS_MIN	16	/* however small the bound is */
#define BUCKETS_MIN	64	/* a power of two */
/* What malloc(3) and the two tables of pointers take beside a row. */
#define ROW_OVERHEAD	56
#define CACHE_LINE	64	/* of most processors; a guess is good enough */

struct tally {
	size_t		 counters;
	size_t		 rows_max;	/* 0: none */
	size_t		 memory_max;	/* 0: none */
	size_t		 count;
	size_t		 memory;
	size_t		 mask;		/* buckets - 1 */
	struct tally_row **buckets;
	struct tally_row **heap;	/* NULL until it is full; least seen first */
	size_t		 heap_size;
	struct tally_row *latest;
	uint64_t	 floor;		/* most that a forgotten name weighed */
	struct sip_key	 key;
	bool		 full;
};

static uint64_t
hash_of(const struct tally *t, const struct name *k)
{
	struct sip s = sip_start(&t->key);

	sip_text(&s, (struct slice){ k->bytes, k->len });
	return sip_end(&s);
}

/* --- the heap of a full table: the row seen least stands first */

static uint64_t
weight(const struct tally_row *row)
{
	return row->count + row->error;
}

static void
heap_put(struct tally *t, size_t i, struct tally_row *row)
{
	t->heap[i] = row;
	row->heap = (uint32_t)i;
}

static void
heap_down(struct tally *t, size_t i)
{
	struct tally_row *row = t->heap[i];
	size_t child;

	for (;;) {
		child = 2 * i + 1;
		if (child >= t->count)
			break;
		if (child + 1 < t->count &&
		    weight(t->heap[child + 1]) < weight(t->heap[child]))
			child++;
		if (weight(t->heap[child]) >= weight(row))
			break;
		heap_put(t, i, t->heap[child]);
		i = child;
	}
	heap_put(t, i, row);
}

static void
heap_up(struct tally *t, size_t i)
{
	struct tally_row *row = t->heap[i];

	while (i > 0 && weight(t->heap[(i - 1) / 2]) > weight(row)) {
		heap_put(t, i, t->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_put(t, i, row);
}

static void
heap_build(struct tally *t)
{
	struct tally_row *row;
	size_t i, n = 0;

	t->heap_size = t->count + 1;
	t->heap = mem_calloc(t->heap_size, sizeof(*t->heap));
	for (i = 0; i <= t->mask; i++)
		for (row = t->buckets[i]; row != NULL; row = row->chain)
			heap_put(t, n++, row);
	for (i = t->count / 2; i > 0; i--)
		heap_down(t, i - 1);
	t->full = true;
}

/* --- the table */

struct tally *
tally_new(size_t counters, size_t rows, size_t memory)
{
	struct tally *t = mem_calloc(1, sizeof(*t));

	t->counters = counters;
	t->rows_max = rows;
	t->memory_max = memory;
	t->mask = BUCKETS_MIN - 1;
	t->buckets = mem_calloc(BUCKETS_MIN, sizeof(*t->buckets));
	sip_draw(&t->key);
	return t;
}

static void
free_rows(struct tally *t)
{
	struct tally_row *row, *next;
	size_t i;

	for (i = 0; i <= t->mask; i++)
		for (row = t->buckets[i]; row != NULL; row = next) {
			next = row->chain;
			free(row);
		}
}

void
tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	free_rows(t);
	free(t->buckets);
	free(t->heap);
	free(t);
}

void
tally_clear(struct tally *t)
{
	free_rows(t);
	memset(t->buckets, 0, (t->mask + 1) * sizeof(*t->buckets));
	free(t->heap);
	t->heap = NULL;
	t->heap_size = t->count = t->memory = 0;
	t->latest = NULL;
	t->floor = 0;
	t->full = false;
}

static void
grow(struct tally *t)
{
	size_t size = (t->mask + 1) * 2, i;
	struct tally_row **buckets = mem_calloc(size, sizeof(*buckets));
	struct tally_row *row, *next;

	for (i = 0; i <= t->mask; i++)
		for (row = t->buckets[i]; row != NULL; row = next) {
			next = row->chain;
			row->chain = buckets[row->hash & (size - 1)];
			buckets[row->hash & (size - 1)] = row;
		}
	free(t->buckets);
	t->buckets = buckets;
	t->mask = size - 1;
}

static size_t
row_size(const struct tally *t, size_t key_len)
{
	return sizeof(struct tally_row) + t->counters * sizeof(uint64_t) + key_len;
}

static bool
has_room(const struct tally *t, size_t key_len)
{
	if (t->count < ROWS_MIN)
		return true;
	if (t->rows_max != 0 && t->count >= t->rows_max)
		return false;
	return t->memory_max == 0 || t->memory + row_size(t, key_len) +
	    ROW_OVERHEAD <= t->memory_max;
}

static void
forget(struct tally *t, struct tally_row *row)
{
	struct tally_row **p = &t->buckets[row->hash & t->mask], *moved;

	while (*p != row)
		p = &(*p)->chain;
	*p = row->chain;
	t->count--;
	t->memory -= row_size(t, row->key_len) + ROW_OVERHEAD;
	if (t->latest == row)
		t->latest = NULL;
	moved = t->heap[t->count];
	if (moved != row) {
		heap_put(t, row->heap, moved);
		heap_down(t, moved->heap);
		heap_up(t, moved->heap);
	}
	free(row);
}

/*
 * Rows for a new name.  What was forgotten may come again: whoever comes new
 * was seen before at most as often as anyone who was forgotten.
 */
static void
make_room(struct tally *t, size_t key_len)
{
	if (!t->full && !has_room(t, key_len))
		heap_build(t);
	while (t->full && !has_room(t, key_len)) {
		if (weight(t->heap[0]) > t->floor)
			t->floor = weight(t->heap[0]);
		forget(t, t->heap[0]);
	}
	if (t->full && t->count == t->heap_size) {
		t->heap_size *= 2;
		t->heap = mem_resize(t->heap, t->heap_size, sizeof(*t->heap));
	}
}

static struct tally_row *
insert(struct tally *t, const struct name *k, uint64_t hash)
{
	struct tally_row *row;
	char *key;

	make_room(t, k->len);
	row = mem_calloc(1, row_size(t, k->len));
	row->key_len = (uint16_t)k->len;
	key = (char *)&row->counters[t->counters];
	memcpy(key, k->bytes, k->len);
	row->key = key;
	row->hash = hash;
	row->error = t->floor;
	/* Half of the buckets are empty: the row that tally_fetch() has is mostly it. */
	if (2 * t->count > t->mask)
		grow(t);
	row->chain = t->buckets[hash & t->mask];
	t->buckets[hash & t->mask] = row;
	t->memory += row_size(t, k->len) + ROW_OVERHEAD;
	t->count++;
	if (t->full) {
		heap_put(t, t->count - 1, row);
		heap_up(t, t->count - 1);
	}
	return row;
}

static bool
is_named(const struct tally_row *row, const struct name *k)
{
	return row->key_len == k->len && memcmp(row->key, k->bytes, k->len) == 0;
}

static struct tally_row *
look_up(const struct tally *t, const struct name *k, uint64_t hash)
{
	struct tally_row *row;

	for (row = t->buckets[hash & t->mask]; row != NULL; row = row->chain)
		if (row->hash == hash && is_named(row, k))
			return row;
	return NULL;
}

static void
see_at(struct tally_row *row, int64_t first, int64_t last)
{
	if (first != 0 && (row->first == 0 || first < row->first))
		row->first = first;
	if (last != 0 && (row->last == 0 || last > row->last))
		row->last = last;
}

static void
see_tls(struct tally_row *row, uint8_t best, uint8_t worst)
{
	if (best == RANK_UNKNOWN)
		return;
	if (row->best < best)
		row->best = best;
	if (row->worst == RANK_UNKNOWN || row->worst > worst)
		row->worst = worst;
}

static struct tally_row *
row_of(struct tally *t, const struct name *k)
{
	struct tally_row *row = t->latest;
	uint64_t hash;

	/* Names often come in runs, where their hash was not worked out before. */
	if (k->hash == 0 && row != NULL && is_named(row, k))
		return row;
	hash = k->hash != 0 ? k->hash : hash_of(t, k);
	row = look_up(t, k, hash);
	if (row == NULL)
		row = insert(t, k, hash);
	t->latest = row;
	return row;
}

void
tally_expect(const struct tally *t, struct name *k)
{
	k->hash = hash_of(t, k);
	__builtin_prefetch(&t->buckets[k->hash & t->mask]);
}

void
tally_fetch(const struct tally *t, const struct name *k)
{
	const char *row = (const char *)t->buckets[k->hash & t->mask];

	if (row == NULL)
		return;
	__builtin_prefetch(row, 1);
	__builtin_prefetch(row + CACHE_LINE, 1);
	__builtin_prefetch(row + 2 * CACHE_LINE, 1);
}

void
tally_again(struct tally_row *row, int64_t time, enum tls_rank rank)
{
	row->count++;
	see_at(row, time, time);
	see_tls(row, (uint8_t)rank, (uint8_t)rank);
}

struct tally_row *
tally_add(struct tally *t, const struct name *k, int64_t time, enum tls_rank rank)
{
	struct tally_row *row = row_of(t, k);

	tally_again(row, time, rank);
	if (t->full)
		heap_down(t, row->heap);
	return row;
}

struct tally_row *
tally_merge(struct tally *t, const struct name *k, const struct tally_row *like)
{
	struct tally_row *row = row_of(t, k);

	row->count += like->count;
	see_at(row, like->first, like->last);
	see_tls(row, like->best, like->worst);
	if (t->full)
		heap_down(t, row->heap);
	return row;
}

const struct tally_row *
tally_find(const struct tally *t, const struct name *k)
{
	return look_up(t, k, hash_of(t, k));
}

size_t
tally_count(const struct tally *t)
{
	return t->count;
}

uint64_t
tally_bound(const struct tally *t)
{
	return t->floor;
}

size_t
tally_memory(const struct tally *t)
{
	return t->memory;
}

/* --- rows in order */

struct ranked {
	const struct tally_row	*row;
	tally_order		*order;
};

static int
compare(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int c;

	c = x->order != NULL ? x->order(x->row, y->row) : 0;
	return c != 0 ? c : order_names(x->row, y->row);
}

const struct tally_row **
tally_rows(const struct tally *t, tally_keeps *keeps, tally_order *order)
{
	struct ranked *ranked = mem_calloc(t->count, sizeof(*ranked));
	const struct tally_row **rows = mem_calloc(t->count + 1, sizeof(*rows));
	const struct tally_row *row;
	size_t i, n = 0;

	for (i = 0; i <= t->mask; i++)
		for (row = t->buckets[i]; row != NULL; row = row->chain)
			if (keeps == NULL || keeps(row))
				ranked[n++] = (struct ranked){ row, order };
	qsort(ranked, n, sizeof(*ranked), compare);
	for (i = 0; i < n; i++)
		rows[i] = ranked[i].row;
	free(ranked);
	return rows;
}
