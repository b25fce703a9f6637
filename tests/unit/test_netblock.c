/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "netblock.h"

static void
test_text(void **state)
{
	static const struct {
		const char	*text;
		int		 result;
		const char	*printed;
	} rows[] = {
		{ "192.0.2.0/24", 0, "192.0.2.0/24" },
		{ "192.0.2.1", 0, "192.0.2.1" },
		{ "192.0.2.1/32", 0, "192.0.2.1" },
		{ "2001:db8::/32", 0, "2001:db8::/32" },
		{ "0.0.0.0/0", 0, "0.0.0.0/0" },
		{ "::/0", 0, "::/0" },
		{ "::ffff:192.0.2.0/120", 0, "192.0.2.0/24" },
		{ "::ffff:192.0.2.0/95", -1, NULL },
		{ "192.0.2.1/24", -2, "192.0.2.0/24" },
		{ "2001:db8::1/64", -2, "2001:db8::/64" },
		{ "192.0.2.0/33", -1, NULL },
		{ "2001:db8::/129", -1, NULL },
		{ "192.0.2.0/", -1, NULL },
		{ "192.0.2.0/-1", -1, NULL },
		{ "192.0.2.0/2 4", -1, NULL },
		{ "192.0.2.0/0024", -1, NULL },
		{ "192.0.2.0/24/24", -1, NULL },
		{ "192.0.2/24", -1, NULL },
		{ "/24", -1, NULL },
		{ "", -1, NULL },
	};
	char text[ADDRESS_TEXT + 4];
	struct address a;
	unsigned int prefix;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(netblock_parse(rows[i].text, strlen(rows[i].text),
		    &a, &prefix), rows[i].result);
		if (rows[i].printed == NULL)
			continue;
		netblock_format(&a, prefix, text);
		assert_string_equal(text, rows[i].printed);
	}
}

static void
add(struct netblock *set, const char *text)
{
	struct address a;
	unsigned int prefix;

	assert_int_equal(netblock_parse(text, strlen(text), &a, &prefix), 0);
	netblock_add(set, &a, prefix);
}

static bool
contains(const struct netblock *set, const char *text)
{
	struct address a;

	assert_int_equal(address_parse(&a, text, strlen(text)), 0);
	return netblock_contains(set, &a);
}

static void
test_membership(void **state)
{
	struct address nothing = { 0 };
	struct netblock *set;

	(void)state;
	set = netblock_new();
	assert_false(contains(set, "192.0.2.1"));
	add(set, "192.0.2.16/28");
	add(set, "192.0.2.128/25");
	add(set, "192.0.2.0/32");
	add(set, "10.0.0.0/8");
	add(set, "10.1.2.0/24");	/* inside another */
	add(set, "2001:db8:40::/64");
	add(set, "2001:db8::1");
	assert_true(contains(set, "192.0.2.16"));
	assert_true(contains(set, "192.0.2.31"));
	assert_false(contains(set, "192.0.2.32"));
	assert_false(contains(set, "192.0.2.15"));
	assert_true(contains(set, "192.0.2.0"));
	assert_false(contains(set, "192.0.2.1"));
	assert_true(contains(set, "192.0.2.255"));
	assert_true(contains(set, "10.255.0.1"));
	assert_true(contains(set, "10.1.2.3"));
	assert_true(contains(set, "::ffff:10.1.2.3"));
	assert_true(contains(set, "2001:db8:40::ffff"));
	assert_false(contains(set, "2001:db8:40:1::"));
	assert_true(contains(set, "2001:db8::1"));
	assert_false(contains(set, "2001:db8::2"));
	assert_false(contains(set, "::a01:203"));
	assert_false(netblock_contains(set, &nothing));
	netblock_free(set);

	set = netblock_new();
	add(set, "0.0.0.0/0");
	add(set, "192.0.2.0/24");
	assert_true(contains(set, "203.0.113.9"));
	assert_false(contains(set, "2001:db8::1"));
	netblock_free(set);
	netblock_free(NULL);
}

static uint32_t seed = 1;

static uint32_t
draw(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

/* Few address bits differ, so that networks nest and touch. */
static struct address
draw_address(void)
{
	uint8_t bytes[16] = { 0 };

	bytes[0] = 10;
	bytes[2] = (uint8_t)(draw() & 3);
	bytes[3] = (uint8_t)(draw() & 31);
	struct address a;
	if (draw() % 2 == 0) {
		address_from_bytes(&a, bytes, 4);
	} else {
		bytes[15] = (uint8_t)(draw() & 63);
		address_from_bytes(&a, bytes, 16);
	}
	return a;
}

static void
test_agrees_with_a_loop(void **state)
{
	struct address nets[40], a, masked;
	unsigned int prefixes[40];
	struct netblock *set;
	bool expected;
	int i, j, n, round;

	(void)state;
	for (round = 0; round < 300; round++) {
		set = netblock_new();
		n = (int)(draw() % 40);
		for (i = 0; i < n; i++) {
			nets[i] = draw_address();
			prefixes[i] = nets[i].bits - draw() % 12;
			address_mask(&nets[i], prefixes[i]);
			netblock_add(set, &nets[i], prefixes[i]);
		}
		for (j = 0; j < 200; j++) {
			a = draw_address();
			expected = false;
			for (i = 0; i < n; i++) {
				masked = a;
				address_mask(&masked, prefixes[i]);
				if (address_compare(&masked, &nets[i]) == 0)
					expected = true;
			}
			assert_int_equal(netblock_contains(set, &a), expected);
		}
		netblock_free(set);
	}
}

static void
test_many(void **state)
{
	struct netblock *set;
	struct address a;
	uint8_t bytes[16] = { 0x20, 1, 0xd, 0xb8 };
	clock_t start;
	int i;

	(void)state;
	start = clock();
	set = netblock_new();
	for (i = 0; i < 100000; i++) {
		bytes[4] = (uint8_t)(i >> 16);
		bytes[5] = (uint8_t)(i >> 8);
		bytes[7] = (uint8_t)i;
		address_from_bytes(&a, bytes, 16);
		netblock_add(set, &a, 64);
	}
	for (i = 0; i < 100000; i++) {
		bytes[4] = (uint8_t)(i >> 16);
		bytes[5] = (uint8_t)(i >> 8);
		bytes[7] = (uint8_t)i;
		bytes[15] = 1;
		address_from_bytes(&a, bytes, 16);
		assert_true(netblock_contains(set, &a));
	}
	/* an analyser that looks on takes its time */
	assert_true(getenv("TLSWARDEN_PATIENCE") != NULL || clock() - start < CLOCKS_PER_SEC);
	netblock_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_membership),
		cmocka_unit_test(test_agrees_with_a_loop),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("netblock", tests, NULL, NULL);
}
