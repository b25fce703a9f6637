/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* this project */
#include "buf.h"
/* under test */
#include "merge.h"

#define NOW	INT64_C(1795219200)	/* 2026-11-21 00:00:00 UTC */
#define FILES	40

static char dir[] = "/tmp/tlswarden-merge.XXXXXX";
static char names[FILES][64];
static const char *paths[FILES];

static int
setup(void **state)
{
	size_t i;

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	for (i = 0; i < FILES; i++) {
		snprintf(names[i], sizeof(names[i]), "%s/%zu", dir, i);
		paths[i] = names[i];
	}
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

static int
teardown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < FILES; i++)
		unlink(names[i]);
	return rmdir(dir);
}

/* Seconds of 10:00, each a line that says "file.second"; 0 has no time. */
static void
put_log(size_t file, const unsigned int *seconds, size_t count)
{
	FILE *f = fopen(names[file], "w");
	size_t i;

	assert_non_null(f);
	for (i = 0; i < count; i++)
		if (seconds[i] == 0)
			fprintf(f, "v=%zu.x\n", file);
		else
			fprintf(f, "Nov 20 10:00:%02u h p: %zu.%u\n", seconds[i], file,
			    seconds[i]);
	assert_int_equal(fclose(f), 0);
}

#define PUT(file, ...) do { \
	static const unsigned int s[] = { __VA_ARGS__ }; \
	put_log(file, s, sizeof(s) / sizeof(s[0])); \
} while (0)

static const char *
read_all(size_t count, struct buf *b, struct reader_count *sum)
{
	struct merge *m = merge_new(paths, count, NOW);
	struct line line;
	int state;

	buf_clear(b);
	while ((state = merge_next(m, &line)) != 0) {
		if (state == -1)
			buf_printf(b, "[%s %s]", merge_path(m) + strlen(dir) + 1,
			    merge_why(m));
		else
			buf_put(b, line.text.p, line.text.len);
		buf_putc(b, ' ');
	}
	merge_count(m, sum);
	merge_free(m);
	return buf_str(b);
}

static void
test_order(void **state)
{
	struct reader_count n;
	struct buf b = BUF_INIT;

	(void)state;
	PUT(0, 5, 6, 0, 9);
	PUT(1, 1, 2, 7, 7, 12);
	PUT(2, 6, 8);
	assert_string_equal(read_all(3, &b, &n), "1.1 1.2 0.5 0.6 v=0.x 2.6 1.7 1.7 "
	    "2.8 0.9 1.12 ");
	assert_int_equal(n.lines, 11);
	assert_int_equal(n.bytes, n.size);
	assert_true(n.size > 11 * 6);
	assert_string_equal(read_all(1, &b, &n), "0.5 0.6 v=0.x 0.9 ");
	assert_string_equal(read_all(0, &b, &n), "");
	buf_free(&b);
}

/* As logrotate leaves them: the newest is named first. */
static void
test_rotated(void **state)
{
	struct reader_count n;
	struct buf b = BUF_INIT;

	(void)state;
	PUT(0, 20, 21);
	PUT(1, 10, 11);
	PUT(2, 1, 2);
	assert_string_equal(read_all(3, &b, &n), "2.1 2.2 1.10 1.11 0.20 0.21 ");
	buf_free(&b);
}

/* One that is not there, one that is empty, one that has no times at all. */
static void
test_faults(void **state)
{
	static const unsigned char cut[] = { 0x1f, 0x8b, 8, 0 };
	struct reader_count n;
	struct buf b = BUF_INIT;
	FILE *f;

	(void)state;
	PUT(0, 5);
	unlink(names[1]);
	put_log(2, NULL, 0);
	PUT(3, 0, 0);
	f = fopen(names[4], "w");
	assert_non_null(f);
	assert_int_equal(fwrite(cut, 1, sizeof(cut), f), sizeof(cut));
	assert_int_equal(fclose(f), 0);
	assert_string_equal(read_all(5, &b, &n),
	    "[1 cannot be opened: No such file or directory] v=3.x v=3.x "
	    "[4 gzip: the file ends in the middle] 0.5 ");
	assert_int_equal(n.lines, 3);
	buf_free(&b);
}

/* More than may be open at once: each line comes, and each file in order. */
static void
test_many(void **state)
{
	unsigned int seconds[3], last[FILES];
	struct reader_count n;
	struct merge *m;
	struct line line;
	unsigned int second;
	size_t file, count = 0;
	char text[32];

	(void)state;
	for (file = 0; file < FILES; file++) {
		seconds[0] = 1;
		seconds[1] = (unsigned int)file + 2;
		seconds[2] = 59;
		put_log(file, seconds, 3);
		last[file] = 0;
	}
	m = merge_new(paths, FILES, NOW);
	while (merge_next(m, &line) == 1) {
		assert_true(line.text.len < sizeof(text));
		memcpy(text, line.text.p, line.text.len);
		text[line.text.len] = '\0';
		assert_int_equal(sscanf(text, "%zu.%u", &file, &second), 2);
		assert_true(second > last[file]);
		last[file] = second;
		count++;
	}
	merge_count(m, &n);
	assert_int_equal(count, 3 * FILES);
	assert_int_equal(n.lines, 3 * FILES);
	merge_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_rotated),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("merge", tests, setup, teardown);
}
