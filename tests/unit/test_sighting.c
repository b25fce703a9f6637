/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "sighting.h"
/* tests */
#include "sightings.h"

/* What the entry is counted as, as a string. */
static const char *
name(const struct entry *e, enum column c)
{
	static char text[SIGHTING_SCRATCH];
	char scratch[SIGHTING_SCRATCH];
	static struct when_day day;
	struct sighting s;
	struct slice n;

	sighting_of(&s, e, &day);
	n = sighting_name(&s, c, scratch);
	memcpy(text, n.p, n.len);
	text[n.len] = '\0';
	return text;
}

static void
test_domain(void **state)
{
	static const char *const pairs[][2] = {
		{ "ann@Example.NET", "example.net" },
		{ "<>", "<>" },
		{ "root", "(no domain)" },
		{ "\"a@b\"@example.org", "example.org" },
		{ "<ann@example.org>", "example.org" },
		{ "ann@example.org.", "example.org" },
		{ "ann@", "" },
	};
	struct entry e = postfix_entry(DAY, "h", "mx", "192.0.2.1", NULL, "");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		put_fact(&e, ATTR_SENDER, pairs[i][0]);
		assert_string_equal(name(&e, COL_DOMAIN), pairs[i][1]);
	}
	e.facts[ATTR_SENDER] = SLICE_NULL;
	assert_string_equal(name(&e, COL_DOMAIN), "(unknown)");
	put_fact(&e, ATTR_SENDER, "@example.org");
	e.marked[ATTR_SENDER] = true;
	assert_string_equal(name(&e, COL_DOMAIN), "example.org");
	put_fact(&e, ATTR_SENDER, "0123abcd");
	assert_string_equal(name(&e, COL_DOMAIN), "(hashed)");
}

static void
test_client(void **state)
{
	static const char *const rows[][3] = {
		{ "192.0.2.17", "192.0.2.17", "192.0.2.0/24" },
		{ "::ffff:192.0.2.17", "192.0.2.17", "192.0.2.0/24" },
		{ "2001:DB8:40:5::25", "2001:db8:40:5::25", "2001:db8:40::/48" },
		{ "unknown", "unknown", "unknown" },
		{ "1.2.3", "1.2.3", "1.2.3" },
	};
	struct entry e = postfix_entry(DAY, "h", "mx", "", NULL, "");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_fact(&e, ATTR_CLIENT, rows[i][0]);
		assert_string_equal(name(&e, COL_CLIENT), rows[i][1]);
		assert_string_equal(name(&e, COL_NETWORK), rows[i][2]);
	}
	e.facts[ATTR_CLIENT] = SLICE_NULL;
	assert_string_equal(name(&e, COL_NETWORK), "(unknown)");
}

static void
test_names(void **state)
{
	struct entry e = postfix_entry(DAY, "h", "mx", "192.0.2.1", NULL, "");
	char longer[1000];

	(void)state;
	assert_string_equal(name(&e, COL_DAY), "2026-11-20");
	assert_string_equal(name(&e, COL_TLS), "none");
	assert_string_equal(name(&e, COL_CIPHER), "none");
	assert_string_equal(name(&e, COL_AUTH), "none");
	assert_string_equal(name(&e, COL_USER), "(none)");
	assert_string_equal(name(&e, COL_HELO), "(unknown)");
	assert_string_equal(name(&e, COL_OUTCOME), "cleartext");
	assert_string_equal(name(&e, COL_RULE), "unknown");
	assert_string_equal(name(&e, COL_VERDICT), "accept");
	e.refused = true;
	assert_string_equal(name(&e, COL_VERDICT), "refused");
	put_fact(&e, ATTR_USER, "Ann");
	assert_string_equal(name(&e, COL_USER), "ann");
	e.marked[ATTR_USER] = true;
	assert_string_equal(name(&e, COL_USER), "ann...");
	memset(longer, 'A', sizeof(longer));
	e.facts[ATTR_HELO] = (struct slice){ longer, sizeof(longer) };
	assert_int_equal(strlen(name(&e, COL_HELO)), NAME_PART_MAX);
	e.time = 0;
	assert_string_equal(name(&e, COL_DAY), "unknown");
}

static void
test_rank(void **state)
{
	(void)state;
	assert_int_equal(rank_of((struct slice){ "TLSv1", 5 }), RANK_TLS10);
	assert_int_equal(rank_of((struct slice){ "TLSv1.3", 7 }), RANK_TLS13);
	assert_int_equal(rank_of((struct slice){ "TLSv1.4", 7 }), RANK_LATER);
	assert_int_equal(rank_of((struct slice){ "SSLv3", 5 }), RANK_SSL3);
	assert_int_equal(rank_of((struct slice){ "TLSv9", 5 }), RANK_UNKNOWN);
	assert_int_equal(rank_of(SLICE_NULL), RANK_UNKNOWN);
}

static void
sight(struct sighting *s, const struct entry *e)
{
	static struct when_day day;

	sighting_of(s, e, &day);
}

/* From a server or from a user, and whose password was in the clear. */
static void
test_what(void **state)
{
	struct entry e = postfix_entry(DAY, "h", "mx", "192.0.2.1", NULL, "");
	struct sighting s;

	(void)state;
	sight(&s, &e);
	assert_true(s.incoming);
	assert_false(s.exposed);
	put_fact(&e, ATTR_SERVICE, "submission");
	e.lacking[ATTR_AUTH] = false;
	put_fact(&e, ATTR_AUTH, "PLAIN");
	sight(&s, &e);
	assert_false(s.incoming);
	assert_true(s.exposed);
	put_fact(&e, ATTR_AUTH, "gssapi");
	sight(&s, &e);
	assert_false(s.exposed);
	put_fact(&e, ATTR_SERVICE, "inbound");
	put_fact(&e, ATTR_PORT, "25");
	sight(&s, &e);
	assert_true(s.incoming);
	put_fact(&e, ATTR_SERVICE, "other");
	e.facts[ATTR_PORT] = SLICE_NULL;
	sight(&s, &e);
	assert_false(s.incoming);
	e.facts[ATTR_AUTH] = SLICE_NULL;
	sight(&s, &e);
	assert_true(s.incoming);
	/* Who left in the clear says nothing of how its mail would come. */
	assert_int_equal(s.told, RANK_NONE);
	e.kind = ENTRY_SESSION;
	sight(&s, &e);
	assert_int_equal(s.rank, RANK_NONE);
	assert_int_equal(s.told, RANK_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_domain),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_rank),
		cmocka_unit_test(test_what),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("sighting", tests, NULL, NULL);
}
