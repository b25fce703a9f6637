/*
 * cmd_audit.c owns `tlswarden audit': what do the ports of a mail server offer?
 * It may not know how a port is looked at.
 */
/* libc */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* the probe */
#include "audit.h"
#include "findings.h"
#include "profile.h"
#include "target.h"
/* this project */
#include "audit_report.h"
#include "cli.h"
#include "mem.h"

#define TARGETS_MAX	64
#define SECONDS_MAX	600

enum { OPT_REMOTE = 256, OPT_PROFILE, OPT_FORMAT, OPT_NAGIOS, OPT_NAME, OPT_CA,
	OPT_TIMEOUT };

static const struct option_row options[] = {
	{ OPT_REMOTE, "remote", NULL, "audit addresses that are not this machine's" },
	{ OPT_PROFILE, "profile", "NAME",
	    "default, mozilla-intermediate, modern, or bsi" },
	{ OPT_FORMAT, "format", "text|json|prometheus",
	    "how the answer is written" },
	{ OPT_NAGIOS, "nagios", NULL, "one line and exit status for monitoring" },
	{ OPT_NAME, "name", "NAME", "the name that certificates should have" },
	{ OPT_CA, "ca", "FILE", "trust the certificates in FILE, too" },
	{ OPT_TIMEOUT, "timeout", "SECONDS", "for each port, 60 otherwise" },
	{ 'h', "help", NULL, "show this help" },
	{ 0, NULL, NULL, NULL }
};

struct request {
	struct audit_options	 audit;
	const struct profile	*profile;
	bool			 remote, json, prometheus, nagios;
	struct target		 targets[TARGETS_MAX];
	size_t			 count;
};

/* 0, or EXIT_USAGE after a message. */
static int
add_targets(struct request *q, const char *text)
{
	struct target found[PORT_SERVICES];
	struct buf b = BUF_INIT;
	const char *fault;
	size_t n;

	n = target_parse(text, found, &fault);
	if (n > TARGETS_MAX - q->count) {
		n = 0;
		fault = "more than 64 ports";
	}
	if (n == 0) {
		buf_put_visible(&b, text, 300);
		command_usage(&command_audit, "%s: %s", buf_str(&b), fault);
		buf_free(&b);
		return EXIT_USAGE;
	}
	memcpy(&q->targets[q->count], found, n * sizeof(found[0]));
	q->count += n;
	return 0;
}

static int
read_option(struct request *q, int letter)
{
	char *end;
	long n;

	switch (letter) {
	case OPT_REMOTE:
		q->remote = true;
		return 0;
	case OPT_PROFILE:
		q->profile = profile_find(optarg);
		return q->profile != NULL ? 0 : command_usage(&command_audit,
		    "the profiles are default, mozilla-intermediate, modern, bsi");
	case OPT_FORMAT:
		q->json = strcmp(optarg, "json") == 0;
		q->prometheus = strcmp(optarg, "prometheus") == 0;
		return q->json || q->prometheus || strcmp(optarg, "text") == 0 ?
		    0 : command_usage(&command_audit,
		    "the format is text, json or prometheus");
	case OPT_NAGIOS:
		q->nagios = true;
		return 0;
	case OPT_NAME:
		q->audit.name = optarg;
		return optarg[0] != '\0' && strlen(optarg) < HOST_SIZE ? 0 :
		    command_usage(&command_audit, "that is no name");
	case OPT_CA:
		q->audit.ca_file = optarg;
		return access(optarg, R_OK) == 0 ? 0 :
		    command_usage(&command_audit, "--ca: the file cannot be read");
	default:
		n = strtol(optarg, &end, 10);
		q->audit.seconds = (int)n;
		return *end == '\0' && n >= 1 && n <= SECONDS_MAX ? 0 :
		    command_usage(&command_audit, "the timeout is 1 to 600 seconds");
	}
}

/* One port into the report, unless nobody asked for it and nothing is there. */
static void
visit(struct audit_report *r, const struct request *q, struct target *t,
    struct audit_tour *tour)
{
	struct facts *f = &r->facts[r->count];
	const char *fault;

	if (target_resolve(t, q->remote, &fault) == -1) {
		memset(f, 0, sizeof(*f));
		f->target = *t;
		f->fault = fault;
	} else if (t->guessed && !audit_answers(t))
		return;
	else
		audit_port(f, t, &q->audit, tour);
	judge(&r->findings[r->count], f, q->profile);
	r->count++;
}

