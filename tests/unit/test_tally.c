/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "tally.h"

static struct tally_row *
add(struct tally *t, const char *name, int64_t time, enum tls_rank rank)
{
	struct name n;

	name_start(&n);
	name_part(&n, (struct slice){ name, strlen(name) });
	return tally_add(t, &n, time, rank);
}

static const struct tally_row *
find(const struct tally *t, const char *name)
{
	struct name n;

	name_start(&n);
	name_part(&n, (struct slice){ name, strlen(name) });
	return tally_find(t, &n);
}

static void
test_row(void **state)
{
	struct tally *t = tally_new(2, 0, 0);
	const struct tally_row *row;

	(void)state;
	assert_null(find(t, "a"));
	add(t, "a", 200, RANK_TLS12)->counters[1] += 5;
	add(t, "a", 100, RANK_NONE);
	add(t, "a", 0, RANK_UNKNOWN);
	add(t, "b", 0, RANK_UNKNOWN);
	add(t, "a", 150, RANK_TLS13);
	assert_int_equal(tally_count(t), 2);
	row = find(t, "a");
	assert_int_equal(row->count, 4);
	assert_int_equal(row->error, 0);
	assert_int_equal(row->first, 100);
	assert_int_equal(row->last, 200);
	assert_int_equal(row->best, RANK_TLS13);
	assert_int_equal(row->worst, RANK_NONE);
	assert_int_equal(row->counters[0], 0);
	assert_int_equal(row->counters[1], 5);
	row = find(t, "b");
	assert_int_equal(row->first, 0);
	assert_int_equal(row->best, RANK_UNKNOWN);
	assert_int_equal(tally_bound(t), 0);
	tally_free(t);
}

/* Names of parts are not mixed up, whatever bytes they hold. */
static void
test_parts(void **state)
{
	struct tally *t = tally_new(0, 0, 0);
	struct name n;
	const struct tally_row *row;
	struct slice s;
	char longer[NAME_PART_MAX + 50];

	(void)state;
	name_start(&n);
	name_part(&n, (struct slice){ "a\0b", 3 });
	name_part(&n, SLICE_NULL);
	name_part(&n, (struct slice){ "c", 1 });
	row = tally_add(t, &n, 0, RANK_UNKNOWN);
	s = tally_part(row, 0);
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.p, "a\0b", 3);
	assert_int_equal(tally_part(row, 1).len, 0);
	assert_true(slice_is(tally_part(row, 2), "c"));
	assert_null(tally_part(row, 3).p);

	name_start(&n);
	name_part(&n, (struct slice){ "a", 1 });
	name_part(&n, (struct slice){ "\0bc", 3 });
	assert_null(tally_find(t, &n));

	memset(longer, 'x', sizeof(longer));
	name_start(&n);
	name_part(&n, (struct slice){ longer, sizeof(longer) });
	assert_int_equal(tally_part(tally_add(t, &n, 0, RANK_UNKNOWN), 0).len,
	    NAME_PART_MAX);
	/* More than fits is left out, and writes nothing beyond. */
	name_start(&n);
	for (size_t i = 0; i < 2000; i++)
		name_part(&n, (struct slice){ longer, 300 });
	assert_true(n.len <= NAME_BYTES);
	tally_free(t);
}

static int
most_first(const struct tally_row *a, const struct tally_row *b)
{
	return a->count > b->count ? -1 : a->count < b->count;
}

static bool
before(struct slice a, struct slice b)
{
	int c = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);

	return c < 0 || (c == 0 && a.len < b.len);
}

static void
test_many(void **state)
{
	struct tally *t = tally_new(1, 0, 0);
	const struct tally_row **rows;
	char name[32];
	int i, k;

	(void)state;
	for (k = 0; k < 3; k++)
		for (i = 0; i < 20000; i++) {
			if (i % (k + 1) != 0)
				continue;
			snprintf(name, sizeof(name), "name %d", i);
			add(t, name, i + 1, RANK_TLS12);
		}
	assert_int_equal(tally_count(t), 20000);
	assert_int_equal(find(t, "name 6")->count, 3);
	assert_int_equal(find(t, "name 2")->count, 2);
	assert_int_equal(find(t, "name 1")->count, 1);
	rows = tally_rows(t, NULL, most_first);
	assert_null(rows[20000]);
	for (i = 1; i < 20000; i++) {
		assert_true(rows[i - 1]->count >= rows[i]->count);
		/* Among equals, names decide. */
		if (rows[i - 1]->count == rows[i]->count)
			assert_true(before(tally_part(rows[i - 1], 0),
			    tally_part(rows[i], 0)));
	}
	assert_true(slice_is(tally_part(rows[0], 0), "name 0"));
	free(rows);
	tally_free(t);
}

