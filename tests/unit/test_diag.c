/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "diag.h"

static const char text[] = "first line\n\tif tsl < \x01\xc3\xa4 end\r\nthird";

static struct place
at(unsigned int line, unsigned int column, unsigned int width)
{
	struct place p = { .file = "a.conf", .line = line, .column = column,
	    .width = width };

	p.line_text = line == 1 ? text : line == 2 ? text + 11 : text + 30;
	return p;
}

static void
shows(const struct diags *d, const char *expected)
{
	struct buf b = BUF_INIT;

	diags_print(d, &b, false);
	assert_string_equal(buf_str(&b), expected);
	buf_free(&b);
}

static void
test_nothing(void **state)
{
	struct diags *d = diags_new();

	(void)state;
	diags_sort(d);
	shows(d, "");
	assert_int_equal(diags_total(d), 0);
	assert_int_equal(diags_count(d, DIAG_ERROR), 0);
	diags_free(d);
	diags_free(NULL);
}

static void
test_caret(void **state)
{
	struct diags *d = diags_new();
	struct place p = at(2, 5, 3);

	(void)state;
	diag_add(d, DIAG_ERROR, &p, "did you mean \"tls\"?", "no \"%s\"", "tsl");
	shows(d, "a.conf:2:5: error: no \"tsl\"\n"
	    "    if tsl < \\x01\\xc3\\xa4 end\n"
	    "       ^~~\n"
	    "    hint: did you mean \"tls\"?\n");
	assert_string_equal(diags_where(d, 0), "a.conf:2:5");
	assert_string_equal(diags_message(d, 0), "no \"tsl\"");
	assert_string_equal(diags_hint(d, 0), "did you mean \"tls\"?");
	assert_int_equal(diags_level(d, 0), DIAG_ERROR);
	diags_free(d);
}

static void
test_visible(void **state)
{
	struct diags *d = diags_new();
	struct place p = at(2, 11, 3), end = at(2, 18, 1);

	(void)state;
	diag_add(d, DIAG_WARNING, &p, NULL, "\x1b[31m\\ %s", "a\nb");
	diag_add(d, DIAG_WARNING, &end, NULL, "end");
	shows(d, "a.conf:2:11: warning: \\x1b[31m\\ a\\x0ab\n"
	    "    if tsl < \\x01\\xc3\\xa4 end\n"
	    "             ^~~~~~~~~~~~\n"
	    "a.conf:2:18: warning: end\n"
	    "    if tsl < \\x01\\xc3\\xa4 end\n"
	    "                             ^\n");
	assert_null(diags_hint(d, 0));
	diags_free(d);
}

static void
test_places(void **state)
{
	struct diags *d = diags_new();
	struct place outer = at(1, 3, 1), middle = at(2, 2, 1), p = at(3, 1, 5);
	struct place whole = { .file = "b\x07.conf" };

	(void)state;
	middle.from = &outer;
	p.from = &middle;
	diag_add(d, DIAG_ERROR, &p, NULL, "in");
	diag_add(d, DIAG_ERROR, &whole, NULL, "file");
	diag_add(d, DIAG_ERROR, NULL, "help", "nowhere");
	shows(d, "a.conf:3:1: error: in\n"
	    "    third\n"
	    "    ^~~~~\n"
	    "    included from a.conf:2:2\n"
	    "    included from a.conf:1:3\n"
	    "b\\x07.conf: error: file\n"
	    "error: nowhere\n"
	    "    hint: help\n");
	assert_string_equal(diags_where(d, 2), "");
	diags_free(d);
}

