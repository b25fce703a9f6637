/*
 * cmd_replay.c owns `tlswarden replay': whom would a new policy refuse?  It may
 * not know how logs are read or judged.
 */
/* libc */
#include <getopt.h>
#include <stdio.h>
/* this project */
#include "logs.h"
#include "policy.h"
/* policy/logs */
#include "replay.h"
#include "when.h"

#define OPT_DATE	OPT_OWN

static const struct option_row options[] = {
	{ 'c', "policy", "POLICY", "the new policy" },
	{ 'o', "old", "POLICY", "compare with this one, not with what was recorded" },
	{ OPT_DATE, "date", "DAY", "judge as of this day, not that of the message" },
	LOGS_OPTIONS,
	{ 0, NULL, NULL, NULL }
};

struct request {
	struct logs_options logs;
	struct replay_settings replay;
	const char	*new;
	const char	*old;
};

static int
read_options(int argc, char **argv, struct request *rq)
{
	int letter, status;

	while ((letter = command_option(&command_replay, argc, argv)) != -1) {
		switch (letter) {
		case 'c':
			rq->new = optarg;
			break;
		case 'o':
			rq->old = optarg;
			break;
		case OPT_DATE:
			rq->replay.day = when_read_day(optarg);
			if (rq->replay.day == 0)
				return command_usage(&command_replay,
				    "a date is written YYYY-MM-DD");
			break;
		case 'h':
			command_help(&command_replay, stdout);
			return -1;
		case '?':
			return EXIT_USAGE;
		default:
			status = logs_option(&rq->logs, &command_replay, letter, optarg);
			if (status != EXIT_CLEAN)
				return status;
		}
	}
	if (rq->new == NULL)
		return command_usage(&command_replay, "which policy? say -c POLICY");
	rq->replay.wanted = rq->logs.wanted;
	rq->replay.top = rq->logs.top;
	rq->replay.max_memory = rq->logs.max_memory;
	rq->replay.today = today();
	return EXIT_CLEAN;
}

static int
load(const char *path, struct policy **policy)
{
	struct diags *diags = diags_new();
	int status = EXIT_CLEAN;

	*policy = load_policy(path, today(), diags, &status);
	if (*policy == NULL)
		print_diags(diags);
	diags_free(diags);
	return *policy == NULL ? EXIT_FAILED : EXIT_CLEAN;
}

static int
replay(const struct request *rq, char **paths, int count)
{
	struct replay *replay = replay_new(&rq->replay);
	struct logs_count n;
	struct report r;
	int status;

	report_init(&r, "tlswarden-replay/1", "replay",
	    "What a new policy would change");
	r.made = rq->logs.now;
	status = logs_read(&rq->logs, &command_replay, paths, count, replay_add, replay,
	    &n);
	if (logs_were_read(&n, status)) {
		replay_report(replay, &r);
		logs_numbers(&n, &r);
		logs_print(&rq->logs, &r);
		/* What nobody could judge is not known to be harmless. */
		if (status == EXIT_CLEAN && (replay_is_empty(replay) ||
		    replay_refused(replay) + replay_undecided(replay) > 0))
			status = EXIT_FINDINGS;
	}
	report_free(&r);
	replay_free(replay);
	return status;
}

static int
run(int argc, char **argv)
{
	struct request rq = { .new = NULL };
	struct policy *new = NULL, *old = NULL;
	int status;

	logs_init(&rq.logs);
	status = read_options(argc, argv, &rq);
	if (status == EXIT_CLEAN)
		status = load(rq.new, &new);
	if (status == EXIT_CLEAN && rq.old != NULL)
		status = load(rq.old, &old);
	rq.replay.policy = new;
	rq.replay.old = old;
	rq.logs.answers.policies[0] = new;
	rq.logs.answers.policies[1] = old;
	if (status == EXIT_CLEAN)
		status = replay(&rq, argv + optind, argc - optind);
	policy_unref(&new);
	policy_unref(&old);
	logs_clear(&rq.logs);
	return status == -1 ? EXIT_CLEAN : status;
}

const struct command command_replay = {
	"replay", run, "whom would a new policy refuse? from the logs",
	"-c POLICY [-o POLICY] [--date DAY] " LOGS_SYNOPSIS, options
};
