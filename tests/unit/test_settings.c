/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "policy.h"

/* The first thing that is wrong with the text; "": nothing is. */
static const char *
fault(const char *text)
{
	static char message[300];
	struct diags *d = diags_new();
	struct policy *p = policy_parse("t", text, strlen(text), 20261121, d);

	snprintf(message, sizeof(message), "%s", p != NULL ? "" : diags_message(d, 0));
	assert_int_equal(p == NULL, diags_count(d, DIAG_ERROR) > 0);
	policy_unref(&p);
	diags_free(d);
	return message;
}

static void
test_faults(void **state)
{
	static const char socket[] =
	    "a socket is unix:/path, inet:port@host or inet6:port@host",
	    host[] = "without a host the socket would be open to everybody",
	    prom[] = "the name of the metrics file ends in .prom: "
	    "the collector reads no other";
	static const struct {
		const char	*text, *fault;
	} rows[] = {
		{ "set socket inet5:8891@localhost", socket },
		{ "set socket unix", socket },
		{ "set socket inet6:8891", host },
		{ "set socket inet:8891", host },
		{ "set socket inet:localhost:8891", "" },
		{ "set socket inet6:8891@::1", "" },
		{ "set socket local:/run/a", "" },
		{ "set socket unix:run/a", "the path of a socket begins with /" },
		{ "set socket", "expected a socket, found the end of the statement" },
		{ "set socket unix:/run/a mode 0660", "" },
		{ "set socket unix:/run/a mode 777", "" },
		{ "set socket unix:/run/a mode 66", "expected a mode in octal, found \"66\"" },
		{ "set socket unix:/run/a mode 1777",
		    "expected a mode in octal, found \"1777\"" },
		{ "set socket unix:/run/a mode 066000",
		    "expected a mode in octal, found \"066000\"" },
		{ "set socket unix:/run/a mode 066x",
		    "expected a mode in octal, found \"066x\"" },
		{ "set socket unix:/run/a mode 0/60",
		    "expected a mode in octal, found \"0/60\"" },
		{ "set socket unix:/run/a mode \"0660\"",
		    "expected a mode in octal, found a quoted text" },
		{ "set socket unix:/run/a mode",
		    "expected a mode in octal, found the end of the statement" },
		{ "set socket unix:/run/a group",
		    "expected the name of a group, found the end of the statement" },
		{ "set key-file", "expected a file name, found the end of the statement" },
		{ "set key-file key", "expected a file name, found \"key\"" },
		{ "set key-file \"key\"", "the path of the key file begins with /" },
		{ "set contact", "expected the contact in quotes, found the end of the "
		    "statement" },
		{ "set metrics-file", "expected a file name, found the end of the statement" },
		{ "set metrics-file metrics.prom",
		    "the path of the metrics file begins with /" },
		{ "set metrics-file /run/metrics", prom },
		{ "set metrics-file /run/.prom", prom },
		{ "set metrics-file /.prom", prom },
		{ "set metrics-file /a.prom", "" },
		{ "set metrics-file /a", prom },
		{ "set log-user some", "expected full, truncated, hashed or none, "
		    "found \"some\"" },
		{ "set log-sender some", "expected full, truncated, hashed or none, "
		    "found \"some\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(fault(rows[i].text), rows[i].fault) != 0)
			fail_msg("%s: %s", rows[i].text, fault(rows[i].text));
}

/* As long as it may be, and one byte more. */
static void
test_lengths(void **state)
{
	static char text[6000];
	size_t n, most = 0;

	(void)state;
	for (n = 20; n < 1100; n++) {
		snprintf(text, sizeof(text), "set metrics-file \"/%0*d.prom\"", (int)n, 0);
		if (fault(text)[0] == '\0')
			most = n;
		else
			break;
	}
	assert_in_range(most, 100, 1020);
	assert_string_equal(fault(text), "the path of the metrics file is too long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
