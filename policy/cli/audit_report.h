/*
 * audit_report.h: an audit as a whole, and how it is told.
 */
#ifndef TLSWARDEN_AUDIT_REPORT_H
#define TLSWARDEN_AUDIT_REPORT_H

#include "buf.h"
#include "facts.h"
#include "findings.h"
#include "profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit_report {
	const struct profile *profile;
	struct facts	*facts;		/* of each port */
	struct findings	*findings;	/* of each port */
	size_t		 count;
};

/* Of all ports. */
size_t	 audit_total(const struct audit_report *, enum severity);
/* Ports that could not be audited. */
size_t	 audit_faults(const struct audit_report *);

/* The certificate of a port; of two, the one that ends first. */
const struct cert_facts *audit_cert(const struct facts *);

void	 audit_text(const struct audit_report *, bool colour, struct buf *);
void	 audit_json(const struct audit_report *, struct buf *);
/* Numbers for node_exporter's textfile collector; now is since 1970. */
void	 audit_prometheus(const struct audit_report *, int64_t now, struct buf *);
enum { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };

/* One line, and the exit status that belongs to it: 0 to 3. */
int	 audit_nagios(const struct audit_report *, struct buf *);

#endif
