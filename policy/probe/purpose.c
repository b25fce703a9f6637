/*
 * purpose.c owns the questions to a policy about a port; it may not know how
 * the server that listens there is set up.
 */
/* libc */
#include <stdio.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "session.h"
#include "verdict.h"
#include "walk.h"
/* this folder */
#include "purpose.h"

/* Each version with a cipher that nobody minds. */
static const struct {
	uint32_t	 version;
	const char	*name;
	const char	*cipher;	/* NULL: never asked about */
	const char	*bits;
} versions[] = {
	{ 0x0002, "SSLv2", NULL, NULL },
	{ 0x0300, "SSLv3", NULL, NULL },
	{ 0x0301, "TLSv1", "ECDHE-RSA-AES256-SHA", "256" },
	{ 0x0302, "TLSv1.1", "ECDHE-RSA-AES256-SHA", "256" },
	{ 0x0303, "TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", "256" },
	{ 0x0304, "TLSv1.3", "TLS_AES_256_GCM_SHA384", "256" },
};
#define VERSIONS	(sizeof(versions) / sizeof(versions[0]))

const char *
purpose_version_name(uint32_t version)
{
	size_t i;

	for (i = 0; i < VERSIONS; i++)
		if (versions[i].version == version)
			return versions[i].name;
	return version == 0 ? "all" : "none";
}

uint32_t
purpose_version(const char *name, size_t len)
{
	size_t i;

	if (len == 7 && strncasecmp(name, "TLSv1.0", 7) == 0)
		return PURPOSE_TLS_1_0;
	for (i = 0; i < VERSIONS; i++)
		if (strlen(versions[i].name) == len &&
		    strncasecmp(name, versions[i].name, len) == 0)
			return versions[i].version;
	return 0;
}

static void
set(struct session *s, enum attr attr, const char *text)
{
	session_set(s, attr, text, strlen(text));
}

/* Is a stranger with this version refused?  One who logs in, where one must. */
static bool
is_refused(const struct policy *p, const struct purpose *u, size_t i)
{
	struct session *s;
	struct scratch *scratch;
	struct verdict v;

	s = session_new();
	scratch = policy_scratch(p);
	set(s, ATTR_SERVICE, u->service);
	set(s, ATTR_CLIENT, "192.0.2.1");
	session_set_none(s, ATTR_CLIENT_NAME);
	set(s, ATTR_HELO, "client.example.net");
	set(s, ATTR_SENDER, "someone@example.net");
	set(s, ATTR_RECIPIENT, "someone@example.org");
	if (u->submission) {
		set(s, ATTR_AUTH, "PLAIN");
		set(s, ATTR_USER, "someone");
	}
	session_set_tls(s, versions[i].name, versions[i].cipher, versions[i].bits);
	policy_walk(p, s, scratch, false, NULL, NULL, NULL, &v);
	scratch_free(scratch);
	session_free(s);
	return v.action != ACTION_ACCEPT && v.rule < policy_rule_count(p);
}

void
purpose_find(const struct policy *p, unsigned int port, const char *daemon,
    const char *listener, struct purpose *u)
{
	struct session *s;
	struct fact f;
	size_t i;

	memset(u, 0, sizeof(*u));
	u->floor = PURPOSE_NO_TLS;
	s = session_new();
	session_set_stage(s, STAGE_CONNECT);
	session_set_number(s, ATTR_PORT, port);
	if (daemon != NULL)
		set(s, ATTR_DAEMON, daemon);
	if (listener != NULL)
		set(s, ATTR_LISTENER, listener);
	policy_classify(p, s);
	f = session_fact(s, ATTR_SERVICE);
	snprintf(u->service, sizeof(u->service), "%s",
	    f.state == FACT_KNOWN ? f.text : "other");
	u->known = strcmp(u->service, "other") != 0;
	u->submission = policy_is_submission(p, u->service);
	/* Only where TLS comes first is its lack settled by HELO. */
	session_set_stage(s, STAGE_HELO);
	u->implicit_tls = session_fact(s, ATTR_TLS).state == FACT_NONE;
	session_free(s);
	for (i = VERSIONS; i > 0 && versions[i - 1].cipher != NULL; i--)
		if (!is_refused(p, u, i - 1))
			u->floor = versions[i - 1].version;
}

void
purpose_declare(const struct policy *p, const char *service, const char *ports,
    struct buf *line, struct buf *replaces)
{
	/* what is there without being declared */
	static const struct {
		const char	*service;
		const char	*port;
	} usual[] = {
		{ "mx", "25" }, { "submission", "587" }, { "submissions", "465" },
	};
	struct buf text = BUF_INIT, start = BUF_INIT;
	const char *found, *at, *end;
	size_t i;

	buf_printf(&start, "service %s ", service);
	policy_print(p, &text);
	found = buf_str(&text);
	while (found != NULL && strncmp(found, buf_str(&start), start.len) != 0)
		if ((found = strchr(found, '\n')) != NULL)
			found++;
	if (found == NULL) {
		for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
			if (strcmp(usual[i].service, service) == 0)
				break;
		buf_printf(line, "service %s port", service);
		if (i < sizeof(usual) / sizeof(usual[0]))
			buf_printf(line, " %s", usual[i].port);
		buf_printf(line, "%s%s%s", ports[0] != '\0' ? " " : "", ports,
		    strcmp(service, "submissions") == 0 ? " tls implicit" : "");
	} else {
		end = found + strcspn(found, "\n");
		at = strstr(found, " port ");
		if (at == NULL || at > end) {
			at = found + start.len - 1;
			buf_put(line, found, (size_t)(at - found));
			if (ports[0] != '\0')
				buf_printf(line, " port %s", ports);
		} else {
			at += strlen(" port");
			buf_put(line, found, (size_t)(at - found));
			if (ports[0] != '\0')
				buf_printf(line, " %s", ports);
		}
		buf_put(line, at, (size_t)(end - at));
		buf_puts(replaces, buf_str(&start));
		buf_truncate(replaces, replaces->len - 1);
	}
	buf_free(&text);
	buf_free(&start);
}
