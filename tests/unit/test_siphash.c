/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "siphash.h"

/*
 * Key 00 01 .. 0f, input 00 01 .. n-1: the vectors that were published with the
 * function; n = 15 is the worked example of the paper's appendix.
 */
static const struct {
	size_t		n;
	uint64_t	sum;
} vectors[] = {
	{ 0, 0x726fdb47dd0e0e31 },
	{ 1, 0x74f839c593dc67fd },
	{ 2, 0x0d6c8009d9a94f5a },
	{ 7, 0xab0200f58b01d137 },
	{ 8, 0x93f5f5799a932462 },
	{ 9, 0x9e0082df0ba9e4b0 },
	{ 15, 0xa129ca6149be45e5 },
	{ 16, 0x3f2acc7f57c29bdb },
	{ 63, 0x958a324ceb064572 },
};

static void
test_vectors(void **state)
{
	uint8_t key[16], input[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_true(siphash(key, input, vectors[i].n) == vectors[i].sum);
}

static void
test_every_key_byte_counts(void **state)
{
	uint8_t key[16] = { 0 };
	uint64_t plain;
	int i;

	(void)state;
	plain = siphash(key, "abc", 3);
	for (i = 0; i < 16; i++) {
		key[i] = 1;
		assert_true(siphash(key, "abc", 3) != plain);
		key[i] = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_every_key_byte_counts),
	};

	return cmocka_run_group_tests_name("siphash", tests, NULL, NULL);
}