/* A small generator of numbers, so that each run tries the same names. */
static uint32_t seed = 20261121;

static uint32_t
any(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

/* What bounded memory still promises, against the exact counts. */
static void
check_bounded(struct tally *t, size_t memory, const uint64_t *exact, int names)
{
	const struct tally_row *row;
	char name[400];
	uint64_t bound = tally_bound(t);
	int i, there = 0;

	assert_true(bound > 0);
	if (memory > 0)
		assert_true(tally_memory(t) <= memory);
	for (i = 0; i < names; i++) {
		snprintf(name, sizeof(name), "%d", i);
		row = find(t, name);
		if (row == NULL) {
			assert_true(exact[i] <= bound);
			continue;
		}
		there++;
		assert_true(row->error <= bound);
		assert_true(row->count <= exact[i]);
		assert_true(row->count + row->error >= exact[i]);
		/* Its own counters are of the same sightings. */
		assert_int_equal(row->counters[0], row->count);
	}
	assert_int_equal(there, tally_count(t));
}

static void
fill_bounded(size_t rows, size_t memory)
{
	enum { NAMES = 5000, ADDS = 200000 };
	uint64_t *exact = calloc(NAMES, sizeof(*exact));
	struct tally *t = tally_new(1, rows, memory);
	char name[400];
	int i, k;

	for (i = 0; i < ADDS; i++) {
		/* A few names are frequent, and most are not. */
		k = any(3) == 0 ? (int)any(20) : (int)any(NAMES);
		exact[k]++;
		snprintf(name, sizeof(name), "%d", k);
		add(t, name, i, RANK_UNKNOWN)->counters[0]++;
		if (i % 20000 == 19999)
			check_bounded(t, memory, exact, NAMES);
	}
	/* The frequent ones are all there, and nearly right. */
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d", i);
		assert_non_null(find(t, name));
	}
	free(exact);
	tally_free(t);
}

static void
test_bounded_rows(void **state)
{
	(void)state;
	fill_bounded(200, 0);
}

static void
test_bounded_memory(void **state)
{
	(void)state;
	fill_bounded(0, 40000);
}

/* Long names and short ones share the memory. */
static void
test_bounded_lengths(void **state)
{
	struct tally *t = tally_new(4, 0, 20000);
	char name[300];
	uint64_t last = 0;
	int i;

	(void)state;
	for (i = 0; i < 50000; i++) {
		memset(name, 'a' + i % 26, sizeof(name));
		snprintf(name, sizeof(name), "%d", i % 3000);
		name[strlen(name)] = '-';
		name[i % 7 == 0 ? 290 : 12] = '\0';
		add(t, name, 0, RANK_UNKNOWN);
		assert_true(tally_memory(t) <= 20000);
		/* What may be missing only ever grows. */
		assert_true(tally_bound(t) >= last);
		last = tally_bound(t);
	}
	assert_true(last > 0);
	tally_free(t);
}

/* However small the bound, some names fit. */
static void
test_tiny(void **state)
{
	struct tally *t = tally_new(8, 0, 1);
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "%d", i);
		add(t, name, 0, RANK_UNKNOWN);
	}
	assert_int_equal(tally_count(t), 10);
	assert_int_equal(tally_bound(t), 0);
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		add(t, name, 0, RANK_UNKNOWN);
	}
	assert_int_equal(tally_count(t), 16);
	tally_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_bounded_rows),
		cmocka_unit_test(test_bounded_memory),
		cmocka_unit_test(test_bounded_lengths),
		cmocka_unit_test(test_tiny),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
