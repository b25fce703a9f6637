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
#include "match.h"
#include "netblock.h"
#include "pattern.h"
#include "rule.h"
#include "session.h"
#include "strset.h"
#include "tls.h"

/* A fact as the session would lend it. */
static struct session *session;

static struct fact
fact_of(enum attr attr, const char *text)
{
	session_set_stage(session, STAGE_RCPT);
	assert_int_equal(session_set(session, attr, text, strlen(text)), 0);
	return session_fact(session, attr);
}

static int
fresh(void **state)
{
	(void)state;
	session = session_new();
	return session == NULL;
}

static int
gone(void **state)
{
	(void)state;
	session_free(session);
	return 0;
}

static char *
words(const char *text)
{
	/* cmocka's strings are const, the rule owns its own */
	static char copy[8][64];
	static unsigned int next;
	char *p = copy[next++ % 8];

	assert_true(strlen(text) < sizeof(copy[0]));
	return strcpy(p, text);
}

static enum answer
compare(enum attr attr, const char *fact, enum cond_kind kind, const char *value)
{
	struct cond cond = { .kind = kind, .attr = attr };
	struct fact f = fact_of(attr, fact);
	struct cipher cipher;
	unsigned int limits = 0;

	cond.value.text = words(value);
	if (attr == ATTR_CIPHER && tls_cipher(value, strlen(value), &cipher))
		cond.value.suite = cipher.name;
	switch (attr_info(attr)->type) {
	case TYPE_NUMBER:
		cond.value.number = (uint32_t)strtoul(value, NULL, 10);
		break;
	case TYPE_TLS:
		cond.value.number = tls_version(value, strlen(value));
		break;
	case TYPE_FLAG:
		cond.value.number = strcmp(value, "yes") == 0;
		break;
	case TYPE_ADDRESS:
		assert_int_equal(netblock_parse(value, strlen(value),
		    &cond.value.address, &cond.value.prefix), 0);
		break;
	default:
		break;
	}
	return match(&cond, &f, NULL, &limits);
}

static void
test_equal(void **state)
{
	static const struct {
		enum attr	 attr;
		const char	*fact, *value;
		enum answer	 answer;
	} rows[] = {
		{ ATTR_SERVICE, "MX", "mx", YES }, { ATTR_SERVICE, "mx", "mxs", NO },
		{ ATTR_USER, "Ann", "ann", YES }, { ATTR_PORT, "25", "25", YES },
		{ ATTR_PORT, "25", "26", NO }, { ATTR_TLS, "TLSv1", "TLSv1.0", YES },
		{ ATTR_TLS, "TLSv1.2", "TLSv1.3", NO },
		{ ATTR_CERT_VERIFIED, "no", "no", YES },
		{ ATTR_CERT_VERIFIED, "yes", "no", NO },
		{ ATTR_CLIENT, "192.0.2.9", "192.0.2.9", YES },
		{ ATTR_CLIENT, "192.0.2.9", "192.0.2.0/28", YES },
		{ ATTR_CLIENT, "192.0.2.19", "192.0.2.0/28", NO },
		{ ATTR_CLIENT, "192.0.2.9", "::/0", NO },
		{ ATTR_CLIENT, "2001:db8::7", "2001:db8::/32", YES },
		{ ATTR_HELO, "MX.Example.org.", "mx.example.org", YES },
		{ ATTR_HELO, "mx.example.org", "mx.example.org.", YES },
		{ ATTR_HELO, "mx.example.org", "example.org", NO },
		{ ATTR_HELO, "mx.example.or", "mx.example.org", NO },
		{ ATTR_HELO, "mx.example.org", "", NO },
		{ ATTR_HELO, ".", "", YES },
		{ ATTR_SENDER, "<Ann@Example.org>", "ann@example.ORG", YES },
		{ ATTR_SENDER, "<>", "<>", YES }, { ATTR_SENDER, "ann", "<>", NO },
		{ ATTR_CERT_SUBJECT, "Ann", "Ann", YES },
		{ ATTR_CERT_SUBJECT, "Ann", "ann", NO },
		{ ATTR_CIPHER, "aes128-sha", "AES128-SHA", YES },
		{ ATTR_CIPHER, "TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA", YES },
		{ ATTR_CIPHER, "EDH-RSA-DES-CBC3-SHA",
		    "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", YES },
		{ ATTR_CIPHER, "AES128-SHA", "AES256-SHA", NO },
		{ ATTR_CIPHER, "TOMORROW", "tomorrow", YES },
		{ ATTR_CIPHER, "TOMORROW", "AES128-SHA", NO },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (compare(rows[i].attr, rows[i].fact, COND_EQ, rows[i].value) !=
		    rows[i].answer)
			fail_msg("%s = %s", rows[i].fact, rows[i].value);
}

static void
test_order(void **state)
{
	static const enum cond_kind kinds[] = { COND_LT, COND_LE, COND_GT, COND_GE };
	/* below, equal, above the value */
	static const enum answer answers[][3] = {
		{ YES, NO, NO }, { YES, YES, NO }, { NO, NO, YES }, { NO, YES, YES },
	};
	static const char *const versions[] = { "TLSv1.1", "TLSv1.2", "TLSv1.3" };
	static const char *const bits[] = { "40", "112", "256" };
	int i, j;

	(void)state;
	for (i = 0; i < 4; i++)
		for (j = 0; j < 3; j++) {
			assert_int_equal(compare(ATTR_TLS, versions[j], kinds[i],
			    "TLSv1.2"), answers[i][j]);
			assert_int_equal(compare(ATTR_CIPHER_BITS, bits[j], kinds[i],
			    "112"), answers[i][j]);
		}
	assert_int_equal(compare(ATTR_TLS, "SSLv2", COND_LT, "SSLv3"), YES);
	assert_int_equal(compare(ATTR_TLS, "TLSv1.4", COND_GT, "TLSv1.3"), YES);
	assert_int_equal(compare(ATTR_CIPHER_BITS, "4294967295", COND_GT, "0"), YES);
}

/* Every kind of comparison with a fact that is lacking or not known. */
static void
test_no_fact(void **state)
{
	static const struct {
		enum cond_kind	kind;
		enum answer	none;
	} rows[] = {
		{ COND_PRESENT, NO }, { COND_NONE, YES }, { COND_EQ, NO }, { COND_LT, NO },
		{ COND_LE, NO }, { COND_GT, NO }, { COND_GE, NO }, { COND_IN, NO },
		{ COND_MATCH, NO },
	};
	struct fact none = { .state = FACT_NONE }, unknown = { .state = FACT_UNKNOWN };
	struct cond cond = { .attr = ATTR_TLS };
	unsigned int limits = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cond.kind = rows[i].kind;
		assert_int_equal(match(&cond, &none, NULL, &limits), rows[i].none);
		assert_int_equal(match(&cond, &unknown, NULL, &limits), UNKNOWN);
	}
	assert_int_equal(limits, 0);
}

