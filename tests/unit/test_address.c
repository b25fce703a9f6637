/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "address.h"

static void
test_text(void **state)
{
	/* the text, and what it is printed as; "" is refused */
	static const char *const rows[][2] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:201", "192.0.2.1" },
		{ "IPv6:2001:DB8::1", "2001:db8::1" },
		{ "ipv6:::ffff:192.0.2.1", "192.0.2.1" },
		{ "fe80::1%eth0", "fe80::1" },
		{ "::", "::" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "", "" },
		{ "192.0.2", "" },
		{ "192.0.2.256", "" },
		{ "192.0.2.01", "" },
		{ "192.0.2.1 ", "" },
		{ "192.0.2.1%eth0", "" },
		{ "IPv6:192.0.2.1", "" },
		{ "IPv6:", "" },
		{ "2001:db8::1::2", "" },
		{ "%eth0:", "" },
		{ "1:2:3:4:5:6:7:8:9", "" },
		{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", "" },
	};
	char text[ADDRESS_TEXT];
	struct address a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(address_parse(&a, rows[i][0], strlen(rows[i][0])),
		    rows[i][1][0] != '\0' ? 0 : -1);
		address_format(&a, text);
		assert_string_equal(text, rows[i][1]);
	}
	/* the C library says how these are written */
	assert_int_equal(address_parse(&a, "::192.0.2.1", 11), 0);
	address_format(&a, text);
	assert_true(strcmp(text, "::192.0.2.1") == 0 || strcmp(text, "::c000:201") == 0);
	assert_int_equal(address_parse(&a, "192.0.2.17", 9), 0);
	address_format(&a, text);
	assert_string_equal(text, "192.0.2.1");
	assert_int_equal(address_parse(&a, "192.0.2.1\0", 10), -1);
}

static struct address
parsed(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(&a, text, strlen(text)), 0);
	return a;
}

static void
test_order(void **state)
{
	struct address v4 = parsed("255.255.255.255"), v6 = parsed("::1");
	struct address a = parsed("2001:db8::1"), b = parsed("2001:db8::2");

	(void)state;
	assert_true(address_compare(&v4, &v6) < 0);
	assert_true(address_compare(&v6, &v4) > 0);
	assert_true(address_compare(&a, &b) < 0);
	assert_true(address_compare(&a, &a) == 0);
}

static void
test_mask(void **state)
{
	static const struct {
		unsigned int	 prefix;
		const char	*text;
	} rows[] = {
		{ 32, "255.255.255.255" }, { 40, "255.255.255.255" },
		{ 31, "255.255.255.254" }, { 25, "255.255.255.128" },
		{ 24, "255.255.255.0" }, { 9, "255.128.0.0" },
		{ 1, "128.0.0.0" }, { 0, "0.0.0.0" },
	};
	char text[ADDRESS_TEXT];
	struct address a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = parsed("255.255.255.255");
		address_mask(&a, rows[i].prefix);
		address_format(&a, text);
		assert_string_equal(text, rows[i].text);
	}
	a = parsed("2001:db8:ffff::1");
	address_mask(&a, 33);
	address_format(&a, text);
	assert_string_equal(text, "2001:db8:8000::");
}

static void
test_bytes(void **state)
{
	static const uint8_t bytes[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
	    10, 1, 2, 3 };
	struct address a;

	(void)state;
	address_from_bytes(&a, bytes, 16);
	assert_int_equal(a.bits, 32);
	assert_memory_equal(a.bytes, bytes + 12, 4);
	address_from_bytes(&a, bytes, 4);
	assert_int_equal(a.bits, 32);
	address_from_bytes(&a, bytes, 5);
	assert_int_equal(a.bits, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
