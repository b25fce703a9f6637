/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* this project */
#include "buf.h"
/* under test */
#include "reader.h"
/* tests */
#include "mutate.h"

#define NOW	INT64_C(1795219200)	/* 2026-11-21 00:00:00 UTC */

static char path[] = "/tmp/tlswarden-reader.XXXXXX";
static char why[200];

static int
setup(void **state)
{
	int fd;

	(void)state;
	fd = mkstemp(path);
	if (fd == -1)
		return -1;
	close(fd);
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static void
write_file(const void *data, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static struct reader *
open_text(const char *text, size_t len)
{
	struct reader *r;

	write_file(text, len);
	r = reader_open(path, NOW, why, sizeof(why));
	assert_non_null(r);
	return r;
}

/* The text of each line, each with a bar behind it; then the end, or the fault. */
static const char *
read_all(struct reader *r, struct buf *b)
{
	struct line line;
	int result;

	buf_clear(b);
	while ((result = reader_next(r, &line)) == 1) {
		buf_put(b, line.text.p, line.text.len);
		buf_putc(b, '|');
	}
	/* And it stays so. */
	assert_int_equal(reader_next(r, &line), result);
	if (result == -1)
		buf_printf(b, "broken: %s", reader_why(r));
	reader_free(r);
	return buf_str(b);
}

/* --- forms of a line */

struct form {
	const char	*text;
	int64_t		 time;
	const char	*host;
	const char	*program;
	uint32_t	 pid;
	const char	*said;
};

static const struct form forms[] = {
	{ "Nov 20 23:59:59 mx1 postfix/submission/smtpd[812]: connect from x",
	    NOW - 1, "mx1", "postfix/submission/smtpd", 812, "connect from x" },
	{ "Nov 20 23:59:59.123 mx1 sm-mta[7]: 4A: from=<a@b>", NOW - 1, "mx1",
	    "sm-mta", 7, "4A: from=<a@b>" },
	{ "2026-11-20T23:59:59.123456+00:00 mx1 tlswardend[1]: v=1 event=x",
	    NOW - 1, "mx1", "tlswardend", 1, "v=1 event=x" },
	{ "2026-11-21T00:59:59+0100 mx1 a[1]: b", NOW - 1, "mx1", "a", 1, "b" },
	{ "<22>Nov 20 23:59:59 mx1 a: b: c", NOW - 1, "mx1", "a", 0, "b: c" },
	{ "<22>1 2026-11-20T23:59:59Z mx1 a 12 - - b c", NOW - 1, "mx1", "a", 12,
	    "b c" },
	{ "<22>1 2026-11-20T23:59:59Z - a - ID1 [x@1 y=\"]\\\"] \" z=\"\"][q] \xef\xbb\xbf"
	    "b", NOW - 1, "", "a", 0, "b" },
	/* BusyBox */
	{ "Nov 20 23:59:59 mx1 mail.info postfix/smtpd[3]: b", NOW - 1, "mx1",
	    "postfix/smtpd", 3, "b" },
	/* no host */
	{ "Nov 20 23:59:59 postfix/smtpd[3]: b", NOW - 1, "", "postfix/smtpd", 3,
	    "b" },
	{ "Nov 20 23:59:59 mx1 last message repeated 3 times", NOW - 1, "mx1", "",
	    0, "last message repeated 3 times" },
	{ "Nov 20 23:59:59 mx1 a[x]: b", NOW - 1, "mx1", "a", 0, "b" },
	{ "Nov 20 23:59:59 mx1 a[1]:", NOW - 1, "mx1", "a", 1, "" },
	{ "v=1 event=message", 0, "", "tlswardend", 0, "v=1 event=message" },
	{ "{\"v\":1,\"event\":\"message\"}", 0, "", "tlswardend", 0,
	    "{\"v\":1,\"event\":\"message\"}" },
	{ "{ \"event\":\"message\", \"v\":1}", 0, "", "tlswardend", 0,
	    "{ \"event\":\"message\", \"v\":1}" },
	{ "{\"__REALTIME_TIMESTAMP\":\"1795219199000000\",\"_HOSTNAME\":\"mx1\","
	    "\"SYSLOG_IDENTIFIER\":\"tlswardend\",\"SYSLOG_PID\":\"9\","
	    "\"MESSAGE\":\"v=1 event=x user=\\\"a b\\\"\"}", NOW - 1, "mx1",
	    "tlswardend", 9, "v=1 event=x user=\"a b\"" },
};

static void
assert_is(struct slice s, const char *text)
{
	assert_int_equal(s.len, strlen(text));
	if (s.len > 0)
		assert_memory_equal(s.p, text, s.len);
}

static void
test_forms(void **state)
{
	static char scratch[READER_LINE_MAX];
	const struct form *f;
	struct line line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		f = &forms[i];
		assert_int_equal(line_parse(f->text, strlen(f->text), NOW, scratch,
		    &line), 0);
		assert_int_equal(line.time, f->time);
		assert_is(line.host, f->host);
		assert_is(line.program, f->program);
		assert_int_equal(line.pid, f->pid);
		assert_is(line.text, f->said);
	}
}

static void
test_no_form(void **state)
{
	static const char *const none[] = {
		"", "x", "Nov 20", "Nov 20 23:59:59", "Nov 20 23:59:59x mx1 a: b",
		"2026-11-20T23:59:59Z", "2026-11-20 23:59:59 mx1 a: b",
		"<22>1 2026-11-20T23:59:59Z mx1 a 12 -", "<x>Nov 20 23:59:59 mx a: b",
		"<22>1 2026-11-20T23:59:59Z mx1 a 12 - [x", "-- Boot 1 --",
		"{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":null}",
	};
	static char scratch[READER_LINE_MAX];
	struct line line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(line_parse(none[i], strlen(none[i]), NOW, scratch,
		    &line), -1);
}

