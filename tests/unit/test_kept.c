/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "kept.h"
#include "scan.h"

static void
assert_kept(const struct kept *k, unsigned int name, const char *wanted)
{
	struct slice s = kept_get(k, name);

	assert_non_null(s.p);
	assert_int_equal(s.len, strlen(wanted));
	assert_memory_equal(s.p, wanted, s.len);
}

static void
test_facts(void **state)
{
	struct kept k = { .text = BUF_INIT }, copy = { .text = BUF_INIT };
	struct entry e;

	(void)state;
	kept_set(&k, ATTR_USER, slice_of("ann"));
	kept_set(&k, ATTR_HELO, slice_of("mx.example.net"));
	kept_set(&k, KEPT_QID, slice_of("4F1A"));
	kept_lack(&k, ATTR_TLS);
	kept_copy(&copy, &k);
	kept_set(&k, ATTR_USER, slice_of("bob"));
	kept_lack(&k, ATTR_HELO);
	kept_set(&k, ATTR_TLS, slice_of("TLSv1.3"));
	assert_kept(&copy, ATTR_USER, "ann");
	assert_kept(&k, ATTR_USER, "bob");
	memset(&e, 0, sizeof(e));
	kept_entry(&k, &e);
	assert_true(slice_is(e.qid, "4F1A"));
	assert_true(slice_is(e.facts[ATTR_USER], "bob"));
	assert_null(e.facts[ATTR_HELO].p);
	assert_true(e.lacking[ATTR_HELO]);
	assert_false(e.lacking[ATTR_TLS]);
	assert_null(e.reply.p);
	kept_forget(&k, ATTR_HELO);
	kept_set(&k, ATTR_USER, slice_of(""));
	kept_entry(&k, &e);
	assert_false(e.lacking[ATTR_HELO]);
	assert_null(e.facts[ATTR_USER].p);
	kept_clear(&k);
	assert_null(kept_get(&k, KEPT_QID).p);
	kept_free(&k);
	kept_free(&copy);
}

/* However often it changes, it takes no more room. */
static void
test_bounded(void **state)
{
	struct kept k = { .text = BUF_INIT };
	char name[2000];
	unsigned int i;

	(void)state;
	kept_set(&k, ATTR_USER, slice_of("ann"));
	for (i = 0; i < 10000; i++) {
		memset(name, 'a' + (int)(i % 26), sizeof(name));
		kept_set(&k, ATTR_HELO, (struct slice){ name, 1 + i % sizeof(name) });
		kept_set(&k, KEPT_PROGRAM, (struct slice){ name, 1 + i % sizeof(name) });
	}
	assert_true(k.text.size <= 32768);
	assert_kept(&k, ATTR_USER, "ann");
	/* Too long for what it is, and still so. */
	assert_int_equal(kept_get(&k, ATTR_HELO).len, attr_info(ATTR_HELO)->max + 1);
	assert_int_equal(kept_get(&k, KEPT_PROGRAM).len, KEPT_VALUE_MAX);
	kept_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