static void
test_presence(void **state)
{
	(void)state;
	assert_int_equal(compare(ATTR_TLS, "TLSv1.2", COND_PRESENT, ""), YES);
	assert_int_equal(compare(ATTR_TLS, "TLSv1.2", COND_NONE, ""), NO);
	assert_int_equal(compare(ATTR_AUTH, "PLAIN", COND_PRESENT, ""), YES);
	assert_int_equal(compare(ATTR_CERT_VERIFIED, "yes", COND_PRESENT, ""), YES);
	assert_int_equal(compare(ATTR_CERT_VERIFIED, "no", COND_PRESENT, ""), NO);
	assert_int_equal(compare(ATTR_CERT_VERIFIED, "no", COND_NONE, ""), NO);
}

/* A list of words, numbers and networks, indexed as check does it. */
static enum answer
in(enum attr attr, const char *fact, const char *const *texts)
{
	struct cond cond = { .kind = COND_IN, .attr = attr };
	struct fact f = fact_of(attr, fact);
	struct item items[8] = { { .text = NULL } };
	uint32_t numbers[8];
	struct list list = { .items = items };
	struct cipher cipher;
	struct address a;
	unsigned int limits = 0, prefix;
	enum answer answer;

	list.strings = strset_new();
	list.networks = netblock_new();
	for (; texts[list.count] != NULL; list.count++) {
		items[list.count].text = words(texts[list.count]);
		if (netblock_parse(texts[list.count], strlen(texts[list.count]), &a,
		    &prefix) == 0)
			netblock_add(list.networks, &a, prefix);
		else
			strset_add(list.strings, texts[list.count]);
		if (attr == ATTR_CIPHER && tls_cipher(texts[list.count],
		    strlen(texts[list.count]), &cipher))
			strset_add(list.strings, cipher.name);
		numbers[list.number_count++] =
		    (uint32_t)strtoul(texts[list.count], NULL, 10);
	}
	list.numbers = numbers;
	cond.list = &list;
	answer = match(&cond, &f, NULL, &limits);
	strset_free(list.strings);
	netblock_free(list.networks);
	return answer;
}

