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

static const char text[] =
    "service relay port 2525\n"
    "service named port 2526 daemon Named\n"
    "rule a\n    if sni = mx.example.org or port = 25\n    note\n"
    "rule b\n    if listener = 192.0.2.1 and not (tls or auth)\n    note\n";

/* What is said of each server: the messages, in order, joined. */
static void
test_servers(void **state)
{
	static const struct {
		const char	*mta, *said;
	} rows[] = {
		{ "Postfix 3.12", "" }, { "Postfix 3.12-20260821", "" },
		{ "postfix 4.0.1", "" }, { "Postfix 4", "" },
		{ "Postfix 3.7.11",
		    "Postfix 3.7.11 never says \"sni\": the comparison is always unknown\n" },
		{ "Sendmail 8.17.1.9",
		    "Sendmail 8.17.1.9 never says \"sni\": the comparison is always unknown\n" },
		{ "8.18.1/8.18.1/Debian",
		    "Sendmail 8.18.1/8.18.1/Debian never says \"sni\": the comparison is "
		    "always unknown\n" },
		{ "Postfix 3.1",
		    "Postfix 3.1 never says on which port a client came: no session belongs "
		    "to \"relay\"\n"
		    "Postfix 3.1 never says \"sni\": the comparison is always unknown\n"
		    "Postfix 3.1 never says \"port\": the comparison is always unknown\n"
		    "Postfix 3.1 never says \"listener\": the comparison is always unknown\n" },
		{ "", NULL }, { "Postfix", NULL }, { "Postfix x", NULL }, { "Exim 4.97", NULL },
		{ "Postfix 99999999999999999999.1", NULL }, { "Postfix 3.100", NULL },
	};
	struct diags *d = diags_new(), *said;
	struct policy *p = policy_parse("t", text, strlen(text), 0, d);
	struct buf b = BUF_INIT;
	size_t i, k;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		said = diags_new();
		assert_int_equal(policy_warn_mta(p, rows[i].mta, said),
		    rows[i].said != NULL ? 0 : -1);
		buf_clear(&b);
		for (k = 0; k < diags_total(said); k++) {
			assert_int_equal(diags_level(said, k), DIAG_WARNING);
			buf_printf(&b, "%s\n", diags_message(said, k));
		}
		assert_string_equal(buf_str(&b), rows[i].said != NULL ? rows[i].said : "");
		diags_free(said);
	}
	buf_free(&b);
	policy_unref(&p);
	diags_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_servers),
	};

	return cmocka_run_group_tests_name("check_mta", tests, NULL, NULL);
}
