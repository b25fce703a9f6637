/*
 * parse.h: from the text of a policy to the policy, in two steps.
 *
 * parse() reads statements by recursive descent and goes on at the next
 * statement after an error, so that one run tells all.  check() then gives the
 * parts their meaning: names are resolved, values read by the type of their
 * attribute, patterns compiled, replies cut, services completed; and warns.
 */
#ifndef TLSWARDEN_PARSE_H
#define TLSWARDEN_PARSE_H

#include "diag.h"
#include "policy.h"

#include <stdint.h>

struct policy;
struct source;

void	 parse(struct policy *, const struct source *, struct diags *);
/* Meaning.  Errors are added to diags. */
void	 check(struct policy *, struct diags *);
/* Warnings, only asked for when there was no error. */
void	 check_warnings(const struct policy *, uint32_t today, struct diags *);
/* The policy's own tests; a failed one is an error. */
void	 expect_run(const struct policy *, uint32_t today, struct diags *);

/* reply.c: cut the text, check its parts against each other and the action. */
struct rule;
void	 reply_check(struct policy *, struct rule *, struct diags *);

#endif
