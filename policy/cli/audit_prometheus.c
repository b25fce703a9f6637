/*
 * audit_prometheus.c owns an audit as numbers for Prometheus; it may not know
 * how it was come by.
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* the probe */
#include "findings.h"
/* this project */
#include "audit_report.h"
#include "exposition.h"

#define PORT_TEXT	8
#define EXPIRY		"tlswarden_audit_certificate_expiry_timestamp_seconds"

/* A port that was named twice is one series, and the first counts. */
static bool
is_repeated(const struct audit_report *r, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (r->facts[k].target.port == r->facts[i].target.port &&
		    strcmp(r->facts[k].target.host, r->facts[i].target.host) == 0)
			return true;
	return false;
}

static void
put_one(const struct facts *f, const char *name, int64_t value, struct buf *b)
{
	char port[PORT_TEXT];

	snprintf(port, sizeof(port), "%u", (unsigned int)f->target.port);
	exposition_put(b, value, name, "host", f->target.host, "port", port, NULL);
}

static void
put_findings(const struct audit_report *r, struct buf *b)
{
	static const char name[] = "tlswarden_audit_findings";
	char port[PORT_TEXT];
	enum severity s;
	size_t i;

	exposition_gauge(b, name, "What the audit found on the port.");
	for (i = 0; i < r->count; i++) {
		if (r->facts[i].fault != NULL || is_repeated(r, i))
			continue;
		snprintf(port, sizeof(port), "%u",
		    (unsigned int)r->facts[i].target.port);
		for (s = SEVERITY_NOTE; s <= SEVERITY_FAULT; s++)
			exposition_put(b, (int64_t)findings_count(&r->findings[i], s),
			    name, "host", r->facts[i].target.host, "port", port,
			    "severity", severity_name(s), NULL);
	}
}

void
audit_prometheus(const struct audit_report *r, int64_t now, struct buf *b)
{
	size_t i;

	exposition_gauge(b, "tlswarden_audit_timestamp_seconds",
	    "When the audit was made.");
	exposition_put(b, now, "tlswarden_audit_timestamp_seconds", NULL);
	exposition_gauge(b, "tlswarden_audit_port_ok",
	    "1; 0 when the port could not be audited.");
	for (i = 0; i < r->count; i++)
		if (!is_repeated(r, i))
			put_one(&r->facts[i], "tlswarden_audit_port_ok",
			    r->facts[i].fault == NULL, b);
	/* days left would stand still until the next audit */
	exposition_gauge(b, EXPIRY, "When the certificate ends.");
	for (i = 0; i < r->count; i++)
		if (r->facts[i].cert.readable && !is_repeated(r, i))
			put_one(&r->facts[i], EXPIRY,
			    audit_cert(&r->facts[i])->ends, b);
	put_findings(r, b);
}
