/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "policy.h"

#define TODAY	20261121

static char dir[] = "/tmp/test_policy.XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int
tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) != 0;
}

static struct policy *
parsed(const char *text, struct diags *d)
{
	return policy_parse("t", text, strlen(text), TODAY, d);
}

static void
slurp(const char *path, struct buf *b)
{
	char chunk[4096];
	size_t n;
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(b, chunk, n);
	fclose(f);
}

static const char *
in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
spill(const char *name, const struct buf *b)
{
	FILE *f = fopen(in_dir(name), "we");

	assert_non_null(f);
	assert_int_equal(fwrite(b->data, 1, b->len, f), b->len);
	assert_int_equal(fclose(f), 0);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
test_builtin(void **state)
{
	const char *top = getenv("TOP_SRCDIR");
	struct buf b = BUF_INIT, path = BUF_INIT;
	struct diags *d = diags_new();
	struct policy *builtin, *loaded;

	(void)state;
	buf_printf(&path, "%s/packaging/policy.conf", top != NULL ? top : ".");
	slurp(buf_str(&path), &b);
	assert_string_equal(policy_builtin_text(), buf_str(&b));
	builtin = policy_builtin(TODAY, d);
	loaded = policy_load(buf_str(&path), TODAY, d);
	assert_non_null(builtin);
	assert_non_null(loaded);
	/* our own policy is beyond reproach */
	assert_int_equal(diags_total(d), 0);
	assert_string_equal(policy_hash(builtin), policy_hash(loaded));
	assert_int_equal(strlen(policy_hash(builtin)), 64);
	assert_string_equal(policy_name(builtin), "built-in");
	assert_string_equal(policy_name(loaded), buf_str(&path));
	policy_unref(&builtin);
	policy_unref(&loaded);
	diags_free(d);
	buf_free(&b);
	buf_free(&path);
}

static void
test_getters(void **state)
{
	static const char text[] = "set contact \"c\"\nset log-user hashed\n"
	    "rule a\n if not tls\n reject 530 5.7.0 \"no\"\n alarm some-kind\n"
	    "rule b\n if user ~ /a/\n note\n"
	    "default tempfail 450 4.7.0 \"no\"\n";
	struct diags *d = diags_new();
	struct policy *p = parsed(text, d), *q;
	struct scratch *scratch;
	struct buf b = BUF_INIT;

	(void)state;
	assert_non_null(p);
	assert_string_equal(policy_settings(p)->contact, "c");
	assert_string_equal(policy_settings(p)->socket, "");
	assert_int_equal(policy_settings(p)->socket_mode, 0660);
	assert_int_equal(policy_settings(p)->log_user, PRIVACY_HASHED);
	assert_int_equal(policy_settings(p)->log_client, PRIVACY_FULL);
	assert_int_equal(policy_rule_count(p), 2);
	assert_string_equal(policy_rule_name(p, 0), "a");
	assert_string_equal(policy_rule_name(p, RULE_DEFAULT), "default");
	assert_string_equal(policy_rule_name(p, RULE_UNDECIDED), "undecided");
	assert_int_equal(policy_rule_action(p, 0), ACTION_REJECT);
	assert_int_equal(policy_rule_action(p, 1), ACTION_NOTE);
	assert_int_equal(policy_rule_action(p, RULE_DEFAULT), ACTION_TEMPFAIL);
	assert_string_equal(policy_rule_alarm(p, 0), "some-kind");
	assert_null(policy_rule_alarm(p, 1));
	assert_null(policy_rule_alarm(p, RULE_UNDECIDED));
	policy_rule_where(p, 1, &b);
	assert_string_equal(buf_str(&b), "t:7");
	assert_true(policy_asks(p, ATTR_TLS));
	assert_true(policy_asks(p, ATTR_USER));
	assert_false(policy_asks(p, ATTR_AUTH));
	assert_int_equal(policy_last_stage(p), STAGE_MAIL);
	scratch = policy_scratch(p);
	assert_non_null(scratch);
	scratch_free(scratch);
	q = policy_ref(p);
	assert_ptr_equal(p, q);
	policy_unref(&p);
	assert_null(p);
	assert_string_equal(policy_rule_name(q, 1), "b");
	policy_unref(&q);
	policy_unref(&q);
	p = parsed("rule a\n if not recipient\n accept\n", d);
	assert_int_equal(policy_last_stage(p), STAGE_RCPT);
	assert_null(policy_scratch(p));
	policy_unref(&p);
	buf_free(&b);
	diags_free(d);
}

/* The hash tells what was read: included files and lists, not their names. */
static void
test_hash(void **state)
{
	struct buf b = BUF_INIT, list = BUF_INIT;
	struct diags *d = diags_new();
	struct policy *one, *two;

	(void)state;
	buf_puts(&b, "list a = file \"list\"\nrule r\n if user in a\n accept\n");
	buf_puts(&list, "ann\n");
	spill("conf", &b);
	spill("list", &list);
	one = policy_load(in_dir("conf"), TODAY, d);
	buf_puts(&list, "bob\n");
	spill("list", &list);
	two = policy_load(in_dir("conf"), TODAY, d);
	assert_non_null(one);
	assert_non_null(two);
	assert_string_not_equal(policy_hash(one), policy_hash(two));
	policy_unref(&one);
	policy_unref(&two);
	buf_free(&b);
	buf_free(&list);
	diags_free(d);
}

/* One error, with a place, that begins like this. */
static void
refuses(const struct buf *text, const char *message)
{
	struct diags *d = diags_new();

	assert_null(policy_parse("t", text->data, text->len, TODAY, d));
	assert_int_equal(diags_count(d, DIAG_ERROR), 1);
	assert_memory_equal(diags_message(d, 0), message, strlen(message));
	assert_memory_equal(diags_where(d, 0), "t:", 2);
	diags_free(d);
}

static void
test_limits(void **state)
{
	static const struct {
		const char	*statement;
		int		 count;
		const char	*message;
	} limits[] = {
		{ "rule a%d\n note\n", 10001, "the policy has more than 10000 rules" },
		{ "list a%d={b}\n", 10001, "the policy has more than 10000 lists" },
		{ "expect accept#%d\n", 10001,
		    "the policy has more than 10000 expectations" },
		{ "service a%d port 1\n", 257, "the policy has more than 256 services" },
	};
	struct buf b = BUF_INIT;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		buf_clear(&b);
		for (k = 0; k < limits[i].count + 100; k++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			buf_printf(&b, limits[i].statement, k);
#pragma GCC diagnostic pop
		}
		refuses(&b, limits[i].message);
	}
	buf_clear(&b);
	for (k = 0; k < POLICY_FILE_MAX + 1; k++)
		buf_putc(&b, '\n');
	{
		struct diags *d = diags_new();

		assert_null(policy_parse("t", b.data, b.len, TODAY, d));
		assert_string_equal(diags_message(d, 0),
		    "the policy has more than 1048576 bytes");
		diags_free(d);
	}
	buf_free(&b);
}

