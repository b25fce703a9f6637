/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "reply.h"
#include "rule.h"
#include "session.h"

static char *
own(const char *text)
{
	static char copy[8][512];
	static unsigned int next;

	return strcpy(copy[next++ % 8], text);
}

static void
test_expansion(void **state)
{
	struct piece pieces[] = {
		{ PIECE_TEXT, NULL }, { PIECE_TLS, NULL }, { PIECE_TEXT, NULL },
		{ PIECE_PORT, NULL }, { PIECE_TEXT, NULL }, { PIECE_SERVICE, NULL },
		{ PIECE_TEXT, NULL }, { PIECE_RULE, NULL }, { PIECE_TEXT, NULL },
		{ PIECE_DATE, NULL }, { PIECE_TEXT, NULL }, { PIECE_CONTACT, NULL },
	};
	struct rule rule = { .name = own("old"), .reply = { .code = 554,
	    .enhanced = "5.7.0", .pieces = pieces, .count = 12 } };
	struct policy policy = { .settings = { .contact = "https://help.example/" } };
	struct session *s = session_new();
	struct reply reply;
	int i;

	(void)state;
	for (i = 0; i < 12; i += 2)
		pieces[i].text = own(i == 0 ? "100% sure: " : " ");
	session_set_stage(s, STAGE_HELO);
	session_set(s, ATTR_TLS, "TLSv1.1", 7);
	session_set(s, ATTR_PORT, "587", 3);
	session_set(s, ATTR_SERVICE, "submission", 10);
	session_set_today(s, 20260307);
	reply_expand(&policy, &rule, s, &reply);
	assert_int_equal(reply.code, 554);
	assert_string_equal(reply.enhanced, "5.7.0");
	assert_string_equal(reply.text, "100% sure: TLSv1.1 587 submission old "
	    "2026-03-07 https://help.example/");

	/* what is not known, and a contact that is not set */
	session_forget(s, STAGE_CONNECT);
	session_set_today(s, 0);
	policy.settings.contact = "";
	reply_expand(&policy, &rule, s, &reply);
	assert_string_equal(reply.text, "100% sure: none none none old none");
	session_free(s);
}

static void
test_bounds(void **state)
{
	char big[400];
	struct piece pieces[] = { { PIECE_TEXT, big }, { PIECE_SERVICE, NULL },
	    { PIECE_TEXT, big } };
	struct rule rule = { .name = own("r"), .reply = { .code = 421,
	    .enhanced = "4.7.0", .pieces = pieces, .count = 3 } };
	struct policy policy = { .settings = { .contact = "" } };
	struct session *s = session_new();
	struct reply reply;
	size_t i;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	session_set(s, ATTR_SERVICE, "a\r\n\x1b\x7f\xff" "b", 7);
	reply_expand(&policy, &rule, s, &reply);
	assert_int_equal(strlen(reply.text), REPLY_TEXT_MAX);
	for (i = 0; i < REPLY_TEXT_MAX; i++)
		assert_true(reply.text[i] >= 0x20 && reply.text[i] < 0x7f);
	rule.reply.pieces++;
	rule.reply.count = 1;
	reply_expand(&policy, &rule, s, &reply);
	assert_string_equal(reply.text, "ab");
	rule.reply.count = 0;
	reply_expand(&policy, &rule, s, &reply);
	assert_string_equal(reply.text, "");
	session_free(s);
}

static void
test_undecided(void **state)
{
	struct reply reply;

	(void)state;
	memset(&reply, 0xff, sizeof(reply));
	reply_undecided(&reply);
	assert_int_equal(reply.code, 451);
	assert_string_equal(reply.enhanced, "4.3.0");
	assert_string_equal(reply.text, "The server cannot judge this connection now, "
	    "please try again later");
}

static void
test_action_names(void **state)
{
	(void)state;
	assert_string_equal(action_name(ACTION_ACCEPT), "accept");
	assert_string_equal(action_name(ACTION_REJECT), "reject");
	assert_string_equal(action_name(ACTION_TEMPFAIL), "tempfail");
	assert_string_equal(action_name(ACTION_DISCONNECT), "disconnect");
	assert_string_equal(action_name(ACTION_NOTE), "note");
	assert_string_equal(action_name((enum action)99), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expansion),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_undecided),
		cmocka_unit_test(test_action_names),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
