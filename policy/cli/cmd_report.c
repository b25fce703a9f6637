/*
 * cmd_report.c owns `tlswarden report': how does mail arrive?  It may not know
 * how logs are read or counted.
 */
/* libc */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
/* this project */
#include "logs.h"
#include "policy.h"
/* policy/logs */
#include "column.h"

#define OPT_BY	OPT_OWN

static const struct option_row options[] = {
	{ 'c', "policy", "POLICY", "whose exceptions are looked at" },
	{ OPT_BY, "by", "NAME[,NAME...]", "one table, counted by these" },
	LOGS_OPTIONS,
	{ 0, NULL, NULL, NULL }
};

struct request {
	struct logs_options logs;
	struct survey_settings survey;
	const char	*policy;
};

static int
unknown_name(const char *name, size_t len)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	size_t i;

	buf_put(&text, name, len < 40 ? len : 40);
	buf_put_visible(&b, buf_str(&text), 40);
	buf_puts(&b, " is nothing to count by:");
	for (i = 0; column_by_name(i) != NULL; i++)
		buf_printf(&b, " %s", column_by_name(i));
	(void)command_usage(&command_report, "%s", buf_str(&b));
	buf_free(&b);
	buf_free(&text);
	return EXIT_USAGE;
}

/* "user,client" */
static int
set_by(struct request *rq, const char *argument)
{
	const char *s, *end;
	enum column c;
	size_t n = 0;

	for (s = argument;; s = end + 1) {
		end = s + strcspn(s, ",");
		c = column_find(s, (size_t)(end - s));
		if (c == COL_NOTHING)
			return unknown_name(s, (size_t)(end - s));
		if (n == SURVEY_BY_MAX)
			return command_usage(&command_report, "at most %d names to count "
			    "by", SURVEY_BY_MAX);
		rq->survey.by[n++] = c;
		if (*end == '\0')
			break;
	}
	rq->survey.by[n] = COL_NOTHING;
	return EXIT_CLEAN;
}

static int
read_options(int argc, char **argv, struct request *rq)
{
	int letter, status;

	while ((letter = command_option(&command_report, argc, argv)) != -1) {
		switch (letter) {
		case 'c':
			rq->policy = optarg;
			break;
		case OPT_BY:
			status = set_by(rq, optarg);
			if (status != EXIT_CLEAN)
				return status;
			break;
		case 'h':
			command_help(&command_report, stdout);
			return -1;
		case '?':
			return EXIT_USAGE;
		default:
			status = logs_option(&rq->logs, &command_report, letter, optarg);
			if (status != EXIT_CLEAN)
				return status;
		}
	}
	rq->survey.wanted = rq->logs.wanted;
	rq->survey.top = rq->logs.top;
	rq->survey.max_memory = rq->logs.max_memory;
	return EXIT_CLEAN;
}

/*
 * What the policy lets through by way of exception.  One that was named must be
 * there; without it the report is good for all else.
 */
static int
load(const struct request *rq, struct policy **policy)
{
	struct diags *diags = diags_new();
	int status = EXIT_CLEAN;

	*policy = load_policy(rq->policy, today(), diags, &status);
	if (*policy == NULL && rq->policy != NULL)
		print_diags(diags);
	else if (*policy == NULL)
		fprintf(stderr, "tlswarden report: %s cannot be used: exceptions are "
		    "not looked at\n", TLSWARDEN_POLICY);
	diags_free(diags);
	return *policy == NULL && rq->policy != NULL ? EXIT_FAILED : EXIT_CLEAN;
}

static int
report(const struct request *rq, const struct policy *policy, char **paths, int count)
{
	struct survey *survey = survey_new(&rq->survey);
	struct logs_count n;
	struct report r;
	int status;

	report_init(&r, "tlswarden-report/1", "report", "How mail arrives");
	r.made = rq->logs.now;
	status = logs_read(&rq->logs, &command_report, paths, count, survey_add, survey,
	    &n);
	/* Numbers of no file at all would look like no mail at all. */
	if (logs_were_read(&n, status)) {
		survey_report(survey, policy, today(), &r);
		logs_numbers(&n, &r);
		logs_print(&rq->logs, &r);
		if (status == EXIT_CLEAN && r.finding_count > 0)
			status = EXIT_FINDINGS;
	}
	report_free(&r);
	survey_free(survey);
	return status;
}

static int
run(int argc, char **argv)
{
	struct request rq = { .survey.by = { COL_NOTHING } };
	struct policy *policy = NULL;
	int status;

	logs_init(&rq.logs);
	status = read_options(argc, argv, &rq);
	if (status == EXIT_CLEAN)
		status = load(&rq, &policy);
	rq.logs.answers.policies[0] = policy;
	if (status == EXIT_CLEAN)
		status = report(&rq, policy, argv + optind, argc - optind);
	policy_unref(&policy);
	logs_clear(&rq.logs);
	return status == -1 ? EXIT_CLEAN : status;
}

const struct command command_report = {
	"report", run, "how does mail arrive? from the logs",
	"[-c POLICY] [--by NAME[,NAME...]] " LOGS_SYNOPSIS, options
};
