/*
 * options.c owns how options are read and shown, from a command's table; it
 * may not know what any of them means.
 */
/* libc */
#include <getopt.h>
#include <stdarg.h>
#include <string.h>
/* this project */
#include "cli.h"

#define ROWS_MAX	16

static void
build(const struct option_row *rows, struct option *names, char *letters)
{
	size_t i, n = 0;

	*letters++ = ':';	/* tell a missing argument from a wrong option */
	for (i = 0; rows[i].help != NULL && n < ROWS_MAX; i++) {
		if (rows[i].letter < 256) {
			*letters++ = (char)rows[i].letter;
			if (rows[i].argument != NULL)
				*letters++ = ':';
		}
		if (rows[i].name == NULL)
			continue;
		names[n].name = rows[i].name;
		names[n].has_arg = rows[i].argument != NULL;
		names[n].flag = NULL;
		names[n++].val = rows[i].letter;
	}
	*letters = '\0';
	memset(&names[n], 0, sizeof(names[n]));
}

int
command_option(const struct command *c, int argc, char **argv)
{
	struct option names[ROWS_MAX + 1];
	char letters[2 * ROWS_MAX + 2];
	struct buf b = BUF_INIT;
	int letter;

	build(c->options, names, letters);
	opterr = 0;
	letter = getopt_long(argc, argv, letters, names, NULL);
	if (letter != '?' && letter != ':')
		return letter;
	/* musl has optind behind the end where an argument lacks */
	buf_put_visible(&b, argv[(letter == ':' ? argc : optind) - 1], 80);
	(void)command_usage(c, letter == ':' ? "%s needs an argument" :
	    "%s is not an option", buf_str(&b));
	buf_free(&b);
	return '?';
}

int
command_usage(const struct command *c, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "tlswarden %s: ", c->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nusage: tlswarden %s %s\n", c->name, c->synopsis);
	return EXIT_USAGE;
}

void
command_help(const struct command *c, FILE *f)
{
	const struct option_row *row;
	struct buf b = BUF_INIT;

	fprintf(f, "usage: tlswarden %s %s\n\n%s\n\n", c->name, c->synopsis,
	    c->help);
	for (row = c->options; row->help != NULL; row++) {
		buf_clear(&b);
		if (row->letter < 256)
			buf_printf(&b, "-%c", row->letter);
		if (row->name != NULL)
			buf_printf(&b, "%s--%s", b.len > 0 ? ", " : "", row->name);
		if (row->argument != NULL)
			buf_printf(&b, " %s", row->argument);
		fprintf(f, "  %-22s  %s\n", buf_str(&b), row->help);
	}
	buf_free(&b);
}
