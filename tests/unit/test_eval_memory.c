/*
 * That an evaluation asks for no memory, takes no lock and looks at no clock:
 * the linker puts the functions below in their place.
 */
/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* this test */
#include "wrap.h"
/* under test */
#include "mem.h"
#include "policy.h"
#include "session.h"

static unsigned int calls;

/* Each counts, and does what it stands for. */
WRAP(void *, malloc, (size_t n), (n), calls++;)
WRAP(void *, calloc, (size_t n, size_t size), (n, size), calls++;)
WRAP(void *, realloc, (void *p, size_t n), (p, n), calls++;)
WRAP_WIDE(void *, mmap, (void *a, size_t n, int p, int f, int fd, off_t o),
    (a, n, p, f, fd, o), calls++;)
WRAP(char *, strdup, (const char *s), (s), calls++;)
WRAP(char *, strndup, (const char *s, size_t n), (s, n), calls++;)
WRAP(char *, getenv, (const char *s), (s), calls++;)
WRAP_WIDE(time_t, time, (time_t *t), (t), calls++;)
WRAP_WIDE(int, clock_gettime, (clockid_t c, struct timespec *t), (c, t), calls++;)
WRAP(int, pthread_mutex_lock, (pthread_mutex_t *m), (m), calls++;)
WRAP(int, pthread_rwlock_rdlock, (pthread_rwlock_t *l), (l), calls++;)

static const char text[] =
    "set contact \"help\"\n"
    "list nets = { 192.0.2.0/24, 2001:db8::/32 }\n"
    "list people = { ann@example.org, .example.net, bob }\n"
    "list suites = ciphers \"AESGCM\"\n"
    "rule a\n    if client in nets and sender in people and cipher in suites\n    note\n"
    "rule b\n    if helo ~ /^(a+)+$/ or user ~ /^x.*y$/i\n    note\n"
    "rule c\n    if tls < TLSv1.2 and port != 25\n    reject 554 5.7.0 \"no\"\n"
    "    share 50%\n"
    "rule d\n    if cipher = RC4-SHA or cipher_strength < 112\n"
    "    reject 554 5.7.0 \"%{tls} %{port} %{service} %{rule} %{date} %{contact}\"\n"
    "rule e\n    if cert_subject in { \"x\", \"y\" } or sni = mx.example.org\n"
    "    reject 554 5.7.0 \"no\"\n    from 2027-01-01\n"
    "rule f\n    if helo ~ /^(a|b)*(a|b)*(a|b)*c/ and not auth\n"
    "    tempfail 454 4.7.0 \"later\"\n"
    "rule g\n    if recipient in people and auth in { PLAIN }\n"
    "    disconnect 421 4.7.0 \"no\"\n";

static const struct {
	enum attr	 attr;
	const char	*texts[3];
} facts[] = {
	{ ATTR_PORT, { "25", "587", "465" } },
	{ ATTR_CLIENT, { "192.0.2.7", "2001:db8::1", "198.51.100.7" } },
	{ ATTR_HELO, { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!c", "pc.example", "" } },
	{ ATTR_TLS, { "TLSv1.1", "TLSv1.3", "" } },
	{ ATTR_CIPHER, { "RC4-SHA", "TLS_AES_256_GCM_SHA384", "" } },
	{ ATTR_AUTH, { "PLAIN", "", "" } },
	{ ATTR_SENDER, { "ann@example.org", "bob@mail.example.net", "<>" } },
	{ ATTR_RECIPIENT, { "bob", "x@example.org", "" } },
};

static struct session *
session_of(unsigned int n)
{
	struct session *s = session_new();
	const char *value;
	size_t i;

	assert_non_null(s);
	session_set_today(s, n % 2 ? 20261121 : 20270101);
	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++, n /= 3) {
		value = facts[i].texts[n % 3];
		if (value[0] != '\0')
			assert_int_equal(session_set(s, facts[i].attr, value,
			    strlen(value)), 0);
	}
	return s;
}

static void
test_nothing_is_asked_for(void **state)
{
	struct diags *d = diags_new();
	struct policy *p = policy_parse("t", text, strlen(text), 20261121, d);
	struct trace *trace;
	struct scratch *scratch;
	struct session *s;
	struct verdict v;
	enum stage stage;
	unsigned int n, before, limits = 0, refused = 0;

	(void)state;
	assert_non_null(p);
	scratch = policy_scratch(p);
	trace = trace_new(p);
	/* what counts does count */
	before = calls;
	free(mem_calloc(1, 1));
	assert_int_equal(calls, before + 1);
	for (n = 0; n < 6561; n++) {
		s = session_of(n);
		policy_classify(p, s);
		for (stage = STAGE_CONNECT; stage <= STAGE_RCPT; stage++) {
			session_set_stage(s, stage);
			before = calls;
			policy_judge(p, s, scratch, n % 5 == 0, &v,
			    n % 7 == 0 ? trace : NULL);
			assert_int_equal(calls, before);
			limits += v.limits;
			refused += v.reply.code != 0;
		}
		session_free(s);
	}
	/* it did get that far */
	assert_true(limits > 100);
	assert_true(refused > 1000);
	trace_free(trace);
	scratch_free(scratch);
	policy_unref(&p);
	diags_free(d);
}

static struct policy *
parsed(const char *rules)
{
	struct diags *d = diags_new();
	struct policy *p = policy_parse("t", rules, strlen(rules), 20261121, d);

	assert_non_null(p);
	diags_free(d);
	return p;
}

/* Without memory a pattern is unknown: nothing is taken or refused by it. */
static void
test_no_scratch(void **state)
{
	static const char *const rules[] = {
		"rule a\n    if helo ~ /a/\n    accept\ndefault reject 550 5.7.1 \"no\"\n",
		"rule a\n    if helo !~ /a/\n    accept\ndefault reject 550 5.7.1 \"no\"\n",
		"rule a\n    if helo ~ /a/\n    reject 550 5.7.1 \"no\"\n",
	};
	struct policy *p;
	struct session *s;
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		p = parsed(rules[i]);
		s = session_new();
		session_set(s, ATTR_SERVICE, "submission", 10);
		session_set(s, ATTR_HELO, "aaa", 3);
		assert_true(policy_needs_scratch(p));
		session_set_stage(s, STAGE_MAIL);
		policy_judge(p, s, NULL, false, &v, NULL);
		assert_true(v.rule == RULE_UNDECIDED);
		assert_int_equal(v.action, ACTION_TEMPFAIL);
		assert_int_equal(v.missing, ATTR_HELO);
		assert_int_equal(v.limits, 1);
		session_free(s);
		policy_unref(&p);
	}
	p = parsed("rule a\n    if helo = a\n    accept\n");
	assert_false(policy_needs_scratch(p));
	assert_null(policy_scratch(p));
	policy_unref(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_asked_for),
		cmocka_unit_test(test_no_scratch),
	};

	return cmocka_run_group_tests_name("eval_memory", tests, NULL, NULL);
}
