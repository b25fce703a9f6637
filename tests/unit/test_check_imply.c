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
#include "check.h"
#include "policy.h"
#include "session.h"
#include "walk.h"

static uint32_t seed = 1;

static uint32_t
any(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static const char *const comparisons[] = {
	"tls", "tls = none", "tls != none", "tls < TLSv1.2", "tls <= TLSv1.1",
	"tls < TLSv1.3", "tls > TLSv1.1",
	"tls >= TLSv1.2", "tls > TLSv1.2", "tls = TLSv1.3", "tls != TLSv1.3",
	"tls != TLSv1.1", "tls in { TLSv1.2, TLSv1.3 }", "cipher_anon",
	"cipher_anon = no",
	"cipher_anon != yes", "cipher_anon = none", "auth", "auth = PLAIN",
	"auth != plain", "auth in { LOGIN, PLAIN }", "auth not in { LOGIN }",
	"client in 192.0.2.0/24", "client = 192.0.2.1", "client = 192.0.2.0/25",
	"client != 192.0.2.0/24", "client in { 192.0.2.0/25, 198.51.100.1 }",
	"sender = ann@example.org", "sender in { example.org }", "sender = <>",
	"sender in { .example.org, ann@example.org }", "port < 100", "port = 25",
	"port != 587", "port > 587", "port >= 587", "port in { 25, 587 }", "user = ann",
	"port < 588", "user = bob", "user", "user = none", "service = mx",
	"service in { mx, other }", "service != submission",
	"user ~ /^a/", "user !~ /^a/", "user ~ /^a/i", "user ~ /^b/",
	"cipher = RC4-SHA", "cipher != TLS_RSA_WITH_RC4_128_SHA",
	"cipher in { RC4-SHA, AES128-SHA }", "cipher not in { RC4-MD5 }",
	"cipher in weak", "helo = mx.example.org", "helo = MX.example.org.",
	"helo != pc.example.org", "helo in { .example.org }", "helo in { mx.example.org }",
	"client in { 192.0.2.0/26, 192.0.2.64/26 }", "client in six", "client in many",
	"client in 2001:db8::/32", "cert_subject = Ann", "cert_subject in { Ann, bob }",
	"cert_subject != bob", "cert_subject = none",
};

static const struct {
	enum attr	 attr;
	const char	*texts[5];	/* "": nothing; NULL: known to be lacking */
} facts[] = {
	{ ATTR_TLS, { "TLSv1.1", "TLSv1.2", "TLSv1.3", "", NULL } },
	{ ATTR_CIPHER, { "RC4-SHA", "AES128-SHA", "RC4-MD5", "", "" } },
	{ ATTR_HELO, { "mx.example.org", "pc.example.org", "MX.EXAMPLE.ORG.", "", NULL } },
	{ ATTR_CERT_SUBJECT, { "Ann", "ann", "bob", "", NULL } },
	{ ATTR_CIPHER_ANON, { "yes", "no", "", "", NULL } },
	{ ATTR_AUTH, { "PLAIN", "login", "CRAM-MD5", "", NULL } },
	{ ATTR_USER, { "ann", "Ann", "bob", "", NULL } },
	{ ATTR_CLIENT, { "192.0.2.1", "192.0.2.200", "198.51.100.1", "", "2001:db8::1" } },
	{ ATTR_SENDER, { "ann@example.org", "bob@x.example.org", "<>", "", "a@b" } },
	{ ATTR_PORT, { "25", "587", "588", "465", "" } },
};

static void
random_cond(struct buf *b, unsigned int depth)
{
	switch (depth > 0 ? any(6) : 0) {
	case 1:
	case 2:
		buf_putc(b, '(');
		random_cond(b, depth - 1);
		buf_puts(b, any(2) ? " and " : " or ");
		random_cond(b, depth - 1);
		buf_putc(b, ')');
		break;
	case 3:
		buf_puts(b, "not ");
		random_cond(b, depth - 1);
		break;
	default:
		buf_puts(b, comparisons[any(sizeof(comparisons) / sizeof(*comparisons))]);
	}
}

static struct session *
random_session(void)
{
	struct session *s = session_new();
	const char *text;
	enum attr on;
	size_t i;

	session_set_stage(s, STAGE_MAIL);
	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		text = facts[i].texts[any(5)];
		on = attr_info(facts[i].attr)->depends;
		/* cipher_anon hangs on tls over cipher */
		if (on == ATTR_CIPHER)
			on = ATTR_TLS;
		if (on != ATTR_NOTHING && session_fact(s, on).state != FACT_KNOWN)
			text = "";
		if (text == NULL)
			session_set_none(s, facts[i].attr);
		else if (text[0] != '\0')
			session_set(s, facts[i].attr, text, strlen(text));
	}
	return s;
}

