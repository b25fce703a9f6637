/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "record.h"
/* tests */
#include "hostile.h"

static const enum log_format formats[] = { LOG_LOGFMT, LOG_JSON };

static void
assert_field(const struct record *r, const char *name, const char *value,
    size_t len)
{
	const struct field *f = record_find(r, name);

	assert_non_null(f);
	assert_false(f->absent);
	assert_int_equal(f->len, len);
	assert_memory_equal(f->value, value, len);
}

/* A cut value says so; a client that writes the mark does not forge it. */
static void
test_cut_mark(void **state)
{
	struct record r;

	(void)state;
	record_init(&r);
	assert_int_equal(record_parse(&r, "v=1 event=x a=\"ab\\...\"", 22), 0);
	assert_true(record_find(&r, "a")->cut);
	assert_field(&r, "a", "ab", 2);
	assert_int_equal(record_parse(&r, "v=1 event=x a=\"ab\\x5c...\"", 25), 0);
	assert_false(record_find(&r, "a")->cut);
	assert_field(&r, "a", "ab\\...", 6);
	record_free(&r);
}

static void
test_json_reader(void **state)
{
	static const char spaced[] = "{ \"v\" : 1 , \"event\" : \"x\" ,"
	    " \"a\":\"b\\u0041\\/\\\"\" , \"n\": 0 }\n";
	static const char plain[] = "{ \"v\" : 1 , \"event\" : \"x\" ,"
	    " \"a\":\"b\\u0041\\/\" , \"n\": 0 }\n";
	struct record r;

	(void)state;
	record_init(&r);
	/* a quote in the text can only be an escape of ours: refused */
	assert_int_equal(record_parse(&r, spaced, strlen(spaced)), -1);
	assert_int_equal(record_parse(&r, plain, strlen(plain)), 0);
	assert_field(&r, "a", "bA/", 3);
	assert_true(record_find(&r, "n")->number);
	assert_false(record_find(&r, "a")->number);
	assert_field(&r, "n", "0", 1);
	record_free(&r);
}

/* Lines that are no whole record of ours. */
static const char *const lines[] = {
	"",
	"\n",
	"v=1",
	"v=2 event=message",
	"event=message",
	"v=1 event=message helo",
	"v=1 event=message helo=\"a",
	"v=1 event=message helo=\"a\"b",
	"v=1 event=message helo=a\"b",
	"v=1 event=message helo=a=b",
	"v=1 event=message  helo=a",
	"v=1 event=message Helo=a",
	"v=1 event=message helo=a helo=b",
	"v=1 event=message helo=\\x41",
	"v=1 event=message helo=\"\\x4\"",
	"v=1 event=message helo=\"\\xgg\"",
	"v=1 event=message helo=\"\\n\"",
	"v=1 event=message helo=\"a\\...b\"",
	"v=1 event=message helo=\xc3\xa4",
	"v=1 event=message helo=\"a\tb\"",
	"v=1 event=message =a",
	"v=1 event=message a_name_of_more_than_thirty_two_bytes=a",
	"{}",
	"{\"v\":1}",
	"{\"v\":1,\"event\":\"x\"",
	"{\"v\":1,\"event\":\"x\"} x",
	"{\"v\":1,\"event\":\"x\",}",
	"{\"v\":1,\"event\":\"x\",\"a\":null}",
	"{\"v\":1,\"event\":\"x\",\"a\":[1]}",
	"{\"v\":1,\"event\":\"x\",\"a\":{}}",
	"{\"v\":1,\"event\":\"x\",\"a\":1.5}",
	"{\"v\":1,\"event\":\"x\",\"a\":-1}",
	"{\"v\":1,\"event\":\"x\",\"a\":01}",
	"{\"v\":1,\"event\":\"x\",\"a\":\"\\",
	"{\"v\":1,\"event\":\"x\",\"a\":\"\\u00",
	"{\"v\":1,\"event\":\"x\",\"a\":\"\\u00e4\"}",
	"{\"v\":1,\"event\":\"x\",\"a\":\"\\u000a\"}",
	"{\"v\":1,\"event\":\"x\",\"a\":\"\\u0141\"}",
	"{\"v\":1,\"event\":\"x\",\"a\":\"\\u2041\"}",
	"{\"v\":1,\"event\":\"x\",\"a\":\"\\n\"}",
	"{\"v\":1,\"event\":\"x\",\"v\":1}",
};

