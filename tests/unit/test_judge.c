/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "findings.h"
#include "remedy.h"

static struct facts facts;
static struct findings found;

static void
take(uint16_t version, uint16_t suite)
{
	struct version_facts *v = &facts.versions[version - VERSION_SSL3];

	v->taken = true;
	v->suites[v->suite_count++] = suite;
}

/* A port with nothing to say of it. */
static void
set_good(enum port_service service)
{
	memset(&facts, 0, sizeof(facts));
	facts.target.service = service;
	facts.target.port = port_infos[service].port;
	facts.before.known = !port_infos[service].implicit;
	facts.before.starttls = facts.before.known;
	facts.after.known = true;
	if (service != PORT_MX)
		facts.after.login = facts.after.readable = true;
	facts.auth = ANSWER_NO;
	facts.mail = service == PORT_MX ? ANSWER_YES : ANSWER_NO;
	take(VERSION_TLS1_2, 0xc02f);
	take(VERSION_TLS1_3, 0x1301);
	facts.groups[facts.group_count++] = 0x11ec;
	facts.hello = facts.renegotiation = true;
	facts.injection = ANSWER_NO;
	facts.cert.readable = facts.cert.ordered = facts.cert.name_fits = true;
	facts.cert.days = 90;
	facts.cert.strength = 128;
	strcpy(facts.cert.key, "EC");
	facts.cert.trust = TRUST_GOOD;
}

static void
judge_as(const char *profile)
{
	judge(&found, &facts, profile_find(profile));
}

/* The only finding. */
static void
expect(const char *id, enum severity severity)
{
	judge_as("default");
	if (id == NULL) {
		assert_int_equal(found.count, 0);
		return;
	}
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].info->id, id);
	assert_int_equal(found.list[0].severity, severity);
}

static void
test_good(void **state)
{
	int s;

	(void)state;
	for (s = 0; s < PORT_SERVICES; s++) {
		set_good((enum port_service)s);
		expect(NULL, SEVERITY_NONE);
	}
}

static void
test_table(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < FINDINGS; i++) {
		assert_non_null(finding_infos[i].id);
		assert_true(finding_infos[i].mx != SEVERITY_NONE ||
		    finding_infos[i].login != SEVERITY_NONE);
		if (i != FINDING_INCOMPLETE)
			assert_true(strstr(finding_infos[i].why, "RFC ") != NULL ||
			    strstr(finding_infos[i].why, "PROFILES") != NULL);
		for (k = 0; k < i; k++)
			assert_string_not_equal(finding_infos[i].id,
			    finding_infos[k].id);
	}
}

static void
test_logins(void **state)
{
	(void)state;
	set_good(PORT_SUBMISSION);
	facts.auth = ANSWER_YES;
	strcpy(facts.auth_said, "334 ");
	expect("auth-taken-in-clear", SEVERITY_FAULT);
	assert_string_equal(found.list[0].detail, "AUTH PLAIN was answered: 334 ");
	set_good(PORT_MX);
	facts.before.login = true;
	strcpy(facts.before.mechanisms, "CRAM-MD5");
	expect("auth-challenge-in-clear", SEVERITY_NOTE);
	facts.before.readable = true;
	expect("auth-offered-in-clear", SEVERITY_FAULT);
	set_good(PORT_MX);
	facts.after.login = true;
	expect("auth-on-mx", SEVERITY_NOTE);
	set_good(PORT_SUBMISSIONS);
	facts.after.login = false;
	expect("auth-missing", SEVERITY_NOTE);
}

static void
test_mail(void **state)
{
	(void)state;
	set_good(PORT_SUBMISSION);
	facts.mail = ANSWER_YES;
	expect("mail-in-clear", SEVERITY_WARNING);
	set_good(PORT_MX);
	facts.mail = ANSWER_NO;
	strcpy(facts.mail_said, "451 4.7.1 later");
	expect(NULL, SEVERITY_NONE);
	strcpy(facts.mail_said, "530 5.7.0 Must issue a STARTTLS command first");
	expect("tls-required-on-mx", SEVERITY_WARNING);
}

