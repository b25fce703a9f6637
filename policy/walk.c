/*
 * walk.c owns the order of stages for a session whose facts are all at hand;
 * it may not know where the facts come from.
 */
/* libc */
#include <assert.h>
/* this project */
#include "walk.h"

void
policy_walk(const struct policy *policy, struct session *session,
    struct scratch *scratch, bool observe, struct trace *trace, walk_step *step,
    void *ctx, struct verdict *final)
{
	enum stage stage;

	session_set_stage(session, STAGE_CONNECT);
	policy_classify(policy, session);
	/* what is unknown at the last stage is decided as undecided */
	for (stage = STAGE_CONNECT;; stage++) {
		assert(stage <= policy_last_stage(policy));
		session_set_stage(session, stage);
		policy_judge(policy, session, scratch, observe, final, trace);
		if (step != NULL)
			step(ctx, stage, final, trace);
		if (final->decided)
			return;
	}
}