/* --- lines */

static void
test_lines(void **state)
{
	static const char text[] = "v=a\nNov 20 23:59:59 h p: b\r\n\nnothing\n"
	    "-- Boot 1 --\nv=c";
	struct buf b = BUF_INIT;
	struct reader *r;
	struct line line;
	int n = 0;

	(void)state;
	r = open_text(text, sizeof(text) - 1);
	while (reader_next(r, &line) == 1)
		n++;
	assert_int_equal(n, 3);
	assert_int_equal(reader_count(r)->lines, 4);
	assert_int_equal(reader_count(r)->broken, 1);
	assert_int_equal(reader_count(r)->bytes, sizeof(text) - 1);
	assert_int_equal(reader_count(r)->size, sizeof(text) - 1);
	reader_free(r);
	assert_string_equal(read_all(open_text(text, sizeof(text) - 1), &b),
	    "v=a|b|v=c|");
	assert_string_equal(read_all(open_text("", 0), &b), "");
	assert_string_equal(read_all(open_text("\n\n", 2), &b), "");
	buf_free(&b);
}

/* A line of any length is cut, and the next one is whole. */
static void
test_long_lines(void **state)
{
	static const size_t lengths[] = { READER_LINE_MAX - 1, READER_LINE_MAX,
	    READER_LINE_MAX + 1, 4 * READER_LINE_MAX, 4 * READER_LINE_MAX + 1,
	    1024 * 1024, 5 * 1024 * 1024 };
	struct buf b = BUF_INIT;
	struct reader *r;
	struct line line;
	char *text;
	size_t i, n;

	(void)state;
	text = calloc(1, 5 * 1024 * 1024 + 100);
	assert_non_null(text);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		n = lengths[i];
		memset(text, i % 2 == 0 ? 'x' : '\0', n);
		memcpy(text, "v=", 2);
		memcpy(text + n, "\nv=next\n", 8);
		r = open_text(text, n + 8);
		assert_int_equal(reader_next(r, &line), 1);
		assert_int_equal(line.text.len,
		    n < READER_LINE_MAX ? n : READER_LINE_MAX);
		assert_memory_equal(line.text.p, text, line.text.len);
		assert_int_equal(reader_next(r, &line), 1);
		assert_is(line.text, "v=next");
		assert_int_equal(reader_next(r, &line), 0);
		assert_int_equal(reader_count(r)->lines, 2);
		reader_free(r);
	}
	/* Without an end. */
	r = open_text(text, 1024 * 1024);
	assert_int_equal(reader_next(r, &line), 1);
	assert_int_equal(reader_next(r, &line), 0);
	reader_free(r);
	free(text);
	buf_free(&b);
}

