/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "policy.h"

static struct policy *
parsed(const char *text, struct diags *d)
{
	return policy_parse("t", text, strlen(text), 20261121, d);
}

/* What is asked of rules that are none. */
static void
test_no_rule(void **state)
{
	static const char text[] = "rule a\n    note\n    because \"x\"\n"
	    "rule b\n    reject 554 5.7.0 \"no\"\n    alarm k\n";
	static const uint32_t none[] = { RULE_UNDECIDED, RULE_NON_SMTP };
	struct buf b = BUF_INIT;
	struct diags *d = diags_new();
	struct policy *p = parsed(text, d);
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_null(policy_rule_alarm(p, none[i]));
		assert_int_equal(policy_rule_until(p, none[i]), 0);
		assert_string_equal(policy_rule_owner(p, none[i]), "");
		assert_string_equal(policy_rule_because(p, none[i]), "");
		buf_clear(&b);
		policy_rule_where(p, none[i], &b);
		assert_string_equal(buf_str(&b), "t");
	}
	assert_string_equal(policy_rule_because(p, 0), "x");
	assert_string_equal(policy_rule_because(p, 1), "");
	assert_int_equal(policy_rule_action(p, 1), ACTION_REJECT);
	assert_int_equal(policy_rule_action(p, RULE_NON_SMTP), ACTION_ACCEPT);
	assert_int_equal(policy_rule_action(p, RULE_UNDECIDED), ACTION_TEMPFAIL);
	assert_false(policy_asks(p, ATTR_NOTHING));
	/* a rule without a reply is nobody's */
	assert_true(policy_replies(p, "554 5.7.0 no", 12));
	assert_false(policy_replies(p, "554 5.7.0 yes", 13));
	assert_false(policy_replies(p, "0  ", 3));
	policy_unref(&p);
	p = parsed("set undecided accept\n", d);
	assert_int_equal(policy_rule_action(p, RULE_UNDECIDED), ACTION_ACCEPT);
	policy_unref(&p);
	diags_free(d);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_rule),
	};

	return cmocka_run_group_tests_name("policy_rules", tests, NULL, NULL);
}
