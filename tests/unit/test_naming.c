/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "naming.h"
#include "scan.h"

static const struct {
	const char	*name;
	const char	*service;
	bool		 implicit;
} postfix[] = {
	{ "postfix/smtpd", "mx", false },
	{ "postfix-in/smtpd", "mx", false },
	{ "postfix/smtp/smtpd", "mx", false },
	{ "postfix/25/smtpd", "mx", false },
	{ "postfix/submission/smtpd", "submission", false },
	{ "postfix-in/submission/smtpd", "submission", false },
	{ "postfix/587/smtpd", "submission", false },
	{ "postfix/smtps/smtpd", "submissions", true },
	{ "postfix/submissions/smtpd", "submissions", true },
	{ "postfix/465/smtpd", "submissions", true },
	{ "postfix/10025/smtpd", "other", false },
	{ "mail/smtpd", "other", false },
	{ "", "other", false },
}, sendmail[] = {
	{ "MTA", "mx", false },
	{ "MTA-v4", "mx", false },
	{ "IPv6", "mx", false },
	{ "MSA", "submission", false },
	{ "MSP-v4", "submission", false },
	{ "msa", "submission", false },
	{ "TLSMTA", "submissions", true },
	{ "MTA-SSL", "submissions", true },
	{ "smtps", "submissions", true },
	{ "MTA-x", "other", false },
	{ "BROKEN", "other", false },
	{ "", "other", false },
};

static void
check(struct named named, const char *service, bool implicit)
{
	assert_string_equal(named.service, service);
	assert_int_equal(named.implicit, implicit);
}

static void
test_builtin(void **state)
{
	struct naming none = { NULL, 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(postfix) / sizeof(postfix[0]); i++)
		check(naming_postfix(&none, slice_of(postfix[i].name)),
		    postfix[i].service, postfix[i].implicit);
	for (i = 0; i < sizeof(sendmail) / sizeof(sendmail[0]); i++)
		check(naming_sendmail(&none, slice_of(sendmail[i].name),
		    slice_of("sm-mta")), sendmail[i].service, sendmail[i].implicit);
}

static void
test_patterns(void **state)
{
	static const struct service_name names[] = {
		{ "filter", "postfix/10025" }, { "inside", "postfix/sub*/smtpd" },
		{ "submissions", "tls/*" }, { "lan", "MTA-lan*" }, { "mx", "sm-mta-2" },
	};
	struct naming n = { names, sizeof(names) / sizeof(names[0]) };
	char longest[1000];

	(void)state;
	check(naming_postfix(&n, slice_of("postfix/10025/smtpd")), "filter", false);
	check(naming_postfix(&n, slice_of("postfix/submission/smtpd")), "inside", false);
	/* Whatever it is called, its name says that it begins with TLS. */
	check(naming_postfix(&n, slice_of("postfix/submissions/smtpd")), "inside", true);
	check(naming_postfix(&n, slice_of("tls/smtpd")), "submissions", true);
	check(naming_postfix(&n, slice_of("postfix/smtpd")), "mx", false);
	check(naming_sendmail(&n, slice_of("MTA-lan0"), slice_of("sm-mta")), "lan", false);
	check(naming_sendmail(&n, slice_of("x"), slice_of("sm-mta-2")), "mx", false);
	check(naming_sendmail(&n, slice_of("MSA"), slice_of("sm-mta")), "submission", false);
	memset(longest, 'x', sizeof(longest));
	check(naming_postfix(&n, (struct slice){ longest, sizeof(longest) }), "other", false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_patterns),
	};

	return cmocka_run_group_tests_name("naming", tests, NULL, NULL);
}
