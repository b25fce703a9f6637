/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "policy.h"
#include "source.h"

#define TODAY	20261121

static char dir[] = "/tmp/test_hostile.XXXXXX";

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
put(const char *path, const void *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd == -1 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void
put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

/* The first error of the policy, as "where: message", or "". */
static const char *
first_error(const char *path)
{
	static char said[512];
	struct diags *d = diags_new();
	struct policy *p = policy_load(path, TODAY, d);
	size_t i;

	said[0] = '\0';
	for (i = 0; i < diags_total(d) && said[0] == '\0'; i++)
		if (diags_level(d, i) == DIAG_ERROR)
			snprintf(said, sizeof(said), "%s: %s", diags_where(d, i),
			    diags_message(d, i));
	assert_true((p == NULL) == (said[0] != '\0'));
	policy_unref(&p);
	diags_free(d);
	return said;
}

/* --- files that others name */

static void
test_named(void **state)
{
	static const char *const statements[] = { "include \"%s\"\n",
	    "list l = file \"%s\"\nrule r\n    if user in l\n    note\n" };
	static const struct {
		const char	*name, *why;	/* without: what strerror() says */
		int		 error;
	} files[] = {
		{ "fifo", "it is not a regular file", 0 },
		{ ".", "it is a directory", 0 },
		{ "/dev/zero", "it is not a regular file", 0 },
		{ "huge", "it is larger than", 0 }, { "missing", NULL, ENOENT },
		{ "circle", NULL, ELOOP },
	};
	char text[256], wanted[256];
	size_t i, k;
	int fd;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(symlink("circle", "circle"), 0);
	fd = open("huge", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, (off_t)1 << 30), 0);
	close(fd);
	for (i = 0; i < 2; i++)
		for (k = 0; k < sizeof(files) / sizeof(files[0]); k++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(text, sizeof(text), statements[i], files[k].name);
#pragma GCC diagnostic pop
			put_text("conf", text);
			snprintf(wanted, sizeof(wanted), "cannot use the file \"%s\": %s",
			    files[k].name, files[k].why != NULL ? files[k].why :
			    strerror(files[k].error));
			assert_non_null(strstr(first_error("conf"), wanted));
			assert_memory_equal(first_error("conf"), "conf:1:", 7);
		}
	assert_int_equal(unlink("huge"), 0);
}

/* One file by two names is still one file. */
static void
test_loops(void **state)
{
	(void)state;
	assert_int_equal(symlink("a", "linked"), 0);
	put_text("a", "include \"linked\"\n");
	assert_non_null(strstr(first_error("a"), "includes itself"));
	put_text("b", "rule x\n    note\ninclude \"c\"\n");
	assert_int_equal(link("b", "c"), 0);
	assert_non_null(strstr(first_error("b"), "includes itself"));
}

/* --- bytes */

static void
test_list_bytes(void **state)
{
	static const struct {
		const char	*bytes;
		size_t		 len;
		const char	*error;		/* "": taken */
	} rows[] = {
		{ "\xef\xbb\xbf" "ann\r\n# x\r\n\r\nbob\r\n", 19, "" },
		{ "ann\0bob\n", 8, "list:1:4: " },
		{ "ann\nb\xff" "b\n", 8, "list:2:2: " },
		{ "ann\n\x1b[31m\n", 10, "list:2:1: " },
		{ "ann\rbob\n", 8, "list:1:4: " },
		{ "ann", 3, "" },
		{ "\n\n\n", 3, "conf:5:8: " },
		{ "ann bob\n", 8, "list:1:5: " },
		{ "\"ann\n", 5, "list:1:" },
	};
	size_t i;

	(void)state;
	put_text("conf", "list l = file \"list\"\nrule r\n    if user in l\n    accept\n"
	    "expect accept by r when auth=PLAIN user=ann\n");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put("list", rows[i].bytes, rows[i].len);
		if (strncmp(first_error("conf"), rows[i].error, strlen(rows[i].error)) != 0 ||
		    (rows[i].error[0] == '\0') != (first_error("conf")[0] == '\0'))
			fail_msg("%zu: %s", i, first_error("conf"));
	}
}

/* --- files that change while they are read */

#define LONG	100000
#define SHORT	61000

static void
fill(char *text, char c, size_t n)
{
	memset(text, c, n);
}

/* Never returns: two files in turns, in place or by rename. */
static void
keep_writing(bool in_place)
{
	static char a[LONG], b[SHORT];

	fill(a, 'a', sizeof(a));
	fill(b, 'b', sizeof(b));
	for (;;) {
		put(in_place ? "target" : "new", a, sizeof(a));
		if (!in_place && rename("new", "target") == -1)
			_exit(1);
		put(in_place ? "target" : "new", b, sizeof(b));
		if (!in_place && rename("new", "target") == -1)
			_exit(1);
	}
}

static pid_t
start_writer(bool in_place)
{
	pid_t pid;

	put_text("target", "");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(60);
		keep_writing(in_place);
	}
	return pid;
}

static void
stop_writer(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Read again and again; how often it was refused and how often read. */
static void
keep_reading(unsigned int *refused, unsigned int *whole, unsigned int *part)
{
	char why[128], *text;
	struct stat st;
	size_t len, i;
	time_t until = time(NULL) + 2;

	*refused = *whole = *part = 0;
	while (time(NULL) < until) {
		text = source_read("target", LONG, &len, &st, why, sizeof(why));
		if (text == NULL) {
			assert_string_equal(why, "it changed while it was read");
			++*refused;
			continue;
		}
		/* what was read is of one of the two, from its beginning */
		for (i = 1; i < len; i++)
			if (text[i] != text[0])
				fail_msg("mixed at byte %zu of %zu", i, len);
		assert_int_equal(text[len], '\0');
		if (len == LONG || len == SHORT)
			++*whole;
		else
			++*part;
		free(text);
	}
}

static void
test_renamed(void **state)
{
	unsigned int refused, whole, part;
	pid_t pid = start_writer(false);

	(void)state;
	usleep(100000);
	keep_reading(&refused, &whole, &part);
	stop_writer(pid);
	assert_int_equal(refused, 0);
	assert_int_equal(part, 0);
	assert_true(whole > 100);
}

static void
test_in_place(void **state)
{
	unsigned int refused, whole, part;
	pid_t pid = start_writer(true);

	(void)state;
	keep_reading(&refused, &whole, &part);
	stop_writer(pid);
	assert_true(refused > 0);
}

/* A policy that was cut to nothing says so, though it is taken. */
static void
test_empty(void **state)
{
	struct diags *d = diags_new();
	struct policy *p;

	(void)state;
	put_text("conf", "");
	p = policy_load("conf", TODAY, d);
	assert_non_null(p);
	assert_int_equal(diags_total(d), 1);
	assert_string_equal(diags_message(d, 0),
	    "the policy has no rule: every session is accepted");
	policy_unref(&p);
	diags_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_loops),
		cmocka_unit_test(test_list_bytes),
		cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_in_place),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests_name("hostile_files", tests, set_up, tear_down);
}
