/*
 * postfix_conf.h: the configuration of a Postfix, as its daemons see it.
 *
 * Read from main.cf and master.cf, or from what postconf(1) says of them.
 */
#ifndef TLSWARDEN_POSTFIX_CONF_H
#define TLSWARDEN_POSTFIX_CONF_H

#include "buf.h"
#include "params.h"

#include <stdbool.h>
#include <stddef.h>

#define POSTFIX_FILE_MAX	(1024 * 1024)	/* bytes of a file, or of an answer */
#define POSTFIX_SERVICES_MAX	1000
#define POSTFIX_VALUE_MAX	65536		/* bytes of a value, expanded */

/* One entry of master.cf. */
struct postfix_service {
	char		*name;		/* "submission", "127.0.0.1:10025" */
	char		*type;		/* "inet", "pass", "unix" */
	char		*command;	/* "smtpd" */
	char		*heading;	/* the entry without its options */
	bool		 chroot;
	struct params	 overrides;	/* -o */
};

struct postfix_conf {
	char		*directory;
	struct params	 defaults;	/* of this very Postfix, where it said so */
	struct params	 main;
	struct postfix_service *services;
	size_t		 count;
};

void	postfix_conf_clear(struct postfix_conf *);
/* Text of the two files; what cannot be understood is left out. */
void	postfix_parse_main(struct params *, const char *, size_t);
void	postfix_parse_master(struct postfix_conf *, const char *, size_t);

/*
 * A parameter as a service has it (NULL: as main.cf has it), expanded.  The
 * answer is put into the buffer, which is emptied before, and lent from it.
 */
const char	*postfix_get(const struct postfix_conf *,
		    const struct postfix_service *, const char *name, struct buf *);
/* The same, as it stands there; NULL when only the default is there. */
const char	*postfix_raw(const struct postfix_conf *,
		    const struct postfix_service *, const char *name);
bool		 postfix_is(const struct postfix_conf *,
		    const struct postfix_service *, const char *name,
		    const char *value);
/* NULL when master.cf has none. */
const struct postfix_service *postfix_service_find(const struct postfix_conf *,
		    const char *name, const char *type);
/* What Postfix takes when nothing is set; "" for what we do not know. */
const char	*postfix_default(const char *name);

/* --- postfix_read.c: 0, or -1 and why */

int	postfix_read_files(struct postfix_conf *, const char *directory,
	    struct buf *why);
/* The path of postconf(1), or NULL: there is no Postfix. */
const char *postconf_path(void);
int	postfix_read_running(struct postfix_conf *, const char *postconf,
	    struct buf *why);

#endif
