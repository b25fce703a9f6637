/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "record.h"

#define LONG	600

static const enum log_format formats[] = { LOG_LOGFMT, LOG_JSON };

/* What a client may try; lengths, for some hold NULs. */
static const struct {
	const char	*value;
	size_t		 len;
	const char	*logfmt;	/* as it stands in the line */
} hostile[] = {
	{ "mx.example.net", 14, "x=mx.example.net" },
	{ "", 0, "x=\"\"" },
	{ "a b", 3, "x=\"a b\"" },
	{ "a=b", 3, "x=\"a=b\"" },
	{ "none", 4, "x=\"\\x6eone\"" },
	{ "None", 4, "x=None" },
	{ "none ", 5, "x=\"none \"" },
	{ "nonesuch", 8, "x=nonesuch" },
	{ "a\" client=192.0.2.1 \"b", 22, "x=\"a\\x22 client=192.0.2.1 \\x22b\"" },
	{ "a\nv=1 event=alarm", 17, "x=\"a\\x0av=1 event=alarm\"" },
	{ "a\r\n", 3, "x=\"a\\x0d\\x0a\"" },
	{ "a\0b", 3, "x=\"a\\x00b\"" },
	{ "\x1b[31mred", 8, "x=\"\\x1b[31mred\"" },
	{ "\xc3\xa4\xff\x80", 4, "x=\"\\xc3\\xa4\\xff\\x80\"" },
	{ "\x7f", 1, "x=\"\\x7f\"" },
	{ "\\", 1, "x=\"\\x5c\"" },
	{ "\\x41", 4, "x=\"\\x5cx41\"" },
	{ "a\\...", 5, "x=\"a\\x5c...\"" },
	{ "{\"v\":1}", 7, "x=\"{\\x22v\\x22:1}\"" },
	{ "%s%n%{contact}", 14, "x=%s%n%{contact}" },
	{ "<>", 2, "x=<>" },
	{ "\tx", 2, "x=\"\\x09x\"" },
};

#define HOSTILE	(sizeof(hostile) / sizeof(hostile[0]))

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

static void
test_example(void **state)
{
	struct buf b = BUF_INIT;
	struct record r;

	(void)state;
	record_init(&r);
	record_start(&r, "message");
	record_put(&r, "reply", "530 5.7.0");
	record_put_number(&r, "port", 25);
	record_put_none(&r, "tls");
	record_put_client(&r, "helo", "a \"b\"", 5);
	record_format(&r, LOG_LOGFMT, &b);
	assert_string_equal(buf_str(&b), "v=1 event=message reply=\"530 5.7.0\" "
	    "port=25 tls=none helo=\"a \\x22b\\x22\"");
	buf_clear(&b);
	record_format(&r, LOG_JSON, &b);
	assert_string_equal(buf_str(&b), "{\"v\":1,\"event\":\"message\","
	    "\"reply\":\"530 5.7.0\",\"port\":25,\"tls\":\"none\","
	    "\"helo\":\"a \\\\x22b\\\\x22\"}");
	/* started again, nothing of the first is left */
	record_start(&r, "session");
	buf_clear(&b);
	record_format(&r, LOG_LOGFMT, &b);
	assert_string_equal(buf_str(&b), "v=1 event=session");
	buf_free(&b);
	record_free(&r);
}

static void
test_hostile(void **state)
{
	struct record r, back;
	struct buf b = BUF_INIT;
	const struct field *f;
	size_t i, n, at;

	(void)state;
	record_init(&r);
	record_init(&back);
	for (i = 0; i < HOSTILE * 2; i++) {
		n = i / 2;
		record_start(&r, "message");
		record_put_client(&r, "x", hostile[n].value, hostile[n].len);
		record_put(&r, "client", "198.51.100.7");
		record_put_none(&r, "y");
		buf_clear(&b);
		record_format(&r, formats[i % 2], &b);
		for (at = 0; at < b.len; at++)
			assert_in_range(b.data[at], ' ', '~');
		if (i % 2 == 0)
			assert_memory_equal(b.data + strlen("v=1 event=message "),
			    hostile[n].logfmt, strlen(hostile[n].logfmt));
		assert_int_equal(record_parse(&back, b.data, b.len), 0);
		assert_int_equal(back.count, 5);
		assert_field(&back, "x", hostile[n].value, hostile[n].len);
		assert_field(&back, "client", "198.51.100.7", 12);
		f = record_find(&back, "y");
		assert_non_null(f);
		assert_true(f->absent);
		/* and written again it is the same line */
		at = b.len;
		record_format(&back, formats[i % 2], &b);
		assert_int_equal(b.len, at * 2);
		assert_memory_equal(b.data, b.data + at, at);
	}
	buf_free(&b);
	record_free(&r);
	record_free(&back);
}

