/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "survey.h"
#include "tally.h"
/* tests */
#include "sightings.h"

/* More combinations than are kept together: every count is exact all the same. */
static void
test_lumps(void **state)
{
	struct survey_settings by = { .by = { COL_SERVICE, COL_TLS, COL_NOTHING } };
	struct survey *s = survey_new(&by);
	struct report r;
	struct entry e;
	char service[32];
	const struct cell *c;
	int i;

	(void)state;
	/* 6,000 services, each three times, and never twice in a row. */
	for (i = 0; i < 18000; i++) {
		snprintf(service, sizeof(service), "s%d", i * 7919 % 6000);
		e = postfix_entry(DAY + i, "h", service, "192.0.2.1",
		    i % 2 == 0 ? "TLSv1.3" : NULL, "a@b.example");
		survey_add(s, &e);
	}
	report_init(&r, "s", "c", "t");
	survey_report(s, NULL, 20261121, &r);
	assert_int_equal(r.sheets[0]->rows, 6000);
	for (i = 0; i < 6000; i++) {
		c = &r.sheets[0]->cells[(size_t)i * r.sheets[0]->width];
		assert_int_equal(c[2].number, 3);
		/* service, TLS, messages, share, sessions, encrypted, ..., last */
		assert_int_equal(c[5].number, strcmp(c[1].text, "none") == 0 ? 0 : 3);
		assert_int_equal(c[11].number - c[10].number, 12000);
	}
	report_free(&r);
	survey_free(s);
}

/* Names that differ in the middle alone, and such as are too long to be kept whole. */
static void
test_long_lumps(void **state)
{
	struct survey_settings by = { .by = { COL_SERVICE, COL_NOTHING } };
	struct survey *s = survey_new(&by);
	char services[3][NAME_PART_MAX + 80];
	struct report r;
	struct entry e;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		memset(services[i], 'a', sizeof(services[i]));
		services[i][sizeof(services[i]) - 1] = '\0';
	}
	services[1][NAME_PART_MAX / 2] = 'b';
	services[2][NAME_PART_MAX + 10] = 'c';	/* behind what is kept */
	for (i = 0; i < 9; i++) {
		e = postfix_entry(DAY + (int64_t)i, "h", services[i / 3], "192.0.2.1", NULL,
		    "a@b.example");
		survey_add(s, &e);
	}
	report_init(&r, "s", "c", "t");
	survey_report(s, NULL, 20261121, &r);
	assert_int_equal(r.sheets[0]->rows, 2);
	assert_int_equal(r.sheets[0]->cells[1].number, 6);
	assert_int_equal(r.sheets[0]->cells[r.sheets[0]->width + 1].number, 3);
	report_free(&r);
	survey_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lumps),
		cmocka_unit_test(test_long_lumps),
	};

	return cmocka_run_group_tests_name("lump", tests, NULL, NULL);
}
