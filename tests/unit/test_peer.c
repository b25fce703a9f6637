/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "peer.h"
#include "scan.h"

static const struct {
	const char	*text;
	const char	*client;	/* NULL: no client; "" none that is known */
	const char	*name;		/* "": none that is verified */
	const char	*rest;
} postfix[] = {
	{ "mx.example.net[192.0.2.7] ehlo=1", "192.0.2.7", "mx.example.net", " ehlo=1" },
	{ "unknown[192.0.2.7]", "192.0.2.7", "", "" },
	{ "unknown[2001:DB8:0::7]: x", "2001:db8::7", "", ": x" },
	{ "unknown[::ffff:192.0.2.7]", "192.0.2.7", "", "" },
	{ "[192.0.2.7]:41234 x", "192.0.2.7", "", " x" },
	{ "unknown[192.0.2.7]: 554 x", "192.0.2.7", "", ": 554 x" },
	{ "unknown[unknown]", "", "", "" },
	{ "unknown[192.0.2.7", NULL, NULL, NULL },
	{ "unknown[]", NULL, NULL, NULL },
	{ "a b[192.0.2.7]", NULL, NULL, NULL },
	{ "192.0.2.7", NULL, NULL, NULL },
	{ "", NULL, NULL, NULL },
}, sendmail[] = {
	{ "mx.example.net [192.0.2.7]", "192.0.2.7", "mx.example.net", "" },
	{ "[192.0.2.7]", "192.0.2.7", "", "" },
	{ "[192.0.2.7] [192.0.2.7]", "192.0.2.7", "", "" },
	{ "[IPv6:2001:db8:77:0:0:0:0:11]", "2001:db8:77::11", "", "" },
	{ "x@mx.example.net [192.0.2.7]", "192.0.2.7", "mx.example.net", "" },
	{ "mx.example.net [192.0.2.7] (may be forged)", "192.0.2.7", "", "" },
	/* What identd of the client made up comes first. */
	{ "a [192.0.2.9]@mx.example.net [192.0.2.7]", "192.0.2.7", "mx.example.net", "" },
	{ "root@localhost", NULL, NULL, NULL },
	{ "mx [192.0.2.7", NULL, NULL, NULL },
	{ "", NULL, NULL, NULL },
};

static void
assert_fact(const struct kept *k, enum attr attr, const char *wanted)
{
	struct slice s = kept_get(k, attr);

	if (wanted[0] == '\0')
		assert_null(s.p);
	else
		assert_true(slice_is(s, wanted));
}

static void
check(bool found, const struct peer *peer, const char *client, const char *name)
{
	struct kept k = { .text = BUF_INIT };

	assert_int_equal(found, client != NULL);
	if (!found)
		return;
	peer_keep(peer, &k);
	assert_fact(&k, ATTR_CLIENT, client);
	assert_fact(&k, ATTR_CLIENT_NAME, name);
	assert_int_equal(k.lacking[ATTR_CLIENT_NAME], name[0] == '\0');
	kept_free(&k);
}

static void
test_postfix(void **state)
{
	struct peer peer;
	struct slice s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(postfix) / sizeof(postfix[0]); i++) {
		s = slice_of(postfix[i].text);
		check(cut_peer(&s, &peer), &peer, postfix[i].client, postfix[i].name);
		if (postfix[i].rest != NULL)
			assert_true(slice_equal(s, slice_of(postfix[i].rest)));
	}
}

static void
test_sendmail(void **state)
{
	struct peer peer;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sendmail) / sizeof(sendmail[0]); i++)
		check(peer_relay(slice_of(sendmail[i].text), &peer), &peer,
		    sendmail[i].client, sendmail[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_postfix),
		cmocka_unit_test(test_sendmail),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
