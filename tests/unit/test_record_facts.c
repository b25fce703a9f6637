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
#include "record.h"

static const char rules[] =
    "rule seen\n    note\n"
    "rule watched\n    reject 554 5.7.0 \"no\"\n    observe\n"
    "rule clear\n    if auth and not tls\n    reject 530 5.7.0 \"no\"\n";

struct setup {
	struct policy	*policy;
	struct session	*session;
	struct verdict	 verdict;
	struct account	 account;
	char		 hash[13];
};

static void
set(struct session *s, enum attr attr, const char *text)
{
	assert_int_equal(session_set(s, attr, text, strlen(text)), 0);
}

static int
begin(void **state)
{
	static struct setup su;
	struct diags *diags = diags_new();

	memset(&su, 0, sizeof(su));
	su.policy = policy_parse("test", rules, strlen(rules), 0, diags);
	diags_free(diags);
	if (su.policy == NULL)
		return -1;
	su.session = session_new();
	su.verdict.decided = true;
	su.verdict.rule = RULE_DEFAULT;
	su.verdict.missing = ATTR_NOTHING;
	su.account.event = "message";
	su.account.id = "5f0c9a2b77e1d304";
	su.account.stage = STAGE_EOM;
	su.account.mail = true;
	memcpy(su.hash, policy_hash(su.policy), 12);
	session_set_stage(su.session, STAGE_EOM);
	set(su.session, ATTR_SERVICE, "submission");
	set(su.session, ATTR_PORT, "587");
	set(su.session, ATTR_CLIENT, "198.51.100.7");
	*state = &su;
	return 0;
}

static int
end(void **state)
{
	struct setup *su = *state;

	session_free(su->session);
	policy_unref(&su->policy);
	return 0;
}

static void
assert_line(struct setup *su, const struct record_privacy *privacy,
    const char *want)
{
	struct record r;
	struct buf got = BUF_INIT, full = BUF_INIT;

	record_init(&r);
	record_judged(&r, &su->account, su->policy, su->session, &su->verdict,
	    privacy);
	record_format(&r, LOG_LOGFMT, &got);
	buf_printf(&full, "v=1 event=message id=5f0c9a2b77e1d304 %s policy=%s",
	    want, su->hash);
	assert_string_equal(buf_str(&got), buf_str(&full));
	buf_free(&got);
	buf_free(&full);
	record_free(&r);
}

static void
test_encrypted(void **state)
{
	struct setup *su = *state;
	struct session *s = su->session;

	assert_int_equal(session_set_tls(s, "TLSv1.3", "TLS_AES_256_GCM_SHA384",
	    "256"), TLS_PRESENT);
	session_set_none(s, ATTR_CLIENT_NAME);
	set(s, ATTR_HELO, "pc.example.net");
	set(s, ATTR_CERT_VERIFIED, "yes");
	set(s, ATTR_CERT_SUBJECT, "CN=ann");
	session_set_unknown(s, ATTR_SNI);
	set(s, ATTR_AUTH, "PLAIN");
	set(s, ATTR_USER, "ann@example.org");
	set(s, ATTR_SENDER, "<>");
	set(s, ATTR_LISTENER, "203.0.113.1");
	set(s, ATTR_DAEMON, "ORIGINATING");
	set(s, ATTR_MTA, "Postfix 3.7.11");
	su->account.qid = "4F1A2B3C4D";
	su->account.recipients = 2;
	assert_line(su, NULL, "verdict=accept rule=default stage=eom"
	    " service=submission port=587 client=198.51.100.7 client_name=none"
	    " helo=pc.example.net tls=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384"
	    " cipher_bits=256 cert_verified=yes cert_subject=\"CN=ann\""
	    " cert_issuer=none outcome=encrypted auth=PLAIN user=ann@example.org"
	    " sender=<> recipients=2 qid=4F1A2B3C4D listener=203.0.113.1"
	    " daemon=ORIGINATING mta=\"Postfix 3.7.11\"");
}

/* What hangs on no TLS and no login is left out; what is unknown is, too. */
static void
test_clear(void **state)
{
	struct setup *su = *state;

	assert_line(su, NULL, "verdict=accept rule=default stage=eom"
	    " service=submission port=587 client=198.51.100.7 tls=none"
	    " outcome=cleartext auth=none");
}

