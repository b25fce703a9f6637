/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "answer.h"
#include "policy.h"
#include "scan.h"

static const struct {
	const char	*text;
	const char	*reply;		/* NULL: none */
	bool		 ours;		/* from a milter */
} rows[] = {
	{ "530 5.7.0 Encryption required: use STARTTLS", "530 5.7.0", true },
	{ "454 4.7.0 This domain has agreed to use TLS", "454 4.7.0", true },
	{ "451 4.3.0 The server cannot judge this connection now, please try again later",
	    "451 4.3.0", true },
	{ "451 4.3.0 Temporary failure of the policy service, try again later", "451 4.3.0",
	    true },
	{ "451 4.3.0 Temporary lookup failure", "451 4.3.0", false },
	{ "550 5.7.1 TLS is not what I say", "550 5.7.1", false },
	{ "550 5.7.0 spam", "550 5.7.0", false },
	{ "5.7.1 Command rejected", "5.7.1", false },
	{ "5.7.0 TLS required", "5.7.0", false },
	{ "554 no enhanced code", "554", false },
	{ "554 5.7.0", "554 5.7.0", false },
	{ "250 2.0.0 Ok", NULL, false },
	{ "554-5.7.0 TLS", NULL, false },
	{ "55", NULL, false },
	{ "5.7", NULL, false },
	{ "", NULL, false },
	{ "554 5.7.0000 TLS", "554 5.7.0000", false },
	{ "554 5.9999.0 TLS", "554", false },
	{ "554 5.7.0x TLS", "554", false },
};

static void
test_replies(void **state)
{
	struct answer a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(answer_read(slice_of(rows[i].text), true, &a),
		    rows[i].reply != NULL);
		if (rows[i].reply == NULL)
			continue;
		assert_true(slice_is(a.reply, rows[i].reply));
		assert_int_equal(a.ours, rows[i].ours);
		/* The server's own words are never ours. */
		assert_true(answer_read(slice_of(rows[i].text), false, &a));
		assert_false(a.ours);
	}
}

/* Every refusal of the policy that is built in. */
static void
test_builtin(void **state)
{
	struct slice text = slice_of(policy_builtin_text()), line;
	struct answer a;
	unsigned int found = 0;

	(void)state;
	while (text.len > 0) {
		line = cut_until(&text, '\n');
		if (!cut_prefix(&line, "    reject "))
			continue;
		found++;
		assert_true(answer_read(line, true, &a));
		assert_true(a.ours);
	}
	assert_int_equal(found, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_builtin),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
