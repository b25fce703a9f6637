/*
 * test_index.c: of many rules those are asked that may apply, and no other.
 *
 * That the verdict is the same without an index: tests/property/index_agrees.c.
 */
/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "asked_facts.h"
#include "buf.h"
#include "index.h"
#include "policy.h"
#include "rule.h"
#include "session.h"

static struct policy *
policy_of(struct buf *text)
{
	struct diags *diags = diags_new();
	struct buf told = BUF_INIT;
	struct policy *p;

	p = policy_parse("test.conf", text->data, text->len, 0, diags);
	diags_print(diags, &told, false);
	if (p == NULL)
		fail_msg("%s", buf_str(&told));
	buf_free(&told);
	diags_free(diags);
	buf_free(text);
	if (p->index == NULL)
		p->index = index_new(p->rules, p->rule_count);
	return p;
}

static bool
is_live(const struct rule_set *set, size_t rule)
{
	return (set->words[rule / 64] >> rule % 64 & 1) != 0;
}

/* How many rules are asked; *last is the last of them. */
static size_t
live(const struct policy *p, const struct session *s, size_t *last)
{
	struct rule_set set;
	struct asked_facts facts;
	size_t i, n = 0;

	asked_facts_of(&facts, s);
	index_live(p->index, p->rule_count, &facts, &set);
	for (i = 0; i < p->rule_count; i++)
		if (is_live(&set, i)) {
			*last = i;
			n++;
		}
	/* no rule stands behind the last */
	if (p->rule_count % 64 != 0)
		assert_int_equal(set.words[p->rule_count / 64] >> p->rule_count % 64, 0);
	return n;
}

static void
give(struct session *s, enum attr attr, const char *text)
{
	session_set_stage(s, STAGE_RCPT);
	assert_int_equal(session_set(s, attr, text, strlen(text)), 0);
}

/* Each rule is found, whatever its number; where nothing is known all are asked. */
static void
test_numbers(void **state)
{
	static const unsigned int counts[] = { 1, 2, 63, 64, 65, 128, 1000, 9999, 10000 };
	struct session *s = session_new();
	struct buf text = BUF_INIT;
	char user[16];
	struct policy *p;
	size_t i, last;
	unsigned int r;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (r = 0; r < counts[i]; r++)
			buf_printf(&text, "rule r%u\n if user = u%u\n accept\n", r, r);
		p = policy_of(&text);
		for (r = 0; r < counts[i]; r += r < 70 || r > counts[i] - 70 ? 1 : 61) {
			snprintf(user, sizeof(user), "U%u", r);
			give(s, ATTR_USER, user);
			assert_int_equal(live(p, s, &last), 1);
			assert_int_equal(last, r);
		}
		session_set_none(s, ATTR_USER);
		assert_int_equal(live(p, s, &last), 0);
		session_set_unknown(s, ATTR_USER);
		assert_int_equal(live(p, s, &last), counts[i]);
		policy_unref(&p);
	}
	session_free(s);
}

/* More comparisons are shared than are made for each session. */
static void
test_many_shared(void **state)
{
	struct session *s = session_new();
	struct buf text = BUF_INIT;
	char user[16];
	struct policy *p;
	unsigned int r;
	size_t last;

	(void)state;
	for (r = 0; r < 400; r++)
		buf_printf(&text, "rule r%u\n if user = u%u and helo = h%u\n accept\n",
		    r, r % 80, r / 80);
	p = policy_of(&text);
	for (r = 0; r < 80; r++) {
		snprintf(user, sizeof(user), "u%u", r);
		give(s, ATTR_USER, user);
		give(s, ATTR_HELO, "h3");
		assert_int_equal(live(p, s, &last), 1);
		assert_int_equal(last, 240 + r);
		/* of the five with the user */
		session_set_unknown(s, ATTR_HELO);
		assert_int_equal(live(p, s, &last), 5);
	}
	policy_unref(&p);
	session_free(s);
}

/* Lists of every kind; what is too long, or of many, is asked by itself. */
static void
test_lists(void **state)
{
	struct session *s = session_new();
	struct buf text = BUF_INIT;
	struct policy *p;
	size_t last;
	int i;

	(void)state;
	buf_puts(&text, "list mixed = { ann, 192.0.2.0/24, example.org, 7 }\n"
	    "list nets = { 10.0.0.0/8, 2001:db8::/32, 10.1.0.0/16 }\n");
	buf_puts(&text, "rule long\n if user in { x, \"");
	for (i = 0; i < 1000; i++)
		buf_putc(&text, 'x');
	buf_puts(&text, "\" }\n accept\nrule many\n if user in {");
	for (i = 0; i < 100; i++)
		buf_printf(&text, "%s m%d", i > 0 ? "," : "", i);
	buf_puts(&text, " }\n accept\n"
	    "rule net\n if client in nets\n accept\n"
	    "rule either\n if client = 192.0.2.1 or user = ann\n accept\n"
	    "rule neither\n if not (helo = a or not helo ~ /^ab*c/)\n accept\n");
	p = policy_of(&text);
	give(s, ATTR_CLIENT, "10.1.2.3");
	give(s, ATTR_USER, "m99");
	give(s, ATTR_HELO, "zzz");
	/* many, net, either */
	assert_int_equal(live(p, s, &last), 3);
	give(s, ATTR_CLIENT, "198.51.100.1");
	assert_int_equal(live(p, s, &last), 2);
	give(s, ATTR_CLIENT, "2001:db8:1::1");
	give(s, ATTR_USER, "X");
	give(s, ATTR_HELO, "accc");
	/* long, many, net, either, neither */
	assert_int_equal(live(p, s, &last), 5);
	policy_unref(&p);
	session_free(s);
}

/* Names that no fact has, and facts longer or shorter than all names. */
static void
test_odd_texts(void **state)
{
	struct session *s = session_new();
	struct buf text = BUF_INIT;
	struct policy *p;
	char empty[] = "/tmp/tlswarden-index.XXXXXX";
	size_t last;
	int i, fd;

	(void)state;
	buf_puts(&text, "rule root\n if helo = mx.example.org.\n accept\n"
	    "rule twice\n if client in { 192.0.2.0/24, 192.0.2.0/24 }\n accept\n"
	    "rule all\n if helo ~ /^");
	for (i = 0; i < 100; i++)
		buf_putc(&text, 'y');
	buf_puts(&text, "/\n accept\n");
	/* one name of many rules, that does not come to be shared */
	for (i = 0; i < 3; i++)
		buf_printf(&text, "rule same%d\n if user = ann\n accept\n", i);
	fd = mkstemp(empty);
	assert_true(fd != -1);
	close(fd);
	buf_printf(&text, "rule nobody\n if listener in file \"%s\"\n accept\n"
	    "rule sender\n if sender = ann@example.org\n accept\n", empty);
	p = policy_of(&text);
	unlink(empty);
	give(s, ATTR_LISTENER, "192.0.2.25");
	give(s, ATTR_SENDER, "ann@");
	give(s, ATTR_USER, "ann");
	give(s, ATTR_CLIENT, "192.0.2.1");
	give(s, ATTR_HELO, "MX.example.org");
	/* root, twice, and the three */
	assert_int_equal(live(p, s, &last), 5);
	give(s, ATTR_HELO, ".");
	assert_int_equal(live(p, s, &last), 4);
	for (i = 0; i < 200; i++)
		buf_putc(&text, 'Y');
	give(s, ATTR_HELO, buf_str(&text));
	assert_int_equal(live(p, s, &last), 5);
	buf_free(&text);
	policy_unref(&p);
	session_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_many_shared),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_odd_texts),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
