/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "session.h"
#include "tls.h"

static struct session *s;

static int
fresh(void **state)
{
	(void)state;
	s = session_new();
	return s == NULL;
}

static int
gone(void **state)
{
	(void)state;
	session_free(s);
	session_free(NULL);
	return 0;
}

static int
set(enum attr attr, const char *text)
{
	return session_set(s, attr, text, strlen(text));
}

static enum fact_state
at(enum stage stage, enum attr attr)
{
	session_set_stage(s, stage);
	return session_fact(s, attr).state;
}

static const char *
text(enum attr attr)
{
	static char scratch[SESSION_SCRATCH];

	return session_text(s, attr, scratch, sizeof(scratch));
}

static void
test_stages_of_a_set_fact(void **state)
{
	(void)state;
	assert_int_equal(set(ATTR_TLS, "TLSv1.2"), 0);
	assert_int_equal(at(STAGE_CONNECT, ATTR_TLS), FACT_UNKNOWN);
	assert_int_equal(at(STAGE_HELO, ATTR_TLS), FACT_KNOWN);
	assert_int_equal(set(ATTR_RECIPIENT, "ann@example.org"), 0);
	assert_int_equal(at(STAGE_MAIL, ATTR_RECIPIENT), FACT_UNKNOWN);
	assert_int_equal(at(STAGE_RCPT, ATTR_RECIPIENT), FACT_KNOWN);
	session_set_none(s, ATTR_TLS);
	assert_int_equal(at(STAGE_HELO, ATTR_TLS), FACT_UNKNOWN);
	assert_int_equal(at(STAGE_MAIL, ATTR_TLS), FACT_NONE);
	session_set_unknown(s, ATTR_TLS);
	assert_int_equal(at(STAGE_CLOSE, ATTR_TLS), FACT_UNKNOWN);
	session_set_none(s, ATTR_CLIENT_NAME);
	assert_int_equal(at(STAGE_CONNECT, ATTR_CLIENT_NAME), FACT_NONE);
}

/* What is said of an attribute of which nothing was heard, stage by stage. */
static void
test_unset_facts(void **state)
{
	/* connect to rcpt: u unknown, - none; explicit, then implicit TLS */
	static const struct {
		enum attr	 attr;
		const char	*explicit_tls;
		const char	*implicit_tls;
	} rows[] = {
		{ ATTR_SERVICE, "uuuu", "uuuu" }, { ATTR_CLIENT, "uuuu", "uuuu" },
		{ ATTR_CLIENT_NAME, "uuuu", "uuuu" }, { ATTR_HELO, "uuuu", "uuuu" },
		{ ATTR_TLS, "uu--", "u---" }, { ATTR_CIPHER, "uu--", "u---" },
		{ ATTR_CIPHER_BITS, "uu--", "u---" },
		{ ATTR_CIPHER_STRENGTH, "uu--", "u---" },
		{ ATTR_CIPHER_ANON, "uu--", "u---" },
		{ ATTR_CERT_VERIFIED, "uu--", "u---" },
		{ ATTR_SNI, "uu--", "u---" }, { ATTR_AUTH, "uu--", "uu--" },
		{ ATTR_USER, "uu--", "uu--" }, { ATTR_SENDER, "uuuu", "uuuu" },
		{ ATTR_RECIPIENT, "uuu-", "uuu-" }, { ATTR_MTA, "uuuu", "uuuu" },
	};
	size_t i;
	int stage;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (stage = STAGE_CONNECT; stage <= STAGE_RCPT; stage++) {
			session_set_implicit_tls(s, false);
			assert_int_equal(at((enum stage)stage, rows[i].attr),
			    rows[i].explicit_tls[stage] == 'u' ? FACT_UNKNOWN : FACT_NONE);
			session_set_implicit_tls(s, true);
			assert_int_equal(at((enum stage)stage, rows[i].attr),
			    rows[i].implicit_tls[stage] == 'u' ? FACT_UNKNOWN : FACT_NONE);
		}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(at(STAGE_CLOSE, rows[i].attr),
		    rows[i].explicit_tls[3] == 'u' ? FACT_UNKNOWN : FACT_NONE);
}

