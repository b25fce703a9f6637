/*
 * sendmail_conf.h: what a sendmail.cf says of its ports, milters and TLS.
 */
#ifndef TLSWARDEN_SENDMAIL_CONF_H
#define TLSWARDEN_SENDMAIL_CONF_H

#include "buf.h"
#include "params.h"

#include <stdbool.h>
#include <stddef.h>

#define SENDMAIL_DAEMONS_MAX	100

/* O DaemonPortOptions=Name=MSA, Port=587, M=E */
struct sendmail_daemon {
	char		*text;		/* behind the first = */
	struct params	 keys;		/* by their first letter, in upper case */
};

/* Xname, S=unix:/path, F=T, T=... */
struct sendmail_filter {
	char		*name;
	char		*text;		/* behind the name */
	struct params	 keys;
};

struct sendmail_conf {
	char		*path;
	bool		 has_mc;	/* a .mc stands beside it */
	struct params	 options;	/* O name=value; names in lower case */
	struct sendmail_daemon	*daemons;
	size_t			 daemon_count;
	struct sendmail_filter	*filters;
	size_t			 filter_count;
};

/* The path of the machine's own sendmail.cf, or NULL. */
const char	*sendmail_cf_path(void);
/* 0, or -1 and why. */
int	sendmail_read(struct sendmail_conf *, const char *path, struct buf *why);
void	sendmail_conf_clear(struct sendmail_conf *);
/* An option's value, "" when it is not set. */
const char	*sendmail_option(const struct sendmail_conf *, const char *name);
const struct sendmail_filter *sendmail_filter_find(const struct sendmail_conf *,
	    const char *name, size_t len);

#endif