/* Two random conditions, of which both answers to a random session are seen. */
struct pair {
	struct buf	 text;
	struct policy	*policy;
	struct scratch	*scratch;
	struct trace	*trace;
};

static void
draw(struct pair *p)
{
	struct diags *d = diags_new();

	unsigned int i;

	buf_clear(&p->text);
	buf_puts(&p->text, "rule x\n if ");
	random_cond(&p->text, 2);
	buf_puts(&p->text, "\n note\nrule y\n if ");
	random_cond(&p->text, 2);
	buf_puts(&p->text, "\n note\n");
	if (strstr(p->text.data, "in weak") != NULL)
		buf_puts(&p->text, "list weak = ciphers \"AES128-SHA\"\n");
	if (strstr(p->text.data, "in six") != NULL)
		buf_puts(&p->text, "list six = { 2001:db8::/32 }\n");
	if (strstr(p->text.data, "in many") != NULL) {
		buf_puts(&p->text, "list many = {");
		for (i = 0; i < 80; i++)
			buf_printf(&p->text, "%s 192.0.2.%u/31", i > 0 ? "," : "", i * 2);
		buf_puts(&p->text, " }\n");
	}
	p->policy = policy_parse("t", p->text.data, p->text.len, 0, d);
	assert_non_null(p->policy);
	p->trace = trace_new(p->policy);
	p->scratch = policy_scratch(p->policy);
	diags_free(d);
}

static void
drop(struct pair *p)
{
	scratch_free(p->scratch);
	trace_free(p->trace);
	policy_unref(&p->policy);
}

static void
answer(struct pair *p, enum trace_answer *x, enum trace_answer *y)
{
	struct session *s = random_session();
	struct verdict v;

	policy_judge(p->policy, s, p->scratch, false, &v, p->trace);
	*x = p->trace->entries[0].answer;
	*y = p->trace->entries[1].answer;
	session_free(s);
}

/*
 * What follows holds in every session: where the second is false, so is the
 * first.  What excludes each other is never true at once.
 */
static void
test_sound(void **state)
{
	unsigned int followed = 0, excluded = 0, i, k, budget;
	struct pair p = { .text = BUF_INIT };
	enum trace_answer x, y;
	bool implies, excludes;

	(void)state;
	for (i = 0; i < 40000; i++) {
		draw(&p);
		budget = 10000;
		implies = cond_implies(p.policy->rules[0].cond,
		    p.policy->rules[1].cond, &budget);
		excludes = cond_excludes(p.policy->rules[0].cond,
		    p.policy->rules[1].cond, &budget);
		followed += implies;
		excluded += excludes;
		for (k = 0; k < 40 && (implies || excludes); k++) {
			answer(&p, &x, &y);
			if (implies && y == TRACE_NOT && x != TRACE_NOT)
				fail_msg("%s", buf_str(&p.text));
			if (excludes && x == TRACE_NOTED && y == TRACE_NOTED)
				fail_msg("not excluded: %s", buf_str(&p.text));
		}
		drop(&p);
	}
	assert_true(followed > 1000);
	assert_true(excluded > 1000);
	buf_free(&p.text);
}