static void
fill_long(struct record *r, const char *value, size_t len)
{
	static const char *const names[] = { "client_name", "helo",
	    "cert_subject", "cert_issuer", "sni", "user", "sender", "recipient" };
	size_t i;

	record_start(r, "message");
	record_put(r, "rule", "a-rule-name-of-sixty-four-bytes-which-is-the-most"
	    "-that-a-name-has");
	record_put(r, "client", "2001:db8:1111:2222:3333:4444:5555:6666");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		record_put_client(r, names[i], value, len);
	record_put_client(r, "qid", "4F1A2B3C4D", 10);
}

/* Everything long: the long values give way, to one length, the rest stays. */
static void
test_everything_long(void **state)
{
	static const char *const fills[] = { "a", "\xff", "\\", "\"", " ", "n" };
	struct record r, back;
	struct buf b = BUF_INIT;
	char value[LONG];
	const struct field *f;
	size_t i, j;

	(void)state;
	record_init(&r);
	record_init(&back);
	for (i = 0; i < 2 * sizeof(fills) / sizeof(fills[0]); i++) {
		memset(value, fills[i / 2][0], sizeof(value));
		fill_long(&r, value, sizeof(value));
		buf_clear(&b);
		record_format(&r, formats[i % 2], &b);
		assert_in_range(b.len, RECORD_MAX - 8 * 5, RECORD_MAX);
		assert_int_equal(record_parse(&back, b.data, b.len), 0);
		assert_int_equal(back.count, r.count);
		assert_field(&back, "client",
		    "2001:db8:1111:2222:3333:4444:5555:6666", 38);
		assert_field(&back, "qid", "4F1A2B3C4D", 10);
		for (j = 4; j + 1 < back.count; j++) {
			f = &back.fields[j];
			assert_true(f->cut);
			assert_in_range(f->len, 5, LONG - 1);
			assert_memory_equal(f->value, value, f->len);
			assert_int_equal(f->len, back.fields[4].len);
		}
		assert_false(back.fields[2].cut);
	}
	buf_free(&b);
	record_free(&r);
	record_free(&back);
}

