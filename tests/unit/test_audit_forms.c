/* What an audit says to people and to monitoring, of facts made up here. */
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
#include "audit_report.h"

#define PORTS	4

static struct facts facts[PORTS];
static struct findings findings[PORTS];
static struct audit_report report = { .facts = facts, .findings = findings };

/* A port with nothing to say of it, by the name of the host. */
static struct facts *
good(const char *host, enum port_service service)
{
	struct facts *f = &facts[report.count++];

	memset(f, 0, sizeof(*f));
	snprintf(f->target.host, sizeof(f->target.host), "%s", host);
	snprintf(f->target.address, sizeof(f->target.address), "192.0.2.1");
	f->target.service = service;
	f->target.port = port_infos[service].port;
	snprintf(f->greeting, sizeof(f->greeting), "220 mx ESMTP");
	f->before.known = !port_infos[service].implicit;
	f->before.starttls = f->before.known;
	f->after.known = f->after.login = true;
	snprintf(f->after.mechanisms, sizeof(f->after.mechanisms), "PLAIN LOGIN");
	f->auth = ANSWER_NO;
	f->mail = service == PORT_MX ? ANSWER_YES : ANSWER_NO;
	f->versions[3].taken = f->versions[4].taken = true;
	f->versions[3].suites[0] = 0xc02f;
	f->versions[3].suite_count = f->versions[4].suite_count = 1;
	f->versions[4].suites[0] = 0x1301;
	f->versions[4].chooser = CHOOSER_SERVER;
	f->groups[0] = 0x11ec;
	f->groups[1] = 0x001d;
	f->group_count = 2;
	f->dh_bits = 2048;
	f->hello = f->renegotiation = true;
	f->injection = ANSWER_NO;
	f->cert.readable = f->cert.ordered = f->cert.name_fits = true;
	f->cert.count = 2;
	f->cert.days = 90;
	f->cert.ends = 1803168000;
	f->cert.strength = f->cert.key_bits = 256;
	snprintf(f->cert.key, sizeof(f->cert.key), "EC");
	snprintf(f->cert.until, sizeof(f->cert.until), "2027-02-20");
	f->cert.trust = TRUST_GOOD;
	return f;
}

/* One that nothing is known of. */
static void
gone(void)
{
	struct facts *f = &facts[report.count++];

	memset(f, 0, sizeof(*f));
	snprintf(f->target.host, sizeof(f->target.host), "gone.example.org");
	f->target.service = PORT_MX;
	f->target.port = 25;
	f->fault = "does not answer";
}

static void
judged(void)
{
	size_t i;

	for (i = 0; i < report.count; i++)
		judge(&findings[i], &facts[i], report.profile);
}

static int
fresh(void **state)
{
	(void)state;
	report.count = 0;
	report.profile = profile_find("default");
	return 0;
}

static int
nagios(const char *expected)
{
	struct buf b = BUF_INIT;
	int status;

	judged();
	status = audit_nagios(&report, &b);
	assert_string_equal(buf_str(&b), expected);
	buf_free(&b);
	return status;
}

/* A name of the command line that would make figures of its own. */
static void
test_nagios(void **state)
{
	struct facts *f;

	(void)state;
	assert_int_equal(nagios("TLSWARDEN UNKNOWN - 0 ports audited | faults=0;;0 "
	    "warnings=0;0 notes=0\n"), NAGIOS_UNKNOWN);
	good("mx.example.org", PORT_SUBMISSIONS);
	assert_int_equal(nagios("TLSWARDEN OK - 1 port audited | faults=0;;0 warnings=0;0 "
	    "notes=0 'mx.example.org_465_days'=90;14:;7:\n"), NAGIOS_OK);
	f = good("a'b|c=d\x7f\xff e", PORT_SUBMISSION);
	f->versions[2].taken = true;
	f->versions[2].suite_count = 1;
	f->versions[2].suites[0] = 0xc013;
	/* of two certificates the one that ends first, if it could be read */
	f->other = f->cert;
	f->other.ends--;
	f->other.days = 89;
	assert_int_equal(nagios("TLSWARDEN CRITICAL - 2 ports audited; a_b_c_d___e 587: "
	    "tls1.1 | faults=1;;0 warnings=0;0 notes=1 "
	    "'mx.example.org_465_days'=90;14:;7: "
	    "'a_b_c_d___e_587_days'=89;14:;7:\n"), NAGIOS_CRITICAL);
	memset(&f->versions[2], 0, sizeof(f->versions[2]));
	f->other.ends += 2;
	gone();
	assert_int_equal(nagios("TLSWARDEN UNKNOWN - 2 ports audited; gone.example.org 25: "
	    "the server does not answer | faults=0;;0 warnings=0;0 notes=0 "
	    "'mx.example.org_465_days'=90;14:;7: "
	    "'a_b_c_d___e_587_days'=90;14:;7:\n"), NAGIOS_UNKNOWN);
}

