/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "policy.h"
#include "source.h"

static char dir[] = "/tmp/test_source.XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL || chdir(dir) == -1;
}

static int
tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return chdir("/") == -1 || system(command) != 0;
}

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* The file is not read, and the reason ends like this. */
static void
refused(const char *path, const char *why)
{
	struct source_set *set = source_set_new();
	struct diags *d = diags_new();
	char message[256];

	assert_null(source_open(set, path, POLICY_FILE_MAX, NULL, NULL, d));
	assert_int_equal(diags_total(d), 1);
	snprintf(message, sizeof(message), "cannot use the file \"%s\": %s", path, why);
	assert_string_equal(diags_message(d, 0), message);
	assert_string_equal(diags_where(d, 0), path);
	assert_null(set->first);
	diags_free(d);
	source_set_free(set);
}

static void
test_refused(void **state)
{
	int fd;

	(void)state;
	refused("nothing", strerror(ENOENT));
	assert_int_equal(mkdir("directory", 0700), 0);
	refused("directory", "it is a directory");
	/* nobody writes into it: an open without O_NONBLOCK would wait for ever */
	assert_int_equal(mkfifo("fifo", 0600), 0);
	refused("fifo", "it is not a regular file");
	refused("/dev/null", "it is not a regular file");
	put("open", "default accept\n");
	assert_int_equal(chmod("open", 0666), 0);
	refused("open", "everybody may write to it");
	assert_int_equal(symlink("open", "link"), 0);
	refused("link", "everybody may write to it");
	assert_int_equal(symlink("circle", "circle"), 0);
	refused("circle", strerror(ELOOP));
	/* it says that it is empty, and then it is not */
	refused("/proc/self/status", "it changed while it was read");
	fd = open("large", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, (off_t)1 << 30), 0);
	close(fd);
	refused("large", "it is larger than 1048576 bytes");
}

static void
test_read(void **state)
{
	struct source_set *set = source_set_new();
	struct diags *d = diags_new();
	struct source *a, *b, *c;
	struct place from = { .file = "sub/a", .line = 3, .column = 9, .width = 1 };
	char hex[65];

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(mkdir("sub/er", 0700), 0);
	put("sub/a", "ab");
	put("sub/er/b", "");
	put("sub/er/c", "c");
	a = source_open(set, "sub/a", 2, NULL, NULL, d);
	assert_non_null(a);
	assert_string_equal(a->text, "ab");
	assert_string_equal(a->base, "");
	assert_int_equal(a->depth, 0);
	assert_false(a->included);
	b = source_open(set, "er/b", 2, a, &from, d);
	assert_non_null(b);
	assert_string_equal(b->path, "sub/er/b");
	assert_string_equal(b->base, "er/");
	assert_int_equal(b->len, 0);
	assert_int_equal(b->depth, 1);
	assert_true(b->included);
	assert_int_equal(b->from.line, 3);
	c = source_open(set, "c", 2, b, &from, d);
	assert_non_null(c);
	assert_string_equal(c->path, "sub/er/c");
	assert_string_equal(c->base, "er/");
	assert_true(set->first == a && a->next == b && b->next == c && c->next == NULL);
	assert_int_equal(set->total, 3);
	/* of "abc" */
	source_hash(set, hex);
	assert_string_equal(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	/* the diagnostic points to the statement that named the file */
	assert_null(source_open(set, "nothing", 2, b, &from, d));
	assert_string_equal(diags_where(d, 0), "sub/a:3:9");
	assert_non_null(strstr(diags_message(d, 0), "\"sub/er/nothing\""));
	diags_free(d);
	source_set_free(set);
}

static void
test_text(void **state)
{
	struct source_set *set = source_set_new();
	struct diags *d = diags_new();
	struct source *s;
	char *large = calloc(1, POLICY_FILE_MAX + 1);

	(void)state;
	s = source_text(set, "name", "a\0b", 3, d);
	assert_memory_equal(s->text, "a\0b", 4);
	assert_int_equal(s->len, 3);
	assert_non_null(source_text(set, "name", large, POLICY_FILE_MAX, d));
	assert_null(source_text(set, "name", large, POLICY_FILE_MAX + 1, d));
	assert_string_equal(diags_message(d, 0),
	    "the policy has more than 1048576 bytes");
	free(large);
	diags_free(d);
	source_set_free(set);
}

static void
test_total(void **state)
{
	struct source_set *set = source_set_new();
	struct diags *d = diags_new();
	int i, fd;

	(void)state;
	fd = open("list", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, SOURCE_LIST_MAX), 0);
	close(fd);
	for (i = 0; i < 4; i++)
		assert_non_null(source_open(set, "list", SOURCE_LIST_MAX, NULL, NULL, d));
	assert_null(source_open(set, "list", SOURCE_LIST_MAX, NULL, NULL, d));
	assert_non_null(strstr(diags_message(d, 0),
	    "with it, the policy has more than 67108864 bytes"));
	diags_free(d);
	source_set_free(set);
}

/* A file as it was: its text, and when it was written. */
static void
put_at(const char *path, const char *text, time_t seconds, long nanoseconds)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
	    { .tv_sec = seconds, .tv_nsec = nanoseconds } };

	put(path, text);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Whatever happens to one of the files is seen. */
static void
test_stands(void **state)
{
	struct source_set *set = source_set_new();
	struct diags *d = diags_new();
	struct policy_files files;

	(void)state;
	assert_non_null(source_text(set, "builtin", "x", 1, d));
	assert_true(source_stands(set, &files));
	assert_int_equal(files.written.tv_sec, 0);
	put_at("one", "1", 1000, 5);
	put_at("two", "22", 1000, 7);
	put_at("three", "", 999, 9);
	assert_non_null(source_open(set, "one", 99, NULL, NULL, d));
	assert_non_null(source_open(set, "two", 99, NULL, NULL, d));
	assert_true(source_stands(set, &files));
	assert_false(files.empty);
	assert_non_null(source_open(set, "three", 99, NULL, NULL, d));
	assert_true(source_stands(set, &files));
	assert_true(files.empty);
	put_at("four", "4444", 998, 3);
	assert_non_null(source_open(set, "four", 99, NULL, NULL, d));
	assert_true(source_stands(set, &files));
	assert_true(files.empty);
	assert_int_equal(files.written.tv_sec, 1000);
	assert_int_equal(files.written.tv_nsec, 7);
	put_at("two", "22", 1001, 7);
	assert_false(source_stands(set, &files));
	put_at("two", "22", 1000, 8);
	assert_false(source_stands(set, &files));
	put_at("two", "222", 1000, 7);
	assert_false(source_stands(set, &files));
	put_at("two", "22", 1000, 7);
	assert_true(source_stands(set, &files));
	put_at("other", "22", 1000, 7);
	assert_int_equal(rename("other", "two"), 0);
	assert_false(source_stands(set, &files));
	assert_int_equal(unlink("two"), 0);
	assert_false(source_stands(set, &files));
	/* of another file system, where numbers of files come again */
	assert_int_equal(symlink("/proc/self/status", "two"), 0);
	assert_false(source_stands(set, &files));
	diags_free(d);
	source_set_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_total),
		cmocka_unit_test(test_stands),
	};

	return cmocka_run_group_tests_name("source", tests, set_up, tear_down);
}
