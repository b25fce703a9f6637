/*
 * doctor_postfix.h: what the checks of a Postfix share.
 */
#ifndef TLSWARDEN_DOCTOR_POSTFIX_H
#define TLSWARDEN_DOCTOR_POSTFIX_H

#include "doctor.h"
#include "milter_socket.h"
#include "postfix_conf.h"
#include "purpose.h"

#include <stdbool.h>
#include <stdint.h>

enum tls_level { LEVEL_NONE, LEVEL_MAY, LEVEL_ENCRYPT };

/* An inet service that speaks SMTP. */
struct smtp_service {
	const struct postfix_conf	*conf;
	const struct postfix_service	*front;	/* the one that listens */
	const struct postfix_service	*entry;	/* smtpd: the same, or behind postscreen */
	const char	*label;
	const char	*guess;		/* what it looks like: mx, submission, ... */
	struct purpose	 purpose;	/* what the policy says it is */
	unsigned int	 port;		/* 0: not known */
	uint32_t	 floor;		/* of TLS, as the server has it */
	bool		 required;	/* TLS is, or ought to be */
	enum tls_level	 level;
	bool		 auth;
	bool		 wrapper;	/* TLS comes first */
	bool		 proxied;	/* behind a front end that speaks PROXY */
	bool		 judged;	/* not for this machine itself alone */
	bool		 mx;
	bool		 closed;	/* mail must wait while the daemon is down */
};

/* The daemon's socket, and how each service has to call it. */
struct target {
	struct milter_socket	 socket;	/* as this machine sees it */
	char			*asked_path;	/* unix: before it had to move */
	const char		*queue;		/* queue_directory */
};

/* "-o name=value", with what a value with blanks needs. */
void	put_override(struct buf *, const char *name, const char *value);
/* Lines for the entry of a service in master.cf. */
void	paste_service(struct complaint *, const struct smtp_service *,
	    const char *lines);
/* The address of the target for a service. */
void	target_put(const struct target *, const struct postfix_service *,
	    struct buf *);

void	doctor_milter(struct checkup *, const struct smtp_service *,
	    const struct target *, struct checkup_row *);
void	doctor_tls(struct checkup *, const struct smtp_service *,
	    struct checkup_row *);
/* A certificate for the service, and the lines that bring one. */
bool	has_certificate(const struct smtp_service *);
void	paste_certificate(struct complaint *, const struct smtp_service *);
void	doctor_cert(struct checkup *, const struct smtp_service *);
/* What counts for more than one service. */
void	doctor_bypass(struct checkup *, const struct smtp_service *, size_t count,
	    const struct postfix_conf *, const struct target *);
/* Is one of the milters in this list ours? */
bool	is_ours(const struct target *, const struct postfix_service *,
	    const char *address, bool *stale);

#endif