static void
test_dependence(void **state)
{
	(void)state;
	set(ATTR_TLS, "TLSv1.2");
	assert_int_equal(at(STAGE_MAIL, ATTR_CIPHER), FACT_UNKNOWN);
	assert_int_equal(at(STAGE_MAIL, ATTR_CIPHER_STRENGTH), FACT_UNKNOWN);
	assert_int_equal(at(STAGE_HELO, ATTR_CERT_SUBJECT), FACT_UNKNOWN);
	assert_int_equal(at(STAGE_MAIL, ATTR_CERT_SUBJECT), FACT_NONE);
	assert_int_equal(at(STAGE_MAIL, ATTR_USER), FACT_NONE);
	session_set_unknown(s, ATTR_AUTH);
	assert_int_equal(at(STAGE_MAIL, ATTR_USER), FACT_UNKNOWN);
	set(ATTR_AUTH, "PLAIN");
	assert_int_equal(at(STAGE_MAIL, ATTR_USER), FACT_NONE);
	session_set_none(s, ATTR_TLS);
	set(ATTR_CIPHER_STRENGTH, "128");
	assert_int_equal(at(STAGE_MAIL, ATTR_CIPHER_STRENGTH), FACT_KNOWN);
	assert_int_equal(at(STAGE_MAIL, ATTR_CIPHER_FS), FACT_NONE);
	session_set_unknown(s, ATTR_TLS);
	assert_int_equal(at(STAGE_MAIL, ATTR_CIPHER_FS), FACT_UNKNOWN);
	assert_int_equal(at(STAGE_MAIL, ATTR_SNI), FACT_UNKNOWN);
}

static void
test_values(void **state)
{
	/* attribute, text, result, how it reads back */
	static const struct {
		enum attr	 attr;
		const char	*text;
		int		 result;
		const char	*back;
	} rows[] = {
		{ ATTR_PORT, "587", 0, "587" }, { ATTR_PORT, "65535", 0, "65535" },
		{ ATTR_PORT, "65536", -1, "" }, { ATTR_PORT, "-1", -1, "" },
		{ ATTR_PORT, "25 ", -1, "" }, { ATTR_PORT, "smtp", -1, "" },
		{ ATTR_CIPHER_BITS, "4294967295", 0, "4294967295" },
		{ ATTR_CIPHER_BITS, "4294967296", -1, "" },
		{ ATTR_CIPHER_BITS, "00000000128", -1, "" },
		{ ATTR_CLIENT, "::ffff:192.0.2.7", 0, "192.0.2.7" },
		{ ATTR_CLIENT, "mx.example.org", -1, "" },
		{ ATTR_LISTENER, "2001:DB8::1", 0, "2001:db8::1" },
		{ ATTR_TLS, "tlsv1.0", 0, "TLSv1" }, { ATTR_TLS, "TLSv1.4", 0, "TLSv1.4" },
		{ ATTR_TLS, "TLS", -1, "" }, { ATTR_TLS, "none", -1, "" },
		{ ATTR_CERT_VERIFIED, "YES", 0, "yes" },
		{ ATTR_CERT_VERIFIED, "no", 0, "no" },
		{ ATTR_CERT_VERIFIED, "1", -1, "" },
		{ ATTR_SENDER, "<Ann@Example.org>", 0, "Ann@Example.org" },
		{ ATTR_SENDER, "<>", 0, "<>" }, { ATTR_SENDER, "ann", 0, "ann" },
		{ ATTR_HELO, "Mail.Example.org", 0, "Mail.Example.org" },
		{ ATTR_HELO, "", 0, "" }, { ATTR_USER, "none", 0, "none" },
	};
	size_t i;

	(void)state;
	session_set_stage(s, STAGE_RCPT);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(set(rows[i].attr, rows[i].text), rows[i].result);
		assert_string_equal(text(rows[i].attr), rows[i].back);
		if (rows[i].result == -1)
			assert_int_equal(session_fact(s, rows[i].attr).state, FACT_UNKNOWN);
	}
	assert_int_equal(session_set(s, ATTR_USER, "a\0b", 3), -1);
	assert_int_equal(session_fact(s, ATTR_USER).state, FACT_UNKNOWN);
	session_clear(s, ATTR_PORT);
	assert_string_equal(text(ATTR_PORT), "");
	assert_string_equal(outcome_name((enum outcome)99), "");
}

