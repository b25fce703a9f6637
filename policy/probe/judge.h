/*
 * judge.h: how the judges of port, TLS and certificate work together; nobody
 * else needs it.
 */
#ifndef TLSWARDEN_JUDGE_H
#define TLSWARDEN_JUDGE_H

#include "findings.h"

#include <stdbool.h>
#include <stddef.h>

/* What a finding adds to its sentence; cut at DETAIL_SIZE. */
struct detail {
	char	*text;
	size_t	 len;
};

/* A finding, and whether it applies. */
struct check {
	enum finding_id	 id;		/* FINDINGS ends a table */
	bool		(*holds)(const struct facts *, struct detail *);
};

extern const struct check port_checks[];
extern const struct check tls_checks[];

void	 detail_add(struct detail *, const char *, ...)
	    __attribute__((__format__(printf, 2, 3)));
/* What certificates earn.  true when there is something. */
bool	 cert_check(enum finding_id, const struct facts *, struct detail *);
/* What does not fit the profile.  true when there is something. */
bool	 profile_check(enum finding_id, const struct profile *,
	    const struct facts *, struct detail *);

#endif
