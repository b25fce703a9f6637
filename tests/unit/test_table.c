/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "table.h"

struct thing {
	struct node	 node;
	const char	*name;
};

static bool
same(const struct node *n, const struct key *key)
{
	return slice_is(key->name, ((const struct thing *)n)->name);
}

static struct key
key_of(const char *name)
{
	return (struct key){ .name = { name, strlen(name) } };
}

static void
add(struct table *t, struct thing *thing)
{
	struct key key = key_of(thing->name);

	table_add(t, &thing->node, table_hash(t, &key));
}

static struct node *
find(const struct table *t, const char *name)
{
	struct key key = key_of(name);

	return table_find(t, &key, table_hash(t, &key));
}

static void
test_order(void **state)
{
	struct thing a = { .name = "a" }, b = { .name = "b" }, c = { .name = "c" };
	struct table t;

	(void)state;
	table_init(&t, 3, same);
	assert_null(t.oldest);
	add(&t, &a);
	add(&t, &b);
	add(&t, &c);
	assert_int_equal(t.count, 3);
	assert_ptr_equal(find(&t, "b"), &b);
	assert_null(find(&t, "d"));
	assert_ptr_equal(t.oldest, &a);
	table_touch(&t, &a.node);
	assert_ptr_equal(t.oldest, &b);
	assert_ptr_equal(t.newest, &a);
	table_touch(&t, &a.node);
	assert_ptr_equal(t.newest, &a);
	table_remove(&t, &c.node);
	assert_null(find(&t, "c"));
	assert_ptr_equal(b.node.newer, &a);
	assert_ptr_equal(a.node.older, &b);
	table_remove(&t, &b.node);
	table_remove(&t, &a.node);
	assert_int_equal(t.count, 0);
	assert_null(t.oldest);
	assert_null(t.newest);
	table_free(&t);
}

/* Many in few slots; the parts of a key are told apart. */
static void
test_many(void **state)
{
	static struct thing things[1000];
	static char names[1000][8];
	struct key one = { { "ab", 2 }, { "c", 1 }, 7 }, other = { { "a", 1 }, { "bc", 2 }, 7 },
	    third = { { "ab", 2 }, { "c", 1 }, 8 };
	struct table t;
	size_t i;

	(void)state;
	table_init(&t, 64, same);
	for (i = 0; i < 1000; i++) {
		names[i][0] = (char)('a' + i % 26);
		names[i][1] = (char)('a' + i / 26 % 26);
		names[i][2] = (char)('a' + i / 676);
		things[i].name = names[i];
		add(&t, &things[i]);
	}
	for (i = 0; i < 1000; i++)
		assert_ptr_equal(find(&t, names[i]), &things[i]);
	for (i = 0; i < 1000; i += 2)
		table_remove(&t, &things[i].node);
	for (i = 0; i < 1000; i++)
		assert_ptr_equal(find(&t, names[i]), i % 2 == 0 ? NULL : &things[i]);
	assert_true(table_hash(&t, &one) != table_hash(&t, &other));
	assert_true(table_hash(&t, &one) != table_hash(&t, &third));
	table_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