static void
test_verdicts(void **state)
{
	struct setup *su = *state;
	struct verdict *v = &su->verdict;
	int i;

	v->action = ACTION_REJECT;
	v->rule = 2;
	v->reply.code = 530;
	strcpy(v->reply.enhanced, "5.7.0");
	strcpy(v->reply.text, "no");
	v->notes.count = 1;
	v->observed.count = 11;
	for (i = 0; i < MARKS_MAX; i++)
		v->observed.rules[i] = 1;
	su->account.stage = STAGE_MAIL;
	session_set_stage(su->session, STAGE_MAIL);
	assert_line(su, NULL, "verdict=reject rule=clear stage=mail"
	    " reply=\"530 5.7.0\" observed=watched:reject,watched:reject,"
	    "watched:reject,watched:reject,watched:reject,watched:reject,"
	    "watched:reject,watched:reject,+3 notes=seen service=submission"
	    " port=587 client=198.51.100.7 tls=none outcome=cleartext auth=none");
	/* mode observe: what was withheld stands behind what was observed */
	memset(v, 0, sizeof(*v));
	v->decided = v->withheld = true;
	v->rule = RULE_DEFAULT;
	v->missing = ATTR_NOTHING;
	v->observed.count = 1;
	v->observed.rules[0] = 1;
	v->observed_rule = 2;
	v->observed_whole = ACTION_REJECT;
	assert_line(su, NULL, "verdict=accept rule=default stage=mail"
	    " observed=watched:reject,clear:reject service=submission port=587"
	    " client=198.51.100.7 tls=none outcome=cleartext auth=none");
	/* a fact stayed unknown */
	memset(v, 0, sizeof(*v));
	v->decided = true;
	v->action = ACTION_TEMPFAIL;
	v->rule = RULE_UNDECIDED;
	v->missing = ATTR_TLS;
	v->reply.code = 451;
	strcpy(v->reply.enhanced, "4.3.0");
	session_set_unknown(su->session, ATTR_TLS);
	assert_line(su, NULL, "verdict=tempfail rule=undecided stage=mail"
	    " reply=\"451 4.3.0\" missing=tls service=submission port=587"
	    " client=198.51.100.7 auth=none");
	/* it ended before it was decided */
	memset(v, 0, sizeof(*v));
	v->missing = ATTR_AUTH;
	su->account.stage = STAGE_HELO;
	session_set_stage(su->session, STAGE_HELO);
	assert_line(su, NULL, "verdict=undecided stage=helo missing=auth"
	    " service=submission port=587 client=198.51.100.7");
}

static void
fake_hash(const void *ctx, const char *value, size_t len, char out[32])
{
	snprintf(out, 32, "%s%zu%c", (const char *)ctx, len, value[0]);
}

static void
test_privacy(void **state)
{
	static const char rest[] = " tls=none outcome=cleartext auth=PLAIN";
	struct setup *su = *state;
	struct session *s = su->session;
	struct record_privacy p = { PRIVACY_FULL, PRIVACY_FULL, PRIVACY_FULL,
	    fake_hash, "h" };
	char want[512];

	set(s, ATTR_CLIENT_NAME, "pc.example.net");
	set(s, ATTR_HELO, "pc");
	set(s, ATTR_AUTH, "PLAIN");
	set(s, ATTR_USER, "ann");
	set(s, ATTR_SENDER, "ann@x@example.org");
	p.client = p.user = p.sender = PRIVACY_TRUNCATED;
	snprintf(want, sizeof(want), "verdict=accept rule=default stage=eom"
	    " service=submission port=587 client=198.51.100.0/24%s"
	    " user=\"a\\...\" sender=\"@example.org\\...\"", rest);
	assert_line(su, &p, want);
	set(s, ATTR_CLIENT, "2001:db8:40:1:2::7");
	p.user = p.sender = PRIVACY_HASHED;
	snprintf(want, sizeof(want), "verdict=accept rule=default stage=eom"
	    " service=submission port=587 client=2001:db8:40::/48%s"
	    " user=\"h3a\\...\" sender=\"h17a\\...\"", rest);
	assert_line(su, &p, want);
	p.client = PRIVACY_HASHED;
	p.user = p.sender = PRIVACY_NONE;
	snprintf(want, sizeof(want), "verdict=accept rule=default stage=eom"
	    " service=submission port=587 client=\"h18" "2\\...\"%s", rest);
	assert_line(su, &p, want);
	/* a certificate names its holder as a login does */
	assert_int_equal(session_set_tls(s, "TLSv1.3", "TLS_AES_256_GCM_SHA384",
	    "256"), TLS_PRESENT);
	set(s, ATTR_CERT_SUBJECT, "CN=ann");
	set(s, ATTR_CERT_VERIFIED, "yes");
	set(s, ATTR_CERT_ISSUER, "CN=ca");
	session_set_unknown(s, ATTR_SNI);
	snprintf(want, sizeof(want), "verdict=accept rule=default stage=eom"
	    " service=submission port=587 client=\"h18" "2\\...\" tls=TLSv1.3"
	    " cipher=TLS_AES_256_GCM_SHA384 cipher_bits=256 cert_verified=yes"
	    " cert_issuer=\"CN=ca\" outcome=encrypted auth=PLAIN");
	assert_line(su, &p, want);
	assert_int_equal(session_set_tls(s, NULL, NULL, NULL), TLS_ABSENT);
	session_clear(s, ATTR_CERT_SUBJECT);
	session_clear(s, ATTR_CERT_VERIFIED);
	session_clear(s, ATTR_CERT_ISSUER);
	session_clear(s, ATTR_SNI);
	/* nobody is named by the null sender */
	set(s, ATTR_SENDER, "<>");
	p.client = PRIVACY_NONE;
	snprintf(want, sizeof(want), "verdict=accept rule=default stage=eom"
	    " service=submission port=587%s sender=<>", rest);
	assert_line(su, &p, want);
}

