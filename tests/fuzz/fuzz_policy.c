/*
 * fuzz_policy.c: the text of a policy, which an administrator may have from
 * anywhere.
 *
 * It loads or there is an error to show, never both or neither; diagnostics
 * carry no control characters; the canonical form loads, without a warning
 * that was not there before, and is its own canonical form.
 */
/* this project */
#include "buf.h"
#include "diag.h"
#include "policy.h"
/* tests */
#include "fuzz.h"

#define TODAY	20261121

static void
look_at(const struct diags *diags, const struct policy *p)
{
	struct buf b = BUF_INIT;

	PROMISE((p == NULL) == (diags_count(diags, DIAG_ERROR) > 0));
	diags_print(diags, &b, false);
	PROMISE(is_printable(buf_str(&b), b.len, "\n"));
	PROMISE((b.len > 0) == (diags_total(diags) > 0));
	buf_free(&b);
}

static void
look_at_rules(const struct policy *p, const struct policy *again)
{
	uint32_t i, n = policy_rule_count(p);
	struct buf b = BUF_INIT;

	PROMISE(n <= POLICY_RULES_MAX);
	PROMISE(strlen(policy_hash(p)) == 64);
	PROMISE(policy_last_stage(p) == policy_last_stage(again));
	PROMISE(policy_rule_count(again) == n);
	for (i = 0; i < n; i++) {
		PROMISE(strcmp(policy_rule_name(p, i), policy_rule_name(again, i)) == 0);
		PROMISE(strlen(policy_rule_name(p, i)) <= POLICY_NAME_MAX);
		PROMISE(policy_rule_action(p, i) == policy_rule_action(again, i));
		PROMISE(policy_rule_until(p, i) == policy_rule_until(again, i));
		policy_rule_where(p, i, &b);
		PROMISE(b.len > 0);
		buf_clear(&b);
	}
	for (i = 0; i < ATTR_COUNT; i++)
		PROMISE(policy_asks(p, (enum attr)i) == policy_asks(again, (enum attr)i));
	buf_free(&b);
}

static void
print_and_load(const struct policy *p, size_t warnings)
{
	struct diags *diags = diags_new();
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct policy *again;

	policy_print(p, &first);
	again = policy_parse("again.conf", buf_str(&first), first.len, TODAY, diags);
	look_at(diags, again);
	PROMISE(again != NULL);
	PROMISE(diags_count(diags, DIAG_WARNING) <= warnings);
	policy_print(again, &second);
	PROMISE(strcmp(buf_str(&first), buf_str(&second)) == 0);
	look_at_rules(p, again);
	policy_unref(&again);
	diags_free(diags);
	buf_free(&first);
	buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diags *diags = diags_new();
	struct policy *p;

	p = policy_parse("fuzz.conf", (const char *)data, size, TODAY, diags);
	look_at(diags, p);
	if (p != NULL)
		print_and_load(p, diags_count(diags, DIAG_WARNING));
	policy_unref(&p);
	diags_free(diags);
	return 0;
}
