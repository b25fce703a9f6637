/*
 * doctor.h: what is wrong with how a mail server is set up, and what to paste.
 *
 * Everything here is copied in, and freed by checkup_clear().
 */
#ifndef TLSWARDEN_DOCTOR_H
#define TLSWARDEN_DOCTOR_H

#include "buf.h"
#include "policy.h"

#include <stdbool.h>
#include <stddef.h>

struct postfix_conf;
struct sendmail_conf;

enum weight {
	WEIGHT_NOTE,		/* good to know; no finding */
	WEIGHT_WARNING,
	WEIGHT_FAULT
};

const char	*weight_name(enum weight);

/* Lines for one place. */
struct paste {
	char	*file;		/* "main.cf", "master.cf", "a shell", ... */
	char	*under;		/* the entry they belong to, or "" */
	char	*replaces;	/* the line that goes, by its beginning, or "" */
	char	*lines;		/* each ends with LF */
};

struct complaint {
	const char	*id;	/* a word that stays; lent */
	enum weight	 weight;
	char		*service;	/* of the server; "" when it is all of it */
	char		*why;		/* one sentence */
	struct paste	*pastes;
	size_t		 count;
};

/* What each service is like, for the table. */
enum column { COLUMN_NAME, COLUMN_PORT, COLUMN_SERVICE, COLUMN_MILTER,
    COLUMN_DOWN, COLUMN_AUTH, COLUMN_TLS, COLUMN_FLOOR, COLUMN_POLICY,
    COLUMN_COUNT };

struct checkup_row {
	char	*cell[COLUMN_COUNT];
};

struct checkup {
	const struct policy *policy;	/* lent */
	const char	*socket;	/* the daemon's; lent */
	const char	*root;		/* where paths begin; NULL: do not look */
	const char	*group;		/* of the socket, for lines to paste; NULL: none */
	char		*server;	/* "Postfix 3.7.11 in /etc/postfix" */
	struct checkup_row *rows;
	size_t		 row_count;
	struct complaint *complaints;
	size_t		 count;
};

void	checkup_clear(struct checkup *);
struct checkup_row *checkup_add_row(struct checkup *);
void	row_put(struct checkup_row *, enum column, const char *);
/* A new complaint, to be lent until the next one. */
struct complaint *complain(struct checkup *, enum weight, const char *id,
	    const char *service, const char *fmt, ...)
	    __attribute__((__format__(printf, 5, 6)));
/* lines: without the last LF. */
void	complaint_paste(struct complaint *, const char *file, const char *under,
	    const char *replaces, const char *lines);
/*
 * A word of a line for a shell: what stands in a configuration is not to be
 * obeyed when the line is pasted.
 */
void	shell_put(struct buf *, const char *word);
/* How many are warnings or errors. */
size_t	checkup_findings(const struct checkup *);

/* What the policy says of itself. */
void	doctor_policy(struct checkup *);
/* The policy has no service of these ports ("588 590"), which looks like guess. */
void	doctor_unknown(struct checkup *, const char *label, const char *guess,
	    const char *ports);
/* The port begins with TLS, and the policy's service does not. */
void	doctor_implicit(struct checkup *, const char *label, const char *service,
	    unsigned int port);

/*
 * Can the user reach the daemon's socket?  skip: bytes of the path that are
 * outside the jail, 0 without one.
 */
struct milter_socket;
void	doctor_reach(struct checkup *, const struct milter_socket *,
	    const char *user, size_t skip, const char *who);
/*
 * 0, or the error by which root cannot read the file below k->root; 0 as well
 * when this is a copy, or when we may not look.
 */
int	doctor_file(const struct checkup *, const char *path);
/* The port of a service by its number or its name; 0: nobody knows. */
unsigned int	doctor_port(const char *);
bool		doctor_is_loopback(const char *host);

/* All checks. */
void	doctor_postfix(struct checkup *, const struct postfix_conf *);
void	doctor_sendmail(struct checkup *, const struct sendmail_conf *);

#endif
