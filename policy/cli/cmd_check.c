/*
 * cmd_check.c owns `tlswarden check': is the policy right?  It may not know
 * how a policy is read.
 */
/* libc */
#include <getopt.h>
#include <stdio.h>
/* this project */
#include "cli.h"

#define OPT_STRICT	256
#define OPT_MTA		257

static const struct option_row options[] = {
	{ 'p', "print", NULL, "print the policy in its canonical form" },
	{ OPT_STRICT, "strict", NULL, "warnings are findings, too" },
	{ OPT_MTA, "mta", "MTA", "warn of what this server never tells" },
	{ 'h', "help", NULL, "show this help" },
	{ 0, NULL, NULL, NULL }
};

struct request {
	const char	*path;
	const char	*mta;
	bool		 print;
	bool		 strict;
};

static void
put_count(struct buf *b, size_t count, const char *what)
{
	buf_printf(b, ", %zu %s%s", count, what, count == 1 ? "" : "s");
}

/* One line that says how it went. */
static void
print_result(FILE *f, const char *name, const struct policy *p,
    const struct diags *d)
{
	bool colour = term_has_colour(f);
	struct buf b = BUF_INIT;

	buf_put_visible(&b, name, 4096);
	buf_puts(&b, ": ");
	if (p != NULL) {
		term_put(&b, colour, TINT_GOOD, "good");
		put_count(&b, policy_rule_count(p), "rule");
	} else {
		term_put(&b, colour, TINT_BAD, "refused");
		put_count(&b, diags_count(d, DIAG_ERROR), "error");
	}
	if (diags_count(d, DIAG_WARNING) > 0)
		put_count(&b, diags_count(d, DIAG_WARNING), "warning");
	fprintf(f, "%s\n", buf_str(&b));
	buf_free(&b);
}

struct tour {
	const struct policy *policy;
	FILE		*to;
};

/* One line that says what a regular expression costs. */
static void
print_cost(void *ctx, const struct pattern_worst *worst)
{
	const struct tour *t = ctx;
	struct buf b = BUF_INIT, cond = BUF_INIT;

	policy_rule_where(t->policy, worst->rule, &cond);
	buf_put_visible(&b, buf_str(&cond), 4096);
	buf_clear(&cond);
	policy_print_cond(worst->cond, &cond);
	buf_puts(&b, ": ");
	term_put_policy(&b, buf_str(&cond));
	if (worst->limit)
		term_put(&b, term_has_colour(t->to), TINT_BAD, " hits the limit");
	else
		buf_printf(&b, " takes up to %u%% of the limit", worst->percent);
	fprintf(t->to, "%s, tried on %s\n", buf_str(&b), worst->subject);
	buf_free(&b);
	buf_free(&cond);
}

static int
check(const struct request *rq)
{
	struct diags *diags = diags_new();
	struct tour tour = { .to = rq->print ? stderr : stdout };
	struct policy *p;
	struct buf b = BUF_INIT;
	int status = EXIT_CLEAN;

	p = load_policy(rq->path, today(), diags, &status);
	if (p != NULL && rq->mta != NULL && policy_warn_mta(p, rq->mta, diags) == -1)
		status = command_usage(&command_check, "a server is named as in "
		    "\"Postfix 3.7.11\" or \"Sendmail 8.17.1\"");
	if (status == EXIT_USAGE)
		goto out;
	print_diags(diags);
	if (p != NULL && rq->print) {
		policy_print(p, &b);
		fputs(buf_str(&b), stdout);
	}
	if (rq->strict && diags_total(diags) > 0 && status == EXIT_CLEAN)
		status = EXIT_FINDINGS;
	/* With -p standard output is the policy, and nothing else. */
	tour.policy = p;
	if (p != NULL)
		policy_try_patterns(p, print_cost, &tour);
	print_result(tour.to, p != NULL ? policy_name(p) :
	    rq->path != NULL ? rq->path : TLSWARDEN_POLICY, p, diags);
out:
	buf_free(&b);
	policy_unref(&p);
	diags_free(diags);
	return status;
}

static int
run(int argc, char **argv)
{
	struct request rq = { .path = NULL };
	int letter;

	while ((letter = command_option(&command_check, argc, argv)) != -1) {
		switch (letter) {
		case 'p':
			rq.print = true;
			break;
		case OPT_STRICT:
			rq.strict = true;
			break;
		case OPT_MTA:
			rq.mta = optarg;
			break;
		case 'h':
			command_help(&command_check, stdout);
			return EXIT_CLEAN;
		default:
			return EXIT_USAGE;
		}
	}
	if (argc - optind > 1)
		return command_usage(&command_check, "only one policy at a time");
	rq.path = argv[optind];
	return check(&rq);
}

const struct command command_check = {
	"check", run, "is a policy right? errors, warnings, expectations",
	"[-p] [--strict] [--mta MTA] [POLICY]", options
};
