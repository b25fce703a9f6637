/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "mem.h"

static void
test_zeroed(void **state)
{
	unsigned char *p;
	int i;

	(void)state;
	p = mem_calloc(16, 4);
	for (i = 0; i < 64; i++)
		assert_int_equal(p[i], 0);
	free(p);
	p = mem_calloc(0, 0);
	assert_non_null(p);
	free(p);
}

static void
test_strings(void **state)
{
	char *s;

	(void)state;
	s = mem_strdup("abc");
	assert_string_equal(s, "abc");
	free(s);
	s = mem_strndup("a\0c", 3);
	assert_memory_equal(s, "a\0c", 4);
	free(s);
	s = mem_strndup("abc", 0);
	assert_string_equal(s, "");
	free(s);
}

static int said;

static void
say(size_t size)
{
	(void)size;
	said = write(said, "x", 1) == 1 ? 0 : 1;
}

/* What the child prints through the hook, and how it ends. */
static void
expect_end(void (*f)(void))
{
	int fds[2], status;
	char c;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		said = fds[1];
		mem_set_hook(say);
		f();
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	assert_int_equal(read(fds[0], &c, 1), 0);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_OSERR);
}

static void
overflow_resize(void)
{
	volatile size_t n = SIZE_MAX / 2;

	free(mem_resize(NULL, n, 4));
}

static void
overflow_strndup(void)
{
	volatile size_t n = SIZE_MAX;

	free(mem_strndup("", n));
}

static void
test_overflow_ends_with_a_word(void **state)
{
	(void)state;
	expect_end(overflow_resize);
	expect_end(overflow_strndup);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_overflow_ends_with_a_word),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
