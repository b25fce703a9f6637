/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "header.h"
/* tests */
#include "mutate.h"

#define NOW	INT64_C(1795219200)	/* 2026-11-21 00:00:00 UTC */
#define LINES	DRAWS(200000)
#define ROOM	512

static const char *const stamps[] = { "Nov 20 23:59:5", "Nov  2 01:02:0",
    "2026-11-20T23:59:5", "2026-11-20T23:58:5", "2024-02-29T12:00:0" };
static const char *const zones[] = { "Z", "+01:00", "+0100", "-01:00", ".123456+01:00",
    ",5Z", ".Z", "", ".5" };
static const char *const hosts[] = { "mx1 ", "mx2.example.net ", "", "a: ", "[7]: ",
    "mail.info " };
static const char *const tags[] = { "tlswardend[12]: ", "tlswardend[13]: ", "p: ",
    "postfix/smtpd[1234567890]: ", "x[]: ", "x[1a]: ", "[2]: ", "mail.info a[3]: ",
    "last message", "a[1][2]: ", "n[4]:", "12]: ", "" };

#define ANY(table, c)	(table)[draw(c, sizeof(table) / sizeof((table)[0]))]

static size_t
draw_line(char line[ROOM], struct chance *c)
{
	const char *stamp = ANY(stamps, c);
	size_t n;

	n = (size_t)snprintf(line, ROOM, "%s%s%zu%s %s%s%s", draw(c, 9) == 0 ? "<22>" : "",
	    stamp, draw(c, 10), stamp[0] == '2' ? ANY(zones, c) : "", ANY(hosts, c),
	    ANY(tags, c), draw(c, 2) == 0 ? "v=1" : "");
	if (draw(c, 8) == 0)
		line[draw(c, n)] = " :[]x0-+"[draw(c, 8)];
	return n;
}

static void
assert_same(struct slice a, struct slice b)
{
	assert_int_equal(a.len, b.len);
	if (a.len > 0)
		assert_ptr_equal(a.p, b.p);
}

/* What was kept of the lines before makes a line no other one. */
static void
test_kept(void **state)
{
	struct chance c = { 21 };
	struct header all, none;
	struct line have, want;
	char line[ROOM];
	size_t i, len, taken = 0;
	int result;

	(void)state;
	header_init(&all, NOW);
	for (i = 0; i < LINES; i++) {
		len = draw_line(line, &c);
		header_init(&none, NOW);
		result = header_parse(&none, line, len, &want);
		assert_int_equal(header_parse(&all, line, len, &have), result);
		if (result == -1)
			continue;
		taken++;
		assert_int_equal(have.time, want.time);
		assert_int_equal(have.pid, want.pid);
		assert_same(have.stamp, want.stamp);
		assert_same(have.host, want.host);
		assert_same(have.program, want.program);
		assert_same(have.text, want.text);
	}
	assert_in_range(taken, LINES / 4, LINES - LINES / 10);
}

/* A priority, and nothing behind it that a line could be. */
static void
test_priority(void **state)
{
	static const char *const lines[] = { "<165>x", "<165>1", "<165>1 ", "<165>1 -",
	    "<22>1 x", "<1650>1 x", "<16x>1 x", "<>1 xxx" };
	struct header h;
	struct line line;
	size_t i;

	(void)state;
	header_init(&h, NOW);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(header_parse(&h, lines[i], strlen(lines[i]), &line), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_priority),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