static void
test_refused(void **state)
{
	struct record r;
	char *copy;
	size_t i;

	(void)state;
	record_init(&r);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		/* without a NUL behind it, so that a read past the end is seen */
		copy = malloc(strlen(lines[i]));
		memcpy(copy, lines[i], strlen(lines[i]));
		if (record_parse(&r, copy, strlen(lines[i])) != -1)
			fail_msg("read: %s", lines[i]);
		assert_int_equal(r.count, 0);
		free(copy);
	}
	assert_int_equal(record_parse(&r, "v=1 event=x a=\0", 15), -1);
	record_free(&r);
}

static void
test_too_much(void **state)
{
	struct record r;
	char *copy;
	size_t i;

	(void)state;
	record_init(&r);
	/* too long to be ours */
	copy = malloc(100000);
	memset(copy, 'a', 100000);
	memcpy(copy, "v=1 event=x a=", 14);
	assert_int_equal(record_parse(&r, copy, 100000), -1);
	free(copy);
	/* too many fields */
	copy = malloc(1000);
	strcpy(copy, "v=1 event=x");
	for (i = 0; i < RECORD_FIELDS; i++)
		sprintf(copy + strlen(copy), " f%zu=1", i);
	assert_int_equal(record_parse(&r, copy, strlen(copy)), -1);
	free(copy);
	record_free(&r);
}

/* xorshift: the same numbers on every machine */
static uint32_t
next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void
mutate(char *line, size_t *len, uint32_t *seed)
{
	static const char bytes[] = "\\\"=x{}:,. 09afn\n\x1b\xff";
	uint32_t what = next_random(seed), at = next_random(seed);

	at %= (uint32_t)*len;
	switch (what % 4) {
	case 0:
		line[at] = bytes[(what >> 8) % (sizeof(bytes) - 1)];
		break;
	case 1:
		memmove(line + at, line + at + 1, *len - at - 1);
		*len -= *len > 1;
		break;
	case 2:
		line[at] = (char)(what >> 8);
		break;
	default:
		*len = at + 1;
		break;
	}
}

/*
 * Damaged lines: each is refused, or is a record that is written and read
 * back the same.
 */
static void
test_mutations(void **state)
{
	struct record r, back;
	struct buf b = BUF_INIT, line = BUF_INIT;
	uint32_t seed = 20261121, i, taken = 0, k;
	size_t len, f;
	char *copy;

	(void)state;
	record_init(&r);
	record_init(&back);
	for (i = 0; i < 60000; i++) {
		record_start(&r, "message");
		for (k = 0; k < 3; k++)
			record_put_client(&r, k == 0 ? "helo" : k == 1 ? "user" : "sni",
			    hostile[(i + k) % HOSTILE].value,
			    hostile[(i + k) % HOSTILE].len);
		record_put_number(&r, "port", i % 65536);
		buf_clear(&line);
		record_format(&r, formats[i % 2], &line);
		len = line.len;
		copy = malloc(len);
		memcpy(copy, line.data, len);
		for (k = i % 3; k < 3; k++)
			mutate(copy, &len, &seed);
		if (record_parse(&r, copy, len) == 0) {
			taken++;
			buf_clear(&b);
			record_format(&r, formats[(i >> 1) % 2], &b);
			if (record_parse(&back, b.data, b.len) == -1)
				fail_msg("%.*s gave %s", (int)len, copy, b.data);
			assert_int_equal(back.count, r.count);
			for (f = 0; f < r.count; f++) {
				assert_int_equal(back.fields[f].cut, r.fields[f].cut);
				if (!r.fields[f].absent)
					assert_field(&back, r.fields[f].name,
					    r.fields[f].value, r.fields[f].len);
			}
		}
		free(copy);
	}
	/* else the loop tested nothing but refusal */
	assert_in_range(taken, 1000, 59000);
	buf_free(&b);
	buf_free(&line);
	record_free(&r);
	record_free(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_mark),
		cmocka_unit_test(test_json_reader),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests_name("record_read", tests, NULL, NULL);
}