/* What is ours is cut as well when nothing else is left to cut. */
static void
test_long_message(void **state)
{
	struct record r, back;
	struct buf b = BUF_INIT;
	char value[4 * LONG + 1];

	(void)state;
	memset(value, 'm', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	record_init(&r);
	record_init(&back);
	record_start(&r, "diagnostic");
	record_put(&r, "place", "policy.conf:1:1");
	record_put(&r, "message", value);
	record_format(&r, LOG_LOGFMT, &b);
	assert_int_equal(b.len, RECORD_MAX);
	assert_int_equal(record_parse(&back, b.data, b.len), 0);
	assert_field(&back, "place", "policy.conf:1:1", 15);
	assert_true(record_find(&back, "message")->cut);
	buf_free(&b);
	record_free(&r);
	record_free(&back);
}

/* More fields than a record holds are not put; the line still holds. */
static void
test_too_many_fields(void **state)
{
	struct record r, back;
	struct buf b = BUF_INIT;
	char names[60][40], value[LONG];
	size_t i;

	(void)state;
	memset(value, 'v', sizeof(value));
	record_init(&r);
	record_init(&back);
	record_start(&r, "message");
	for (i = 0; i < 60; i++) {
		snprintf(names[i], sizeof(names[i]), "a_name_of_thirty_bytes_and_%zu", i);
		record_put_client(&r, names[i], value, sizeof(value));
	}
	assert_int_equal(r.count, RECORD_FIELDS);
	record_format(&r, LOG_JSON, &b);
	assert_in_range(b.len, 1, RECORD_MAX);
	assert_int_equal(record_parse(&back, b.data, b.len), 0);
	assert_field(&back, "event", "message", 7);
	buf_free(&b);
	record_free(&r);
	record_free(&back);
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

static void
test_refused(void **state)
{
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
		"{\"v\":1,\"event\":\"x\",\"a\":\"\\n\"}",
		"{\"v\":1,\"event\":\"x\",\"v\":1}",
	};
	struct record r;
	char *copy;
	size_t i;

	(void)state;
	record_init(&r);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		/* without a NUL behind it, so that a read past the end is seen */
		copy = malloc(strlen(lines[i]) + 1);
		memcpy(copy, lines[i], strlen(lines[i]));
		if (record_parse(&r, copy, strlen(lines[i])) != -1)
			fail_msg("read: %s", lines[i]);
		assert_int_equal(r.count, 0);
		free(copy);
	}
	assert_int_equal(record_parse(&r, "v=1 event=x a=\0", 15), -1);
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

/* Another reader of JSON has the same values: Python's. */
static void
test_json_is_json(void **state)
{
	static const char program[] = "import json,re,sys\n"
	    "for l in sys.stdin:\n"
	    "    d=json.loads(l)\n"
	    "    assert list(d)==[\"v\",\"event\",\"x\",\"port\",\"tls\"],d\n"
	    "    assert d[\"v\"]==1 and d[\"port\"]==587 and d[\"tls\"]==\"none\",d\n"
	    "    x=re.sub(r\"\\\\x(..)\",lambda m:chr(int(m.group(1),16)),d[\"x\"])\n"
	    "    print(x.encode(\"latin-1\").hex())\n";
	char command[2048], path[] = "/tmp/tlswarden-record-XXXXXX", got[256];
	char want[256];
	struct record r;
	struct buf b = BUF_INIT;
	FILE *out;
	size_t i, k;
	int fd;

	(void)state;
	if (system("python3 -c pass 2>/dev/null") != 0)
		skip();
	fd = mkstemp(path);
	assert_int_not_equal(fd, -1);
	record_init(&r);
	for (i = 0; i < HOSTILE; i++) {
		record_start(&r, "message");
		record_put_client(&r, "x", hostile[i].value, hostile[i].len);
		record_put_number(&r, "port", 587);
		record_put_none(&r, "tls");
		record_format(&r, LOG_JSON, &b);
		buf_putc(&b, '\n');
	}
	assert_int_equal(write(fd, b.data, b.len), b.len);
	close(fd);
	snprintf(command, sizeof(command), "python3 -c '%s' < %s", program, path);
	out = popen(command, "r");
	assert_non_null(out);
	for (i = 0; i < HOSTILE; i++) {
		for (k = 0; k < hostile[i].len; k++)
			snprintf(want + 2 * k, 3, "%02x",
			    (unsigned char)hostile[i].value[k]);
		want[2 * k] = '\0';
		assert_non_null(fgets(got, sizeof(got), out));
		got[strcspn(got, "\n")] = '\0';
		assert_string_equal(got, want);
	}
	assert_int_equal(pclose(out), 0);
	unlink(path);
	buf_free(&b);
	record_free(&r);
}

static void
test_names(void **state)
{
	size_t i, j;

	(void)state;
	assert_string_equal(record_field_name(0), "v");
	for (i = 0; record_field_name(i) != NULL; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(record_field_name(i),
			    record_field_name(j));
	assert_in_range(i, 40, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_everything_long),
		cmocka_unit_test(test_long_message),
		cmocka_unit_test(test_too_many_fields),
		cmocka_unit_test(test_cut_mark),
		cmocka_unit_test(test_json_reader),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_json_is_json),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
