/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "buf.h"
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
	/* nothing is an object, too: NULL would be a failure */
	p = mem_resize(p, 0, 4);
	assert_non_null(p);
	p = mem_resize(p, 4, 0);
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

/*
 * The linker puts these in their places: memory that is refused, and an end
 * that is not one.
 */
static jmp_buf ended;
static size_t said;
static int status;
static bool refuse;

void *__real_calloc(size_t, size_t);
void *__wrap_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__wrap_realloc(void *, size_t);
_Noreturn void __wrap__exit(int);

void *
__wrap_calloc(size_t n, size_t size)
{
	return refuse ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return refuse || size > PTRDIFF_MAX ? NULL : __real_realloc(p, size);
}

_Noreturn void
__wrap__exit(int code)
{
	status = code;
	longjmp(ended, 1);
}

static void
say(size_t size)
{
	said = size;
	/* one that needs memory itself does not come back here */
	if (refuse)
		free(mem_calloc(1, 1));
}

static struct buf buf;

static void
overflow_resize(void)
{
	free(mem_resize(NULL, SIZE_MAX / 2, 4));
}

static void
overflow_strndup(void)
{
	free(mem_strndup("", SIZE_MAX));
}

static void
overflow_buf(void)
{
	buf_put(&buf, "x", SIZE_MAX);
}

static void
refused_calloc(void)
{
	refuse = true;
	free(mem_calloc(3, 5));
}

static void
refused_resize(void)
{
	refuse = true;
	free(mem_resize(NULL, 3, 5));
}

static void
refused_strdup(void)
{
	refuse = true;
	free(mem_strdup("ab"));
}

/* Each ends the program, with a word where somebody listens. */
static void
test_what_cannot_be_had(void **state)
{
	static const struct {
		void	(*ask)(void);
		size_t	  size;
	} rows[] = {
		{ overflow_resize, SIZE_MAX / 2 }, { overflow_strndup, SIZE_MAX },
		{ overflow_buf, SIZE_MAX }, { refused_calloc, 3 },
		{ refused_resize, 3 }, { refused_strdup, 3 },
	};
	volatile size_t i;
	volatile int hooked;

	(void)state;
	buf_puts(&buf, "kept");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (hooked = 0; hooked < 2; hooked++) {
			said = 0;
			status = -1;
			mem_set_hook(hooked ? say : NULL);
			if (setjmp(ended) == 0) {
				rows[i].ask();
				refuse = false;
				fail_msg("row %zu went on", i);
			}
			refuse = false;
			assert_int_equal(status, EX_OSERR);
			assert_int_equal(said, hooked ? rows[i].size : 0);
		}
	mem_set_hook(NULL);
	assert_string_equal(buf_str(&buf), "kept");
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_what_cannot_be_had),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