/* Lines fall upon every edge of the buffer. */
static void
test_edges(void **state)
{
	struct buf text = BUF_INIT, said = BUF_INIT, want = BUF_INIT;
	struct chance c = { 99 };
	size_t i, n;

	(void)state;
	for (i = 0; text.len < 3 * 1024 * 1024; i++) {
		n = draw(&c, draw(&c, 10) == 0 ? 60000 : 300);
		buf_printf(&text, "v=%zu.", i);
		buf_printf(&want, "v=%zu.", i);
		while (n-- > 0) {
			buf_putc(&text, 'x');
			buf_putc(&want, 'x');
		}
		buf_putc(&text, '\n');
		buf_putc(&want, '|');
	}
	assert_string_equal(read_all(open_text(text.data, text.len), &said),
	    want.data);
	buf_free(&text);
	buf_free(&said);
	buf_free(&want);
}

/* --- files */

static void
test_open(void **state)
{
	char fifo[sizeof(path) + 8];

	(void)state;
	assert_null(reader_open("/nonexistent", NOW, why, sizeof(why)));
	assert_string_equal(why, "cannot be opened: No such file or directory");
	assert_null(reader_open("/tmp", NOW, why, sizeof(why)));
	assert_string_equal(why, "is a directory");
	assert_null(reader_open("/dev/null", NOW, why, sizeof(why)));
	assert_string_equal(why, "is no file or pipe");
	snprintf(fifo, sizeof(fifo), "%s.fifo", path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	unlink(fifo);
}

/* A pipe that gives a few bytes at a time. */
static void
test_pipe(void **state)
{
	struct buf b = BUF_INIT;
	struct reader *r;
	int keep, ends[2];
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_int_not_equal(child, -1);
	if (child == 0) {
		close(ends[0]);
		for (keep = 0; keep < 100; keep++)
			if (write(ends[1], keep % 2 == 0 ? "v=a" : "b\nv", 3) != 3)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	keep = dup(STDIN_FILENO);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	r = reader_open("-", NOW, why, sizeof(why));
	assert_non_null(r);
	read_all(r, &b);
	dup2(keep, STDIN_FILENO);
	close(keep);
	assert_memory_equal(b.data, "v=ab|", 5);
	assert_int_equal(b.len, 5);
	buf_free(&b);
}

/* --- journalctl -o export */

static const char export[] =
    "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1795219199000000\n"
    "_HOSTNAME=mx1\nSYSLOG_IDENTIFIER=postfix/smtpd\n_PID=7\nMESSAGE=a=b\n\n"
    "__CURSOR=s=2\nOTHER\n\x04\0\0\0\0\0\0\0\n\n\nx\n"
    "MESSAGE\n\x05\0\0\0\0\0\0\0c\nd\0e\n_COMM=x\n\n\n"
    "__CURSOR=s=3\n_HOSTNAME=no message\n\n"
    "__CURSOR=s=3\n_HOSTNAME=\nMESSAGE=nowhere\n\n"
    "__CURSOR=s=4\nMESSAGE=last\n";

static void
test_export(void **state)
{
	struct reader *r;
	struct line line;

	(void)state;
	r = open_text(export, sizeof(export) - 1);
	assert_int_equal(reader_next(r, &line), 1);
	assert_int_equal(line.time, NOW - 1);
	assert_is(line.host, "mx1");
	assert_is(line.program, "postfix/smtpd");
	assert_int_equal(line.pid, 7);
	assert_is(line.text, "a=b");
	assert_int_equal(reader_next(r, &line), 1);
	assert_int_equal(line.text.len, 5);
	assert_memory_equal(line.text.p, "c\nd\0e", 5);
	assert_is(line.program, "x");
	assert_int_equal(reader_next(r, &line), 1);
	assert_is(line.text, "nowhere");
	assert_int_equal(line.host.len, 0);
	assert_int_equal(reader_next(r, &line), 1);
	assert_is(line.text, "last");
	assert_int_equal(reader_next(r, &line), 0);
	assert_int_equal(reader_count(r)->lines, 5);
	assert_int_equal(reader_count(r)->broken, 1);
	reader_free(r);
}

/* Who may write to the journal may write large fields; none of it is an entry. */
static void
test_export_forged(void **state)
{
	static const char forged[] = "\n\n__CURSOR=x\nSYSLOG_IDENTIFIER=sshd\nMESSAGE=no\n\n";
	unsigned char length[8] = { 0, 0, 0x10, 1, 0, 0, 0, 0 };	/* 17 MiB */
	struct buf b = BUF_INIT, said = BUF_INIT;
	size_t i, large = (size_t)17 << 20;

	(void)state;
	buf_puts(&b, "__CURSOR=1\nMESSAGE=a\nX\n");
	buf_put(&b, length, 8);
	buf_puts(&b, forged);
	for (i = sizeof(forged) - 1; i < large; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "\n\n__CURSOR=2\nMESSAGE=b\n\n");
	assert_string_equal(read_all(open_text(b.data, b.len), &said), "a|b|");
	buf_free(&b);
	buf_free(&said);
}

/* Lengths that a file does not have, and values larger than we keep. */
static void
test_export_large(void **state)
{
	struct buf b = BUF_INIT, said = BUF_INIT;
	unsigned char length[8] = { 0, 0, 0x10, 0, 0, 0, 0, 0 };	/* 1 MiB */
	struct reader *r;
	struct line line;
	size_t i;

	(void)state;
	buf_puts(&b, "__CURSOR=1\nMESSAGE\n");
	buf_put(&b, length, 8);
	for (i = 0; i < 1024 * 1024; i++)
		buf_putc(&b, '\n');
	buf_puts(&b, "\n\n__CURSOR=2\nMESSAGE=next\n\n");
	r = open_text(b.data, b.len);
	assert_int_equal(reader_next(r, &line), 1);
	assert_int_equal(line.text.len, READER_LINE_MAX);
	assert_int_equal(reader_next(r, &line), 1);
	assert_is(line.text, "next");
	assert_int_equal(reader_next(r, &line), 0);
	reader_free(r);
	buf_clear(&b);
	buf_puts(&b, "__CURSOR=1\nMESSAGE=a\n\nMESSAGE\n");
	memset(length, 0xff, sizeof(length));
	buf_put(&b, length, 8);
	buf_puts(&b, "b\n\n__CURSOR=2\nMESSAGE=c\n\n");
	assert_string_equal(read_all(open_text(b.data, b.len), &said),
	    "a|c|");
	buf_free(&b);
	buf_free(&said);
}

/* --- whatever */

static const char *const seeds[] = {
	"Nov 20 23:59:59 mx1 postfix/submission/smtpd[812]: connect from x\n",
	"2026-11-20T23:59:59.123456+00:00 mx1 tlswardend[1]: v=1 event=x\n",
	"<22>1 2026-11-20T23:59:59Z - a - ID1 [x@1 y=\"]\\\"\"][q] b\n",
	"{\"MESSAGE\":\"a\\u00e4\",\"_PID\":\"1\",\"x\":[1,{}]}\n",
	"__CURSOR=1\nMESSAGE\n\x01\0\0\0\0\0\0\0x\n\n",
};

#define LINES	DRAWS(1000000)

/* A million mutated lines, in one file of text and one of the journal's. */
static void
test_mutated(void **state)
{
	struct chance c = { 7 };
	struct buf b = BUF_INIT;
	char line[400];
	struct reader *r;
	struct line out;
	size_t i, len;
	int k, times;

	(void)state;
	for (k = 0; k < 2; k++) {
		buf_clear(&b);
		if (k == 1)
			buf_puts(&b, "__CURSOR=0\n\n");
		for (i = 0; i < LINES / 2; i++) {
			len = strlen(seeds[i % 5]) + (i % 5 == 4 ? 10 : 0);
			memcpy(line, seeds[i % 5], len);
			for (times = (int)draw(&c, 4); times > 0; times--)
				len = mutate(&c, line, len, sizeof(line));
			buf_put(&b, line, len);
		}
		r = open_text(b.data, b.len);
		for (i = 0; reader_next(r, &out) == 1; i++)
			assert_true(out.text.len <= READER_LINE_MAX);
		assert_true(reader_count(r)->broken > 0);
		assert_true(i > (k == 0 ? LINES / 10 : 10));
		reader_free(r);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_no_form),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_export),
		cmocka_unit_test(test_export_large),
		cmocka_unit_test(test_export_forged),
		cmocka_unit_test(test_mutated),
	};

	return cmocka_run_group_tests_name("reader", tests, setup, teardown);
}