static void
test_too_long(void **state)
{
	char big[1000];
	struct fact fact;

	(void)state;
	memset(big, 'a', sizeof(big));
	session_set_stage(s, STAGE_HELO);
	assert_int_equal(session_set(s, ATTR_HELO, big, 255), 0);
	assert_int_equal(session_fact(s, ATTR_HELO).state, FACT_KNOWN);
	assert_int_equal(session_set(s, ATTR_HELO, big, sizeof(big)), -1);
	fact = session_fact(s, ATTR_HELO);
	assert_int_equal(fact.state, FACT_UNKNOWN);
	assert_true(fact.cut);
	assert_int_equal(strlen(fact.text), 255);
	assert_string_equal(text(ATTR_HELO), "");
	set(ATTR_HELO, "short");
	assert_false(session_fact(s, ATTR_HELO).cut);
}

static void
test_cipher_tells_its_properties(void **state)
{
	(void)state;
	session_set_stage(s, STAGE_MAIL);
	set(ATTR_TLS, "TLSv1.2");
	set(ATTR_CIPHER, "DES-CBC3-SHA");
	assert_string_equal(text(ATTR_CIPHER_STRENGTH), "112");
	assert_string_equal(text(ATTR_CIPHER_BITS), "112");
	assert_string_equal(text(ATTR_CIPHER_AEAD), "no");
	assert_string_equal(text(ATTR_CIPHER_FS), "no");
	assert_string_equal(text(ATTR_CIPHER_ANON), "no");
	/* what was said stays, what only followed goes */
	set(ATTR_CIPHER_BITS, "168");
	set(ATTR_CIPHER, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
	assert_string_equal(text(ATTR_CIPHER_BITS), "168");
	assert_string_equal(text(ATTR_CIPHER_STRENGTH), "256");
	assert_string_equal(text(ATTR_CIPHER_AEAD), "yes");
	assert_string_equal(text(ATTR_CIPHER_FS), "yes");
	assert_string_equal(session_fact(s, ATTR_CIPHER).suite,
	    "ECDHE-RSA-AES256-GCM-SHA384");
	set(ATTR_CIPHER, "ADH-AES128-SHA");
	assert_string_equal(text(ATTR_CIPHER_ANON), "yes");
	set(ATTR_CIPHER, "ONE-FROM-TOMORROW");
	assert_null(session_fact(s, ATTR_CIPHER).suite);
	assert_int_equal(session_fact(s, ATTR_CIPHER_STRENGTH).state, FACT_UNKNOWN);
	assert_string_equal(text(ATTR_CIPHER), "ONE-FROM-TOMORROW");
	set(ATTR_CIPHER, "RC4-SHA");
	session_clear(s, ATTR_CIPHER);
	assert_int_equal(session_fact(s, ATTR_CIPHER_STRENGTH).state, FACT_UNKNOWN);
	assert_string_equal(text(ATTR_CIPHER_BITS), "168");
}

static void
test_tls_report(void **state)
{
	static const struct {
		const char	*version, *cipher, *bits;
		enum tls_report	 report;
	} rows[] = {
		{ NULL, NULL, NULL, TLS_ABSENT },
		{ "", "", "", TLS_ABSENT },
		{ "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", "128", TLS_PRESENT },
		{ "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "128", TLS_PRESENT },
		{ "TLSv1.3", "TLS_AES_256_GCM_SHA384", "256", TLS_PRESENT },
		{ "TLSv1.4", "TLS_AES_256_GCM_SHA384", "256", TLS_PRESENT },
		{ "TLSv1.2", "DES-CBC3-SHA", "112", TLS_PRESENT },
		{ "TLSv1.2", "DES-CBC3-SHA", "168", TLS_PRESENT },
		{ "TLSv1.2", "AES128-CCM8", "64", TLS_PRESENT },
		{ "TLSv1", "NULL-SHA", "0", TLS_PRESENT },
		{ "TLSv1.3", "ONE-FROM-TOMORROW", "512", TLS_PRESENT },
		{ "TLSv1.2", NULL, NULL, TLS_INCONSISTENT },
		{ "TLSv1.2", "AES128-SHA", "", TLS_INCONSISTENT },
		{ "TLSv1.2", "", "128", TLS_INCONSISTENT },
		{ "", "AES128-SHA", "128", TLS_INCONSISTENT },
		{ "TLS", "AES128-SHA", "128", TLS_INCONSISTENT },
		{ "none", "AES128-SHA", "128", TLS_INCONSISTENT },
		{ "TLSv1.2", "AES128-SHA", "256", TLS_INCONSISTENT },
		{ "TLSv1.2", "AES128-SHA", "many", TLS_INCONSISTENT },
		{ "TLSv1.2", "TLS_AES_256_GCM_SHA384", "256", TLS_INCONSISTENT },
		{ "TLSv1.3", "AES256-SHA", "256", TLS_INCONSISTENT },
	};
	size_t i;

	(void)state;
	session_set_stage(s, STAGE_HELO);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set(ATTR_TLS, "TLSv1.1");
		set(ATTR_CIPHER, "RC4-SHA");
		assert_int_equal(session_set_tls(s, rows[i].version, rows[i].cipher,
		    rows[i].bits), rows[i].report);
		if (rows[i].report == TLS_PRESENT) {
			assert_string_equal(text(ATTR_TLS), rows[i].version);
			assert_string_equal(text(ATTR_CIPHER), rows[i].cipher);
			assert_string_equal(text(ATTR_CIPHER_BITS), rows[i].bits);
			continue;
		}
		assert_int_equal(at(STAGE_HELO, ATTR_CIPHER_STRENGTH), FACT_UNKNOWN);
		assert_int_equal(at(STAGE_MAIL, ATTR_TLS),
		    rows[i].report == TLS_ABSENT ? FACT_NONE : FACT_UNKNOWN);
		assert_int_equal(at(STAGE_MAIL, ATTR_CIPHER_STRENGTH),
		    rows[i].report == TLS_ABSENT ? FACT_NONE : FACT_UNKNOWN);
		session_set_stage(s, STAGE_HELO);
	}
}

static void
test_forget(void **state)
{
	(void)state;
	set(ATTR_CLIENT, "192.0.2.1");
	set(ATTR_HELO, "a.example");
	session_set_tls(s, "TLSv1.2", "AES128-SHA", "128");
	set(ATTR_AUTH, "PLAIN");
	set(ATTR_SENDER, "ann@example.org");
	set(ATTR_RECIPIENT, "bob@example.org");
	session_set_stage(s, STAGE_RCPT);
	session_forget(s, STAGE_RCPT);
	assert_string_equal(text(ATTR_RECIPIENT), "");
	assert_string_equal(text(ATTR_SENDER), "ann@example.org");
	session_forget(s, STAGE_MAIL);
	assert_string_equal(text(ATTR_SENDER), "");
	assert_string_equal(text(ATTR_AUTH), "");
	assert_string_equal(text(ATTR_TLS), "TLSv1.2");
	session_forget(s, STAGE_HELO);
	assert_string_equal(text(ATTR_TLS), "");
	assert_string_equal(text(ATTR_CIPHER_BITS), "");
	assert_string_equal(text(ATTR_HELO), "");
	assert_string_equal(text(ATTR_CLIENT), "192.0.2.1");
}

static const char *
outcome(const char *tls, const char *cipher, const char *bits, bool mail)
{
	session_set_tls(s, tls, cipher, bits);
	return outcome_name(session_outcome(s, mail));
}

static void
test_outcome(void **state)
{
	(void)state;
	session_set_stage(s, STAGE_CLOSE);
	assert_string_equal(outcome("TLSv1.3", "TLS_AES_128_GCM_SHA256", "128", true),
	    "encrypted");
	assert_string_equal(outcome("TLSv1.2", "ADH-AES128-SHA", "128", true), "encrypted");
	assert_string_equal(outcome("TLSv1.2", "DES-CBC3-SHA", "112", true), "encrypted");
	assert_string_equal(outcome("TLSv1.2", "RC4-SHA", "128", true), "deprecated");
	assert_string_equal(outcome("TLSv1.2", "NULL-SHA256", "0", true), "deprecated");
	assert_string_equal(outcome("TLSv1.1", "AES128-SHA", "128", true), "deprecated");
	assert_string_equal(outcome("TLSv1.2", "TOMORROW", "256", true), "encrypted");
	assert_string_equal(outcome("TLSv1.2", "YESTERDAY", "40", true), "deprecated");
	assert_string_equal(outcome(NULL, NULL, NULL, true), "cleartext");
	assert_string_equal(outcome(NULL, NULL, NULL, false), "abandoned");
	assert_string_equal(outcome("TLSv1.2", NULL, NULL, true), "unknown");
}

/* Short and long in turn, of several facts: each keeps its own. */
static void
test_texts_of_all_sizes(void **state)
{
	static const enum attr attrs[] = { ATTR_HELO, ATTR_CLIENT_NAME, ATTR_DAEMON };
	static const size_t sizes[] = { 1, 30, 128, 5, 127, 20, 3, 128, 90, 1 };
	char want[3][129];
	size_t round, i, k;

	(void)state;
	session_set_stage(s, STAGE_HELO);
	for (round = 0; round < sizeof(sizes) / sizeof(sizes[0]); round++) {
		for (i = 0; i < 3; i++) {
			k = sizes[(round + 3 * i) % (sizeof(sizes) / sizeof(sizes[0]))];
			memset(want[i], (int)('a' + round + i), k);
			want[i][k] = '\0';
			assert_int_equal(session_set(s, attrs[i], want[i], k), 0);
		}
		for (i = 0; i < 3; i++)
			assert_string_equal(text(attrs[i]), want[i]);
		session_clear(s, attrs[round % 3]);
		assert_int_equal(at(STAGE_HELO, attrs[round % 3]), FACT_UNKNOWN);
		assert_string_equal(text(attrs[round % 3]), "");
	}
}

static void
test_today_and_size(void **state)
{
	struct address a = { 0 };

	(void)state;
	assert_int_equal(session_today(s), 0);
	session_set_today(s, 20261231);
	assert_int_equal(session_today(s), 20261231);
	/* with room for the usual texts, of which each took 32 bytes at least */
	assert_true(malloc_usable_size(s) < 512 + 288);
	session_set_client(s, &a);
	assert_int_equal(at(STAGE_CONNECT, ATTR_CLIENT), FACT_UNKNOWN);
	address_parse(&a, "192.0.2.1", 9);
	session_set_client(s, &a);
	assert_string_equal(text(ATTR_CLIENT), "192.0.2.1");
	session_set_number(s, ATTR_PORT, 465);
	assert_string_equal(text(ATTR_PORT), "465");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, fresh, gone)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stages_of_a_set_fact),
		TEST(test_unset_facts),
		TEST(test_dependence),
		TEST(test_values),
		TEST(test_too_long),
		TEST(test_cipher_tells_its_properties),
		TEST(test_tls_report),
		TEST(test_forget),
		TEST(test_outcome),
		TEST(test_texts_of_all_sizes),
		TEST(test_today_and_size),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
