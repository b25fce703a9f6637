/*
 * check_reach.c owns the question whether a rule can ever be reached; it may
 * not know how conditions are compared with each other.
 */
/* this project */
#include "check.h"

/* Steps for a whole policy; a policy that needs more gets fewer warnings. */
#define BUDGET		3000000

/* Does the rule decide each session that its condition fits, today and later? */
static bool
always_decides(const struct rule *r, uint32_t today)
{
	return r->action != ACTION_NOTE && !r->observe && r->until == 0 &&
	    (r->from == 0 || (today != 0 && r->from <= today)) && r->share == 100;
}

static bool
covers(const struct rule *earlier, const struct rule *later, unsigned int *budget)
{
	if (earlier->cond == NULL)
		return true;
	return later->cond != NULL && cond_implies(later->cond, earlier->cond, budget);
}

void
warn_unreached(const struct policy *p, uint32_t today, struct diags *diags)
{
	unsigned int budget = BUDGET;
	size_t i, k;

	for (i = 1; i < p->rule_count && budget > 0; i++) {
		for (k = 0; k < i && budget > 0; k++) {
			const struct rule *earlier = &p->rules[k], *r = &p->rules[i];

			if (!always_decides(earlier, today) ||
			    !covers(earlier, r, &budget))
				continue;
			diag_add(diags, DIAG_WARNING, &r->place, NULL,
			    "the rule \"%s\" is never reached: \"%s\" in line %u "
			    "decides all it could match", r->name, earlier->name,
			    earlier->place.line);
			break;
		}
	}
}
