/*
 * check_mta.c owns the question which facts a mail server sends, by its name
 * and version; it may not know how they are sent.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "check.h"

struct tour {
	const char	*name;		/* Postfix or Sendmail */
	const char	*version_text;
	unsigned int	 version;
	struct diags	*diags;
};

/* "3.7.11", of which two numbers count; -1 when it begins with no number. */
static int
read_version(const char *text, unsigned int *version)
{
	unsigned long major, minor = 0;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	major = strtoul(text, &end, 10);
	if (*end == '.')
		minor = strtoul(end + 1, &end, 10);
	if (major > 99 || minor > 99)
		return -1;
	*version = ATTR_SINCE((unsigned int)major, (unsigned int)minor);
	return 0;
}

/* As the macro v says it: "Postfix 3.7.11", "8.17.1.9"; also "Sendmail 8.17". */
static int
read_mta(const char *text, struct tour *t)
{
	static const char postfix[] = "postfix ", sendmail[] = "sendmail ";

	t->name = "Sendmail";
	if (strncasecmp(text, postfix, sizeof(postfix) - 1) == 0) {
		t->name = "Postfix";
		text += sizeof(postfix) - 1;
	} else if (strncasecmp(text, sendmail, sizeof(sendmail) - 1) == 0)
		text += sizeof(sendmail) - 1;
	t->version_text = text;
	return read_version(text, &t->version);
}

static bool
is_sent(const struct tour *t, enum attr attr)
{
	const struct attr_info *info = attr_info(attr);

	return t->version >= (t->name[0] == 'P' ? info->postfix_since :
	    info->sendmail_since);
}

static void
visit(const struct cond *c, struct tour *t)
{
	if (c == NULL)
		return;
	visit(c->left, t);
	visit(c->right, t);
	if (c->attr != ATTR_NOTHING && !is_sent(t, c->attr))
		diag_add(t->diags, DIAG_WARNING, &c->place, "a rule that hangs on it leaves "
		    "the session undecided", "%s %s never says \"%s\": the comparison is "
		    "always unknown", t->name, t->version_text, attr_info(c->attr)->name);
}

/* Without the port, a service is found by its daemon name alone. */
static void
warn_services(const struct policy *p, struct tour *t)
{
	size_t i;

	if (is_sent(t, ATTR_PORT))
		return;
	for (i = 0; i < p->service_count; i++) {
		const struct service *s = &p->services[i];

		if (s->daemon_count == 0 && !s->builtin)
			diag_add(t->diags, DIAG_WARNING, &s->place,
			    "give the service a daemon name", "%s %s never says on which "
			    "port a client came: no session belongs to \"%s\"", t->name,
			    t->version_text, s->name);
	}
}

int
policy_warn_mta(const struct policy *p, const char *mta, struct diags *diags)
{
	struct tour t = { .diags = diags };
	size_t i;

	if (read_mta(mta, &t) == -1)
		return -1;
	warn_services(p, &t);
	for (i = 0; i < p->rule_count; i++)
		visit(p->rules[i].cond, &t);
	return 0;
}
