/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "again.h"

#define NOW	INT64_C(1795219200)	/* 2026-11-21 00:00:00 UTC */
#define TEXT	" tlswardend[801]: v=1 event=session client=192.0.2.1"

static char scratch[READER_LINE_MAX];

static bool
seen(struct again *a, const char *text)
{
	struct line line;

	assert_int_equal(line_parse(text, strlen(text), NOW, scratch, &line), 0);
	return again_seen(a, again_expect(a, &line));
}

static void
test_once(void **state)
{
	struct again *a = again_new();

	(void)state;
	assert_false(seen(a, "2026-11-20T09:14:02.123456+01:00 mx1" TEXT));
	assert_true(seen(a, "2026-11-20T09:14:02.123456+01:00 mx1" TEXT));
	assert_true(seen(a, "2026-11-20T09:14:02.123456+01:00 mx1" TEXT));
	/* Another time, host or text is another line. */
	assert_false(seen(a, "2026-11-20T09:14:02.123457+01:00 mx1" TEXT));
	assert_false(seen(a, "2026-11-20T09:14:02.123456+01:00 mx2" TEXT));
	assert_false(seen(a, "2026-11-20T09:14:02.123456+01:00 mx1" TEXT "1"));
	assert_true(seen(a, "2026-11-20T09:14:02.123456+01:00 mx2" TEXT));
	again_free(a);
}

/* Within a second the same may well happen twice. */
static void
test_whole_seconds(void **state)
{
	static const char *const lines[] = {
		"Nov 20 09:14:02 mx1" TEXT,
		"2026-11-20T09:14:02+01:00 mx1" TEXT,
		"2026-11-20T09:14:02Z mx1" TEXT,
		"<22>1 2026-11-20T09:14:02Z mx1 tlswardend 801 - - v=1 event=stop",
		"v=1 event=session client=192.0.2.1",
	};
	struct again *a = again_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_false(seen(a, lines[i]));
		assert_false(seen(a, lines[i]));
	}
	again_free(a);
}

/* Two thousand lines later it is still known; memory does not grow. */
#define LATER	2000
static void
test_many(void **state)
{
	struct again *a = again_new();
	char text[128];
	unsigned int i, known = 0;

	(void)state;
	for (i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "2026-11-20T09:14:02.%06uZ mx" TEXT, i);
		assert_false(seen(a, text));
		if (i < LATER)
			continue;
		snprintf(text, sizeof(text), "2026-11-20T09:14:02.%06uZ mx" TEXT,
		    i - LATER);
		known += seen(a, text);
	}
	assert_int_equal(known, 100000 - LATER);
	again_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_whole_seconds),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
