/*
 * trace.c owns the memory and the words of a trace; it may not know how an
 * evaluation comes to its answers.
 */
/* libc */
#include <stdlib.h>
/* this project */
#include "mem.h"
#include "policy.h"
#include "trace.h"

struct trace *
trace_new(const struct policy *policy)
{
	struct trace *trace;

	trace = mem_calloc(1, sizeof(*trace));
	trace->count = policy_rule_count(policy);
	trace->entries = mem_calloc(trace->count, sizeof(*trace->entries));
	return trace;
}

void
trace_free(struct trace *trace)
{
	if (trace == NULL)
		return;
	free(trace->entries);
	free(trace);
}

const char *
trace_answer_name(enum trace_answer answer)
{
	switch (answer) {
	case TRACE_NOT_REACHED:
		return "not reached";
	case TRACE_MATCHED:
		return "matched";
	case TRACE_NOT:
		return "not";
	case TRACE_UNKNOWN:
		return "unknown";
	case TRACE_OBSERVED:
		return "observed";
	case TRACE_NOTED:
		return "noted";
	case TRACE_INACTIVE:
		return "inactive";
	}
	return "";
}
