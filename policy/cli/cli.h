/*
 * cli.h: what the commands of tlswarden share.
 *
 * A command is a row: its name, its function, a line of help, and a table of
 * options that serves reading, help and the check of the manual page.
 */
#ifndef TLSWARDEN_CLI_H
#define TLSWARDEN_CLI_H

#include "buf.h"
#include "diag.h"
#include "policy.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes of every command. */
#define EXIT_CLEAN	0	/* nothing found */
#define EXIT_FINDINGS	1
#define EXIT_FAILED	2	/* could not do it */
#define EXIT_USAGE	64	/* EX_USAGE */

struct option_row {
	int		 letter;	/* from 256 on: only the long name */
	const char	*name;		/* NULL: only the letter */
	const char	*argument;	/* NULL: takes none */
	const char	*help;
};

struct command {
	const char	*name;
	int		(*run)(int argc, char **argv);
	const char	*help;		/* one line */
	const char	*synopsis;	/* behind the name */
	const struct option_row *options;	/* ends with help NULL */
};

extern const struct command command_check;
extern const struct command command_doctor;
extern const struct command command_explain;
extern const struct command command_replay;
extern const struct command command_report;
extern const struct command command_ping;
extern const struct command command_audit;

/*
 * The next option: its letter, -1 when there is no more (optind is then at
 * the first operand), or '?' after a message.  The argument is in optarg.
 */
int	command_option(const struct command *, int argc, char **argv);
/* Usage, options: what `help NAME' shows. */
void	command_help(const struct command *, FILE *);
/* One line on stderr that says what was wrong, and EXIT_USAGE. */
int	command_usage(const struct command *, const char *fmt, ...)
	    __attribute__((__format__(printf, 2, 3)));

/* --- load.c */

/* Today where the command runs, as 20261231. */
uint32_t	 today(void);
/*
 * Load the policy, the one of the default path when path is NULL, the one
 * built in when nothing is there.  Diagnostics are left to the caller.  NULL:
 * *status is EXIT_FINDINGS when the text is at fault, EXIT_FAILED when it
 * could not be read.
 */
struct policy	*load_policy(const char *path, uint32_t day, struct diags *,
		    int *status);
/* All of them, on stderr, in order. */
void		 print_diags(struct diags *);

/* --- term.c */

enum tint { TINT_NONE, TINT_GOOD, TINT_BAD, TINT_DIM, TINT_STRONG };

/* A terminal that shows colour, and nobody said NO_COLOR. */
bool		 term_has_colour(FILE *);
/*
 * Append text of a policy: as it stands there, but for bytes outside printable
 * ASCII, which become \xHH.
 */
void		 term_put_policy(struct buf *, const char *);
/* Append text of ours in a colour, or plainly. */
void		 term_put(struct buf *, bool colour, enum tint, const char *);

#endif
