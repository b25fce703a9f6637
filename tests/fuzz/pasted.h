/*
 * pasted.h: what the checks of a mail server's configuration say, and whether
 * it can be shown and pasted.
 */
#ifndef TLSWARDEN_PASTED_H
#define TLSWARDEN_PASTED_H

/* this project */
#include "buf.h"
#include "diag.h"
#include "doctor.h"
#include "doctor_show.h"
#include "policy.h"
/* tests */
#include "fuzz.h"
#include "json.h"

static inline void
checkup_begin(struct checkup *k)
{
	static struct policy *policy;
	struct diags *diags = diags_new();

	if (policy == NULL)
		policy = policy_builtin(0, diags);
	PROMISE(policy != NULL);
	diags_free(diags);
	memset(k, 0, sizeof(*k));
	k->policy = policy;
	k->group = "postfix";
	k->socket = "unix:/run/tlswarden/tlswarden.sock";
}

/* Lines for the policy, in place of what they stand for, are a policy. */
static inline void
look_at_policy_lines(const char *lines)
{
	struct diags *diags = diags_new();
	struct buf shown = BUF_INIT;
	struct policy *p;

	p = policy_parse("pasted.conf", lines, strlen(lines), 0, diags);
	if (p == NULL) {
		diags_print(diags, &shown, false);
		fputs(buf_str(&shown), stderr);
	}
	PROMISE(p != NULL);
	policy_unref(&p);
	diags_free(diags);
	buf_free(&shown);
}

static inline void
look_at_paste(const struct paste *p)
{
	PROMISE(p->file[0] != '\0' && p->lines[0] != '\0');
	PROMISE(p->lines[strlen(p->lines) - 1] == '\n');
	if (strcmp(p->file, "policy.conf") == 0)
		look_at_policy_lines(p->lines);
}

static inline void
look_at_checkup(const struct checkup *k)
{
	struct buf b = BUF_INIT;
	size_t i, j;

	PROMISE(checkup_findings(k) <= k->count);
	for (i = 0; i < k->row_count; i++)
		for (j = 0; j < COLUMN_COUNT; j++)
			PROMISE(k->rows[i].cell[j] != NULL);
	for (i = 0; i < k->count; i++)
		for (j = 0; j < k->complaints[i].count; j++)
			look_at_paste(&k->complaints[i].pastes[j]);
	doctor_text(k, false, &b);
	PROMISE(is_printable(buf_str(&b), b.len, "\n"));
	buf_clear(&b);
	doctor_json(k, &b);
	PROMISE(is_printable(buf_str(&b), b.len, "\n") && is_json(buf_str(&b)));
	buf_free(&b);
}

#endif
