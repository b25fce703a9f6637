/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "marks.h"
/* tests */
#include "mutate.h"

#define LINE	300

static bool
is_mark(char c)
{
	return c == ' ' || c == '"';
}

static bool
may_be_there(char c)
{
	return c >= ' ' && c <= '~' && c != '\\';
}

/* All ways, against one byte after the other. */
static void
check(const char *p, size_t len)
{
	struct line_marks m;
	struct marks_walk walk;
	unsigned int equals = 0;
	bool usable = true;
	size_t i, k;

	for (i = 0; i < len; i++) {
		usable &= may_be_there(p[i]);
		equals += p[i] == '=';
	}
	for (k = 0; marks_ways(k) != NULL; k++) {
		memset(&m, 0x5a, sizeof(m));
		assert_int_equal(marks_ways(k)(p, len, &m), usable);
		if (!usable)
			continue;
		assert_int_equal(m.equals, equals);
		walk = marks_walk(&m);
		for (i = 0; i < len; i++) {
			assert_int_equal(m.bits[i / 64] >> i % 64 & 1, is_mark(p[i]));
			if (is_mark(p[i]))
				assert_int_equal(marks_next(&walk), i);
		}
		assert_int_equal(m.bits[len / 64] >> len % 64 & 1, 1);
		assert_int_equal(marks_next(&walk), len);
	}
}

/* Every byte at every place of a piece; a byte more would be behind the end. */
static void
test_bytes(void **state)
{
	size_t len, at;
	char *line;
	int c;

	(void)state;
	for (len = 0; len <= 70; len++) {
		line = malloc(len + 1);
		memset(line, 'a', len);
		check(line, len);
		for (at = 0; at < len; at++)
			for (c = 0; c < 256; c++) {
				line = realloc(line, len);
				line[at] = (char)c;
				check(line, len);
				line[at] = at % 3 == 0 ? ' ' : 'z';
			}
		free(line);
	}
}

static void
test_random(void **state)
{
	static const char some[] = " =\"abcdefghij~!=\\\x1f\x7f\x80\xff";
	struct chance chance = { 7 };
	char line[LINE];
	size_t len, i, n;

	(void)state;
	for (n = 0; n < 20000; n++) {
		len = draw(&chance, LINE);
		for (i = 0; i < len; i++)
			line[i] = some[draw(&chance, draw(&chance, LINE) == 0 ? 21 : 16)];
		check(line, len);
	}
}

/* As long as a line may be, and full of what is counted. */
static void
test_limits(void **state)
{
	static char line[MARKS_LINE + 1];
	struct line_marks m;
	size_t k;

	(void)state;
	memset(line, '=', sizeof(line));
	check(line, MARKS_LINE);
	for (k = 0; marks_ways(k) != NULL; k++)
		assert_false(marks_ways(k)(line, MARKS_LINE + 1, &m));
	memset(line, '"', sizeof(line));
	check(line, MARKS_LINE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
