/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "strset.h"

static struct strset *
filled(const char *const *members)
{
	struct strset *set;

	set = strset_new();
	for (; *members != NULL; members++)
		strset_add(set, *members);
	return set;
}

static bool
has(const struct strset *set, const char *s)
{
	return strset_contains(set, s, strlen(s));
}

static bool
has_domain(const struct strset *set, const char *s)
{
	return strset_contains_domain(set, s, strlen(s));
}

static bool
has_mailbox(const struct strset *set, const char *s)
{
	return strset_contains_mailbox(set, s, strlen(s));
}

static void
test_words(void **state)
{
	static const char *const members[] = { "PLAIN", "plain", "Login", "", NULL };
	struct strset *set;
	char longer[2000];

	(void)state;
	set = strset_new();
	assert_false(has(set, "plain"));
	assert_false(has(set, ""));
	strset_free(set);
	set = filled(members);
	assert_true(has(set, "plain"));
	assert_true(has(set, "LOGIN"));
	assert_true(has(set, ""));
	assert_false(has(set, "plai"));
	assert_true(strset_contains(set, "plainer", 5));
	assert_false(strset_contains(set, "plain\0", 6));
	memset(longer, 'a', sizeof(longer));
	assert_false(strset_contains(set, longer, sizeof(longer)));
	strset_free(set);
	strset_free(NULL);
}

static void
test_domains(void **state)
{
	static const char *const members[] = { "example.org", ".Example.NET", NULL };
	struct strset *set = filled(members);

	(void)state;
	assert_true(has_domain(set, "example.org"));
	assert_true(has_domain(set, "EXAMPLE.ORG."));
	assert_false(has_domain(set, "mx.example.org"));
	assert_false(has_domain(set, "example.net"));
	assert_true(has_domain(set, "mx.example.net"));
	assert_true(has_domain(set, "a.b.c.example.net."));
	assert_false(has_domain(set, "badexample.net"));
	assert_false(has_domain(set, ".example.net"));
	assert_false(has_domain(set, ""));
	assert_false(has_domain(set, "."));
	strset_free(set);
}

static void
test_mailboxes(void **state)
{
	static const char *const members[] = { "ann@example.com", "example.org",
	    ".example.net", "<>", NULL };
	struct strset *set = filled(members);

	(void)state;
	assert_true(has_mailbox(set, "Ann@Example.com"));
	assert_false(has_mailbox(set, "bob@example.com"));
	assert_true(has_mailbox(set, "bob@example.org"));
	assert_true(has_mailbox(set, "\"odd@example.com\"@example.org"));
	assert_false(has_mailbox(set, "ann@example.com@elsewhere.example"));
	assert_true(has_mailbox(set, "x@mx.example.net"));
	assert_false(has_mailbox(set, "x@example.net"));
	assert_true(has_mailbox(set, "<>"));
	assert_false(has_mailbox(set, "ann"));
	assert_false(has_mailbox(set, "ann@"));
	strset_free(set);
}

/* What is too long to be looked up is in no set, whatever length members have. */
static void
test_long(void **state)
{
	static const char *const members[] = { "a", "example.org", ".example.org", NULL };
	struct strset *set = filled(members);
	char text[1025 + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_false(strset_contains(set, text, 1025));
	memcpy(text + 1025 - 12, ".example.org", 12);
	text[1025] = '\0';
	assert_false(has_domain(set, text));
	assert_true(has_domain(set, text + 1));
	strset_free(set);
}

static void
test_many(void **state)
{
	struct strset *set;
	char name[64];
	clock_t start;
	int i;

	(void)state;
	start = clock();
	set = strset_new();
	for (i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "host-%d.example.org", i);
		strset_add(set, name);
	}
	for (i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "HOST-%d.example.org", i);
		assert_true(has_domain(set, name));
		snprintf(name, sizeof(name), "host-%d.example.com", i);
		assert_false(has_domain(set, name));
	}
	/* an analyser that looks on takes its time */
	assert_true(getenv("TLSWARDEN_PATIENCE") != NULL || clock() - start < CLOCKS_PER_SEC);
	strset_free(set);
}

static void
tell(void *ctx, const char *text, size_t len)
{
	struct strset *to = ctx;

	assert_int_equal(strlen(text), len);
	assert_false(has(to, text));
	strset_add(to, text);
}

static void
test_each(void **state)
{
	struct strset *set = strset_new(), *told = strset_new();
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "Name%d", i % 50);
		strset_add(set, name);
	}
	strset_each(set, tell, told);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		assert_true(has(told, name));
	}
	strset_free(told);
	strset_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_mailboxes),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests_name("strset", tests, NULL, NULL);
}