static void
test_versions(void **state)
{
	(void)state;
	set_good(PORT_SUBMISSION);
	take(0x0301, 0xc02f);
	expect("tls1.0", SEVERITY_FAULT);
	set_good(PORT_MX);
	take(0x0302, 0xc02f);
	expect("tls1.1", SEVERITY_NOTE);
	take(0x0300, 0xc02f);
	judge_as("default");
	assert_int_equal(found.count, 2);
	assert_string_equal(found.list[0].info->id, "ssl3");
	set_good(PORT_MX);
	memset(&facts.versions[4], 0, sizeof(facts.versions[4]));
	expect("tls1.3-missing", SEVERITY_NOTE);
}

static void
suite(uint16_t number, const char *id, enum severity severity)
{
	set_good(PORT_SUBMISSION);
	take(VERSION_TLS1_2, number);
	judge_as("default");
	assert_in_range(found.count, 1, 2);
	assert_string_equal(found.list[0].info->id, id);
	assert_int_equal(found.list[0].severity, severity);
	assert_string_equal(found.list[0].detail, suite_name(number));
}

static void
test_suites(void **state)
{
	(void)state;
	suite(0x003b, "suite-null", SEVERITY_FAULT);
	suite(0x00a6, "suite-anonymous", SEVERITY_FAULT);
	suite(0x0003, "suite-export", SEVERITY_FAULT);
	suite(0x0009, "suite-des", SEVERITY_FAULT);
	suite(0x0005, "suite-rc4", SEVERITY_FAULT);
	suite(0x000a, "suite-3des", SEVERITY_WARNING);
	suite(0x009c, "suite-no-forward-secrecy", SEVERITY_WARNING);
	suite(0x009a, "suite-obsolete", SEVERITY_NOTE);
	suite(0x009e, "suite-dhe", SEVERITY_NOTE);
	suite(0xc013, "suite-cbc", SEVERITY_NOTE);
	set_good(PORT_SUBMISSION);
	memset(facts.versions, 0, sizeof(facts.versions));
	take(VERSION_TLS1_2, 0x009c);
	judge_as("default");
	assert_int_equal(found.count, 2);
	assert_string_equal(found.list[0].info->id, "tls1.3-missing");
	assert_string_equal(found.list[1].info->id, "forward-secrecy-missing");
}

static void
expires(int days, const char *id, enum severity severity)
{
	set_good(PORT_MX);
	facts.cert.days = days;
	expect(id, severity);
}

static void
test_expiry(void **state)
{
	(void)state;
	expires(-1, "cert-expired", SEVERITY_FAULT);
	expires(0, "cert-expires-7", SEVERITY_FAULT);
	expires(6, "cert-expires-7", SEVERITY_FAULT);
	expires(7, "cert-expires-14", SEVERITY_WARNING);
	expires(13, "cert-expires-14", SEVERITY_WARNING);
	expires(14, "cert-expires-30", SEVERITY_NOTE);
	expires(29, "cert-expires-30", SEVERITY_NOTE);
	expires(30, NULL, SEVERITY_NONE);
}

