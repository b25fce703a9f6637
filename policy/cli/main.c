/*
 * main.c owns the table of commands; it may not know what any of them does.
 */
/* libc */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "cli.h"
#include "mem.h"

static const struct command *const commands[] = {
	&command_check,
	&command_doctor,
	&command_explain,
	&command_replay,
	&command_report,
	&command_ping,
	&command_audit,
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static const struct command *
find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void
overview(FILE *f)
{
	size_t i;

	fputs("usage: tlswarden COMMAND [OPTION...] [ARGUMENT...]\n\n", f);
	for (i = 0; i < COMMANDS; i++)
		fprintf(f, "  %-10s  %s\n", commands[i]->name, commands[i]->help);
	fprintf(f, "  %-10s  %s\n", "help", "show this, or the help of a command");
	fputs("\n  --version   show the version\n"
	    "  --help      show this help\n", f);
}

static int
unknown(const char *name)
{
	struct buf b = BUF_INIT;

	buf_put_visible(&b, name, 80);
	fprintf(stderr, "tlswarden: %s is not a command\n", buf_str(&b));
	overview(stderr);
	buf_free(&b);
	return EXIT_USAGE;
}

static int
help(int argc, char **argv)
{
	const struct command *c;

	if (argc > 1) {
		c = find(argv[1]);
		if (c == NULL)
			return unknown(argv[1]);
		command_help(c, stdout);
	} else
		overview(stdout);
	return EXIT_CLEAN;
}

static int
run(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		overview(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("tlswarden " PACKAGE_VERSION);
		return EXIT_CLEAN;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		overview(stdout);
		return EXIT_CLEAN;
	}
	if (strcmp(argv[1], "help") == 0)
		return help(argc - 1, argv + 1);
	c = find(argv[1]);
	if (c == NULL)
		return unknown(argv[1]);
	return c->run(argc - 1, argv + 1);
}

static void
out_of_memory(size_t size)
{
	static const char words[] = "tlswarden: out of memory\n";

	(void)size;
	(void)!write(STDERR_FILENO, words, sizeof(words) - 1);
	_exit(EXIT_FAILED);
}

/* An answer that was not written was not given: a full disk is a failure. */
int
main(int argc, char **argv)
{
	int status;

	mem_set_hook(out_of_memory);
	status = run(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("tlswarden: standard output");
		return EXIT_FAILED;
	}
	return status;
}
