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

static const struct option_row options[] = {
	{ 'p', "print", NULL, "print the policy in its canonical form" },
	{ OPT_STRICT, "strict", NULL, "warnings are findings, too" },
	{ 'h', "help", NULL, "show this help" },
	{ 0, NULL, NULL, NULL }
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

static int
check(const char *path, bool print, bool strict)
{
	struct diags *diags = diags_new();
	struct policy *p;
	struct buf b = BUF_INIT;
	int status = EXIT_CLEAN;

	p = load_policy(path, today(), diags, &status);
	print_diags(diags);
	if (p != NULL && print) {
		policy_print(p, &b);
		fputs(buf_str(&b), stdout);
	}
	if (strict && diags_total(diags) > 0 && status == EXIT_CLEAN)
		status = EXIT_FINDINGS;
	/* With -p standard output is the policy, and nothing else. */
	print_result(print ? stderr : stdout, p != NULL ? policy_name(p) :
	    path != NULL ? path : TLSWARDEN_POLICY, p, diags);
	buf_free(&b);
	policy_unref(&p);
	diags_free(diags);
	return status;
}

static int
run(int argc, char **argv)
{
	bool print = false, strict = false;
	int letter;

	while ((letter = command_option(&command_check, argc, argv)) != -1) {
		switch (letter) {
		case 'p':
			print = true;
			break;
		case OPT_STRICT:
			strict = true;
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
	return check(argv[optind], print, strict);
}

const struct command command_check = {
	"check", run, "is a policy right? errors, warnings, expectations",
	"[-p] [--strict] [POLICY]", options
};