/* A sample of a name and its labels twice is none: the exporter drops the file. */
static void
test_prometheus(void **state)
{
	struct buf b = BUF_INIT;
	struct facts *f;

	(void)state;
	f = good("a\"b\\c\n", PORT_SUBMISSIONS);
	f->other = f->cert;
	f->other.ends = 1800000000;
	gone();
	good("a\"b\\c\n", PORT_SUBMISSIONS);
	f = good("a\"b\\c\n", PORT_SUBMISSION);
	f->versions[2].taken = true;
	f->versions[2].suite_count = 1;
	f->versions[2].suites[0] = 0xc013;
	judged();
	audit_prometheus(&report, 1795000000, &b);
#define AT(port)	"{host=\"a\\\"b\\\\c\\n\",port=\"" port "\""
	assert_string_equal(buf_str(&b),
	    "# HELP tlswarden_audit_timestamp_seconds When the audit was made.\n"
	    "# TYPE tlswarden_audit_timestamp_seconds gauge\n"
	    "tlswarden_audit_timestamp_seconds 1795000000\n"
	    "# HELP tlswarden_audit_port_ok 1; 0 when the port could not be audited.\n"
	    "# TYPE tlswarden_audit_port_ok gauge\n"
	    "tlswarden_audit_port_ok" AT("465") "} 1\n"
	    "tlswarden_audit_port_ok{host=\"gone.example.org\",port=\"25\"} 0\n"
	    "tlswarden_audit_port_ok" AT("587") "} 1\n"
	    "# HELP tlswarden_audit_certificate_expiry_timestamp_seconds "
	    "When the certificate ends.\n"
	    "# TYPE tlswarden_audit_certificate_expiry_timestamp_seconds gauge\n"
	    "tlswarden_audit_certificate_expiry_timestamp_seconds" AT("465")
	    "} 1800000000\n"
	    "tlswarden_audit_certificate_expiry_timestamp_seconds" AT("587")
	    "} 1803168000\n"
	    "# HELP tlswarden_audit_findings What the audit found on the port.\n"
	    "# TYPE tlswarden_audit_findings gauge\n"
	    "tlswarden_audit_findings" AT("465") ",severity=\"note\"} 0\n"
	    "tlswarden_audit_findings" AT("465") ",severity=\"warning\"} 0\n"
	    "tlswarden_audit_findings" AT("465") ",severity=\"fault\"} 0\n"
	    "tlswarden_audit_findings" AT("587") ",severity=\"note\"} 1\n"
	    "tlswarden_audit_findings" AT("587") ",severity=\"warning\"} 0\n"
	    "tlswarden_audit_findings" AT("587") ",severity=\"fault\"} 1\n");
	buf_free(&b);
}

/* The same port of another host is another. */
static void
test_hosts(void **state)
{
	static const char *const wanted[] = { "{host=\"a\",port=\"465\"} 1\n",
	    "{host=\"b\",port=\"465\"} 1\n" };
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	good("a", PORT_SUBMISSIONS);
	good("b", PORT_SUBMISSIONS);
	judged();
	audit_prometheus(&report, 1795000000, &b);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_non_null(strstr(buf_str(&b), wanted[i]));
	buf_free(&b);
}

static void
shown(const char *expected)
{
	struct buf b = BUF_INIT;

	audit_text(&report, false, &b);
	assert_string_equal(buf_str(&b), expected);
	buf_free(&b);
}

static void
text(const char *expected)
{
	judged();
	shown(expected);
}