/* Places that are not all there; a chain is shown to a bound. */
static void
test_half_places(void **state)
{
	struct diags *d = diags_new();
	struct place chain[40], none = { .line = 1, .column = 1 }, p = at(3, 1, 1);
	struct buf b = BUF_INIT;
	const char *line;
	size_t i, n = 0;

	(void)state;
	diag_add(d, DIAG_ERROR, &none, NULL, "m");
	p.from = &none;
	diag_add(d, DIAG_ERROR, &p, NULL, "m");
	shows(d, "error: m\na.conf:3:1: error: m\n    third\n    ^\n");
	diags_clear(d);
	for (i = 0; i < 40; i++) {
		chain[i] = at(1, 1, 1);
		chain[i].from = i < 39 ? &chain[i + 1] : NULL;
	}
	diag_add(d, DIAG_ERROR, &chain[0], NULL, "m");
	diags_print(d, &b, false);
	for (line = buf_str(&b); (line = strstr(line, "included from")) != NULL; line++)
		n++;
	assert_int_equal(n, 16);
	buf_free(&b);
	diags_free(d);
}

static void
test_long_line(void **state)
{
	struct diags *d = diags_new();
	struct place p = { .file = "f", .line = 1, .column = 3001, .width = 5000 };
	struct buf b = BUF_INIT;
	char *line = malloc(4001);

	(void)state;
	memset(line, 'x', 4000);
	line[4000] = '\0';
	line[3000] = 'Y';
	p.line_text = line;
	diag_add(d, DIAG_ERROR, &p, NULL, "m");
	diags_print(d, &b, false);
	assert_true(b.len < 300);
	assert_non_null(strstr(buf_str(&b), "    ... xxxxx"));
	/* the caret stands under the Y */
	assert_int_equal(strchr(buf_str(&b), 'Y') - strstr(buf_str(&b), "    ..."),
	    strchr(buf_str(&b), '^') - strstr(buf_str(&b), "\n        ") - 1);
	buf_free(&b);
	free(line);
	diags_free(d);
}

static void
test_sort(void **state)
{
	struct diags *d = diags_new();
	struct place b = { .file = "b" }, p;
	size_t i;
	static const char *const order[] = { "b", "a1", "a2", "a3", "a4", "none" };

	(void)state;
	diag_add(d, DIAG_ERROR, &b, NULL, "b");
	p = at(2, 9, 1);
	diag_add(d, DIAG_ERROR, &p, NULL, "a4");
	diag_add(d, DIAG_ERROR, NULL, NULL, "none");
	p = at(2, 1, 1);
	diag_add(d, DIAG_WARNING, &p, NULL, "a2");
	diag_add(d, DIAG_ERROR, &p, NULL, "a3");
	p = at(1, 80, 1);
	diag_add(d, DIAG_ERROR, &p, NULL, "a1");
	diags_sort(d);
	for (i = 0; i < 6; i++)
		assert_string_equal(diags_message(d, i), order[i]);
	assert_int_equal(diags_count(d, DIAG_ERROR), 5);
	assert_int_equal(diags_count(d, DIAG_WARNING), 1);
	assert_int_equal(diags_total(d), 6);
	diags_free(d);
}

static void
test_flood(void **state)
{
	struct diags *d = diags_new();
	struct buf b = BUF_INIT;
	int i;

	(void)state;
	for (i = 0; i < 5000; i++)
		diag_add(d, DIAG_WARNING, NULL, NULL, "w");
	diag_add(d, DIAG_ERROR, NULL, NULL, "e");
	assert_int_equal(diags_count(d, DIAG_WARNING), 5000);
	assert_int_equal(diags_count(d, DIAG_ERROR), 1);
	assert_int_equal(diags_total(d), 1001);
	diags_print(d, &b, false);
	assert_non_null(strstr(buf_str(&b), "error: e\nand 4000 more warnings\n"));
	buf_free(&b);
	diags_free(d);
}

static void
test_colour(void **state)
{
	struct diags *d = diags_new();
	struct place p = at(1, 1, 2);
	struct buf b = BUF_INIT;

	(void)state;
	diag_add(d, DIAG_ERROR, &p, NULL, "m");
	diags_print(d, &b, true);
	assert_string_equal(buf_str(&b), "a.conf:1:1: \033[1;31merror\033[0m: m\n"
	    "    first line\n    \033[1;32m^~\033[0m\n");
	buf_free(&b);
	diags_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_caret),
		cmocka_unit_test(test_visible),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_half_places),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_colour),
	};

	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
