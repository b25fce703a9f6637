/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "policy.h"
#include "print.h"
#include "rule.h"

static struct policy *
parsed(const char *text)
{
	struct diags *d = diags_new();
	struct policy *p;

	p = policy_parse("t", text, strlen(text), 20261121, d);
	if (p == NULL)
		fail_msg("%s", diags_message(d, 0));
	diags_free(d);
	return p;
}

static void
test_value(void **state)
{
	static const struct {
		const char	*text;
		bool		 quoted;
		const char	*expected;
	} values[] = {
		{ "word", false, "word" },
		{ "word", true, "\"word\"" },
		{ "<>", false, "<>" },
		{ "", false, "\"\"" },
		{ "two words", false, "\"two words\"" },
		{ "a\"b\\c", false, "\"a\\\"b\\\\c\"" },
		{ "a=b", false, "\"a=b\"" },
		{ "\xc3\xa4", false, "\"\xc3\xa4\"" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_clear(&b);
		print_value(&b, values[i].text, values[i].quoted);
		assert_string_equal(buf_str(&b), values[i].expected);
	}
	buf_free(&b);
}

/* One condition, printed for a person: on one line, however long. */
static void
test_cond(void **state)
{
	static const char text[] = "rule a\n    if not (auth or client in { "
	    "192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32 }) and "
	    "tls != none and helo !~ /a\\/b/i\n    accept\n";
	static const char expected[] = "not (auth or client in { 192.0.2.0/24, "
	    "198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32 }) and tls != none and "
	    "helo !~ /a\\/b/i";
	struct policy *p = parsed(text);
	const struct cond *c = p->rules[0].cond;
	struct buf b = BUF_INIT;

	(void)state;
	policy_print_cond(c, &b);
	assert_string_equal(buf_str(&b), expected);
	assert_int_equal(policy_cond_attr(c), ATTR_NOTHING);
	assert_int_equal(policy_cond_attr(c->right), ATTR_HELO);
	buf_free(&b);
	policy_unref(&p);
}

/* No line of the canonical form is too long to be read back. */
static void
test_wrapped(void **state)
{
	struct buf text = BUF_INIT, once = BUF_INIT, twice = BUF_INIT;
	struct policy *p;
	const char *line;
	size_t i, n;

	(void)state;
	buf_puts(&text, "list a = {\n");
	for (i = 0; i < 2000; i++)
		buf_printf(&text, " item-%zu,\n", i);
	buf_puts(&text, " }\nrule a\n if user in a\n");
	for (i = 0; i < 400; i++)
		buf_printf(&text, " or (tls and user = \"a b%zu\")\n", i % 200);
	buf_puts(&text, " note\n");
	p = parsed(buf_str(&text));
	policy_print(p, &once);
	policy_unref(&p);
	for (line = buf_str(&once); *line != '\0'; line += n + 1) {
		n = strcspn(line, "\n");
		assert_true(n <= 100);
	}
	p = parsed(buf_str(&once));
	assert_int_equal(p->lists[0]->count, 2000);
	policy_print(p, &twice);
	assert_string_equal(buf_str(&once), buf_str(&twice));
	policy_unref(&p);
	buf_free(&text);
	buf_free(&once);
	buf_free(&twice);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value),
		cmocka_unit_test(test_cond),
		cmocka_unit_test(test_wrapped),
	};

	return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
