/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* this project */
#include "session.h"
/* under test */
#include "entry.h"

static void
put(struct entry *e, enum attr attr, const char *text)
{
	e->facts[attr].p = text;
	e->facts[attr].len = strlen(text);
}

static void
assert_text(const struct session *s, enum attr attr, const char *text)
{
	char scratch[SESSION_SCRATCH];

	assert_int_equal(session_fact(s, attr).state, FACT_KNOWN);
	assert_string_equal(session_text(s, attr, scratch, sizeof(scratch)), text);
}

static void
assert_state(const struct session *s, enum attr attr, enum fact_state state)
{
	assert_int_equal(session_fact(s, attr).state, state);
}

/* Known, lacking and unknown, and what follows from each. */
static void
test_facts(void **state)
{
	struct session *s = session_new();
	struct entry e = { .stage = { "eom", 3 } };

	(void)state;
	put(&e, ATTR_SERVICE, "mx");
	put(&e, ATTR_PORT, "25");
	put(&e, ATTR_CLIENT, "192.0.2.1");
	put(&e, ATTR_TLS, "TLSv1.2");
	put(&e, ATTR_CIPHER, "DES-CBC3-SHA");
	put(&e, ATTR_SENDER, "<ann@example.org>");
	e.lacking[ATTR_AUTH] = true;
	assert_int_equal(entry_session(&e, s), 0);
	assert_int_equal(session_stage(s), STAGE_EOM);
	assert_text(s, ATTR_SERVICE, "mx");
	assert_text(s, ATTR_PORT, "25");
	assert_text(s, ATTR_CLIENT, "192.0.2.1");
	assert_text(s, ATTR_TLS, "TLSv1.2");
	assert_text(s, ATTR_CIPHER_STRENGTH, "112");
	assert_text(s, ATTR_CIPHER_AEAD, "no");
	assert_text(s, ATTR_SENDER, "ann@example.org");
	/* Not told, and so not known, though a session may lack it. */
	assert_state(s, ATTR_CIPHER_BITS, FACT_UNKNOWN);
	assert_state(s, ATTR_SNI, FACT_UNKNOWN);
	assert_state(s, ATTR_HELO, FACT_UNKNOWN);
	assert_state(s, ATTR_AUTH, FACT_NONE);
	assert_state(s, ATTR_USER, FACT_NONE);
	session_free(s);
}

/* The next entry takes nothing from the one before. */
static void
test_again(void **state)
{
	struct session *s = session_new();
	struct entry first = { .stage = { "eom", 3 } };
	struct entry second = { .stage = { "helo", 4 } };

	(void)state;
	put(&first, ATTR_TLS, "TLSv1.3");
	put(&first, ATTR_CIPHER, "TLS_AES_128_GCM_SHA256");
	put(&first, ATTR_AUTH, "PLAIN");
	put(&first, ATTR_USER, "ann");
	second.lacking[ATTR_TLS] = true;
	assert_int_equal(entry_session(&first, s), 0);
	assert_text(s, ATTR_CIPHER_STRENGTH, "128");
	assert_text(s, ATTR_USER, "ann");
	assert_int_equal(entry_session(&second, s), 0);
	/* At HELO a STARTTLS may still come. */
	assert_state(s, ATTR_TLS, FACT_UNKNOWN);
	assert_state(s, ATTR_CIPHER, FACT_UNKNOWN);
	assert_state(s, ATTR_CIPHER_STRENGTH, FACT_UNKNOWN);
	assert_state(s, ATTR_USER, FACT_UNKNOWN);
	/* No stage: the session is over. */
	second.stage = SLICE_NULL;
	assert_int_equal(entry_session(&second, s), 0);
	assert_int_equal(session_stage(s), STAGE_CLOSE);
	assert_state(s, ATTR_TLS, FACT_NONE);
	assert_state(s, ATTR_CIPHER, FACT_NONE);
	assert_state(s, ATTR_CIPHER_STRENGTH, FACT_NONE);
	assert_state(s, ATTR_USER, FACT_UNKNOWN);
	session_free(s);
}

/* What is marked, too long or no value of its type cannot be judged. */
static void
test_unfit(void **state)
{
	static char longer[1000];
	struct session *s = session_new();
	struct entry e = { .stage = { "nowhere", 7 } };

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	put(&e, ATTR_CLIENT, "192.0.2.0/24");
	put(&e, ATTR_PORT, "99999");
	put(&e, ATTR_TLS, "TLS");
	put(&e, ATTR_HELO, longer);
	put(&e, ATTR_USER, "a");
	e.marked[ATTR_USER] = true;
	put(&e, ATTR_SENDER, "@example.org");
	e.marked[ATTR_SENDER] = true;
	e.facts[ATTR_DAEMON] = (struct slice){ "a\0b", 3 };
	assert_int_equal(entry_session(&e, s), 0);
	assert_int_equal(session_stage(s), STAGE_CLOSE);
	assert_state(s, ATTR_CLIENT, FACT_UNKNOWN);
	assert_state(s, ATTR_PORT, FACT_UNKNOWN);
	assert_state(s, ATTR_TLS, FACT_UNKNOWN);
	assert_state(s, ATTR_HELO, FACT_UNKNOWN);
	assert_true(session_fact(s, ATTR_HELO).cut);
	assert_state(s, ATTR_USER, FACT_UNKNOWN);
	assert_state(s, ATTR_SENDER, FACT_UNKNOWN);
	assert_state(s, ATTR_DAEMON, FACT_UNKNOWN);
	session_free(s);
}

static void
test_refused(void **state)
{
	static const struct {
		struct slice	verdict;
		bool		refused;
	} rows[] = {
		{ { "reject", 6 }, true }, { { "tempfail", 8 }, true },
		{ { "disconnect", 10 }, true }, { { "accept", 6 }, false },
		{ { "note", 4 }, false }, { { "", 0 }, false }, { { NULL, 0 }, false },
		{ { "rejected", 8 }, false },
	};
	struct entry e = { .time = 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		e.verdict = rows[i].verdict;
		assert_int_equal(entry_judged_refused(&e), rows[i].refused);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_unfit),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
