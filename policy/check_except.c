/*
 * check_except.c owns the look at exceptions, which are rules that accept before
 * others refuse: does one let more pass than it says, or nothing at all?  It
 * judges no session, and may not refuse anything.
 */
/* libc */
#include <assert.h>
#include <string.h>
/* this project */
#include "buf.h"
#include "check.h"

#define BUDGET		3000000	/* steps, for a whole policy */

#define BIT(attr)	(1u << (attr))
/* What a client only says of itself, and what shows who it is. */
#define CLAIMS		(BIT(ATTR_HELO) | BIT(ATTR_SENDER) | BIT(ATTR_SNI))
#define PROOFS		(BIT(ATTR_CLIENT) | BIT(ATTR_CLIENT_NAME) | BIT(ATTR_AUTH) | \
	BIT(ATTR_USER) | BIT(ATTR_CERT_VERIFIED) | BIT(ATTR_CERT_SUBJECT) | \
	BIT(ATTR_CERT_ISSUER))
#define NAMES		((CLAIMS | PROOFS) & ~BIT(ATTR_AUTH))

struct tour {
	const struct policy *policy;
	struct diags	*diags;
	uint32_t	 today;
	unsigned int	 budget;
};

static bool
is_over(const struct rule *r, uint32_t today)
{
	return r->until != 0 && today > r->until;
}

/* Today or later, for some or all clients. */
static bool
refuses(const struct rule *r, uint32_t today)
{
	return r->action != ACTION_ACCEPT && r->action != ACTION_NOTE && !r->observe &&
	    !is_over(r, today);
}

static uint32_t
asks(const struct cond *c)
{
	if (c == NULL)
		return 0;
	if (c->attr != ATTR_NOTHING)
		return BIT(c->attr);
	return asks(c->left) | asks(c->right);
}

/* 127.0.0.0/8 or ::1: what comes from there crossed no network. */
static bool
is_loopback(const struct address *a, unsigned int prefix)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (a->bits == 32)
		return prefix >= 8 && a->bytes[0] == 127;
	return prefix == 128 && memcmp(a->bytes, one, sizeof(one)) == 0;
}

/* Are all clients that the condition takes of this machine? */
static bool
is_local(const struct cond *c)
{
	size_t i;

	if (c->kind == COND_AND)
		return is_local(c->left) || is_local(c->right);
	if (c->attr != ATTR_CLIENT || c->negated)
		return false;
	if (c->kind == COND_EQ)
		return is_loopback(&c->value.address, c->value.prefix);
	/* nothing else can be asked of an address */
	assert(c->kind == COND_IN);
	for (i = 0; i < c->list->count; i++)
		if (!is_loopback(&c->list->items[i].address, c->list->items[i].prefix))
			return false;
	return c->list->count > 0;
}

/* --- a login in the clear */

/* The first rule that refuses whatever the condition takes, if it decides. */
static const struct rule *
refused_by(struct tour *t, const struct cond *c, size_t from, size_t to)
{
	const struct rule *r;
	size_t i;

	for (i = from; i < to && t->budget > 0; i++) {
		r = &t->policy->rules[i];
		if (refuses(r, t->today) &&
		    (r->cond == NULL || cond_implies(c, r->cond, &t->budget)))
			return r;
	}
	return NULL;
}

/*
 * Who is excused from a version or a cipher is easily excused from TLS as well,
 * for lack of "and tls".  Who writes "not tls" knows.
 */
static void
warn_clear_login(struct tour *t, size_t n)
{
	const struct rule *e = &t->policy->rules[n], *r;
	struct cond auth = { .kind = COND_PRESENT, .attr = ATTR_AUTH };
	struct cond clear = { .kind = COND_NONE, .attr = ATTR_TLS };
	struct cond login = { .kind = COND_AND, .attr = ATTR_NOTHING,
	    .left = &auth, .right = &clear };
	struct cond both = { .kind = COND_AND, .attr = ATTR_NOTHING,
	    .left = e->cond, .right = &login };

	if (is_local(e->cond) || cond_excludes(e->cond, &login, &t->budget) ||
	    cond_implies(e->cond, &clear, &t->budget) ||
	    refused_by(t, &both, 0, n) != NULL)
		return;
	r = refused_by(t, &both, n + 1, t->policy->rule_count);
	if (r != NULL)
		diag_add(t->diags, DIAG_WARNING, &e->place,
		    "add \"and tls\" to its condition, or \"and not tls\" if that is "
		    "meant", "the rule \"%s\" accepts a login in the clear as well, which "
		    "\"%s\" in line %u would refuse", e->name, r->name, r->place.line);
}

