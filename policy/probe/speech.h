/*
 * speech.h: SMTP, IMAP and POP3 as far as an audit speaks them.
 *
 * The verbs are the same in each.  They give 0, 1 when the server said no, or
 * -1 when the connection failed (net.fault of the wire says why).  No verb
 * sends credentials: speech_auth asks to log in and takes it back.
 */
#ifndef TLSWARDEN_SPEECH_H
#define TLSWARDEN_SPEECH_H

#include "wire.h"

#include <stdbool.h>

#define SAID_SIZE	256

/* What a server offers at one moment. */
struct offer {
	bool	known;			/* it was asked, and answered */
	bool	starttls;
	bool	locked;			/* IMAP's LOGINDISABLED */
	bool	login;			/* any way to log in */
	bool	readable;		/* one that shows the password: PLAIN, LOGIN */
	char	mechanisms[SAID_SIZE];
	char	name[SAID_SIZE];	/* what it calls itself; "": nothing */
};

enum answer {
	ANSWER_NONE,		/* was not asked, or nothing came */
	ANSWER_YES,
	ANSWER_NO
};

struct speech {
	const char	*starttls_name;
	/* What it says first, in said. */
	int	(*greeting)(struct wire *, char said[SAID_SIZE]);
	int	(*offer)(struct wire *, struct offer *);
	/* Ask for TLS, with more text behind it in the same segment. */
	int	(*starttls)(struct wire *, const char *more);
	/* Would a login be taken?  Nothing of one is sent. */
	int	(*auth)(struct wire *, enum answer *, char said[SAID_SIZE]);
	/* Would mail be taken?  Nothing of one is sent.  NULL: no such thing */
	int	(*mail)(struct wire *, enum answer *, char said[SAID_SIZE]);
	/* A harmless command to put behind starttls, and whether the server,
	 * inside TLS now, answered it. */
	const char	*stowaway;
	int	(*answered)(struct wire *, enum answer *);
	const char	*clear_try;	/* talk in the clear, where TLS is awaited */
};

extern const struct speech smtp_speech;
extern const struct speech imap_speech;
extern const struct speech pop3_speech;

/* --- speech.c: for the three */

#define GREETING_MS	10000	/* postscreen(8) and Sendmail wait before they greet */
#define REPLY_MS	5000

/* A copy cut to fit. */
void	 said_copy(char said[SAID_SIZE], const char *);
/* Does the line begin with the word, case being one? */
bool	 said_starts(const char *, const char *word);
/* Add a mechanism, and note what it means for the password. */
void	 offer_mechanism(struct offer *, const char *name, size_t len);
/* Add all of a list of words. */
void	 offer_mechanisms(struct offer *, const char *words);

#endif
