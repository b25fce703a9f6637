/*
 * cmd_doctor.c owns `tlswarden doctor': is the mail server set up so that it
 * and the daemon work together?  It may not know what is looked at.
 */
/* libc */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
/* this project */
#include "cli.h"
#include "doctor_show.h"
/* policy/probe */
#include "doctor.h"
#include "milter_socket.h"
#include "postfix_conf.h"
#include "sendmail_conf.h"

#define OPT_POSTFIX	256
#define OPT_SENDMAIL	257
#define OPT_ROOT	258
#define OPT_FORMAT	259

static const struct option_row options[] = {
	{ 'c', "policy", "POLICY", "the policy the daemon has" },
	{ 's', "socket", "SOCKET", "the daemon's, when the policy does not say" },
	{ OPT_POSTFIX, "postfix-dir", "DIR", "look at DIR/main.cf and master.cf" },
	{ OPT_SENDMAIL, "sendmail-cf", "FILE", "look at this sendmail.cf" },
	{ OPT_ROOT, "root", "DIR", "look for the socket below DIR" },
	{ OPT_FORMAT, "format", "text|json", "how the answer is written" },
	{ 'h', "help", NULL, "show this help" },
	{ 0, NULL, NULL, NULL }
};

struct wishes {
	const char	*policy;
	const char	*socket;
	const char	*postfix;
	const char	*sendmail;
	const char	*root;
	bool		 json;
};

static int
failed(const struct buf *why)
{
	fprintf(stderr, "tlswarden doctor: %s\n", buf_str(why));
	return EXIT_FAILED;
}

static int
look_at_postfix(struct checkup *k, const struct wishes *w, const char *postconf)
{
	struct postfix_conf c = { .directory = NULL };
	struct buf why = BUF_INIT, owner = BUF_INIT;
	int status = EXIT_CLEAN, result;

	if (w->postfix != NULL)
		result = postfix_read_files(&c, w->postfix, &why);
	else
		result = postfix_read_running(&c, postconf, &why);
	if (result == 0 && c.count == 0) {
		buf_puts(&why, "master.cf names no service: is it the right one?");
		result = -1;
	}
	if (result == -1)
		status = failed(&why);
	else {
		k->group = postfix_get(&c, NULL, "mail_owner", &owner);
		doctor_postfix(k, &c);
	}
	postfix_conf_clear(&c);
	buf_free(&why);
	buf_free(&owner);
	return status;
}

static int
look_at_sendmail(struct checkup *k, const char *path)
{
	struct sendmail_conf c = { .path = NULL };
	struct buf why = BUF_INIT;
	int status = EXIT_CLEAN;

	if (sendmail_read(&c, path, &why) == -1)
		status = failed(&why);
	else
		doctor_sendmail(k, &c);
	sendmail_conf_clear(&c);
	buf_free(&why);
	return status;
}

static int
look(struct checkup *k, const struct wishes *w)
{
	const char *postconf = NULL, *cf;

	if (w->sendmail != NULL)
		return look_at_sendmail(k, w->sendmail);
	if (w->postfix == NULL && (postconf = postconf_path()) == NULL) {
		cf = sendmail_cf_path();
		if (cf != NULL)
			return look_at_sendmail(k, cf);
		fputs("tlswarden doctor: neither Postfix nor Sendmail is here; "
		    "for a copy use --postfix-dir or --sendmail-cf\n", stderr);
		return EXIT_FAILED;
	}
	return look_at_postfix(k, w, postconf);
}

static int
doctor(const struct wishes *w)
{
	struct diags *diags = diags_new();
	struct checkup k = { .policy = NULL };
	struct buf out = BUF_INIT;
	struct milter_socket s;
	struct policy *p;
	int status = EXIT_CLEAN;

	p = load_policy(w->policy, today(), diags, &status);
	if (p == NULL) {
		print_diags(diags);
		diags_free(diags);
		return EXIT_FAILED;
	}
	diags_free(diags);
	k.policy = p;
	k.group = "postfix";
	k.socket = w->socket != NULL ? w->socket :
	    policy_settings(p)->socket[0] != '\0' ? policy_settings(p)->socket :
	    MILTER_SOCKET_DEFAULT;
	/* A copy says nothing of what is on this machine. */
	k.root = w->root != NULL ? w->root :
	    w->postfix != NULL || w->sendmail != NULL ? NULL : "";
	if (milter_socket_parse(&s, k.socket) == -1) {
		policy_unref(&p);
		return command_usage(&command_doctor, "--socket is no socket: "
		    "unix:/path, inet:port@host");
	}
	milter_socket_clear(&s);
	status = look(&k, w);
	if (status == EXIT_CLEAN) {
		doctor_policy(&k);
		if (w->json)
			doctor_json(&k, &out);
		else
			doctor_text(&k, term_has_colour(stdout), &out);
		fputs(buf_str(&out), stdout);
		status = checkup_findings(&k) > 0 ? EXIT_FINDINGS : EXIT_CLEAN;
	}
	checkup_clear(&k);
	policy_unref(&p);
	buf_free(&out);
	return status;
}

static int
set_format(struct wishes *w, const char *name)
{
	if (strcmp(name, "text") != 0 && strcmp(name, "json") != 0)
		return command_usage(&command_doctor, "--format is text or json");
	w->json = strcmp(name, "json") == 0;
	return 0;
}

static int
run(int argc, char **argv)
{
	struct wishes w = { .policy = NULL };
	int letter;

	while ((letter = command_option(&command_doctor, argc, argv)) != -1) {
		switch (letter) {
		case 'c':
			w.policy = optarg;
			break;
		case 's':
			w.socket = optarg;
			break;
		case OPT_POSTFIX:
			w.postfix = optarg;
			break;
		case OPT_SENDMAIL:
			w.sendmail = optarg;
			break;
		case OPT_ROOT:
			w.root = optarg;
			break;
		case OPT_FORMAT:
			if (set_format(&w, optarg) != 0)
				return EXIT_USAGE;
			break;
		case 'h':
			command_help(&command_doctor, stdout);
			return EXIT_CLEAN;
		default:
			return EXIT_USAGE;
		}
	}
	if (argc > optind)
		return command_usage(&command_doctor, "it takes no arguments");
	if (w.postfix != NULL && w.sendmail != NULL)
		return command_usage(&command_doctor, "one server at a time");
	return doctor(&w);
}

const struct command command_doctor = {
	"doctor", run, "is the mail server set up to work with the daemon?",
	"[-c POLICY] [-s SOCKET] [--postfix-dir DIR | --sendmail-cf FILE] "
	"[--root DIR] [--format text|json]", options
};
