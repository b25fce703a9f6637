/* libc */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "milter_socket.h"

static void
test_parse(void **state)
{
	static const struct {
		const char	*spec;
		const char	*put;		/* NULL: it is no address */
	} rows[] = {
		{ "unix:/run/a.sock", "unix:/run/a.sock" },
		{ "local:/run/a.sock", "unix:/run/a.sock" },
		{ "/run/a.sock", "unix:/run/a.sock" },
		{ "inet:8899@localhost", "inet:localhost:8899" },
		{ "inet:localhost:8899", "inet:localhost:8899" },
		{ "inet6:8899@::1", "inet:[::1]:8899" },
		{ "inet6:8899@[::1]", "inet:[::1]:8899" },
		{ "inet:[::1]:8899", "inet:[::1]:8899" },
		{ "inet:65535@a", "inet:a:65535" },
		{ "", NULL }, { "unix:", NULL }, { "local:", NULL }, { "a.sock", NULL },
		{ "inet:", NULL }, { "inet:8899", NULL }, { "inet:8899@", NULL },
		{ "inet:@a", NULL }, { "inet:0@a", NULL }, { "inet:65536@a", NULL },
		{ "inet:123456@a", NULL }, { "inet:8899x@a", NULL }, { "inet:-1@a", NULL },
		{ "inet: 1@a", NULL }, { "inet:1@a@b", NULL }, { "inet:1@a b", NULL },
		{ "inet:1@[a", NULL }, { "inet:1@a]", NULL }, { "inet:1@[]", NULL },
		{ "inet:1@{a}", NULL },
	};
	struct milter_socket s;
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(milter_socket_parse(&s, rows[i].spec),
		    rows[i].put != NULL ? 0 : -1);
		if (rows[i].put == NULL)
			continue;
		buf_clear(&b);
		milter_socket_put(&s, &b);
		assert_string_equal(buf_str(&b), rows[i].put);
		milter_socket_clear(&s);
	}
	buf_free(&b);
}

static void
test_long(void **state)
{
	struct milter_socket s;
	char spec[600];

	(void)state;
	/* longer than a socket's path is: a name, and no way there */
	memset(spec, 'x', sizeof(spec));
	memcpy(spec, "unix:/", 6);
	spec[505] = '\0';
	assert_int_equal(milter_socket_parse(&s, spec), 0);
	assert_int_equal(milter_socket_connect(&s, milter_clock() + 60000), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	milter_socket_clear(&s);
	spec[505] = 'x';
	spec[506] = '\0';
	assert_int_equal(milter_socket_parse(&s, spec), -1);
	spec[506] = 'x';
	spec[599] = '\0';
	assert_int_equal(milter_socket_parse(&s, spec), -1);
	memcpy(spec, "inet:1@", 7);
	spec[7 + 255] = '\0';
	assert_int_equal(milter_socket_parse(&s, spec), 0);
	milter_socket_clear(&s);
	spec[7 + 255] = 'x';
	spec[7 + 256] = '\0';
	assert_int_equal(milter_socket_parse(&s, spec), -1);
}

static void
test_same(void **state)
{
	static const struct {
		const char	*a, *b;
		bool		 same;
	} rows[] = {
		{ "unix:/a", "local:/a", true }, { "unix:/a", "unix:/b", false },
		{ "unix:/a", "inet:1@a", false }, { "inet:1@a", "unix:/a", false },
		{ "inet:1@a", "inet:A:1", true }, { "inet:1@a", "inet:2@a", false },
		{ "inet:1@a", "inet:1@b", false }, { "inet:1@a", "inet:1@localhost", false },
		{ "inet:1@localhost", "inet:1@a", false },
		{ "inet:1@localhost", "inet:1@127.0.0.1", true },
		{ "inet:1@127.9.9.9", "inet6:1@::1", true },
		{ "inet6:1@::1", "inet:1@LOCALHOST", true },
		{ "inet:1@localhost", "inet:2@127.0.0.1", false },
	};
	struct milter_socket a, b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(milter_socket_parse(&a, rows[i].a), 0);
		assert_int_equal(milter_socket_parse(&b, rows[i].b), 0);
		assert_int_equal(milter_socket_same(&a, &b), rows[i].same);
		milter_socket_clear(&a);
		milter_socket_clear(&b);
	}
	/* a path is on no network, whatever it is called */
	assert_int_equal(milter_socket_parse(&a, "unix:/127.0.0.1"), 0);
	assert_false(milter_socket_is_loopback(&a));
	milter_socket_clear(&a);
}

/* Nobody listens there any more, or never did. */
static void
test_nobody(void **state)
{
	struct milter_socket s;

	(void)state;
	assert_int_equal(milter_socket_parse(&s, "unix:/nonexistent/a.sock"), 0);
	assert_int_equal(milter_socket_connect(&s, milter_clock() + 60000), -1);
	assert_int_equal(errno, ENOENT);
	milter_socket_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests_name("milter_socket", tests, NULL, NULL);
}
