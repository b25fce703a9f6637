/*
 * naming.c owns which names stand for which service; it may not know the
 * lines they come from.
 */
/* libc */
#include <ctype.h>
#include <fnmatch.h>
/* this project */
#include "naming.h"
#include "scan.h"

#define NAME_SIZE	256

/*
 * Postfix: the part of the syslog name before "/smtpd" that names the service
 * of master.cf, as its comments and packages have it: postfix/submission.
 */
static const struct row {
	const char	*pattern;
	const char	*service;
	bool		 implicit;
} postfix_names[] = {
	{ "submission", "submission", false },
	{ "587", "submission", false },
	{ "submissions", "submissions", true },
	{ "smtps", "submissions", true },
	{ "465", "submissions", true },
	{ "smtp", "mx", false },
	{ "25", "mx", false },
	/* No such part: the instance's own name, postfix or postfix-in. */
	{ "postfix", "mx", false },
	{ "postfix-*", "mx", false },
};

/* Sendmail: names of daemons in its own .mc files, Debian's, Red Hat's, BSD's. */
static const struct row sendmail_names[] = {
	{ "MTA-SSL*", "submissions", true },
	{ "TLSMTA*", "submissions", true },
	{ "SSLMTA*", "submissions", true },
	{ "smtps*", "submissions", true },
	{ "submissions*", "submissions", true },
	{ "MSP*", "submission", false },
	{ "MSA*", "submission", false },
	{ "submission*", "submission", false },
	{ "MTA", "mx", false },
	{ "MTA-v[46]", "mx", false },
	{ "MTA[46]", "mx", false },
	{ "IPv[46]", "mx", false },
};

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

static const char *
text(char buffer[NAME_SIZE], struct slice s)
{
	if (s.len >= NAME_SIZE)
		s.len = NAME_SIZE - 1;
	if (s.len > 0)
		memcpy(buffer, s.p, s.len);
	buffer[s.len] = '\0';
	return buffer;
}

static struct named
find(const struct row *rows, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		/* None of the patterns begins with a wildcard. */
		if (tolower((unsigned char)*rows[i].pattern) ==
		    tolower((unsigned char)*name) &&
		    fnmatch(rows[i].pattern, name, FNM_CASEFOLD) == 0)
			return (struct named){ rows[i].service, rows[i].implicit };
	return (struct named){ "other", false };
}

/* The first pattern that one of the names fits. */
static struct named
choose(const struct naming *n, const char *a, const char *b, struct named otherwise)
{
	size_t i;

	for (i = 0; i < n->count; i++)
		if (fnmatch(n->names[i].pattern, a, 0) == 0 ||
		    fnmatch(n->names[i].pattern, b, 0) == 0) {
			otherwise.service = n->names[i].service;
			if (strcmp(otherwise.service, "submissions") == 0)
				otherwise.implicit = true;
			break;
		}
	return otherwise;
}

struct named
naming_postfix(const struct naming *n, struct slice program)
{
	char whole[NAME_SIZE], before[NAME_SIZE], part[NAME_SIZE];
	struct slice rest = program;
	size_t slash = slice_find_last(rest, "/");

	if (slash != SIZE_MAX)
		rest.len = slash;
	text(whole, program);
	text(before, rest);
	slash = slice_find_last(rest, "/");
	if (slash != SIZE_MAX)
		rest = slice_from(rest, slash + 1);
	return choose(n, whole, before,
	    find(postfix_names, ROWS(postfix_names), text(part, rest)));
}

struct named
naming_sendmail(const struct naming *n, struct slice daemon, struct slice program)
{
	char a[NAME_SIZE], b[NAME_SIZE];

	text(a, daemon);
	return choose(n, a, text(b, program),
	    find(sendmail_names, ROWS(sendmail_names), a));
}
