/*
 * macro.h: from the MTA's macros and arguments to facts.
 *
 * libmilter keeps the macros of a stage until the MTA sends that stage's set
 * again, so each stage asks for at least one macro that is always there, and
 * each function here reads a fresh snapshot.
 */
#ifndef TLSWARDEN_MACRO_H
#define TLSWARDEN_MACRO_H

/* libmilter wants to know what bool is */
#include <stdbool.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <libmilter/mfapi.h>

#include "conn.h"
#include "mailbox.h"

/* Once, before the first session. */
void	macro_init(void);
/* In negotiation: ask for the macros of every stage.  0, or -1. */
int	macro_request(SMFICTX *);

/* The session has been begun; address may be NULL. */
void	macro_connect(SMFICTX *, struct conn *, const char *host,
	    const struct sockaddr *);
void	macro_helo(SMFICTX *, struct conn *, const char *name);
void	macro_mail(SMFICTX *, struct conn *, const char *sender);
/* Which mailbox RCPT names. */
void	macro_recipient(SMFICTX *, const struct conn *, const char *argument,
	    char out[MAILBOX_TEXT]);
void	macro_rcpt(struct conn *, const char *recipient);
/* The queue id, as soon as the MTA has one. */
void	macro_qid(SMFICTX *, struct conn *);

/* The service of a connection of which nothing else is known. */
void	macro_service(SMFICTX *, const struct policy *, struct session *);
/* Did any of the macros come that are asked for at CONNECT alone? */
bool	macro_connect_came(SMFICTX *);
/*
 * Is it about port 25, or does the MTA not name ports?  For when there is no
 * memory: no, when there was none for what the MTA named.
 */
bool	macro_is_mx(SMFICTX *);

#endif