static void
test_text(void **state)
{
	struct facts *f;

	(void)state;
	f = good("192.0.2.1", PORT_SUBMISSION);
	f->before.login = true;
	f->before.mechanisms[0] = '\0';
	snprintf(f->before.mechanisms, sizeof(f->before.mechanisms), "SCRAM-SHA-256");
	snprintf(f->greeting, sizeof(f->greeting), "220 \x1b[31mmx");
	f->versions[3].taken = false;
	f->versions[4].suites[f->versions[4].suite_count++] = 0x1302;
	text("192.0.2.1 port 587, submission\n"
	    "  greeting      220 \\x1b[31mmx\n"
	    "  login         before TLS: SCRAM-SHA-256, refused; in TLS: PLAIN LOGIN\n"
	    "  TLSv1.3       2 suites, the server chooses: TLS_AES_128_GCM_SHA256\n"
	    "                TLS_AES_256_GCM_SHA384\n"
	    "  groups        X25519MLKEM768 x25519; DHE with 2048 bits\n"
	    "  certificate\n"
	    "  issuer\n"
	    "  names         none\n"
	    "                until 2027-02-20 (90 days), EC with 256 bits, , 2 sent\n"
	    "  note     auth-challenge-in-clear\n"
	    "                Logins without TLS are offered; the password is not sent, and can be\n"
	    "                guessed from what is: RFC 8314, section 3.\n"
	    "                SCRAM-SHA-256\n"
	    "      Postfix:\n# in main.cf:\nsmtpd_tls_auth_only = yes\n"
	    "      Sendmail:\ndefine(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl\n"
	    "define(`confAUTH_OPTIONS', `A p y')dnl\n"
	    "\n1 port audited, 0 faults, 0 warnings, 1 note; profile default\n");
}

static void
test_text_of_little(void **state)
{
	struct facts *f;

	(void)state;
	/* of a name also the address, when there is one */
	gone();
	text("gone.example.org port 25, mx\n"
	    "  not audited: the server does not answer\n"
	    "\n0 ports audited, 0 faults, 0 warnings, 0 notes; profile default\n");
	snprintf(facts[0].target.address, sizeof(facts[0].target.address), "192.0.2.1");
	shown("gone.example.org port 25, mx (192.0.2.1)\n"
	    "  not audited: the server does not answer\n"
	    "\n0 ports audited, 0 faults, 0 warnings, 0 notes; profile default\n");
	report.count = 0;
	f = good("192.0.2.1", PORT_IMAP);
	f->before.login = f->before.readable = true;
	snprintf(f->before.mechanisms, sizeof(f->before.mechanisms), "PLAIN");
	f->auth = ANSWER_YES;
	f->after.known = f->cert.readable = false;
	memset(f->versions, 0, sizeof(f->versions));
	f->group_count = 0;
	judged();
	findings[0].count = 0;
	shown("192.0.2.1 port 143, imap\n"
	    "  greeting      220 mx ESMTP\n"
	    "  login         before TLS: PLAIN, taken\n"
	    "  groups        DHE with 2048 bits\n"
	    "\n1 port audited, 0 faults, 0 warnings, 0 notes; profile default\n");
	f->before.login = false;
	f->auth = ANSWER_NONE;
	f->dh_bits = 0;
	shown("192.0.2.1 port 143, imap\n"
	    "  greeting      220 mx ESMTP\n"
	    "  login         before TLS: not offered\n"
	    "\n1 port audited, 0 faults, 0 warnings, 0 notes; profile default\n");
	f->before.known = false;
	f->after.known = true;
	f->after.login = false;
	shown("192.0.2.1 port 143, imap\n"
	    "  greeting      220 mx ESMTP\n"
	    "  login         in TLS: not offered\n"
	    "\n1 port audited, 0 faults, 0 warnings, 0 notes; profile default\n");
	f->versions[3].taken = true;
	f->versions[3].suites[0] = 0xc02f;
	f->versions[3].suite_count = 1;
	f->versions[3].chooser = CHOOSER_CLIENT;
	shown("192.0.2.1 port 143, imap\n"
	    "  greeting      220 mx ESMTP\n"
	    "  login         in TLS: not offered\n"
	    "  TLSv1.2       1 suite, the client chooses: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
	    "\n1 port audited, 0 faults, 0 warnings, 0 notes; profile default\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nagios, fresh),
		cmocka_unit_test_setup(test_prometheus, fresh),
		cmocka_unit_test_setup(test_hosts, fresh),
		cmocka_unit_test_setup(test_text, fresh),
		cmocka_unit_test_setup(test_text_of_little, fresh),
	};

	return cmocka_run_group_tests_name("audit_forms", tests, NULL, NULL);
}
