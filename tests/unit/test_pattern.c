/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "pattern.h"

static struct pattern *
compiled(const char *text, bool nocase)
{
	struct pattern *p;
	char message[256];
	size_t offset;

	p = pattern_compile(text, strlen(text), nocase, message, sizeof(message),
	    &offset);
	if (p == NULL)
		print_error("%s: %s\n", text, message);
	assert_non_null(p);
	return p;
}

static void
test_matches(void **state)
{
	static const struct {
		const char		*pattern;
		bool			 nocase;
		const char		*subject;
		enum pattern_answer	 answer;
	} rows[] = {
		{ "^mx", false, "mx.example.org", PATTERN_YES },
		{ "^mx", false, "MX.example.org", PATTERN_NO },
		{ "^mx", true, "MX.example.org", PATTERN_YES },
		{ "example\\.org$", false, "mx.example.org", PATTERN_YES },
		{ "org$", false, "org\n", PATTERN_NO },
		{ "", false, "", PATTERN_YES },
		{ "^$", false, "a", PATTERN_NO },
		{ "^(a)(b)(c)\\2$", false, "abcb", PATTERN_YES },
		{ "\\xe9", false, "caf\xe9", PATTERN_YES },
		{ "^.$", false, "\xc3\xa9", PATTERN_NO },
	};
	struct scratch *scratch;
	struct pattern *p;
	size_t i;

	(void)state;
	scratch = scratch_new();
	assert_non_null(scratch);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p = compiled(rows[i].pattern, rows[i].nocase);
		assert_int_equal(pattern_match(p, rows[i].subject,
		    strlen(rows[i].subject), scratch), rows[i].answer);
		assert_int_equal(pattern_match(p, rows[i].subject,
		    strlen(rows[i].subject), NULL), PATTERN_LIMIT);
		pattern_free(p);
	}
	pattern_free(NULL);
	scratch_free(scratch);
	scratch_free(NULL);
}

static void
test_refused(void **state)
{
	static const struct {
		const char	*pattern;
		const char	*message;	/* NULL: PCRE2's own words */
		size_t		 offset;
	} rows[] = {
		{ "a(b", NULL, 3 },
		{ "*a", NULL, 0 },
		{ "a\\Cb", NULL, 3 },
		{ "(*UTF)a", NULL, 5 },
		{ "(*UCP)a", NULL, 5 },
		{ "(*LIMIT_MATCH=1000000)a", "a pattern may not begin with (*", 0 },
		{ "(*LIMIT_HEAP=9)a", "a pattern may not begin with (*", 0 },
		{ "(*NO_AUTO_POSSESS)a", "a pattern may not begin with (*", 0 },
		{ "a(?C)b", "a pattern may not call out", 5 },
		{ "a(?C7)b", "a pattern may not call out", 6 },
		{ "((((a{99}){99}){99}){99})", NULL, 25 },
	};
	struct pattern *p;
	char big[PATTERN_MAX + 2], message[256];
	size_t i, offset;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		message[0] = '\0';
		p = pattern_compile(rows[i].pattern, strlen(rows[i].pattern), false,
		    message, sizeof(message), &offset);
		if (p != NULL)
			print_error("%s was taken\n", rows[i].pattern);
		assert_null(p);
		assert_true(message[0] != '\0');
		if (rows[i].message != NULL)
			assert_string_equal(message, rows[i].message);
		assert_true(offset <= strlen(rows[i].pattern));
		if (rows[i].message != NULL)
			assert_int_equal(offset, rows[i].offset);
	}
	memset(big, 'a', sizeof(big));
	p = pattern_compile(big, PATTERN_MAX, false, message, sizeof(message), &offset);
	assert_non_null(p);
	pattern_free(p);
	p = pattern_compile(big, PATTERN_MAX + 1, false, message, sizeof(message),
	    &offset);
	assert_null(p);
	assert_string_equal(message, "a pattern has at most 1024 characters");
	assert_int_equal(offset, 1024);
}

static void
test_subject_too_long(void **state)
{
	struct scratch *scratch;
	struct pattern *p;
	char big[PATTERN_SUBJECT_MAX + 1];

	(void)state;
	memset(big, 'a', sizeof(big));
	scratch = scratch_new();
	p = compiled("b", false);
	assert_int_equal(pattern_match(p, big, PATTERN_SUBJECT_MAX, scratch), PATTERN_NO);
	assert_int_equal(pattern_match(p, big, PATTERN_SUBJECT_MAX + 1, scratch),
	    PATTERN_LIMIT);
	pattern_free(p);
	scratch_free(scratch);
}

