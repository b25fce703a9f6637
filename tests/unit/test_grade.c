/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "grade.h"
#include "scan.h"

static const struct {
	const char	*version;
	const char	*cipher;
	const char	*bits;
	const char	*kept;		/* of the bits; NULL: nothing is known */
	enum outcome	 outcome;
} rows[] = {
	{ "TLSv1.3", "TLS_AES_256_GCM_SHA384", "256/256", "256", OUTCOME_ENCRYPTED },
	{ "TLSv1.3", "TLS_AES_256_GCM_SHA384", "256/256", "256", OUTCOME_ENCRYPTED },
	{ "TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", "256", "256", OUTCOME_ENCRYPTED },
	{ "TLSv1.1", "ECDHE-RSA-AES256-SHA", "256/256", "256", OUTCOME_DEPRECATED },
	{ "TLSv1.2", "NULL-SHA256", "0/0", "0", OUTCOME_DEPRECATED },
	{ "TLSv1.3", "ECDHE-RSA-AES256-SHA", "256/256", NULL, OUTCOME_UNKNOWN },
	{ "TLSv9", "ECDHE-RSA-AES256-SHA", "256/256", NULL, OUTCOME_UNKNOWN },
	{ "TLSv1.2", "", "256/256", NULL, OUTCOME_UNKNOWN },
	{ "TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", "x", NULL, OUTCOME_UNKNOWN },
	{ "TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", "256", "256", OUTCOME_ENCRYPTED },
};

static void
test_grades(void **state)
{
	struct kept k = { .text = BUF_INIT };
	struct grade *g = grade_new();
	char longest[200];
	struct handshake h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		h = (struct handshake){ slice_of(rows[i].version), slice_of(rows[i].cipher),
		    slice_of(rows[i].bits) };
		assert_int_equal(grade_handshake(g, &h, &k), rows[i].outcome);
		if (rows[i].kept == NULL) {
			assert_null(kept_get(&k, ATTR_TLS).p);
			assert_null(kept_get(&k, ATTR_CIPHER).p);
			assert_null(kept_get(&k, ATTR_CIPHER_BITS).p);
			continue;
		}
		assert_true(slice_is(kept_get(&k, ATTR_TLS), rows[i].version));
		assert_true(slice_is(kept_get(&k, ATTR_CIPHER), rows[i].cipher));
		assert_true(slice_is(kept_get(&k, ATTR_CIPHER_BITS), rows[i].kept));
	}
	memset(longest, 'A', sizeof(longest));
	h.cipher = (struct slice){ longest, sizeof(longest) };
	assert_int_equal(grade_handshake(g, &h, &k), OUTCOME_UNKNOWN);
	h.cipher = (struct slice){ "A\0B", 3 };
	assert_int_equal(grade_handshake(g, &h, &k), OUTCOME_UNKNOWN);
	kept_free(&k);
	grade_free(g);
	grade_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grades),
	};

	return cmocka_run_group_tests_name("grade", tests, NULL, NULL);
}