static void
load_list(const char *format, const char *attr, const char *name)
{
	struct buf list = BUF_INIT, conf = BUF_INIT;
	struct diags *d = diags_new();
	struct policy *p;
	double start;
	unsigned int i;

	for (i = 0; i < 100000; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_printf(&list, format, i >> 8, i & 255);
#pragma GCC diagnostic pop
	}
	buf_printf(&conf, "list a = file \"%s\"\nrule r\n if %s in a\n accept\n", name,
	    attr);
	spill(name, &list);
	spill("conf", &conf);
	start = now();
	p = policy_load(in_dir("conf"), TODAY, d);
	assert_non_null(p);
	assert_int_equal(diags_total(d), 0);
#ifdef __SANITIZE_ADDRESS__
	assert_true(now() - start < 10);
#else
	/* an analyser that looks on takes its time */
	assert_true(getenv("TLSWARDEN_PATIENCE") != NULL || now() - start < 1);
#endif
	policy_unref(&p);
	diags_free(d);
	buf_free(&list);
	buf_free(&conf);
}

static void
test_long_lists(void **state)
{
	(void)state;
	load_list("2001:db8:%x:%x::/64\n", "client", "networks");
	load_list(".host%u-%u.example.org\n", "client_name", "domains");
	load_list("user%u@example%u.org\n", "sender", "mailboxes");
}

/* A small generator of numbers, so that each run tries the same texts. */
static uint32_t seed = 20261121;

