/*
 * cmd_ping.c owns `tlswarden ping': is a daemon well?  It may not know how
 * that is asked.
 */
/* libc */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "cli.h"
/* policy/probe */
#include "milter_ping.h"
#include "milter_socket.h"

#define TIMEOUT		5	/* seconds, when none is given */
#define TIMEOUT_MAX	3600

static const struct option_row options[] = {
	{ 'c', "policy", "POLICY", "the policy that names the socket" },
	{ 't', "timeout", "SECONDS", "wait this long for all of it (5)" },
	{ 'q', "quiet", NULL, "say nothing when it is well" },
	{ 'h', "help", NULL, "show this help" },
	{ 0, NULL, NULL, NULL }
};

/* A name service that does not answer knows no deadline of ours. */
static void
on_alarm(int number)
{
	static const char text[] = "tlswarden ping: no answer in time\n";
	ssize_t n;

	(void)number;
	n = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)n;
	_exit(EXIT_FAILED);
}

static void
set_alarm(unsigned int seconds)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_alarm;
	sigaction(SIGALRM, &sa, NULL);
	alarm(seconds);
}

static int
ping(const char *spec, unsigned int seconds, bool quiet)
{
	struct milter_socket where;
	struct buf why = BUF_INIT, name = BUF_INIT;
	int64_t start = milter_clock();
	int status = EXIT_CLEAN;

	buf_put_visible(&name, spec, 200);
	if (milter_socket_parse(&where, spec) == -1) {
		status = command_usage(&command_ping, "%s is no socket: unix:/path, "
		    "inet:port@host", buf_str(&name));
		buf_free(&name);
		return status;
	}
	/* a second more: what can say why comes first */
	set_alarm(seconds + 1);
	if (milter_ping(&where, start + (int64_t)seconds * 1000, &why) == -1) {
		fprintf(stderr, "tlswarden ping: %s: %s\n", buf_str(&name),
		    buf_str(&why));
		status = EXIT_FAILED;
	} else if (!quiet)
		printf("%s: tlswardend answers, %" PRId64 " ms\n", buf_str(&name),
		    milter_clock() - start);
	alarm(0);
	milter_socket_clear(&where);
	buf_free(&name);
	buf_free(&why);
	return status;
}

static unsigned int
parse_seconds(const char *s)
{
	unsigned long n;
	char *end;

	if (*s < '0' || *s > '9')
		return 0;
	n = strtoul(s, &end, 10);
	return *end == '\0' && n <= TIMEOUT_MAX ? (unsigned int)n : 0;
}

/* Without a socket: where the daemon with this policy listens. */
static int
ping_policy(const char *path, unsigned int seconds, bool quiet)
{
	struct diags *diags = diags_new();
	struct policy *p;
	int status = EXIT_CLEAN;

	p = load_policy(path, today(), diags, &status);
	if (p == NULL) {
		print_diags(diags);
		status = EXIT_FAILED;
	} else
		status = ping(policy_settings(p)->socket[0] != '\0' ?
		    policy_settings(p)->socket : MILTER_SOCKET_DEFAULT, seconds,
		    quiet);
	diags_free(diags);
	policy_unref(&p);
	return status;
}

static int
run(int argc, char **argv)
{
	unsigned int seconds = TIMEOUT;
	const char *policy = NULL;
	bool quiet = false;
	int letter;

	while ((letter = command_option(&command_ping, argc, argv)) != -1) {
		switch (letter) {
		case 'c':
			policy = optarg;
			break;
		case 't':
			seconds = parse_seconds(optarg);
			if (seconds == 0)
				return command_usage(&command_ping, "--timeout wants "
				    "seconds, 1 to %d", TIMEOUT_MAX);
			break;
		case 'q':
			quiet = true;
			break;
		case 'h':
			command_help(&command_ping, stdout);
			return EXIT_CLEAN;
		default:
			return EXIT_USAGE;
		}
	}
	if (argc - optind > 1)
		return command_usage(&command_ping, "one socket at a time");
	if (argc > optind && policy != NULL)
		return command_usage(&command_ping, "a socket or a policy, not both");
	if (argc == optind)
		return ping_policy(policy, seconds, quiet);
	return ping(argv[optind], seconds, quiet);
}

const struct command command_ping = {
	"ping", run, "is the daemon there, and does it answer?",
	"[-t SECONDS] [-q] [-c POLICY | SOCKET]", options
};
