/*
 * options.c owns the command line; it may not know what the options do.
 */
/* libc */
#include <assert.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
/* libmilter */
#include <libmilter/mfapi.h>
/* this program */
#include "options.h"
#include "process.h"

#define TEXT(field)	offsetof(struct options, field), 0
#define FLAG(field)	0, offsetof(struct options, field)

static const struct row {
	char		 letter;
	const char	*name;
	const char	*argument;	/* NULL: takes none */
	size_t		 text;		/* where the argument goes */
	size_t		 flag;		/* or what it sets */
	const char	*help;
} rows[] = {
	{ 'c', "policy", "POLICY", TEXT(policy), "follow this policy file" },
	{ 'p', "socket", "SOCKET", TEXT(socket), "listen here" },
	{ 'u', "user", "USER[:GROUP]", TEXT(user), "run as this user" },
	{ 'P', "pidfile", "PIDFILE", TEXT(pidfile), "write the process id here" },
	{ 'l', "log", "syslog|stderr", TEXT(log), "where records go" },
	{ 'O', "observe", NULL, FLAG(observe), "record refusals, refuse nothing" },
	{ 'b', "background", NULL, FLAG(background), "go into the background" },
	{ 't', "test", NULL, FLAG(test), "check the policy and exit" },
	{ 'V', "version", NULL, 0, 0, "say which version this is" },
	{ 'h', "help", NULL, 0, 0, "say this" },
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))

static void
usage(FILE *out)
{
	char left[64];
	size_t i;

	fprintf(out, "usage: tlswardend [-c POLICY] [-p SOCKET] [-u USER[:GROUP]]"
	    " [-P PIDFILE]\n"
	    "                  [-l syslog|stderr] [-O] [-b] [-t] [-V] [-h]\n\n");
	for (i = 0; i < ROWS; i++) {
		snprintf(left, sizeof(left), "-%c, --%s%s%s", rows[i].letter,
		    rows[i].name, rows[i].argument != NULL ? " " : "",
		    rows[i].argument != NULL ? rows[i].argument : "");
		fprintf(out, "  %-28s %s\n", left, rows[i].help);
	}
}

static void
version(void)
{
	unsigned int major, minor, patch;

	smfi_version(&major, &minor, &patch);
	printf("tlswardend %s (libmilter %u.%u.%u)\n", PACKAGE_VERSION, major,
	    minor, patch);
}

static void
make_tables(char *letters, struct option *longs)
{
	size_t i;

	*letters++ = ':';
	for (i = 0; i < ROWS; i++) {
		longs[i].name = rows[i].name;
		longs[i].has_arg = rows[i].argument != NULL;
		longs[i].val = (unsigned char)rows[i].letter;
		*letters++ = rows[i].letter;
		if (rows[i].argument != NULL)
			*letters++ = ':';
	}
	*letters = '\0';
}

static void
take(struct options *o, int letter, const char *argument)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].letter == letter)
			break;
	assert(i < ROWS);	/* getopt gives the letters of the table alone */
	if (rows[i].argument != NULL)
		memcpy((char *)o + rows[i].text, &argument, sizeof(argument));
	else
		*(bool *)((char *)o + rows[i].flag) = true;
}

static int
finish(struct options *o)
{
	if (o->log == NULL || strcmp(o->log, "syslog") == 0)
		o->target = SINK_SYSLOG;
	else if (strcmp(o->log, "stderr") == 0)
		o->target = SINK_STDERR;
	else
		return complain(EX_USAGE, "-l takes syslog or stderr, not \"%s\"",
		    o->log);
	return -1;
}

int
options_parse(struct options *o, int argc, char **argv)
{
	struct option longs[ROWS + 1];
	char letters[2 * ROWS + 2];
	int c;

	memset(o, 0, sizeof(*o));
	memset(longs, 0, sizeof(longs));
	make_tables(letters, longs);
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		switch (c) {
		case 'V':
			version();
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		case ':':
			/* it is the last, and musl has optind behind it */
			complain(EX_USAGE, "%s needs an argument", argv[argc - 1]);
			usage(stderr);
			return EX_USAGE;
		case '?':
			complain(EX_USAGE, "there is no option %s", argv[optind - 1]);
			usage(stderr);
			return EX_USAGE;
		default:
			take(o, c, optarg);
		}
	}
	if (optind < argc) {
		complain(EX_USAGE, "what is \"%s\"? there are only options",
		    argv[optind]);
		usage(stderr);
		return EX_USAGE;
	}
	return finish(o);
}
