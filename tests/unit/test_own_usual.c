/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* tests */
#include "agree.h"
#include "mutate.h"

#define USUAL	20000

/*
 * Lines as the daemon writes them, names in order, and lines that are that but for
 * a few bytes: what reads the one and what reads the other is not the same.
 */
static size_t
draw_usual(char *line, struct chance *c)
{
	static const char *const values[] = { "x", "none", "", "\"\"", "\"a b\"",
	    "\"a=b\"", "\"none\"", "\"a\\x20b\"", "192.0.2.0/24", "encrypted", "587" };
	static const char bytes[] = " =\"\\\x01none";
	size_t n = (size_t)sprintf(line, "v=1 event=%s",
	    draw(c, 4) == 0 ? "alarm" : "message"), i, at;

	for (i = 0; record_field_name(i) != NULL; i++)
		if (i > 1 && draw(c, 2) == 0)
			n += (size_t)sprintf(line + n, " %s=%s", record_field_name(i),
			    values[draw(c, draw(c, 4) == 0 ? 11 : 2)]);
	for (i = draw(c, 3); i > 0; i--) {
		at = draw(c, n);
		if (draw(c, 2) == 0) {
			memmove(line + at, line + at + 1, n - at);
			n--;
		} else
			line[at] = bytes[draw(c, sizeof(bytes) - 1)];
	}
	return n;
}

static void
test_usual(void **state)
{
	static char line[8 * RECORD_MAX];
	struct chance c = { 8 };
	struct check check;
	struct record r;
	size_t i, taken = 0;

	(void)state;
	record_init(&r);
	check_start(&check);
	for (i = 0; i < USUAL; i++)
		taken += agree(&check, &r, line, draw_usual(line, &c));
	/* Most are records, and many are not. */
	assert_in_range(taken, USUAL / 4, USUAL - USUAL / 10);
	record_free(&r);
	check_end(&check);
}

/*
 * Lines that were cut off, some of them in a name behind one as long, where one `='
 * in a value stands for the one that the name lacks.
 */
static void
test_cut(void **state)
{
	static const char line[] = "v=1 event=message rule=r service=mx helo=\"a=b\" "
	    "tls=TLSv1 auth=PLAIN user=ann sender=a@b.c qid=X mta=Postfix policy=1";
	struct check check;
	struct record r;
	size_t len;

	(void)state;
	record_init(&r);
	check_start(&check);
	for (len = 0; len < sizeof(line); len++)
		(void)agree(&check, &r, line, len);
	record_free(&r);
	check_end(&check);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
