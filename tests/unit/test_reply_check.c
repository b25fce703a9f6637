/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "parse.h"
#include "rule.h"

static struct policy policy;
static struct service services[1];
static char contact[] = "https://mail.example.org/help";
static char service_name[] = "a-long-name-of-a-service";

/* How many complaints a reply gives. */
static size_t
complaints(enum action action, unsigned int code, const char *enhanced,
    const char *text, struct rule *r)
{
	struct diags *d = diags_new();
	size_t n;

	memset(r, 0, sizeof(*r));
	r->name = strdup("some-rule");
	r->action = action;
	r->reply.code = code;
	snprintf(r->reply.enhanced, sizeof(r->reply.enhanced), "%s", enhanced);
	r->reply.text = strdup(text);
	r->reply.text_place.file = r->reply.place.file = "t";
	reply_check(&policy, r, d);
	n = diags_count(d, DIAG_ERROR);
	diags_free(d);
	return n;
}

static int
set_up(void **state)
{
	(void)state;
	policy.settings.contact = contact;
	services[0].name = service_name;
	policy.services = services;
	policy.service_count = 1;
	return 0;
}

/* Every code, every class, every action: RFC 5321 section 4.2, RFC 3463. */
static void
test_codes(void **state)
{
	static const enum action actions[] = {
		ACTION_REJECT, ACTION_TEMPFAIL, ACTION_DISCONNECT
	};
	static const char *const enhanced[] = { "2.7.0", "4.7.0", "5.7.0" };
	struct rule r;
	unsigned int code;
	size_t i, k, taken = 0;
	bool fits;

	(void)state;
	for (i = 0; i < 3; i++)
		for (k = 0; k < 3; k++)
			for (code = 0; code < 1000; code++) {
				fits = actions[i] == ACTION_REJECT ?
				    code >= 500 && code <= 559 && k == 2 :
				    actions[i] == ACTION_DISCONNECT ?
				    code == 421 && k == 1 :
				    code >= 400 && code <= 459 && code != 421 && k == 1;
				assert_int_equal(complaints(actions[i], code, enhanced[k],
				    "no", &r), !fits);
				taken += fits;
				rule_clear(&r);
			}
	assert_int_equal(taken, 60 + 59 + 1);
}

static void
test_pieces(void **state)
{
	static const struct {
		enum piece_kind	 kind;
		const char	*text;
	} expected[] = {
		{ PIECE_TEXT, "100% " }, { PIECE_CONTACT, NULL }, { PIECE_TLS, NULL },
		{ PIECE_TEXT, " " }, { PIECE_PORT, NULL }, { PIECE_TEXT, "}" },
		{ PIECE_SERVICE, NULL }, { PIECE_RULE, NULL }, { PIECE_DATE, NULL },
		{ PIECE_TEXT, " %" },
	};
	struct rule r;
	size_t i;

	(void)state;
	assert_int_equal(complaints(ACTION_REJECT, 554, "5.7.0", "100% %{contact}%{tls} "
	    "%{port}}%{service}%{rule}%{date} %", &r), 0);
	assert_int_equal(r.reply.count, 10);
	for (i = 0; i < 10; i++) {
		assert_int_equal(r.reply.pieces[i].kind, expected[i].kind);
		if (expected[i].text != NULL)
			assert_string_equal(r.reply.pieces[i].text, expected[i].text);
		else
			assert_null(r.reply.pieces[i].text);
	}
	rule_clear(&r);
}

static void
test_text(void **state)
{
	static const char *const wrong[] = {
		"", "  ", "a\tb", "a\r\nb", "\x7f", "\xc3\xa4", "%{user}", "%{helo}",
		"%{sender}", "%{Contact}", "%{contact", "%{}", "%{contact }",
		"%{a-name-that-is-longer-than-what-is-shown-of-it-and-goes-on-and-on-and-on}"
	};
	struct rule r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(complaints(ACTION_REJECT, 554, "5.7.0", wrong[i],
		    &r), 1);
		rule_clear(&r);
	}
	assert_int_equal(complaints(ACTION_REJECT, 454, "5.7.0", "%{a} %{b}", &r), 3);
	rule_clear(&r);
}

/* The longest expansion counts: 29 contact, 7 tls, 5 port, 24 service, ... */
static void
test_length(void **state)
{
	static const struct {
		const char	*insert;
		size_t		 longest;
	} inserts[] = {
		{ "", 0 }, { "%{contact}", 29 }, { "%{tls}", 7 }, { "%{port}", 5 },
		{ "%{service}", 24 }, { "%{rule}", 9 }, { "%{date}", 10 }
	};
	char text[500];
	struct rule r;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(inserts) / sizeof(inserts[0]); i++) {
		n = REPLY_TEXT_MAX - inserts[i].longest;
		memset(text, 'x', sizeof(text));
		strcpy(text + n, inserts[i].insert);
		assert_int_equal(complaints(ACTION_REJECT, 554, "5.7.0", text, &r), 0);
		rule_clear(&r);
		text[n] = 'x';
		strcpy(text + n + 1, inserts[i].insert);
		assert_int_equal(complaints(ACTION_REJECT, 554, "5.7.0", text, &r), 1);
		rule_clear(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests_name("reply_check", tests, set_up, NULL);
}