/* Nothing to hash with: then nobody is named at all. */
static void
test_no_hash(void **state)
{
	struct setup *su = *state;
	struct record_privacy p = { PRIVACY_HASHED, PRIVACY_HASHED, PRIVACY_HASHED,
	    NULL, NULL };

	set(su->session, ATTR_AUTH, "PLAIN");
	set(su->session, ATTR_USER, "ann");
	set(su->session, ATTR_SENDER, "ann@example.org");
	assert_line(su, &p, "verdict=accept rule=default stage=eom service=submission"
	    " port=587 tls=none outcome=cleartext auth=PLAIN");
}

/* A record that is full takes no more, of whatever kind. */
static void
test_full(void **state)
{
	struct setup *su = *state;
	struct record_privacy p = { PRIVACY_TRUNCATED, PRIVACY_TRUNCATED,
	    PRIVACY_TRUNCATED, NULL, NULL };
	struct record r;

	set(su->session, ATTR_USER, "ann");
	record_init(&r);
	while (r.count < RECORD_FIELDS)
		record_put(&r, "x", "y");
	record_put_fact(&r, su->session, ATTR_USER, &p);
	record_put_fact(&r, su->session, ATTR_USER, NULL);
	record_put_fact(&r, su->session, ATTR_CLIENT, &p);
	record_put_fact(&r, su->session, ATTR_PORT, &p);
	assert_int_equal(r.count, RECORD_FIELDS);
	record_free(&r);
}

/* What was never judged names no fact that it lacks. */
static void
test_not_judged(void **state)
{
	struct setup *su = *state;

	su->verdict.decided = false;
	su->verdict.missing = ATTR_NOTHING;
	assert_line(su, NULL, "verdict=undecided stage=eom service=submission port=587"
	    " client=198.51.100.7 tls=none outcome=cleartext auth=none");
}

static enum fact_state
state_of(const struct session *s, enum attr attr)
{
	return session_fact(s, attr).state;
}

static struct session *
read_back(const char *line)
{
	struct session *s = session_new();
	struct record r;

	record_init(&r);
	assert_int_equal(record_parse(&r, line, strlen(line)), 0);
	record_facts(&r, s);
	record_free(&r);
	return s;
}

/* Before the login is known, and where TLS is not, nor is the certificate. */
static void
test_certificate_unsettled(void **state)
{
	static const char *const lines[] = {
		"v=1 event=session stage=helo service=mx port=25 tls=TLSv1.2"
		    " cipher=ECDHE-RSA-AES256-GCM-SHA384 cipher_bits=256",
		"v=1 event=message stage=eom service=mx port=25 auth=none",
	};
	struct session *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		s = read_back(lines[i]);
		assert_int_equal(state_of(s, ATTR_CERT_VERIFIED), FACT_UNKNOWN);
		assert_int_equal(state_of(s, ATTR_CERT_SUBJECT), FACT_UNKNOWN);
		session_free(s);
	}
}