static void
test_lists(void **state)
{
	static const char *const domains[] = { "example.org", ".example.net",
	    "ann@example.com", NULL };
	static const char *const nets[] = { "192.0.2.0/24", "2001:db8::/32", NULL };
	static const char *const numbers[] = { "25", "465", "587", NULL };
	static const char *const suites[] = { "DHE-RSA-AES128-SHA",
	    "TLS_RSA_WITH_RC4_128_SHA", "EDH-RSA-DES-CBC3-SHA", NULL };
	static const char *const versions[] = { "TLSv1.0", "TLSv1.1", NULL };
	static const char *const names[] = { "Ann", "bob", NULL };

	(void)state;
	assert_int_equal(in(ATTR_HELO, "Example.org.", domains), YES);
	assert_int_equal(in(ATTR_HELO, "mx.example.org", domains), NO);
	assert_int_equal(in(ATTR_HELO, "mx.example.net", domains), YES);
	assert_int_equal(in(ATTR_SENDER, "Ann@Example.com", domains), YES);
	assert_int_equal(in(ATTR_SENDER, "x@mx.example.net", domains), YES);
	assert_int_equal(in(ATTR_SENDER, "x@example.com", domains), NO);
	assert_int_equal(in(ATTR_SENDER, "<>", domains), NO);
	assert_int_equal(in(ATTR_CLIENT, "192.0.2.255", nets), YES);
	assert_int_equal(in(ATTR_CLIENT, "2001:db8:1::1", nets), YES);
	assert_int_equal(in(ATTR_CLIENT, "192.0.3.0", nets), NO);
	assert_int_equal(in(ATTR_PORT, "465", numbers), YES);
	assert_int_equal(in(ATTR_PORT, "466", numbers), NO);
	assert_int_equal(in(ATTR_CIPHER, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", suites), YES);
	assert_int_equal(in(ATTR_CIPHER, "RC4-SHA", suites), YES);
	assert_int_equal(in(ATTR_CIPHER, "DHE-RSA-DES-CBC3-SHA", suites), YES);
	assert_int_equal(in(ATTR_CIPHER, "RC4-MD5", suites), NO);
	assert_int_equal(in(ATTR_CIPHER, "TOMORROW", suites), NO);
	assert_int_equal(in(ATTR_TLS, "TLSv1", versions), YES);
	assert_int_equal(in(ATTR_TLS, "TLSv1.2", versions), NO);
	assert_int_equal(in(ATTR_TLS, "TLSv1.4", versions), NO);
	assert_int_equal(in(ATTR_USER, "BOB", names), YES);
	assert_int_equal(in(ATTR_CERT_SUBJECT, "bob", names), YES);
	assert_int_equal(in(ATTR_CERT_SUBJECT, "Bob", names), NO);
	assert_int_equal(in(ATTR_CERT_SUBJECT, "zed", names), NO);
	/* no list is one of flags: check.c refuses it, and nothing is in it */
	assert_int_equal(in(ATTR_CERT_VERIFIED, "yes", names), NO);
}

/* A name that is empty is not below, nor the same as, anything but the root. */
static void
test_empty_name(void **state)
{
	struct fact f = { .state = FACT_KNOWN, .text = "" };
	struct cond cond = { .kind = COND_EQ, .attr = ATTR_HELO };
	unsigned int limits = 0;

	(void)state;
	cond.value.text = words("mx.example.org");
	assert_int_equal(match(&cond, &f, NULL, &limits), NO);
	cond.value.text = words(".");
	assert_int_equal(match(&cond, &f, NULL, &limits), YES);
}

/* A list of which nothing could be indexed as what is asked for. */
static void
test_empty_lists(void **state)
{
	static const struct {
		enum attr	 attr;
		const char	*fact;
	} rows[] = {
		{ ATTR_PORT, "25" }, { ATTR_TLS, "TLSv1.2" }, { ATTR_CLIENT, "192.0.2.1" },
		{ ATTR_CIPHER, "RC4-SHA" }, { ATTR_HELO, "mx" }, { ATTR_SENDER, "<>" },
		{ ATTR_CERT_SUBJECT, "Ann" }, { ATTR_USER, "ann" },
	};
	struct list list = { .strings = strset_new() };
	struct cond cond = { .kind = COND_IN, .list = &list };
	unsigned int limits = 0;
	struct fact f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cond.attr = rows[i].attr;
		f = fact_of(rows[i].attr, rows[i].fact);
		assert_int_equal(match(&cond, &f, NULL, &limits), NO);
	}
	strset_free(list.strings);
	list_free(NULL);
}

static void
test_patterns(void **state)
{
	struct cond cond = { .kind = COND_MATCH, .attr = ATTR_HELO };
	struct scratch *scratch = scratch_new();
	unsigned int limits = 0;
	char evil[200], message[100];
	struct fact f;
	size_t at;

	(void)state;
	cond.pattern = pattern_compile("^mx[0-9]+\\.", 11, true, message,
	    sizeof(message), &at);
	assert_non_null(cond.pattern);
	f = fact_of(ATTR_HELO, "MX12.example.org");
	assert_int_equal(match(&cond, &f, scratch, &limits), YES);
	f = fact_of(ATTR_HELO, "mx.example.org");
	assert_int_equal(match(&cond, &f, scratch, &limits), NO);
	assert_int_equal(limits, 0);
	assert_int_equal(match(&cond, &f, NULL, &limits), UNKNOWN);
	assert_int_equal(limits, 1);
	pattern_free(cond.pattern);

	cond.pattern = pattern_compile("^(a+)+$", 7, false, message, sizeof(message), &at);
	assert_non_null(cond.pattern);
	memset(evil, 'a', sizeof(evil));
	strcpy(evil + 100, "!");
	f = fact_of(ATTR_HELO, evil);
	assert_int_equal(match(&cond, &f, scratch, &limits), UNKNOWN);
	assert_int_equal(limits, 2);
	pattern_free(cond.pattern);
	scratch_free(scratch);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, fresh, gone)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_equal),
		TEST(test_order),
		TEST(test_no_fact),
		TEST(test_presence),
		TEST(test_lists),
		TEST(test_empty_lists),
		TEST(test_empty_name),
		TEST(test_patterns),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