/* Pairs of which it must be known. */
static const struct {
	const char	*x, *y;
	bool		 implies, excludes;
} known[] = {
	{ "tls < TLSv1.2", "tls < TLSv1.3", true, false },
	{ "tls < TLSv1.3", "tls < TLSv1.2", false, false },
	{ "not tls < TLSv1.2", "not tls < TLSv1.3", false, false },
	{ "not tls < TLSv1.3", "not tls < TLSv1.2", true, false },
	{ "tls > TLSv1.2", "tls < TLSv1.3", false, true },
	{ "tls", "not tls", false, true },
	{ "tls and auth", "not tls or not auth", false, true },
	{ "not tls", "cipher_anon", false, true },
	{ "not auth", "user = ann", false, true },
	{ "cipher_strength < 112", "tls", true, false },
	{ "user", "auth", true, false },
	{ "service = mx", "service = submission", false, true },
	{ "service = mx", "service in { other, submission }", false, true },
	{ "service = mx and auth", "service in { other, mx }", true, false },
	{ "client = 192.0.2.1", "client in { 198.51.100.0/24 }", false, true },
	{ "client in 192.0.2.0/24", "client in 198.51.100.0/24", false, true },
	{ "client in 192.0.2.0/25", "client in 192.0.2.0/24", true, false },
	{ "client in 192.0.2.0/24", "client in 192.0.2.0/25", false, false },
	{ "port = 25", "port in { 465, 587 }", false, true },
	{ "tls = TLSv1.0", "tls in { TLSv1 }", true, false },
	{ "tls = TLSv1.2", "tls in { TLSv1 }", false, true },
	{ "cipher = RC4-SHA", "cipher = TLS_RSA_WITH_RC4_128_SHA", true, false },
	{ "cipher = RC4-SHA", "cipher in { RC4-MD5 }", false, true },
	{ "helo = a.example.", "helo = A.example", true, false },
	{ "sender = ann@example.org", "sender in { .example.org }", false, true },
	{ "user ~ /^a/", "user = bob", false, false },
	{ "user ~ /^a/", "user ~ /^a/", true, false },
	{ "user ~ /^a/", "user ~ /^a/i", false, false },
	{ "user ~ /^a/", "user ~ /^b/", false, false },
	{ "helo = mx.example.org", "helo in { .example.org }", true, false },
	{ "helo = mx.example.org", "helo in { pc.example.org }", false, true },
	{ "helo = mx.example.org", "helo = pc.example.org", false, true },
	{ "cipher in { RC4-SHA }", "cipher = TLS_RSA_WITH_RC4_128_SHA", true, false },
	{ "cipher in { RC4-SHA, RC4-MD5 }", "cipher != AES128-SHA", true, false },
	{ "client in 192.0.2.0/25", "client in { 192.0.2.0/24 }", true, false },
	{ "client in 192.0.2.0/24", "client in { 2001:db8::/32 }", false, true },
	{ "client = 192.0.2.1", "client in { 2001:db8::/32 }", false, true },
	{ "client in { 192.0.2.1, 192.0.2.2 }", "client in 192.0.2.0/24", true, false },
	{ "helo = mx.example.org", "helo = MX.example.org.", true, false },
	{ "cert_subject = Ann", "cert_subject = ann", false, true },
	{ "cert_verified = yes", "cert_verified = no", false, true },
};

static void
test_known(void **state)
{

	unsigned int budget = 100000;
	struct policy *p;
	struct diags *d;
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		buf_clear(&b);
		buf_printf(&b, "rule x\n if %s\n note\nrule y\n if %s\n note\n",
		    known[i].x, known[i].y);
		d = diags_new();
		p = policy_parse("t", b.data, b.len, 0, d);
		assert_non_null(p);
		if (cond_implies(p->rules[0].cond, p->rules[1].cond, &budget) !=
		    known[i].implies)
			fail_msg("implies: %s: %s", known[i].x, known[i].y);
		if (cond_excludes(p->rules[0].cond, p->rules[1].cond, &budget) !=
		    known[i].excludes)
			fail_msg("excludes: %s: %s", known[i].x, known[i].y);
		policy_unref(&p);
		diags_free(d);
	}
	buf_free(&b);
}

static void
test_budget(void **state)
{
	static const char text[] = "rule x\n if tls and auth\n note\n"
	    "rule y\n if auth\n note\n";
	struct diags *d = diags_new();
	struct policy *p = policy_parse("t", text, strlen(text), 0, d);
	unsigned int budget = 3;

	(void)state;
	assert_true(cond_implies(p->rules[0].cond, p->rules[1].cond, &budget));
	assert_int_equal(budget, 0);
	assert_false(cond_implies(p->rules[0].cond, p->rules[1].cond, &budget));
	assert_false(cond_excludes(p->rules[0].cond, p->rules[1].cond, &budget));
	budget = 10;
	assert_false(cond_implies(p->rules[1].cond, p->rules[0].cond, &budget));
	policy_unref(&p);
	diags_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests_name("check_imply", tests, NULL, NULL);
}