static void
test_profiles(void **state)
{
	(void)state;
	set_good(PORT_SUBMISSION);
	judge_as("mozilla-intermediate");
	assert_int_equal(found.count, 0);
	facts.groups[facts.group_count++] = 0x0019;	/* secp521r1 */
	judge_as("mozilla-intermediate");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].info->id, "profile-group");
	assert_string_equal(found.list[0].detail, "secp521r1");
	judge_as("bsi");
	assert_int_equal(found.count, 0);
	facts.group_count = 1;
	judge_as("modern");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].info->id, "profile-version");
	assert_string_equal(found.list[0].detail, "TLSv1.2");
	facts.cert.strength = 112;
	judge_as("bsi");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].info->id, "profile-key");
	set_good(PORT_SUBMISSION);
	take(VERSION_TLS1_2, 0xcca8);
	judge_as("bsi");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].detail, suite_name(0xcca8));
	set_good(PORT_SUBMISSION);
	take(VERSION_TLS1_3, 0x1303);	/* BSI has no ChaCha20 in TLS 1.3 either */
	judge_as("mozilla-intermediate");
	assert_int_equal(found.count, 0);
	judge_as("bsi");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].info->id, "profile-suite");
	take(VERSION_TLS1_3, 0x1304);
	judge_as("mozilla-intermediate");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].detail, suite_name(0x1304));
	set_good(PORT_SUBMISSION);
	facts.dh_bits = 2048;
	judge_as("mozilla-intermediate");
	assert_int_equal(found.count, 0);
	judge_as("bsi");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].info->id, "profile-dh");
	set_good(PORT_SUBMISSION);
	facts.versions[VERSION_TLS1_2 - VERSION_SSL3].taken = false;
	judge_as("modern");
	assert_int_equal(found.count, 0);
	strcpy(facts.cert.key, "RSA");
	judge_as("modern");
	assert_int_equal(found.count, 1);
	assert_string_equal(found.list[0].detail, "RSA, and not EC");
	assert_null(profile_find("florp"));
}

/* A detail of all suites there are is cut, and says so. */
static void
test_long(void **state)
{
	size_t i;

	(void)state;
	set_good(PORT_MX);
	for (i = 0; i < suites_before_count; i++)
		take(0x0301, suites_before[i].number);
	judge_as("default");
	for (i = 0; i < found.count; i++)
		if (strcmp(found.list[i].info->id, "suite-cbc") == 0)
			break;
	assert_in_range(i, 0, found.count - 1);
	assert_non_null(strstr(found.list[i].detail, " more"));
}

