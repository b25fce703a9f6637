/*
 * findings.h: what is to be said about a port.
 *
 * A finding is a row of one table: its name, how grave it is on a port for
 * other servers (mx) and on one that people log in to, why, with the section
 * that says so, and what to change.
 */
#ifndef TLSWARDEN_FINDINGS_H
#define TLSWARDEN_FINDINGS_H

#include "facts.h"
#include "profile.h"

#include <stddef.h>

#define DETAIL_SIZE	512

enum severity { SEVERITY_NONE, SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_FAULT };

/* In the order they are told. */
enum finding_id {
	FINDING_INCOMPLETE,
	FINDING_STARTTLS_MISSING,
	FINDING_STARTTLS_REFUSED,
	FINDING_TLS_BROKEN,
	FINDING_IMPLICIT_MISSING,
	FINDING_IMPLICIT_MIXED,
	FINDING_AUTH_TAKEN,
	FINDING_AUTH_OFFERED,
	FINDING_AUTH_CHALLENGE,
	FINDING_AUTH_MISSING,
	FINDING_AUTH_ON_MX,
	FINDING_MAIL_IN_CLEAR,
	FINDING_TLS_REQUIRED_ON_MX,
	FINDING_STARTTLS_INSIDE,
	FINDING_INJECTION,
	FINDING_SSL2,
	FINDING_SSL3,
	FINDING_TLS10,
	FINDING_TLS11,
	FINDING_OLD_ONLY,
	FINDING_TLS13_MISSING,
	FINDING_SUITE_NULL,
	FINDING_SUITE_ANON,
	FINDING_SUITE_EXPORT,
	FINDING_SUITE_DES,
	FINDING_SUITE_RC4,
	FINDING_SUITE_3DES,
	FINDING_SUITE_OLD,
	FINDING_SUITE_NO_FS,
	FINDING_FS_MISSING,
	FINDING_SUITE_DHE,
	FINDING_SUITE_CBC,
	FINDING_CLIENT_CHOOSES,
	FINDING_DH_SHORT,
	FINDING_GROUP_WEAK,
	FINDING_PQ_MISSING,
	FINDING_COMPRESSION,
	FINDING_RENEGOTIATION_INSECURE,
	FINDING_RENEGOTIATION_CLIENT,
	FINDING_SESSION_SHARED,
	FINDING_CERT_MISSING,
	FINDING_CERT_EXPIRED,
	FINDING_CERT_EARLY,
	FINDING_CERT_EXPIRES_7,
	FINDING_CERT_EXPIRES_14,
	FINDING_CERT_EXPIRES_30,
	FINDING_CERT_NAME,
	FINDING_CERT_SELF_SIGNED,
	FINDING_CERT_UNTRUSTED,
	FINDING_CHAIN_INCOMPLETE,
	FINDING_CHAIN_ORDER,
	FINDING_CERT_KEY,
	FINDING_CERT_SIGNATURE,
	FINDING_PROFILE_VERSION,
	FINDING_PROFILE_SUITE,
	FINDING_PROFILE_GROUP,
	FINDING_PROFILE_DH,
	FINDING_PROFILE_KEY,
	FINDINGS
};

struct finding_info {
	const char	*id;
	enum severity	 mx, login;
	const char	*why;		/* one sentence, with its RFC and section */
	const char	*postfix, *sendmail;	/* NULL: nothing to change there */
	const char	*dovecot;	/* for IMAP and POP3 */
};

struct finding {
	const struct finding_info *info;
	enum severity	 severity;
	char		 detail[DETAIL_SIZE];	/* "": nothing to add */
};

struct findings {
	struct finding	 list[FINDINGS];
	size_t		 count;
};

extern const struct finding_info finding_infos[FINDINGS];

/* "fault", "warning", "note" */
const char	*severity_name(enum severity);

/* --- judge.c: all findings of a port, the profile's included */
void		 judge(struct findings *, const struct facts *,
		    const struct profile *);
size_t		 findings_count(const struct findings *, enum severity);

#endif
