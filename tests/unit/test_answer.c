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

static const struct answers none;

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
	{ "550 5.7.10 Encryption needed", "550 5.7.10", true },
	{ "538 5.7.11 Encryption required for requested authentication mechanism",
	    "538 5.7.11", true },
	{ "550 5.7.1 Encrypted archives are not taken here", "550 5.7.1", false },
	{ "550 5.17.0 TLS", "550 5.17.0", false },
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
		assert_int_equal(answer_read(slice_of(rows[i].text), true, &none, &a),
		    rows[i].reply != NULL);
		if (rows[i].reply == NULL)
			continue;
		assert_true(slice_is(a.reply, rows[i].reply));
		assert_int_equal(a.ours, rows[i].ours);
		/* The server's own words are never ours. */
		assert_true(answer_read(slice_of(rows[i].text), false, &none, &a));
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
		assert_true(answer_read(line, true, &none, &a));
		assert_true(a.ours);
	}
	assert_int_equal(found, 4);
}

static struct policy *
load(const char *text)
{
	struct diags *diags = diags_new();
	struct policy *p = policy_parse("test", text, strlen(text), 20261120, diags);

	assert_non_null(p);
	diags_free(diags);
	return p;
}

/* What a policy says is known by the policy, whatever its words. */
static void
test_known(void **state)
{
	static const struct {
		const char	*text;
		bool		 ours;
	} said[] = {
		{ "550 5.7.10 Bitte verschluesseln, nicht mit TLSv1; from=<>", true },
		{ "550 5.7.10 Bitte verschluesseln", false },
		{ "550 5.7.1 Bitte verschluesseln, nicht mit TLSv1", false },
		{ "421 4.2.1 Away.", true },
		{ "421 4.2.1 Away.; from=<a@example.net>", true },
		{ "421 4.2.1 Awa", false },
		{ "451 4.4.4 slow on port 25: slow", true },
		{ "451 4.4.4 slow on port 25: fast", false },
		{ "451 4.4.4", false },
		{ "550 5.2.0 away", false },
	};
	struct policy *one = load("rule a\n if tls = TLSv1\n reject 550 5.7.10 "
	    "\"Bitte verschluesseln, nicht mit %{tls}\"\n"), *two = load(
	    "rule slow\n if port = 25\n tempfail 451 4.4.4 "
	    "\"%{rule} on port %{port}: %{rule}\"\n"
	    "rule b\n if tls\n disconnect 421 4.2.1 \"Away. %{contact}\"\n");
	struct answers known = { { one, two } };
	struct answer a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		assert_true(answer_read(slice_of(said[i].text), true, &known, &a));
		assert_int_equal(a.ours, said[i].ours);
		assert_true(answer_read(slice_of(said[i].text), false, &known, &a));
		assert_false(a.ours);
	}
	policy_unref(&one);
	policy_unref(&two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_known),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
