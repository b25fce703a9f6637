/*
 * check_warn.c owns what is allowed but likely not meant; it may not refuse
 * anything.
 */
/* libc */
#include <stdlib.h>
/* this project */
#include "check.h"
#include "mem.h"
#include "parse.h"

#define SOON		30	/* days before an exception ends */

/* Days since 1 March of the year 0, Gregorian: good for differences. */
static int64_t
day_count(uint32_t day)
{
	int64_t year = day / 10000, month = day / 100 % 100;

	/* years begin in March, so that the odd day of February comes last */
	if (month < 3) {
		year--;
		month += 12;
	}
	return 365 * year + year / 4 - year / 100 + year / 400 +
	    (153 * (month - 3) + 2) / 5 + day % 100;
}

static void
warn_until(const struct policy *p, uint32_t today, struct diags *diags)
{
	const char *hint;
	size_t i;

	for (i = 0; i < p->rule_count; i++) {
		const struct rule *r = &p->rules[i];
		int64_t left = day_count(r->until) - day_count(today);

		if (r->until == 0 || left > SOON)
			continue;
		hint = r->owner != NULL ? r->owner : "nobody";
		if (left < 0)
			diag_add(diags, DIAG_WARNING, &r->until_place, NULL,
			    "the rule \"%s\" is over and does nothing (owner: %s)",
			    r->name, hint);
		else if (left == 0)
			diag_add(diags, DIAG_WARNING, &r->until_place, NULL,
			    "the rule \"%s\" ends today (owner: %s)", r->name, hint);
		else
			diag_add(diags, DIAG_WARNING, &r->until_place, NULL,
			    "the rule \"%s\" ends in %d day%s (owner: %s)", r->name,
			    (int)left, left == 1 ? "" : "s", hint);
	}
}

/* A file that was cut to nothing, or that holds settings alone. */
static void
warn_empty(const struct policy *p, struct diags *diags)
{
	struct place place = { .file = p->name };

	if (p->rule_count == 0 && !p->has_default)
		diag_add(diags, DIAG_WARNING, &place, "the rules of the default policy "
		    "hold only where there is no file; \"default accept\" says that it is "
		    "meant", "the policy has no rule: every session is accepted");
}

static void
warn_lists(const struct policy *p, struct diags *diags)
{
	size_t i;

	for (i = 0; i < p->list_count; i++) {
		const struct list *l = p->lists[i];

		if (!l->used)
			diag_add(diags, DIAG_WARNING, &l->place, NULL,
			    "the list \"%s\" is never used", l->name);
		else if (l->origin == LIST_FILE && l->count == 0)
			diag_add(diags, DIAG_WARNING, &l->place, NULL,
			    "the file of the list \"%s\" has no item", l->name);
	}
}

/*
 * A session belongs to the first service that fits, and Debian's Postfix gives
 * the ports 465 and 587 one daemon name.
 */
static void
warn_daemons(const struct policy *p, struct diags *diags)
{
	struct buf hint = BUF_INIT;
	size_t i, k;

	for (i = 0; i < p->service_count; i++) {
		const struct service *s = &p->services[i];

		if (s->daemon_count == 0 || s->implicit_tls)
			continue;
		for (k = i + 1; k < p->service_count; k++)
			if (p->services[k].implicit_tls)
				break;
		if (k == p->service_count)
			continue;
		if (p->services[k].builtin)
			buf_printf(&hint, "before it, write: service %s port %u tls "
			    "implicit", p->services[k].name, p->services[k].ports[0]);
		else
			buf_printf(&hint, "put the service \"%s\" before it",
			    p->services[k].name);
		diag_add(diags, DIAG_WARNING, &s->place, buf_str(&hint),
		    "the service \"%s\" takes sessions of \"%s\" that have the same "
		    "daemon name", s->name, p->services[k].name);
		buf_clear(&hint);
	}
	buf_free(&hint);
}

static void
warn_ports(const struct policy *p, struct diags *diags)
{
	/* too many for the stack of a thread */
	const char **owner = mem_calloc(UINT16_MAX + 1, sizeof(*owner));
	size_t i, k;

	for (i = 0; i < p->service_count; i++) {
		const struct service *s = &p->services[i];

		for (k = 0; k < s->port_count; k++) {
			uint16_t port = s->ports[k];

			if (owner[port] == NULL)
				owner[port] = s->name;
			else if (!s->builtin)
				diag_add(diags, DIAG_WARNING, &s->place, NULL,
				    "port %u belongs to the service \"%s\" already",
				    port, owner[port]);
		}
	}
	free(owner);
}

void
check_warnings(const struct policy *p, uint32_t today, struct diags *diags)
{
	warn_empty(p, diags);
	warn_patterns(p, diags);
	warn_never(p, diags);
	if (today != 0)
		warn_until(p, today, diags);
	warn_lists(p, diags);
	warn_daemons(p, diags);
	warn_ports(p, diags);
	warn_unreached(p, today, diags);
	warn_exceptions(p, today, diags);
	warn_trials(p, today, diags);
}
