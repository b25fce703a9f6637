/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "buf.h"

static void
test_empty(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	s = buf_steal(&b);
	assert_string_equal(s, "");
	free(s);
	buf_free(&b);
}

static void
test_growth(void **state)
{
	struct buf b = BUF_INIT;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_printf(&b, "%03d,", i);
	assert_int_equal(b.len, 4000);
	assert_memory_equal(b.data + 4 * 567, "567,", 4);
	assert_int_equal(strlen(b.data), 4000);
	buf_truncate(&b, 5000);
	assert_int_equal(b.len, 4000);
	buf_truncate(&b, 3);
	assert_string_equal(buf_str(&b), "000");
	buf_clear(&b);
	assert_string_equal(buf_str(&b), "");
	buf_put(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
	buf_free(&b);
	assert_null(b.data);
}

static void
test_visible(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_put_visible(&b, "a\n\x1b\\\xff z", 100);
	assert_string_equal(buf_str(&b), "a\\x0a\\x1b\\x5c\\xff z");
	buf_clear(&b);
	buf_put_visible(&b, "abcdef", 3);
	assert_string_equal(buf_str(&b), "abc");
	buf_free(&b);
}

/* What libc cannot print leaves what is there as it is. */
static void
test_unprintable(void **state)
{
	static const wchar_t strange[] = { 0x20ac, 0 };
	struct buf b = BUF_INIT;

	(void)state;
	buf_puts(&b, "before");
	buf_printf(&b, "%d %ls", 7, strange);	/* the locale is C */
	assert_string_equal(buf_str(&b), "before");
	buf_printf(&b, " %s", "after");
	assert_string_equal(buf_str(&b), "before after");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_visible),
		cmocka_unit_test(test_unprintable),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