/* Numbers ascend and are one each: so is the registry. */
static void
test_registry(void **state)
{
	size_t i;

	(void)state;
	for (i = 1; i < suites_before_count; i++)
		assert_true(suites_before[i - 1].number < suites_before[i].number);
	assert_true(suites_before_count < SUITES_MAX);
	assert_true(groups_count < GROUPS_MAX);
	assert_string_equal(suite_name(0x000a), "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
	assert_string_equal(suite_name(0xc030), "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
	assert_null(suite_name(SUITE_RENEGOTIATION));
	assert_int_equal(suite_traits(0x0018),
	    SUITE_ANON | SUITE_RC4 | SUITE_OLD | SUITE_DHE);
	assert_int_equal(suite_traits(0x1301), 0);
	/* curves of 160 and 192 bits, of both kinds */
	assert_true(group_is_weak(0x0001) && group_is_weak(0x0004));
	assert_true(group_is_weak(0x0010) && group_is_weak(0x0013));
	assert_false(group_is_weak(0x0017));
	assert_true(group_is_hybrid(0x11ec));
	assert_false(group_is_hybrid(0x0017));
	/* of what no registry has nothing is said */
	assert_null(group_name(0xfefe));
	assert_false(group_is_weak(0xfefe) || group_is_hybrid(0xfefe));
	assert_string_equal(version_text(0x02ff), "");
	assert_string_equal(version_text(0x0302), "TLSv1.1");
	assert_string_equal(version_text(0x0305), "");
}

static const char *
lines_of(enum finding_id id, enum server server, struct buf *b)
{
	return remedy_lines(b, &found, &finding_infos[id], server,
	    facts.target.service);
}

/* A CN alone is no name, and a list of none says nothing. */
static void
test_nameless(void **state)
{
	size_t i, seen = 0;

	(void)state;
	set_good(PORT_SUBMISSION);
	facts.cert.name_fits = false;
	strcpy(facts.cert.wanted, "mail.example.org");
	facts.cert.names[0] = '\0';
	judge_as("default");
	for (i = 0; i < found.count; i++) {
		if (found.list[i].info != &finding_infos[FINDING_CERT_NAME])
			continue;
		seen++;
		assert_string_equal(found.list[i].detail, "mail.example.org; it has no "
		    "names, and the CN of its subject does not count");
	}
	assert_int_equal(seen, 1);
}

/* However many findings name a parameter, all of them give it the same value. */
static void
test_merged(void **state)
{
	static const uint16_t suites[] = { 0x0001, 0x0018, 0x0005, 0x002f };
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	set_good(PORT_SUBMISSION);
	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		take(VERSION_TLS1_2, suites[i]);
	facts.versions[1].taken = facts.compression = facts.renegotiates = true;
	facts.mail = ANSWER_YES;
	judge_as("default");
	assert_non_null(strstr(lines_of(FINDING_SUITE_NULL, SERVER_POSTFIX, &b),
	    "\nsmtpd_tls_exclude_ciphers = eNULL, aNULL, RC4"));
	assert_non_null(strstr(lines_of(FINDING_SUITE_NO_FS, SERVER_POSTFIX, &b),
	    "\nsmtpd_tls_exclude_ciphers = eNULL, aNULL, RC4"));
	assert_non_null(strstr(buf_str(&b), ", kRSA"));
	assert_string_equal(lines_of(FINDING_COMPRESSION, SERVER_POSTFIX, &b),
	    "# in main.cf:\n# keep what it has, and add:\n"
	    "tls_ssl_options = NO_COMPRESSION, NO_RENEGOTIATION");
	assert_string_equal(lines_of(FINDING_TLS10, SERVER_SENDMAIL, &b),
	    "dnl keep what it has, and add:\n"
	    "define(`confSERVER_SSL_OPTIONS', `+SSL_OP_NO_SSLv3 +SSL_OP_NO_TLSv1 "
	    "+SSL_OP_NO_TLSv1_1 "
	    "+SSL_OP_NO_COMPRESSION +SSL_OP_NO_RENEGOTIATION')dnl");
	assert_non_null(strstr(lines_of(FINDING_TLS10, SERVER_POSTFIX, &b),
	    "# only when tlswardend is to excuse no client below: it would not see them\n"
	    "# Postfix 3.6 or later; before: !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\n"
	    "smtpd_tls_protocols = >=TLSv1.2\n"));
	assert_string_equal(lines_of(FINDING_MAIL_IN_CLEAR, SERVER_POSTFIX, &b),
	    "# in master.cf, under submission:\n"
	    "  -o smtpd_tls_security_level=encrypt");
	assert_string_equal(lines_of(FINDING_MAIL_IN_CLEAR, SERVER_SENDMAIL, &b),
	    "add a to M= in the DAEMON_OPTIONS of port 587, and leave the rest of it\n"
	    "define(`confAUTH_OPTIONS', `A p y')dnl");
	set_good(PORT_MX);
	facts.groups[0] = 0x001d;
	judge_as("default");
	assert_string_equal(lines_of(FINDING_PQ_MISSING, SERVER_POSTFIX, &b),
	    "# in main.cf:\n# OpenSSL 3.5 or later\n"
	    "tls_eecdh_auto_curves = X25519MLKEM768, X25519, prime256v1");
	assert_null(lines_of(FINDING_STARTTLS_INSIDE, SERVER_POSTFIX, &b));
	buf_free(&b);
}

static void
test_server(void **state)
{
	(void)state;
	set_good(PORT_MX);
	strcpy(facts.greeting, "220 mx.example.com ESMTP Postfix (Debian/GNU)");
	assert_true(remedy_fits(&facts, SERVER_POSTFIX));
	assert_false(remedy_fits(&facts, SERVER_SENDMAIL));
	strcpy(facts.greeting, "220 mx.example.com ESMTP Sendmail 8.17.1");
	assert_false(remedy_fits(&facts, SERVER_POSTFIX));
	assert_true(remedy_fits(&facts, SERVER_SENDMAIL));
	strcpy(facts.greeting, "220 mx.example.com ESMTP");
	assert_true(remedy_fits(&facts, SERVER_POSTFIX));
	assert_true(remedy_fits(&facts, SERVER_SENDMAIL));
	assert_false(remedy_fits(&facts, SERVER_DOVECOT));
	set_good(PORT_IMAP);
	assert_true(remedy_fits(&facts, SERVER_DOVECOT));
	assert_false(remedy_fits(&facts, SERVER_POSTFIX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_suites),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_server),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
