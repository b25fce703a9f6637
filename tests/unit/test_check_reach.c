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
	"user ~ /^a/", "user !~ /^a/",
};

static const struct {
	enum attr	 attr;
	const char	*texts[5];	/* "": nothing; NULL: known to be lacking */
} facts[] = {
	{ ATTR_TLS, { "TLSv1.1", "TLSv1.2", "TLSv1.3", "", NULL } },
	{ ATTR_CIPHER_ANON, { "yes", "no", "", "", NULL } },
	{ ATTR_AUTH, { "PLAIN", "login", "CRAM-MD5", "", NULL } },
	{ ATTR_USER, { "ann", "Ann", "bob", "", NULL } },
	{ ATTR_CLIENT, { "192.0.2.1", "192.0.2.200", "198.51.100.1", "", "" } },
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
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		text = facts[i].texts[any(5)];
		if (text == NULL)
			session_set_none(s, facts[i].attr);
		else if (text[0] != '\0')
			session_set(s, facts[i].attr, text, strlen(text));
	}
	session_set_stage(s, STAGE_MAIL);
	return s;
}

/*
 * What follows holds in every session: where the second is false, so is the
 * first.
 */
static void
test_sound(void **state)
{
	unsigned int followed = 0, i, k, budget;
	struct buf text = BUF_INIT;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct diags *d = diags_new();
		struct policy *p;
		struct trace *trace;
		struct scratch *scratch;
		struct verdict v;

		buf_clear(&text);
		buf_puts(&text, "rule x\n if ");
		random_cond(&text, 2);
		buf_puts(&text, "\n note\nrule y\n if ");
		random_cond(&text, 2);
		buf_puts(&text, "\n note\n");
		p = policy_parse("t", text.data, text.len, 0, d);
		assert_non_null(p);
		diags_free(d);
		budget = 10000;
		if (!cond_implies(p->rules[0].cond, p->rules[1].cond, &budget)) {
			policy_unref(&p);
			continue;
		}
		followed++;
		trace = trace_new(p);
		scratch = policy_scratch(p);
		for (k = 0; k < 40; k++) {
			struct session *s = random_session();

			policy_judge(p, s, scratch, false, &v, trace);
			if (trace->entries[1].answer == TRACE_NOT &&
			    trace->entries[0].answer != TRACE_NOT)
				fail_msg("%s", buf_str(&text));
			session_free(s);
		}
		scratch_free(scratch);
		trace_free(trace);
		policy_unref(&p);
	}
	assert_true(followed > 500);
	buf_free(&text);
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
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests_name("check_reach", tests, NULL, NULL);
}
