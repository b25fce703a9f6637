/*
 * check_warn.c owns what is allowed but likely not meant; it may not refuse
 * anything.
 */
/* libc */
#include <string.h>
/* this project */
#include "check.h"
#include "parse.h"
#include "pattern.h"
#include "tls.h"

#define SOON		30	/* days before an exception ends */
#define TRIED_MAX	50	/* patterns that are tried */
#define SUBJECT		256	/* bytes they are tried on */

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

static void
warn_lists(const struct policy *p, struct diags *diags)
{
	size_t i;

	for (i = 0; i < p->list_count; i++)
		if (!p->lists[i]->used)
			diag_add(diags, DIAG_WARNING, &p->lists[i]->place, NULL,
			    "the list \"%s\" is never used", p->lists[i]->name);
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
	const char *owner[UINT16_MAX + 1] = { NULL };
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
}

/* Bytes that the pattern itself names make the worst subjects. */
static bool
hits_limit(const struct pattern *pattern, const char *text, struct scratch *scratch)
{
	char subject[SUBJECT];
	size_t i, tried = 0;

	for (i = 0; text[i] != '\0' && tried < 8; i++) {
		if (memchr(text, text[i], i) != NULL || strchr("\\()[]*+?|^$", text[i]))
			continue;
		memset(subject, text[i] == '.' ? 'a' : text[i], sizeof(subject));
		subject[SUBJECT - 1] = '!';
		tried++;
		if (pattern_match(pattern, subject, SUBJECT, scratch) == PATTERN_LIMIT)
			return true;
	}
	return false;
}

struct tour {
	struct diags	*diags;
	struct scratch	*scratch;
	unsigned int	 tried;
};

static void
warn_pattern(const struct cond *c, struct tour *t)
{
	if (pattern_is_nested(c->pattern_text, strlen(c->pattern_text)))
		diag_add(t->diags, DIAG_WARNING, &c->value_place, "a limit keeps it from "
		    "harm, but what hits the limit is unknown", "a repetition within "
		    "a repetition can take very long");
	else if (t->tried++ < TRIED_MAX &&
	    hits_limit(c->pattern, c->pattern_text, t->scratch))
		diag_add(t->diags, DIAG_WARNING, &c->value_place, "what hits the limit "
		    "is unknown", "the regular expression hits its limit on a "
		    "subject of %d bytes", SUBJECT);
}

/* Comparisons with the end of what can be. */
static void
warn_never(const struct cond *c, struct tour *t)
{
	uint32_t n = c->value.number;
	enum attr_type type = attr_info(c->attr)->type;
	uint32_t low = type == TYPE_TLS ? tls_version("SSLv2", 5) : 0;
	uint32_t high = c->attr == ATTR_PORT ? UINT16_MAX :
	    type == TYPE_NUMBER ? UINT32_MAX : TLS_1_3;
	bool never, always;

	never = (c->kind == COND_LT && n <= low) || (c->kind == COND_GT && n >= high);
	always = (c->kind == COND_GE && n <= low) || (c->kind == COND_LE && n >= high);
	/* a later version than TLS 1.3 may come */
	if (type == TYPE_TLS && n >= high)
		never = always = false;
	if (never || always)
		diag_add(t->diags, DIAG_WARNING, &c->value_place, NULL,
		    "no \"%s\" is %s than that: the comparison is always %s",
		    attr_info(c->attr)->name,
		    (c->kind == COND_LT || c->kind == COND_GE) ? "lower" : "higher",
		    never ? "false" : "true");
}

static void
warn_cond(const struct cond *c, struct tour *t)
{
	if (c == NULL)
		return;
	warn_cond(c->left, t);
	warn_cond(c->right, t);
	switch (c->kind) {
	case COND_MATCH:
		warn_pattern(c, t);
		break;
	case COND_LT:
	case COND_LE:
	case COND_GT:
	case COND_GE:
		warn_never(c, t);
		break;
	default:
		break;
	}
}

void
check_warnings(const struct policy *p, uint32_t today, struct diags *diags)
{
	struct tour tour = { .diags = diags, .scratch = policy_scratch(p) };
	size_t i;

	for (i = 0; i < p->rule_count; i++)
		warn_cond(p->rules[i].cond, &tour);
	scratch_free(tour.scratch);
	if (today != 0)
		warn_until(p, today, diags);
	warn_lists(p, diags);
	warn_daemons(p, diags);
	warn_ports(p, diags);
	warn_unreached(p, today, diags);
	warn_downgrade(p, today, diags);
}
