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
/* tests */
#include "hostile.h"

#define LONG	600

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
	record_put_number(&r, "one_more", 1);
	assert_int_equal(r.count, RECORD_FIELDS);
	record_format(&r, LOG_JSON, &b);
	assert_in_range(b.len, 1, RECORD_MAX);
	assert_int_equal(record_parse(&back, b.data, b.len), 0);
	assert_field(&back, "event", "message", 7);
	buf_free(&b);
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
		cmocka_unit_test(test_json_is_json),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
