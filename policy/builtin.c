/*
 * builtin.c owns the text of the policy that is built in; it may not know what
 * that says.  builtin.inc is made from packaging/policy.conf by make.
 */
/* this project */
#include "policy.h"

static const char text[] =
#include "policy/builtin.inc"
;

const char *
policy_builtin_text(void)
{
	return text;
}
