/*
 * audit_nagios.c owns an audit as the one line and the exit status of a
 * monitoring plugin; it may not know how it was come by.
 */
/* libc */
#include <string.h>
/* the probe */
#include "findings.h"
/* this project */
#include "audit_report.h"

/* A host's name comes from the command line; a bar would begin the figures. */
static void
put_host(struct buf *b, const char *host)
{
	for (; *host != '\0'; host++)
		buf_putc(b, *host > ' ' && *host < 0x7f &&
		    strchr("|'=", *host) == NULL ? *host : '_');
}

static void
put_port(struct buf *b, const struct facts *f, const struct findings *found)
{
	const char *comma = "";
	size_t i;

	if (f->fault == NULL && findings_count(found, SEVERITY_FAULT) +
	    findings_count(found, SEVERITY_WARNING) == 0)
		return;
	buf_puts(b, "; ");
	put_host(b, f->target.host);
	buf_printf(b, " %u: ", f->target.port);
	if (f->fault != NULL)
		buf_printf(b, "the server %s", f->fault);
	for (i = 0; i < found->count; i++) {
		if (found->list[i].severity < SEVERITY_WARNING)
			continue;
		buf_printf(b, "%s%s", comma, found->list[i].info->id);
		comma = ", ";
	}
}

const struct cert_facts *
audit_cert(const struct facts *f)
{
	return f->other.readable && f->other.ends < f->cert.ends ?
	    &f->other : &f->cert;
}

static void
put_figures(struct buf *b, const struct audit_report *r)
{
	const struct facts *f;
	size_t i;

	buf_printf(b, " | faults=%zu;;0 warnings=%zu;0 notes=%zu",
	    audit_total(r, SEVERITY_FAULT), audit_total(r, SEVERITY_WARNING),
	    audit_total(r, SEVERITY_NOTE));
	for (i = 0; i < r->count; i++) {
		f = &r->facts[i];
		if (!f->cert.readable)
			continue;
		buf_puts(b, " '");
		put_host(b, f->target.host);
		buf_printf(b, "_%u_days'=%d;14:;7:", f->target.port, audit_cert(f)->days);
	}
}

int
audit_nagios(const struct audit_report *r, struct buf *b)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
	int status = NAGIOS_OK;
	size_t i;

	if (audit_total(r, SEVERITY_WARNING) > 0)
		status = NAGIOS_WARNING;
	if (audit_faults(r) > 0 || r->count == 0)
		status = NAGIOS_UNKNOWN;
	if (audit_total(r, SEVERITY_FAULT) > 0)
		status = NAGIOS_CRITICAL;
	buf_printf(b, "TLSWARDEN %s - %zu port%s audited", words[status],
	    r->count - audit_faults(r), r->count - audit_faults(r) == 1 ? "" : "s");
	for (i = 0; i < r->count; i++)
		put_port(b, &r->facts[i], &r->findings[i]);
	put_figures(b, r);
	buf_putc(b, '\n');
	return status;
}
