/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "attr.h"

static void
test_every_row_is_whole(void **state)
{
	const struct attr_info *info;
	unsigned int i;

	(void)state;
	for (i = 0; i < ATTR_COUNT; i++) {
		info = attr_info((enum attr)i);
		assert_non_null(info->name);
		assert_int_equal(attr_find(info->name, strlen(info->name)), i);
		assert_true(info->arrives <= info->settled);
		assert_true(info->settled <= STAGE_RCPT);
		assert_true(info->max > 0 && info->max <= 512);
		assert_non_null(info->postfix);
		assert_true(info->macros[0] != '\0');
		assert_true(info->meaning[0] != '\0');
		/* what is asked for its absence comes before what hangs on it */
		assert_true(info->depends == ATTR_NOTHING || info->depends < i);
		assert_true(attr_type_name(info->type)[0] != '\0');
	}
}

static void
test_find(void **state)
{
	(void)state;
	assert_int_equal(attr_find("tls", 3), ATTR_TLS);
	assert_int_equal(attr_find("tls_version", 3), ATTR_TLS);
	assert_int_equal(attr_find("TLS", 3), ATTR_NOTHING);
	assert_int_equal(attr_find("cipher_", 7), ATTR_NOTHING);
	assert_int_equal(attr_find("", 0), ATTR_NOTHING);
}

/* The set that records are read by says what the table does. */
static void
test_left_out(void **state)
{
	const uint32_t settled = ATTR_BIT(ATTR_TLS) | ATTR_BIT(ATTR_AUTH);
	uint32_t silent = 0;
	unsigned int i;

	(void)state;
	for (i = 0; i < ATTR_COUNT; i++)
		if (attr_info((enum attr)i)->silence == SILENCE_NONE)
			silent |= ATTR_BIT(i);
	assert_int_not_equal(silent, 0);
	assert_int_equal(attr_left_out(settled), silent);
	assert_int_equal(attr_left_out(ATTR_BIT(ATTR_TLS)), 0);
	assert_int_equal(attr_left_out(ATTR_BIT(ATTR_AUTH)), 0);
	for (i = 0; i < ATTR_COUNT; i++)
		assert_int_equal(attr_left_out(settled | ATTR_BIT(i)),
		    (silent & ATTR_BIT(i)) != 0 ? 0 : silent);
}

static void
test_columns(void **state)
{
	(void)state;
	assert_int_equal(attr_info(ATTR_TLS)->arrives, STAGE_HELO);
	assert_int_equal(attr_info(ATTR_TLS)->settled, STAGE_MAIL);
	assert_true(attr_info(ATTR_TLS)->optional);
	assert_int_equal(attr_info(ATTR_CIPHER)->depends, ATTR_TLS);
	assert_false(attr_info(ATTR_CIPHER)->optional);
	assert_int_equal(attr_info(ATTR_CIPHER_STRENGTH)->depends, ATTR_CIPHER);
	assert_int_equal(attr_info(ATTR_USER)->depends, ATTR_AUTH);
	assert_int_equal(attr_info(ATTR_SENDER)->arrives, STAGE_MAIL);
	assert_false(attr_info(ATTR_SENDER)->optional);
	assert_int_equal(attr_info(ATTR_RECIPIENT)->arrives, STAGE_RCPT);
	assert_int_equal(attr_info(ATTR_CLIENT)->arrives, STAGE_CONNECT);
}

static void
test_stages(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < STAGE_COUNT; i++)
		assert_int_equal(stage_find(stage_name((enum stage)i),
		    strlen(stage_name((enum stage)i))), i);
	assert_string_equal(stage_name(STAGE_EOM), "eom");
	assert_int_equal(stage_find("data", 4), -1);
	assert_int_equal(stage_find("", 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_whole),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_stages),
	};

	return cmocka_run_group_tests_name("attr", tests, NULL, NULL);
}
