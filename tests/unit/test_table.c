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
	struct kept	 kept;
};

static struct key
key_of(const char *name)
{
	return table_key((struct slice){ "mx1", 3 },
	    (struct slice){ name, strlen(name) }, 7);
}

static void
add(struct table *t, struct thing *thing, const char *name)
{
	struct key key = key_of(name);

	table_add(t, &thing->node, &thing->kept, &key);
}

static struct node *
find(const struct table *t, const char *name)
{
	struct key key = key_of(name);

	return table_find(t, &key);
}

static void
test_order(void **state)
{
	struct thing a = { .node.pid = 0 }, b = a, c = a;
	struct table t;

	(void)state;
	table_init(&t, 3, KEPT_PROGRAM);
	assert_null(t.oldest);
	add(&t, &a, "a");
	add(&t, &b, "b");
	add(&t, &c, "c");
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
	kept_free(&a.kept);
	kept_free(&b.kept);
	kept_free(&c.kept);
}

/* Many in few slots; the parts of a key are told apart. */
static void
test_many(void **state)
{
	static struct thing things[1000];
	static char names[1000][8];
	struct key one = { { "ab", 2 }, { "c", 1 }, 7, 0 },
	    other = { { "a", 1 }, { "bc", 2 }, 7, 0 }, third = { { "ab", 2 }, { "c", 1 }, 8, 0 };
	struct table t;
	size_t i;

	(void)state;
	table_init(&t, 64, KEPT_QID);
	for (i = 0; i < 1000; i++) {
		names[i][0] = (char)('a' + i % 26);
		names[i][1] = (char)('a' + i / 26 % 26);
		names[i][2] = (char)('a' + i / 676);
		add(&t, &things[i], names[i]);
	}
	for (i = 0; i < 1000; i++)
		assert_ptr_equal(find(&t, names[i]), &things[i]);
	for (i = 0; i < 1000; i += 2)
		table_remove(&t, &things[i].node);
	for (i = 0; i < 1000; i++)
		assert_ptr_equal(find(&t, names[i]), i % 2 == 0 ? NULL : &things[i]);
	assert_true(table_hash(&t, &one) != table_hash(&t, &other));
	assert_true(table_hash(&t, &one) != table_hash(&t, &third));
	for (i = 0; i < 1000; i++)
		kept_free(&things[i].kept);
	table_free(&t);
}

/* Host, name and process are each looked at; long ones are found again. */
static void
test_parts(void **state)
{
	char longer[2 * KEPT_VALUE_MAX];
	struct line line = { .host = { longer, sizeof(longer) },
	    .program = { longer, sizeof(longer) - 1 }, .pid = 9 };
	struct key key = table_process(&line), other;
	struct thing a = { .node.pid = 0 };
	struct table t;

	(void)state;
	memset(longer, 'x', sizeof(longer));
	table_init(&t, 3, KEPT_PROGRAM);
	table_add(&t, &a.node, &a.kept, &key);
	assert_int_equal(kept_get(&a.kept, KEPT_HOST).len, KEPT_VALUE_MAX);
	assert_int_equal(kept_get(&a.kept, KEPT_PROGRAM).len, KEPT_VALUE_MAX);
	assert_ptr_equal(table_find(&t, &key), &a);
	key = table_process(&line);
	assert_ptr_equal(table_find(&t, &key), &a);
	other = key;
	other.pid++;
	assert_null(table_find(&t, &other));
	other = key;
	other.host.len--;
	assert_null(table_find(&t, &other));
	other = key;
	other.name.len--;
	assert_null(table_find(&t, &other));
	kept_free(&a.kept);
	table_free(&t);
}

/* Processes of one number, on two hosts: each is found, also when one has gone. */
static void
test_processes(void **state)
{
	struct line lines[] = {
		{ .host = { "mx1", 3 }, .program = { "postfix/smtpd", 13 }, .pid = 9 },
		{ .host = { "mx2", 3 }, .program = { "postfix/smtpd", 13 }, .pid = 9 },
		{ .host = { "mx2", 3 }, .program = { "postfix/smtps", 13 }, .pid = 9 },
		{ .host = { "mx1", 3 }, .program = { "postfix/smtpd", 13 },
		    .pid = 9 + TABLE_RECENT },
	};
	struct thing things[4] = { { .node.pid = 0 } };
	struct table t;
	struct key key;
	size_t i, k;

	(void)state;
	table_init(&t, 8, KEPT_PROGRAM);
	for (i = 0; i < 4; i++) {
		key = table_process(&lines[i]);
		assert_null(table_find(&t, &key));
		table_add(&t, &things[i].node, &things[i].kept, &key);
	}
	for (i = 0; i <= 4; i++) {
		for (k = 0; k < 4; k++) {
			key = table_process(&lines[k]);
			assert_ptr_equal(table_find(&t, &key), k < i ? NULL : &things[k]);
		}
		if (i < 4)
			table_remove(&t, &things[i].node);
	}
	for (i = 0; i < 4; i++)
		kept_free(&things[i].kept);
	table_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_processes),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
