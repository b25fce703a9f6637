/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "scan.h"

static void
assert_slice(struct slice s, const char *wanted)
{
	assert_int_equal(s.len, strlen(wanted));
	assert_memory_equal(s.p, wanted, s.len);
}

static void
test_cut(void **state)
{
	struct slice s = slice_of("one two"), before, word;
	uint32_t number;

	(void)state;
	assert_false(cut_prefix(&s, "two"));
	assert_slice(cut_until(&s, ' '), "one");
	assert_slice(s, "two");
	assert_slice(cut_until(&s, ' '), "two");
	assert_slice(s, "");
	assert_slice(cut_until(&s, ' '), "");
	s = slice_of("a from b from c");
	assert_true(cut_past(&s, " from ", &before));
	assert_slice(before, "a");
	assert_slice(s, "b from c");
	assert_false(cut_past(&s, " to ", &before));
	assert_slice(s, "b from c");
	s = slice_of("4F1A: x");
	word = cut_alnum(&s);
	assert_slice(word, "4F1A");
	assert_slice(s, ": x");
	s = slice_of("12/256");
	assert_int_equal(cut_number(&s, &number), 0);
	assert_int_equal(number, 12);
	assert_slice(s, "/256");
	assert_int_equal(cut_number(&s, &number), -1);
	s = slice_of("1234567890");
	assert_int_equal(cut_number(&s, &number), -1);
	s = slice_of("999999999");
	assert_int_equal(cut_number(&s, &number), 0);
	assert_int_equal(number, 999999999);
}

static void
test_find(void **state)
{
	struct slice s = slice_of("aab aab");

	(void)state;
	assert_int_equal(slice_find(s, "ab"), 1);
	assert_int_equal(slice_find_last(s, "ab"), 5);
	assert_int_equal(slice_find_last(s, "aab"), 4);
	assert_int_equal(slice_find(s, "abb"), SIZE_MAX);
	assert_int_equal(slice_find_last(s, "abb"), SIZE_MAX);
	assert_int_equal(slice_find(s, "aab aab "), SIZE_MAX);
	assert_int_equal(slice_find(SLICE_NULL, "a"), SIZE_MAX);
	assert_int_equal(slice_find_last(SLICE_NULL, "a"), SIZE_MAX);
	assert_true(slice_equal(SLICE_NULL, slice_of("")));
	assert_false(slice_equal(slice_of("a"), slice_of("b")));
}

static void
test_angle(void **state)
{
	static const struct {
		const char	*text;
		const char	*address;	/* NULL: none */
		const char	*rest;
	} rows[] = {
		{ "<a@b> to=<c>", "a@b", " to=<c>" },
		{ "<>", "", "" },
		{ "<\"a> b\"@c> x", "\"a> b\"@c", " x" },
		{ "<\"a\\\"> b\"@c> x", "\"a\\\"> b\"@c", " x" },
		/* No end to the quoted string: the first bracket it is. */
		{ "<a\"b@c> x", "a\"b@c", " x" },
		{ "<a@b", NULL, NULL },
		{ "a@b>", NULL, NULL },
		{ "", NULL, NULL },
		{ "<\"\\", NULL, NULL },
	};
	struct slice s, address;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = slice_of(rows[i].text);
		assert_int_equal(cut_angle(&s, &address), rows[i].address != NULL);
		if (rows[i].address == NULL)
			continue;
		assert_slice(address, rows[i].address);
		assert_slice(s, rows[i].rest);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_angle),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
