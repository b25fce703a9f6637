/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "postfix.h"
#include "scan.h"

/* Recipients that hold what Postfix says behind them. */
#define SWALLOWS "\"; from=<ceo@b> sasl_username=<root> sasl_sender=<y\"@own"
#define ESCAPES	"\"\\\"; from=<ceo@b> sasl_username=<root> sasl_sender=<y\"@own"
#define NAMES	"\"; proto=ESMTP helo=<x> sasl_username=<root\"@own"
#define MANY	"; ; ; ; ; ; ; ; ; ; ; ; ; ; ; ; ; ; "

static const struct {
	const char	*text;
	const char	*from;		/* NULL: not there */
	const char	*to;
	const char	*helo;
	const char	*method;
	const char	*user;
} rows[] = {
	{ "554 5.7.1 x; from=<a@b> to=<c@d> proto=ESMTP helo=<mx>", "a@b", "c@d", "mx", NULL,
	    NULL },
	{ "554 5.7.1 x; from=<> proto=SMTP", "", NULL, NULL, NULL, NULL },
	{ "554 5.7.1 TLSv1.; proto=SMTP helo=<mx>", NULL, NULL, "mx", NULL, NULL },
	{ "530 x; from=<a@b> proto=ESMTP helo=<mx> sasl_username=<ann@example.com>", "a@b",
	    NULL, "mx", NULL, "ann@example.com" },
	{ "530 x; from=<a@b> proto=ESMTP helo=<mx> sasl_method=PLAIN sasl_username=<a b> "
	    "sasl_sender=<c> helo=<b>>", NULL, NULL, NULL, NULL, NULL },
	{ "530 x; from=<a@b> proto=ESMTP helo=<mx> sasl_method=PLAIN sasl_username=<a b> "
	    "sasl_sender=<c>", "a@b", NULL, "mx", "PLAIN", "a b" },
	/* Said by the client, in an address, and so not at the end of anything. */
	{ "554 <\"; from=<ceo@b> to=<x> proto=ESMTP helo=<y\"@d>: no; from=<a@b> "
	    "to=<\"; from=<ceo@b> to=<x> proto=ESMTP helo=<y\"@d> proto=ESMTP helo=<mx>",
	    "a@b", "\"; from=<ceo@b> to=<x> proto=ESMTP helo=<y\"@d", "mx", NULL, NULL },
	{ "554 x; from=<\"; from=<ceo@b> to=<x> proto=ESMTP helo=<y\"@d> to=<c@d> proto=ESMTP "
	    "helo=<mx>", "\"; from=<ceo@b> to=<x> proto=ESMTP helo=<y\"@d", "c@d", "mx", NULL,
	    NULL },
	{ "554 x; from=<\"> to=<x> proto=SMTP helo=<z\"@d> to=<c@d> proto=ESMTP helo=<mx>",
	    "\"> to=<x> proto=SMTP helo=<z\"@d", "c@d", "mx", NULL, NULL },
	/* Nobody is made another user by what stands in an address. */
	{ "554 <" SWALLOWS ">: no; from=<a@b> to=<" SWALLOWS "> proto=ESMTP helo=<mx>",
	    "a@b", SWALLOWS, "mx", NULL, NULL },
	{ "554 <" ESCAPES ">: no; from=<a@b> to=<" ESCAPES "> proto=ESMTP helo=<mx>",
	    "a@b", ESCAPES, "mx", NULL, NULL },
	{ "554 <" NAMES ">: no; from=<a@b> to=<" NAMES "> proto=ESMTP helo=<mx>", "a@b",
	    NAMES, "mx", NULL, NULL },
	/* Nor is it hidden who he is. */
	{ "554 <\"" MANY "\"@d>: no; from=<a@b> proto=ESMTP helo=<mx> sasl_username=<ann>",
	    NULL, NULL, "mx", NULL, "ann" },
	{ "554 x; from=<a@b> to=<c@d> proto=ESMTP helo=<mx> and more", NULL, NULL, NULL, NULL,
	    NULL },
	{ "554 x; from=<a@b> from=<c@d>", NULL, NULL, NULL, NULL, NULL },
	{ "554 x; from=<a@b", NULL, NULL, NULL, NULL, NULL },
	{ "554 x; ", NULL, NULL, NULL, NULL, NULL },
	{ "from=<a@b>", NULL, NULL, NULL, NULL, NULL },
	{ "", NULL, NULL, NULL, NULL, NULL },
	{ "x; sasl_username=", NULL, NULL, NULL, NULL, NULL },
	{ "x; sasl_username=<", NULL, NULL, NULL, NULL, NULL },
	{ "x; sasl_username=>", NULL, NULL, NULL, NULL, NULL },
};

static void
assert_slice(struct slice s, const char *wanted)
{
	if (wanted == NULL)
		assert_null(s.p);
	else
		assert_true(slice_is(s, wanted));
}

static void
test_tails(void **state)
{
	struct tail t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(postfix_tail(slice_of(rows[i].text), &t),
		    rows[i].from != NULL || rows[i].helo != NULL);
		assert_slice(t.from, rows[i].from);
		assert_slice(t.to, rows[i].to);
		assert_slice(t.helo, rows[i].helo);
		assert_slice(t.method, rows[i].method);
		assert_slice(t.user, rows[i].user);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tails),
	};

	return cmocka_run_group_tests_name("postfix_tail", tests, NULL, NULL);
}
