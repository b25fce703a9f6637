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
#include "suggest.h"

static const char *const words[] = {
	"service", "port", "client", "client_name", "tls", "x", NULL
};

static const char *
next(const void *ctx, size_t i)
{
	const char *const *w = ctx;

	return w[i];
}

static const char *
near(const char *word)
{
	return suggest(word, strlen(word), next, words);
}

static void
test_near(void **state)
{
	(void)state;
	assert_string_equal(near("tls"), "tls");
	assert_string_equal(near("TLS"), "tls");
	assert_string_equal(near("tsl"), "tls");	/* a swap is one */
	assert_string_equal(near("tl"), "tls");
	assert_string_equal(near("tlss"), "tls");
	assert_string_equal(near("clent"), "client");
	assert_string_equal(near("cleint"), "client");
	assert_string_equal(near("sevrice"), "service");
	assert_string_equal(near("sevrise"), "service");
	assert_string_equal(near("clientname"), "client_name");
}

/* Ours for what others say; but only where ours may stand. */
static void
test_habits(void **state)
{
	(void)state;
	assert_string_equal(near("tls_version"), "tls");
	assert_string_equal(near("SSL"), "tls");
	assert_string_equal(near("ip"), "client");
	assert_string_equal(near("rdns"), "client_name");
	assert_null(near("deny"));
	assert_null(near("tls_versio"));
}

/* Neither side is compared when it is longer than any word of ours. */
static void
test_long(void **state)
{
	static const char *candidates[] = { NULL, NULL };
	char word[65], longer[66];

	(void)state;
	memset(word, 'w', sizeof(word));
	memset(longer, 'w', sizeof(longer));
	word[64] = longer[65] = '\0';
	candidates[0] = longer;
	assert_null(suggest(word, 64, next, candidates));
	assert_null(suggest(longer, 65, next, candidates));
	candidates[0] = word + 1;
	assert_string_equal(suggest(word, 64, next, candidates), word + 1);
}

static void
test_far(void **state)
{
	char lots[200];

	(void)state;
	assert_null(near(""));
	assert_null(near("y"));			/* nothing of it is in "x" */
	assert_null(near("abc"));
	assert_null(near("sxxxice"));		/* three edits of seven letters */
	assert_null(near("slt"));
	memset(lots, 'a', sizeof(lots));
	assert_null(suggest(lots, sizeof(lots), next, words));
	assert_null(suggest("tls", 3, next, words + 6));
}

static void
test_best_of_many(void **state)
{
	static const char *const similar[] = { "reply", "replay", "relay", NULL };

	(void)state;
	assert_string_equal(suggest("relai", 5, next, similar), "relay");
	assert_string_equal(suggest("repla", 5, next, similar), "reply");
	assert_string_equal(suggest("replayy", 7, next, similar), "replay");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_habits),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_best_of_many),
	};

	return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