/* Patterns that take exponential time without a limit. */
static void
test_evil_patterns_end(void **state)
{
	static const char *const evil[] = {
		"^(a+)+$", "^(a*)*$", "^(a|aa)+$", "^(a|a?)+$", "^(.*a){20}$",
		"^(([a-z])+.)+[A-Z]([a-z])+$", "^(a?){30}a{30}b$", "(x+x+)+y",
		"^((a+)+)+$", "(a*)*(a*)*(a*)*b", "(?=(a+)+b)", "^(?:(a+)|b\\1)+$",
	};
	struct scratch *scratch;
	struct pattern *p;
	char subject[PATTERN_SUBJECT_MAX];
	unsigned int limits = 0;
	clock_t start;
	size_t i;
	int j;

	(void)state;
	scratch = scratch_new();
	for (i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		memset(subject, evil[i][1] == 'x' ? 'x' : 'a', sizeof(subject));
		subject[sizeof(subject) - 1] = '!';
		p = compiled(evil[i], false);
		start = clock();
		for (j = 0; j < 10; j++) {
			enum pattern_answer a;

			a = pattern_match(p, subject, sizeof(subject), scratch);
			assert_true(a == PATTERN_LIMIT || a == PATTERN_NO);
			limits += a == PATTERN_LIMIT;
		}
		/* A tenth of a second for ten is far above, and far below "never". */
		assert_true(clock() - start < CLOCKS_PER_SEC / 10);
		pattern_free(p);
	}
	assert_true(limits >= 60);
	/* A limit leaves nothing behind. */
	p = compiled("^a+!$", false);
	assert_int_equal(pattern_match(p, subject, sizeof(subject), scratch), PATTERN_YES);
	pattern_free(p);
	scratch_free(scratch);
}

/* Frames of many groups are large: the heap limit, not the depth, is hit. */
static void
test_many_groups(void **state)
{
	struct scratch *scratch;
	struct pattern *p;
	char text[PATTERN_MAX + 1] = "^", subject[PATTERN_SUBJECT_MAX];
	size_t n = 1;

	(void)state;
	while (n + 8 < PATTERN_MAX) {
		memcpy(text + n, "(a?)", 5);
		n += 4;
	}
	memcpy(text + n, "[bc]", 5);
	memset(subject, 'a', sizeof(subject));
	scratch = scratch_new();
	p = compiled(text, false);
	assert_int_equal(pattern_match(p, subject, sizeof(subject), scratch),
	    PATTERN_LIMIT);
	pattern_free(p);
	scratch_free(scratch);
}

/* Pages of the scratch that are in memory; it begins at a page. */
static unsigned int
resident(struct scratch *scratch)
{
	unsigned char pages[64];
	unsigned int n = 0;
	size_t i;

	assert_int_equal(mincore(scratch, sizeof(pages) * 4096, pages), 0);
	for (i = 0; i < sizeof(pages); i++)
		n += pages[i] & 1;
	return n;
}

/* A connection waits long: what a match took is not kept while it does. */
static void
test_memory(void **state)
{
	struct scratch *scratch = scratch_new();
	struct pattern *evil = compiled("^(a|b)*(a|b)*(a|b)*c", false);
	struct pattern *easy = compiled("^mx[0-9]+\\.", false);
	char subject[PATTERN_SUBJECT_MAX];
	unsigned int i;

	(void)state;
	if (sysconf(_SC_PAGESIZE) != 4096)
		skip();
	memset(subject, 'a', sizeof(subject));
	memcpy(subject + sizeof(subject) - 2, "!c", 2);
	for (i = 0; i < 100; i++) {
		assert_int_equal(pattern_match(easy, "mx1.example", 11, scratch),
		    PATTERN_YES);
		assert_true(resident(scratch) <= 8);
		assert_int_equal(pattern_match(evil, subject, sizeof(subject), scratch),
		    PATTERN_LIMIT);
		assert_true(resident(scratch) <= 8);
	}
	pattern_free(evil);
	pattern_free(easy);
	scratch_free(scratch);
}

static void
test_nested(void **state)
{
	static const struct {
		const char	*pattern;
		bool		 nested;
	} rows[] = {
		{ "(a+)+", true }, { "(a*)*", true }, { "(?:a+b)*", true },
		{ "((a+))+", true }, { "(a|b+){2,}", true }, { "([a-z]+\\.)*x", true },
		{ "(a{3,})+", true }, { "((ab)*c)+", true }, { "(\\d+)*", true },
		{ "(a+)", false }, { "(a)+", false }, { "a+b+", false },
		{ "(a+)?", false }, { "(a+){3}", false }, { "(a{1,3})+", false },
		{ "(a++)+", false }, { "\\(a+\\)+", false }, { "[(a+)]+", false },
		{ "(\\Qa+\\E)+", false }, { "([]+])+", false }, { "(a+", false },
		{ "a)+", false }, { "", false }, { "(a\\", false }, { "([a", false },
		{ "(a+){", false }, { "(a+){2", false }, { "(a+){2,", false },
		{ "(a+){2,x", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (pattern_is_nested(rows[i].pattern, strlen(rows[i].pattern)) !=
		    rows[i].nested)
			fail_msg("%s", rows[i].pattern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_subject_too_long),
		cmocka_unit_test(test_evil_patterns_end),
		cmocka_unit_test(test_many_groups),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_nested),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
