/*
 * judge.c owns how findings are gathered and made as grave as the port makes
 * them; it may not know when each applies.
 */
/* libc */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* this project */
#include "judge.h"

void
detail_add(struct detail *d, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(d->text + d->len, DETAIL_SIZE - d->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		d->len += (size_t)n < DETAIL_SIZE - d->len ?
		    (size_t)n : DETAIL_SIZE - d->len - 1;
}

/* Found, unless it is nothing on such a port.  Returns where its detail goes. */
static void
put_finding(struct findings *out, const struct facts *f, enum finding_id id,
    const char *text)
{
	const struct finding_info *info = &finding_infos[id];
	enum severity severity = port_infos[f->target.service].login ?
	    info->login : info->mx;
	struct finding *finding = &out->list[out->count];

	if (severity == SEVERITY_NONE)
		return;
	finding->info = info;
	finding->severity = severity;
	memcpy(finding->detail, text, DETAIL_SIZE);
	out->count++;
}

static bool
holds(const struct check *table, enum finding_id id, const struct facts *f,
    struct detail *d)
{
	for (; table->id != FINDINGS; table++)
		if (table->id == id)
			return table->holds(f, d);
	return false;
}

void
judge(struct findings *out, const struct facts *f, const struct profile *profile)
{
	char text[DETAIL_SIZE];
	struct detail d;
	int id;

	out->count = 0;
	if (f->fault != NULL)
		return;
	for (id = 0; id < FINDINGS; id++) {
		memset(text, 0, sizeof(text));
		d.text = text;
		d.len = 0;
		if (holds(port_checks, (enum finding_id)id, f, &d) ||
		    holds(tls_checks, (enum finding_id)id, f, &d) ||
		    cert_check((enum finding_id)id, f, &d) ||
		    profile_check((enum finding_id)id, profile, f, &d))
			put_finding(out, f, (enum finding_id)id, text);
	}
}

size_t
findings_count(const struct findings *list, enum severity severity)
{
	size_t i, n = 0;

	for (i = 0; i < list->count; i++)
		n += list->list[i].severity == severity;
	return n;
}