/* --- who it is for, and what for */

/* The first rule behind it that may refuse what it accepts. */
static const struct rule *
excused_from(struct tour *t, size_t n)
{
	const struct policy *p = t->policy;
	const struct rule *r;
	size_t i;

	for (i = n + 1; i < p->rule_count; i++) {
		r = &p->rules[i];
		if (r->action != ACTION_ACCEPT && r->action != ACTION_NOTE &&
		    !is_over(r, t->today) && (r->cond == NULL || t->budget == 0 ||
		    !cond_excludes(p->rules[n].cond, r->cond, &t->budget)))
			return r;
	}
	return NULL;
}

static void
warn_claim(struct tour *t, const struct rule *e, const struct rule *r)
{
	uint32_t asked = asks(e->cond), claim;
	enum attr attr = 0;

	if ((asked & CLAIMS) == 0 || (asked & PROOFS) != 0 || e->because != NULL ||
	    !refuses(r, t->today))
		return;
	for (claim = asked & CLAIMS; (claim & BIT(attr)) == 0; attr++)
		continue;
	diag_add(t->diags, DIAG_WARNING, &e->place, "ask for client, client_name, user "
	    "or a certificate as well; if that is meant, say why with because",
	    "the rule \"%s\" excuses from \"%s\" in line %u whoever gives the right "
	    "\"%s\"", e->name, r->name, r->place.line, attr_info(attr)->name);
}

/*
 * The first rule in front of it that may refuse what it accepts.  NULL as well
 * where one decides all that it could match: it is told of as never reached.
 */
static const struct rule *
forestalled_by(struct tour *t, size_t n)
{
	const struct cond *c = t->policy->rules[n].cond;
	const struct rule *r, *first = NULL;
	size_t i;

	for (i = 0; i < n && t->budget > 0; i++) {
		r = &t->policy->rules[i];
		if (r->action == ACTION_NOTE || r->observe || is_over(r, t->today))
			continue;
		if (r->cond == NULL || cond_implies(c, r->cond, &t->budget))
			return NULL;
		if (first == NULL && refuses(r, t->today) &&
		    !cond_excludes(c, r->cond, &t->budget))
			first = r;
	}
	return first;
}

/* It is an exception if it ends some day, or names somebody and comes too late. */
static void
warn_nothing(struct tour *t, const struct rule *e, const struct rule *before)
{
	struct buf hint = BUF_INIT;

	if (e->until == 0 && (before == NULL || (asks(e->cond) & NAMES) == 0))
		return;
	if (before != NULL)
		buf_printf(&hint, "put it before \"%s\" in line %u", before->name,
		    before->place.line);
	diag_add(t->diags, DIAG_WARNING, &e->place, before != NULL ? buf_str(&hint) : NULL,
	    "the rule \"%s\" excuses from nothing: no rule behind it refuses what "
	    "it accepts", e->name);
	buf_free(&hint);
}

static void
look(struct tour *t, size_t n)
{
	const struct policy *p = t->policy;
	const struct rule *e = &p->rules[n], *r;

	if (e->action != ACTION_ACCEPT || e->observe || e->cond == NULL ||
	    is_over(e, t->today))
		return;
	warn_clear_login(t, n);
	r = excused_from(t, n);
	if (r != NULL)
		warn_claim(t, e, r);
	else if (p->fallback.action == ACTION_ACCEPT)
		warn_nothing(t, e, forestalled_by(t, n));
}

void
warn_exceptions(const struct policy *p, uint32_t today, struct diags *diags)
{
	struct tour t = { .policy = p, .diags = diags, .today = today,
	    .budget = BUDGET };
	size_t i;

	for (i = 0; i < p->rule_count && t.budget > 0; i++)
		look(&t, i);
}
