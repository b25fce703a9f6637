/*
 * audit_report.c owns the counts of an audit; it may not know how they are told.
 */
/* this project */
#include "audit_report.h"

size_t
audit_total(const struct audit_report *r, enum severity severity)
{
	size_t i, n = 0;

	for (i = 0; i < r->count; i++)
		n += findings_count(&r->findings[i], severity);
	return n;
}

size_t
audit_faults(const struct audit_report *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->count; i++)
		n += r->facts[i].fault != NULL;
	return n;
}
