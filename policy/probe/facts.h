/*
 * facts.h: what an audit learnt of one port.
 */
#ifndef TLSWARDEN_FACTS_H
#define TLSWARDEN_FACTS_H

#include "cert.h"
#include "speech.h"
#include "suites.h"
#include "target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chooser { CHOOSER_UNKNOWN, CHOOSER_SERVER, CHOOSER_CLIENT };

/* One version of the protocol; suites in the order they were got. */
struct version_facts {
	bool		 taken;
	uint16_t	 suites[SUITES_MAX];
	size_t		 suite_count;
	enum chooser	 chooser;
};

struct facts {
	struct target	 target;
	const char	*fault;		/* why it could not be audited; or NULL */
	const char	*incomplete;	/* why some was left out; or NULL */
	char		 greeting[SAID_SIZE];
	bool		 clear;		/* a port of implicit TLS talked without */
	struct offer	 before, after;	/* without and with TLS */
	enum answer	 auth, mail;	/* without TLS; what it said to them: */
	char		 auth_said[SAID_SIZE], mail_said[SAID_SIZE];
	bool		 starttls_refused;	/* offered, and then denied */
	const char	*handshake;	/* why OpenSSL's failed; NULL: it did not */
	bool		 ssl2;		/* SSL 2.0 is taken */
	struct version_facts versions[VERSIONS];
	uint16_t	 groups[GROUPS_MAX];
	size_t		 group_count;
	unsigned int	 dh_bits;	/* 0: not learnt */
	bool		 compression;
	bool		 hello;		/* a ServerHello of TLS 1.2 or before came */
	bool		 renegotiation;	/* and had RFC 5746's extension */
	bool		 renegotiates;	/* whenever a client likes */
	enum answer	 injection;
	bool		 resumes;
	uint16_t	 session_of;	/* the port whose session it took, or 0 */
	bool		 chain_sent;
	struct cert_facts cert;
	struct cert_facts other;	/* of another kind of key; or not readable */
	unsigned int	 connections;
	unsigned int	 ms;
};

/* Any version at all? */
bool	 facts_has_tls(const struct facts *);
/* All traits of all suites taken, and whether each suite has the one. */
unsigned int	 facts_traits(const struct facts *);
bool		 facts_all_have(const struct facts *, unsigned int trait);

#endif
