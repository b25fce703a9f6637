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
	return c == ' ' || c == '"' || c == '=' || c == '\\';
}

/* Both ways, against one byte after the other. */
static void
check(const char *p, size_t len)
{
	bool (*const ways[])(const char *, size_t, uint64_t *) = { marks_of, marks_of_any };
	uint64_t marks[MARKS_WORDS(LINE)];
	bool printable = true;
	size_t i, k, at;

	for (i = 0; i < len; i++)
		printable &= p[i] >= ' ' && p[i] <= '~';
	for (k = 0; k < 2; k++) {
		memset(marks, 0x5a, sizeof(marks));
		assert_int_equal(ways[k](p, len, marks), printable);
		if (!printable)
			continue;
		for (i = 0; i < len; i++)
			assert_int_equal(marks[i / 64] >> i % 64 & 1, is_mark(p[i]));
		assert_int_equal(marks[len / 64] >> len % 64 & 1, 1);
		for (i = 0; i <= len; i++) {
			for (at = i; at < len && !is_mark(p[at]); at++)
				;
			assert_int_equal(marks_next(marks, i), at);
		}
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
	static const char some[] = " =\"\\abcdefghij~!\x1f\x7f\x80\xff";
	struct chance chance = { 7 };
	char line[LINE];
	size_t len, i, n;

	(void)state;
	for (n = 0; n < 20000; n++) {
		len = draw(&chance, LINE);
		for (i = 0; i < len; i++)
			line[i] = some[draw(&chance, draw(&chance, 40) == 0 ? 20 : 16)];
		check(line, len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
