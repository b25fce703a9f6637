/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "journal.h"
/* tests */
#include "mutate.h"

static char scratch[READER_LINE_MAX];

/* 0: an entry, 1: an object without a message, -1: no object */
static int
read_json(const char *text, size_t len, struct line *line)
{
	struct journal j;

	journal_start(&j, scratch, sizeof(scratch));
	if (journal_json(&j, text, len) == -1)
		return -1;
	return journal_line(&j, line) == 0 ? 0 : 1;
}

static int
json(const char *text, struct line *line)
{
	return read_json(text, strlen(text), line);
}

static void
test_entry(void **state)
{
	struct line line;

	(void)state;
	assert_int_equal(json("{\"__CURSOR\":\"s=1\",\"PRIORITY\":\"6\","
	    "\"_PID\":\"17\",\"SYSLOG_PID\":\"812\",\"_COMM\":\"smtpd\","
	    "\"__REALTIME_TIMESTAMP\":\"1795219200123456\","
	    "\"_HOSTNAME\":\"mx1\",\"SYSLOG_IDENTIFIER\":\"postfix/smtpd\","
	    "\"MESSAGE\":\"connect from a[192.0.2.1]\"}", &line), 0);
	assert_int_equal(line.time, 1795219200);
	assert_true(slice_is(line.host, "mx1"));
	assert_true(slice_is(line.program, "postfix/smtpd"));
	assert_int_equal(line.pid, 812);
	assert_true(slice_is(line.text, "connect from a[192.0.2.1]"));
	assert_int_equal(json("{ \"MESSAGE\" : \"x\" , \"_COMM\" : \"y\" ,"
	    " \"_PID\" : \"17\" } ", &line), 0);
	assert_int_equal(line.time, 0);
	assert_null(line.host.p);
	assert_true(slice_is(line.program, "y"));
	assert_int_equal(line.pid, 17);
}

static void
test_escapes(void **state)
{
	static const struct {
		const char	*json;
		const char	*text;
	} cases[] = {
		{ "\"\"", "" },
		{ "\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d" },
		{ "\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t" },
		{ "\"\\u0041\\u00e4\\u20AC\"", "A\xc3\xa4\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00!\"", "\xf0\x9f\x98\x80!" },
		{ "\"ends \\\\\"", "ends \\" },
		{ "[104,105, 255 ]", "hi\xff" },
	};
	struct line line;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(text, "{\"x\":[1,{\"y\":\"]}\"}],\"MESSAGE\":");
		strcat(text, cases[i].json);
		strcat(text, ",\"z\":null,\"w\":-1.5e3}");
		assert_int_equal(json(text, &line), 0);
		assert_true(slice_is(line.text, cases[i].text));
	}
	assert_int_equal(json("{\"MESSAGE\":\"a\\u0000b\"}", &line), 0);
	assert_int_equal(line.text.len, 3);
	assert_memory_equal(line.text.p, "a\0b", 3);
}

static void
test_refused(void **state)
{
	static const char *const none[] = {
		"", "{", "}", "[]", "{}", "{\"MESSAGE\"}", "{\"MESSAGE\":}",
		"{\"MESSAGE\":\"x\"", "{\"MESSAGE\":\"x\"}}", "{\"MESSAGE\":\"x\\\"}",
		"{\"MESSAGE\":\"\\x\"}", "{\"MESSAGE\":\"\\u12\"}",
		"{\"MESSAGE\":\"\\u00zz\"}", "{\"MESSAGE\":\"x\",}",
		"{\"MESSAGE\":[256]}", "{\"MESSAGE\":[1,]}", "{\"MESSAGE\":[1",
		"{MESSAGE:\"x\"}", "{\"MESSAGE\" \"x\"}", "{\"a\":[1}",
	};
	char deep[200];
	struct line line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(json(none[i], &line), -1);
	assert_int_equal(json("{\"a\":1}", &line), 1);
	/* What is too large is null in journalctl's output. */
	assert_int_equal(json("{\"MESSAGE\":null}", &line), 1);
	memset(deep, '[', sizeof(deep));
	memcpy(deep, "{\"a\":", 5);
	assert_int_equal(read_json(deep, sizeof(deep), &line), -1);
}

/* All that is decoded has to fit into the scratch. */
static void
test_room(void **state)
{
	static char text[2 * READER_LINE_MAX];
	struct journal j;
	char small[8];
	size_t n;

	(void)state;
	journal_start(&j, small, sizeof(small));
	assert_int_equal(journal_json(&j, "{\"MESSAGE\":\"1234567\\n\"}", 23), -1);
	journal_start(&j, small, sizeof(small));
	assert_int_equal(journal_json(&j, "{\"MESSAGE\":\"12345\\n\"}", 21), 0);
	assert_int_equal(j.message.len, 6);
	/* Nothing was escaped: nothing is moved. */
	journal_start(&j, small, sizeof(small));
	assert_int_equal(journal_json(&j, "{\"MESSAGE\":\"123456789\"}", 23), 0);
	assert_int_equal(j.used, 0);
	/* Backslashes and quotes in great number take no great time. */
	memset(text, '\\', sizeof(text));
	memcpy(text, "{\"MESSAGE\":\"", 12);
	journal_start(&j, scratch, sizeof(scratch));
	assert_int_equal(journal_json(&j, text, sizeof(text)), -1);
	for (n = 12; n < sizeof(text); n += 2)
		text[n + 1] = '"';
	journal_start(&j, scratch, sizeof(scratch));
	assert_int_equal(journal_json(&j, text, sizeof(text)), -1);
}

static void
test_mutated(void **state)
{
	static const char seed[] = "{\"__REALTIME_TIMESTAMP\":\"1795219200123456\","
	    "\"MESSAGE\":\"a\\n\\u00e4\\ud83d\\ude00\\\\\",\"x\":[1,{\"y\":2}],"
	    "\"SYSLOG_IDENTIFIER\":[112,111],\"_PID\":\"812\"}";
	struct chance c = { 4711 };
	size_t len = 0, i, taken = 0;
	struct line line;
	char text[400];

	(void)state;
	for (i = 0; i < 200000; i++) {
		if (i % 6 == 0) {
			memcpy(text, seed, sizeof(seed) - 1);
			len = sizeof(seed) - 1;
		}
		len = mutate(&c, text, len, sizeof(text));
		taken += read_json(text, len, &line) == 0;
	}
	assert_in_range(taken, 20000, 150000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_mutated),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
