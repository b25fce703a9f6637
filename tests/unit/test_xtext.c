/*
 * What Sendmail wrote as xtext.
 */
/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* libraries */
#include <cmocka.h>
/* this project */
#include "xtext.h"

static void
test_decode(void **state)
{
	static const char *const rows[][2] = {
		{ "ann", "ann" },
		{ "Ann+20B", "Ann B" },
		{ "ann+2Blists", "ann+lists" },
		{ "+41", "A" },
		{ "a+2C+22+28+29", "a,\"()" },
		{ "J+C3+BCrgen", "J\303\274rgen" },
		{ "ann+2B41", "ann+41" },		/* once, not twice */
		/* what stands for a control character */
		{ "a+00+0A+0D+1B+1F+7Fb", "a+00+0A+0D+1B+1F+7Fb" },
		/* no xtext */
		{ "ann+2b", "ann+2b" },
		{ "ann+zz+", "ann+zz+" },
		{ "ann+2", "ann+2" },
		{ "+", "+" },
		{ "a+//b", "a+//b" },
		{ "a+::b", "a+::b" },
		{ "a+4Gb+G4", "a+4Gb+G4" },
		{ "a+7E+80+FF", "a~\200\377" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&b);
		xtext_decode(&b, rows[i][0], strlen(rows[i][0]), 100);
		assert_string_equal(buf_str(&b), rows[i][1]);
	}
	buf_clear(&b);
	xtext_decode(&b, "a+20b", 3, 100);
	assert_string_equal(buf_str(&b), "a+2");
	buf_free(&b);
}

/* What is too long is so by one byte, however long it was. */
static void
test_too_long(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	xtext_decode(&b, "+41+42+43", 9, 3);
	assert_string_equal(buf_str(&b), "ABC");
	buf_clear(&b);
	xtext_decode(&b, "+41+42+43+44+45", 15, 3);
	assert_string_equal(buf_str(&b), "ABCD");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
