/*
 * test_pattern_prefix.c: what a pattern matches begins as pattern_prefix() says.
 */
/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "pattern.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_known(void **state)
{
	static const struct {
		const char	*pattern;
		const char	*prefix;
	} rows[] = {
		{ "^host12\\.(test|invalid)$", "host12." }, { "^host", "host" },
		{ "^ann@example\\.org$", "ann@example." }, { "^a-b\\-c_d", "a-b-c_d" },
		{ "^(?:a|b)", "" }, { "^x(?:a|b)", "x" }, { "^x[|(]y", "x" },
		{ "^x[]|]", "x" }, { "^x[^]|]|", "" }, { "^ab*", "a" }, { "^ab+", "a" },
		{ "^ab?c", "a" }, { "^ab{0}", "a" }, { "^a*", "" }, { "^", "" },
		{ "host", "" }, { "", "" }, { "^a|b", "" }, { "^(a|b)|c", "" },
		{ "^a\\|b", "a" }, { "^a\\Q|b", "" }, { "^a\\E*", "" }, { "^a(?i)b", "" },
		{ "^a\\c(|b\\c)", "" }, { "^a(*ACCEPT)", "" }, { "^a(?=b)", "" },
		{ "^a[[:alpha:]|b]", "" }, { "^a[[=b=]|c]", "" }, { "^a\\@b", "a@b" },
		{ "^a[[]", "a" }, { "^a[b\\]|c]", "a" }, { "^\\d", "" },
		{ "^a[\\Q](]\\E]|b[\\Q])]\\E]", "" }, { "^a[\\Q]([\\E]|b[\\Q])[\\E]", "" },
		{ "^a[\\c](]|b[\\c])]", "" }, { "^a[\\c]]", "" }, { "^a[\\E]]", "" },
		{ "^a[\\d.]", "a" }, { "^a\\.\\.?", "a." }, { "^a b", "a" },
		{ "^abcdefghijklmnop", "abcdefghijkl" },
		/* these do not compile, and still are read to their end only */
		{ "^a[", "" }, { "^a[b\\", "" }, { "^a[b", "" }, { "^a)", "" }, { "^a\\", "" },
		{ "^a(", "" }, { "^a[]", "" }, { "^a[^]", "" },
		{ "^abcdefghijklm", "abcdefghijkl" }, { "^abcdefghijkl*", "abcdefghijk" },
	};
	char prefix[12];
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		n = pattern_prefix(rows[i].pattern, prefix, sizeof(prefix));
		if (n != strlen(rows[i].prefix) || memcmp(prefix, rows[i].prefix, n) != 0)
			fail_msg("%s: %.*s", rows[i].pattern, (int)n, prefix);
	}
}

static unsigned int
draw(unsigned int n)
{
	static uint64_t chance = 20261121;

	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return (unsigned int)((chance * 0x2545f4914f6cdd1du) >> 33) % n;
}

/* Patterns and subjects by chance; PCRE2 says whether they match. */
static void
test_never_wrong(void **state)
{
	static const char *const parts[] = { "a", "b", "A", "B", "ab", "a", "b", "a", "|",
		"(", ")", "(", ")", "(?:", "(?i)", "(?-i)", "(?=", "(?!", "(?|", "(?#", "(?x)",
		"[ab]", "[|]", "[^]|]", "[]a]", "[a\\]|b]", "[[:alpha:]|]", "[", "]", "*", "+",
		"?", "{2}", "{0}", "{0,1}", "{", "}", "\\Q", "\\E", "\\c(", "\\c)", "\\c|",
		"\\(", "\\|", "\\.", "\\-", "\\d", "\\x61", "\\\\", "\\b", "\\K", "\\A", "\\1",
		"$", "^", ".", "(*ACCEPT)", "(*F)", "#", " ", "-", "@" };
	static const char letters[] = "abABab.-@|()# ";
	struct scratch *scratch = scratch_new();
	unsigned long matched = 0, known = 0;
	char pattern[64], subject[8], prefix[16], message[128];
	size_t i, k, n, len, offset;
	struct pattern *p;

	(void)state;
	for (i = 0; i < 150000; i++) {
		snprintf(pattern, sizeof(pattern), "^");
		for (k = 1 + draw(6); k > 0; k--)
			strcat(pattern, parts[draw(COUNT(parts))]);
		p = pattern_compile(pattern, strlen(pattern), draw(2), message,
		    sizeof(message), &offset);
		if (p == NULL)
			continue;
		n = pattern_prefix(pattern, prefix, sizeof(prefix));
		known += n > 0;
		for (k = 0; n > 0 && k < 12; k++) {
			for (len = 0; len < draw(sizeof(subject)); len++)
				subject[len] = letters[draw(sizeof(letters) - 1)];
			if (pattern_match(p, subject, len, scratch) != PATTERN_YES)
				continue;
			matched++;
			if (len < n || strncasecmp(subject, prefix, n) != 0)
				fail_msg("/%s/ matches \"%.*s\", which does not begin "
				    "with \"%.*s\"", pattern, (int)len, subject, (int)n,
				    prefix);
		}
		pattern_free(p);
	}
	/* it was tried */
	assert_true(known > 5000 && matched > 5000);
	scratch_free(scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_never_wrong),
	};

	return cmocka_run_group_tests_name("pattern_prefix", tests, NULL, NULL);
}
