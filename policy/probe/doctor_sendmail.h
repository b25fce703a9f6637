/*
 * doctor_sendmail.h: what the checks of a Sendmail share.
 */
#ifndef TLSWARDEN_DOCTOR_SENDMAIL_H
#define TLSWARDEN_DOCTOR_SENDMAIL_H

#include "doctor.h"
#include "milter_socket.h"
#include "purpose.h"
#include "sendmail_conf.h"

#include <stdbool.h>

/* One DaemonPortOptions. */
struct port {
	const struct sendmail_conf	*conf;
	const struct sendmail_daemon	*daemon;
	const char	*label;
	const char	*modifiers;
	const char	*guess;
	struct purpose	 purpose;
	unsigned int	 port;
	bool		 auth;		/* people log in here */
	bool		 auth_off;	/* by M=A */
	bool		 passwords;	/* by PLAIN or LOGIN, once AUTH is there */
	bool		 wrapper;
	bool		 tls;
	bool		 judged;
	bool		 mx;
	bool		 closed;
};

/* The lines for .mc and .cf that put the port in order. */
void	port_paste(const struct port *, const struct milter_socket *ours,
	    struct complaint *);
/* Options that all ports share: AUTH, TLS. */
void	doctor_sendmail_options(struct checkup *, const struct port *,
	    size_t count);
/* Both the certificate and its key are named. */
bool	sendmail_has_certificate(const struct sendmail_conf *);
/* Sendmail says that a socket is unsafe where others may write above it. */
void	doctor_sendmail_way(struct checkup *, const struct sendmail_conf *,
	    const struct milter_socket *);
void	doctor_sendmail_row(const struct port *, struct checkup_row *);

#endif