static void
test_facts(void **state)
{
	struct session *s;
	char scratch[SESSION_SCRATCH];

	(void)state;
	s = read_back("v=1 event=message stage=eom service=mx port=25"
	    " client=192.0.2.7 client_name=none helo=\"\\x6eone\" tls=TLSv1.2"
	    " cipher=ECDHE-RSA-AES256-GCM-SHA384 cipher_bits=256 auth=none"
	    " sender=\"ann\\x40example.org\"");
	assert_int_equal(session_stage(s), STAGE_EOM);
	assert_string_equal(session_text(s, ATTR_CLIENT, scratch,
	    sizeof(scratch)), "192.0.2.7");
	assert_int_equal(state_of(s, ATTR_CLIENT_NAME), FACT_NONE);
	assert_string_equal(session_fact(s, ATTR_HELO).text, "none");
	assert_int_equal(session_fact(s, ATTR_CIPHER_STRENGTH).number, 256);
	assert_int_equal(session_fact(s, ATTR_CIPHER_AEAD).number, 1);
	assert_int_equal(state_of(s, ATTR_AUTH), FACT_NONE);
	assert_int_equal(state_of(s, ATTR_USER), FACT_NONE);
	assert_string_equal(session_fact(s, ATTR_SENDER).text, "ann@example.org");
	/* a record that got as far as the login names a certificate, or had none */
	assert_int_equal(state_of(s, ATTR_CERT_SUBJECT), FACT_NONE);
	/* otherwise not in the record: not known, not lacking */
	assert_int_equal(state_of(s, ATTR_SNI), FACT_UNKNOWN);
	assert_int_equal(state_of(s, ATTR_RECIPIENT), FACT_UNKNOWN);
	assert_int_equal(state_of(s, ATTR_MTA), FACT_UNKNOWN);
	session_free(s);
}

static void
test_facts_lacking(void **state)
{
	struct session *s;

	(void)state;
	s = read_back("{\"v\":1,\"event\":\"session\",\"stage\":\"close\","
	    "\"client\":\"192.0.2.0/24\",\"tls\":\"none\","
	    "\"user\":\"3fab\\\\...\",\"helo\":\"long\\\\...\",\"port\":70000}");
	assert_int_equal(session_stage(s), STAGE_CLOSE);
	assert_int_equal(state_of(s, ATTR_TLS), FACT_NONE);
	assert_int_equal(state_of(s, ATTR_CIPHER), FACT_NONE);
	assert_int_equal(state_of(s, ATTR_CIPHER_STRENGTH), FACT_NONE);
	assert_int_equal(state_of(s, ATTR_CERT_SUBJECT), FACT_NONE);
	/* shortened, hashed, cut, nonsense */
	assert_int_equal(state_of(s, ATTR_CLIENT), FACT_UNKNOWN);
	assert_int_equal(state_of(s, ATTR_USER), FACT_UNKNOWN);
	assert_int_equal(state_of(s, ATTR_HELO), FACT_UNKNOWN);
	assert_int_equal(state_of(s, ATTR_PORT), FACT_UNKNOWN);
	assert_int_equal(state_of(s, ATTR_AUTH), FACT_UNKNOWN);
	session_free(s);
	/* the cipher is not known, then neither is what follows from it */
	s = read_back("v=1 event=message stage=nowhere tls=TLSv1.2");
	assert_int_equal(session_stage(s), STAGE_CLOSE);
	assert_int_equal(state_of(s, ATTR_CIPHER), FACT_UNKNOWN);
	assert_int_equal(state_of(s, ATTR_CIPHER_FS), FACT_UNKNOWN);
	session_free(s);
}

/* A value longer than its attribute may be: its start, marked, and unknown. */
static void
test_too_long(void **state)
{
	struct setup *su = *state;
	struct session *back;
	struct record r;
	struct buf b = BUF_INIT;
	char helo[300];

	memset(helo, 'h', sizeof(helo));
	assert_int_equal(session_set(su->session, ATTR_HELO, helo, sizeof(helo)), -1);
	record_init(&r);
	record_judged(&r, &su->account, su->policy, su->session, &su->verdict, NULL);
	assert_int_equal(record_find(&r, "helo")->len, 255);
	record_format(&r, LOG_LOGFMT, &b);
	assert_non_null(strstr(buf_str(&b), "hhh\\...\" tls=none"));
	back = read_back(buf_str(&b));
	assert_int_equal(state_of(back, ATTR_HELO), FACT_UNKNOWN);
	session_free(back);
	buf_free(&b);
	record_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_encrypted, begin, end),
		cmocka_unit_test_setup_teardown(test_clear, begin, end),
		cmocka_unit_test_setup_teardown(test_verdicts, begin, end),
		cmocka_unit_test_setup_teardown(test_privacy, begin, end),
		cmocka_unit_test_setup_teardown(test_no_hash, begin, end),
		cmocka_unit_test_setup_teardown(test_full, begin, end),
		cmocka_unit_test_setup_teardown(test_not_judged, begin, end),
		cmocka_unit_test_setup_teardown(test_too_long, begin, end),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_certificate_unsettled),
		cmocka_unit_test(test_facts_lacking),
	};

	return cmocka_run_group_tests_name("record_facts", tests, NULL, NULL);
}