/* Progress is for a person who waits. */
static void
show_progress(const struct target *t)
{
	if (t != NULL && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[Kport %u ...", t->port);
	else if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

static void
visit_all(struct audit_report *r, struct request *q)
{
	struct audit_tour tour = { NULL, 0 };
	const char *unresolved = "";
	size_t i;

	for (i = 0; i < q->count; i++) {
		/* A host whose address is not to be had is told once. */
		if (q->targets[i].guessed &&
		    strcmp(q->targets[i].host, unresolved) == 0)
			continue;
		show_progress(&q->targets[i]);
		visit(r, q, &q->targets[i], &tour);
		if (r->count > 0 && r->facts[r->count - 1].target.salen == 0)
			unresolved = q->targets[i].host;
	}
	show_progress(NULL);
	audit_tour_end(&tour);
}

/* Where nobody answered, and what to say to be answered. */
static void
complain_of_silence(const struct request *q, bool local)
{
	struct buf b = BUF_INIT;
	size_t i;

	buf_puts(&b, local ? "127.0.0.1 or ::1" : "");
	for (i = 0; i < q->count && !local; i++) {
		if (i > 0 && strcmp(q->targets[i - 1].host, q->targets[i].host) == 0)
			continue;
		buf_puts(&b, i > 0 ? " or " : "");
		buf_put_visible(&b, q->targets[i].host, HOST_SIZE);
	}
	fprintf(stderr, "tlswarden audit: no mail service answers on %s, port",
	    buf_str(&b));
	for (i = 0; i < PORT_SERVICES; i++)
		fprintf(stderr, "%s %u", i > 0 ? "," : "", port_infos[i].port);
	fputs("; name where it listens: tlswarden audit HOST[:PORT]\n", stderr);
	buf_free(&b);
}

static int
tell(const struct audit_report *r, const struct request *q, bool local)
{
	struct buf b = BUF_INIT;
	int status;

	if (audit_faults(r) > 0 || r->count == 0)
		status = EXIT_FAILED;
	else
		status = audit_total(r, SEVERITY_FAULT) +
		    audit_total(r, SEVERITY_WARNING) > 0 ? EXIT_FINDINGS : EXIT_CLEAN;
	if (q->nagios)
		status = audit_nagios(r, &b);
	else if (q->json)
		audit_json(r, &b);
	else if (q->prometheus)
		audit_prometheus(r, q->audit.now, &b);
	else if (r->count == 0)
		complain_of_silence(q, local);
	else
		audit_text(r, term_has_colour(stdout), &b);
	fputs(buf_str(&b), stdout);
	buf_free(&b);
	return status;
}

static int
audit(struct request *q, bool local)
{
	struct audit_report r;
	int status;

	r.profile = q->profile;
	r.facts = mem_calloc(TARGETS_MAX, sizeof(*r.facts));
	r.findings = mem_calloc(TARGETS_MAX, sizeof(*r.findings));
	r.count = 0;
	visit_all(&r, q);
	if (local && r.count == 0) {
		q->count = 0;
		add_targets(q, "::1");
		visit_all(&r, q);
		/* a machine without IPv6 has not failed: nobody asked for it */
		if (r.count > 0 && r.facts[0].target.salen == 0)
			r.count = 0;
	}
	status = tell(&r, q, local);
	free(r.facts);
	free(r.findings);
	return status;
}

static int
parse_and_audit(int argc, char **argv)
{
	static struct request q;
	bool local;
	int letter, status;

	q.profile = profile_find("default");
	q.audit.seconds = AUDIT_SECONDS;
	q.audit.now = (int64_t)time(NULL);
	while ((letter = command_option(&command_audit, argc, argv)) != -1) {
		if (letter == 'h') {
			command_help(&command_audit, stdout);
			return EXIT_CLEAN;
		}
		status = letter == '?' ? EXIT_USAGE : read_option(&q, letter);
		if (status != 0)
			return status;
	}
	local = optind == argc;
	if (local)
		add_targets(&q, "127.0.0.1");
	for (; optind < argc; optind++) {
		status = add_targets(&q, argv[optind]);
		if (status != 0)
			return status;
	}
	return audit(&q, local);
}

/* Monitoring reads standard output, and knows 0 to 3. */
static int
run(int argc, char **argv)
{
	bool nagios = false;
	int i, status;

	for (i = 1; i < argc; i++)
		nagios = nagios || strcmp(argv[i], "--nagios") == 0;
	status = parse_and_audit(argc, argv);
	if (nagios && status == EXIT_USAGE) {
		puts("TLSWARDEN UNKNOWN - the command line is wrong");
		return NAGIOS_UNKNOWN;
	}
	return status;
}

const struct command command_audit = {
	"audit", run, "what do the ports of a mail server offer?",
	"[OPTION...] [HOST[:PORT][/SERVICE]...]", options
};