static uint32_t
any(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static const char base[] =
    "set contact \"help\"\n"
    "service relay port 2525 daemon Relay\n"
    "list nets = { 192.0.2.0/24, 2001:db8::/32 }\n"
    "list words = { ann, bob@example.org, .example.org, 25 }\n"
    "rule a\n    if client in nets and not (tls >= TLSv1.2 or user ~ /^a+$/i)\n"
    "    reject 554 5.7.0 \"no %{tls} %{contact}\"\n    alarm kind\n"
    "rule b\n    if sender in words and cipher in ciphers \"AESGCM\"\n"
    "    tempfail 454 4.7.0 \"later\"\n    from 2027-01-01  share 10%\n"
    "    until 2028-02-29  owner \"me\"  because \"x\"\n"
    "rule c\n    if service = relay and port != 25 and cipher_anon = no\n    note\n"
    "default accept\n"
    "expect accept when tls=TLSv1.3 client=198.51.100.1 sender=x@example.com"
    " service=mx port=25 cipher=TLS_AES_256_GCM_SHA384 date=2026-01-01\n";

static const char *const pieces[] = {
	"rule", "if", "tls", "{", "}", "(", ")", "\"", "/", "~", "not", "and", "or",
	"in", "<", "=", "!=", "\n", "\n    ", "%{", "\\", "\xff", "\xc3\xa4", "#", ",",
	"0", "-1", "99999999999999999999", "include \"t\"\n", "expect", "none", "<>",
	"list x = file \"/\"\n", "192.0.2.1/24", "::", "%", "reject", "accept", "by", "\r"
};

static void
mutate(struct buf *b)
{
	struct buf out = BUF_INIT;
	const char *piece = pieces[any(sizeof(pieces) / sizeof(pieces[0]))];
	size_t from = any((uint32_t)b->len), n = any(12);

	buf_put(&out, b->data, from);
	if (from + n > b->len)
		n = b->len - from;
	switch (any(5)) {
	case 0:			/* take away */
		break;
	case 1:			/* put in */
		buf_puts(&out, piece);
		n = 0;
		break;
	case 2:			/* replace */
		buf_puts(&out, piece);
		break;
	case 3:			/* twice */
		buf_put(&out, b->data + from, n);
		n = 0;
		break;
	default:		/* another byte */
		buf_putc(&out, (char)any(256));
		n = 1;
	}
	buf_put(&out, b->data + from + n, b->len - from - n);
	buf_free(b);
	*b = out;
}

static void
reprint(const struct policy *p)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct diags *d = diags_new();
	struct policy *q;

	policy_print(p, &once);
	q = parsed(buf_str(&once), d);
	if (q == NULL)
		fail_msg("%s\n%s", diags_message(d, 0), buf_str(&once));
	policy_print(q, &twice);
	assert_string_equal(buf_str(&once), buf_str(&twice));
	policy_unref(&q);
	diags_free(d);
	buf_free(&once);
	buf_free(&twice);
}

/* Each is refused with a place, or taken and then printed as it is. */
static void
test_generated(void **state)
{
	struct buf b = BUF_INIT, out = BUF_INIT;
	struct diags *d;
	struct policy *p;
	unsigned int bad = 0, good = 0, i;
	double start, longest = 0;

	(void)state;
	while (bad < 10000) {
		buf_clear(&b);
		buf_puts(&b, base);
		for (i = any(6); i < 6; i++)
			mutate(&b);
		d = diags_new();
		start = now();
		p = policy_parse("t", b.data, b.len, TODAY, d);
		if (now() - start > longest)
			longest = now() - start;
		if (p == NULL) {
			bad++;
			assert_true(diags_count(d, DIAG_ERROR) > 0);
			assert_memory_equal(diags_where(d, 0), "t:", 2);
			buf_clear(&out);
			diags_print(d, &out, false);
			for (i = 0; i < out.len; i++)
				assert_true(out.data[i] == '\n' ||
				    (out.data[i] >= 0x20 && out.data[i] < 0x7f));
		} else {
			good++;
			reprint(p);
		}
		policy_unref(&p);
		diags_free(d);
	}
	assert_true(good > 100);
	assert_true(longest < 1);
	buf_free(&b);
	buf_free(&out);
}

/* Cut off anywhere, a policy is refused or taken, but never read beyond. */
static void
test_cut_off(void **state)
{
	struct diags *d;
	struct policy *p;
	size_t n;
	char *copy;

	(void)state;
	for (n = 0; n < sizeof(base); n++) {
		/* of exactly that size, for the sanitizer to see */
		copy = malloc(n + 1);
		memcpy(copy, base, n);
		d = diags_new();
		p = policy_parse("t", copy, n, TODAY, d);
		policy_unref(&p);
		diags_free(d);
		free(copy);
	}
}

static void
test_exception(void **state)
{
	struct diags *d = diags_new();
	struct policy *p;

	(void)state;
	p = parsed("rule a\n    accept\n    until 2027-03-31\n    owner \"ann\"\n"
	    "    because \"so\"\nrule b\n    accept\n", d);
	assert_non_null(p);
	assert_int_equal(policy_rule_until(p, 0), 20270331);
	assert_string_equal(policy_rule_owner(p, 0), "ann");
	assert_string_equal(policy_rule_because(p, 0), "so");
	assert_int_equal(policy_rule_until(p, 1), 0);
	assert_string_equal(policy_rule_owner(p, 1), "");
	assert_string_equal(policy_rule_because(p, 1), "");
	assert_int_equal(policy_rule_until(p, RULE_DEFAULT), 0);
	assert_string_equal(policy_rule_owner(p, RULE_UNDECIDED), "");
	policy_unref(&p);
	diags_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_getters),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_long_lists),
		cmocka_unit_test(test_generated),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_exception),
	};

	return cmocka_run_group_tests_name("policy", tests, set_up, tear_down);
}
