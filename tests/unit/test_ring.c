/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "ring.h"
/* tests */
#include "mutate.h"

static void
test_ring(void **state)
{
	struct chance c = { 5 };
	struct ring r;
	size_t first = 0, next = 0, size, i;
	unsigned char *p;

	(void)state;
	ring_init(&r, 4096);
	assert_null(ring_oldest(&r));
	while (next < 100000) {
		size = sizeof(size_t) + draw(&c, draw(&c, 50) == 0 ? 4000 : 300);
		while ((p = ring_put(&r, size)) == NULL) {
			/* The oldest is as it was put. */
			p = ring_oldest(&r);
			assert_non_null(p);
			memcpy(&i, p, sizeof(i));
			assert_int_equal(i, first);
			ring_drop(&r);
			first++;
		}
		memset(p, 0xaa, size);
		memcpy(p, &next, sizeof(next));
		next++;
	}
	for (; (p = ring_oldest(&r)) != NULL; first++) {
		memcpy(&i, p, sizeof(i));
		assert_int_equal(i, first);
		ring_drop(&r);
	}
	assert_int_equal(first, next);
	ring_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
