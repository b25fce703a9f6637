/*
 * audit.c owns the order in which a port is looked at; it may not know what is
 * good or bad.
 */
/* libc */
#include <string.h>
/* this project */
#include "audit.h"
#include "channel.h"
#include "chain.h"
#include "probe.h"

#define HANDSHAKE_MS	5000
#define CLEAR_MS	2000

/* From here on the connection speaks TLS; -1 and fault when it cannot. */
static int
secure_as(struct probe *p, struct wire *w, const struct ticket *again, uint16_t top,
    const char *signatures)
{
	net_step(&w->net, HANDSHAKE_MS);
	w->channel = channel_open(&w->net, p->sni, again, top, signatures);
	return w->channel != NULL ? 0 : -1;
}

static int
secure(struct probe *p, struct wire *w, const struct ticket *again, uint16_t top)
{
	return secure_as(p, w, again, top, NULL);
}

/* Greeting and what is offered, without TLS or in implicit TLS. */
static int
first_words(struct probe *p, struct wire *w, struct offer *o)
{
	struct facts *f = p->facts;

	switch (p->speech->greeting(w, f->greeting)) {
	case 0:
		break;
	case 1:
		net_fail(&w->net, "greets with a refusal");
		/* FALLTHROUGH */
	default:
		return -1;
	}
	if (p->speech->offer(w, o) != 0) {
		net_fail(&w->net, "does not say what it offers");
		return -1;
	}
	return 0;
}

/* Would it take a login, or mail, right now? */
static int
temptations(struct probe *p, struct wire *w)
{
	struct facts *f = p->facts;

	if (p->speech->auth(w, &f->auth, f->auth_said) == -1)
		return -1;
	if (p->speech->mail != NULL &&
	    p->speech->mail(w, &f->mail, f->mail_said) == -1)
		return -1;
	return 0;
}

/* The rest of a session that speaks TLS now: what is offered, and the chain. */
static void
look_inside(struct probe *p, struct wire *w, struct chain *chain,
    struct ticket **ticket)
{
	struct facts *f = p->facts;

	channel_chain(w->channel, chain);
	if (p->implicit ? first_words(p, w, &f->after) == -1 :
	    p->speech->offer(w, &f->after) == -1) {
		f->incomplete = w->net.fault;
		return;
	}
	*ticket = channel_ticket(w->channel);
}

static void
look_explicit(struct probe *p, struct chain *chain, struct ticket **ticket)
{
	struct facts *f = p->facts;
	struct wire w;

	if (probe_open(p, &w) == -1 || first_words(p, &w, &f->before) == -1) {
		f->fault = w.net.fault;
		goto out;
	}
	if (temptations(p, &w) == -1)
		f->incomplete = w.net.fault;
	wire_close(&w);
	if (!f->before.starttls)
		return;
	/* A session of its own: what was tried before may have had an effect. */
	if (probe_dial(p, &w, "") != 0)
		f->starttls_refused = true;
	else if (secure(p, &w, NULL, 0) == -1)
		f->handshake = w.net.fault;
	else
		look_inside(p, &w, chain, ticket);
out:
	wire_close(&w);
}

/* Does it talk without TLS, first or when talked to? */
static bool
talks_clear(struct probe *p)
{
	char said[8] = "";
	struct wire w;
	bool talks = false;

	if (probe_open(p, &w) == 0) {
		net_step(&w.net, CLEAR_MS);
		if (wire_puts(&w, p->speech->clear_try) == 0 &&
		    net_read(&w.net, said, sizeof(said) - 1) > 0)
			talks = strncmp(said, "220", 3) == 0 ||
			    strncmp(said, "* ", 2) == 0 ||
			    strncmp(said, "+OK", 3) == 0 ||
			    strncmp(said, "a1 ", 3) == 0 ||
			    strncmp(said, "250", 3) == 0;
	}
	wire_close(&w);
	return talks;
}

static void
look_implicit(struct probe *p, struct chain *chain, struct ticket **ticket)
{
	struct facts *f = p->facts;
	struct wire w;

	if (probe_open(p, &w) == -1)
		f->fault = w.net.fault;
	else if (secure(p, &w, NULL, 0) == -1)
		f->handshake = w.net.fault;
	else
		look_inside(p, &w, chain, ticket);
	wire_close(&w);
	if (f->fault == NULL)
		f->clear = talks_clear(p);
}

/* What could not be asked is no answer, and the audit says so. */
static void
missed(struct probe *p, const struct wire *w)
{
	if (p->facts->incomplete == NULL)
		p->facts->incomplete = w->net.fault;
}

/* A command in the same segment as STARTTLS: is it answered inside TLS? */
static void
look_injection(struct probe *p)
{
	struct facts *f = p->facts;
	struct wire w;
	int result = probe_dial(p, &w, p->speech->stowaway);

	/*
	 * A handshake that fails now has not taken the command for its own, and
	 * who wants nothing behind STARTTLS, as Exim does, takes none either.
	 */
	if (result == -1)
		missed(p, &w);
	else if (result == 1 || secure(p, &w, NULL, 0) == -1 ||
	    p->speech->answered(&w, &f->injection) == -1)
		f->injection = ANSWER_NO;
	wire_close(&w);
}

/* Is the session of a ticket taken up again? */
static bool
resumes(struct probe *p, const struct ticket *ticket)
{
	struct wire w;
	bool resumed = false;

	if (probe_dial(p, &w, "") == 0 && secure(p, &w, ticket, 0) == 0)
		resumed = channel_resumed(w.channel);
	wire_close(&w);
	return resumed;
}

static void
look_renegotiation(struct probe *p)
{
	struct wire w;

	if (probe_dial(p, &w, "") == 0 &&
	    secure(p, &w, NULL, VERSION_TLS1_2) == 0) {
		net_step(&w.net, HANDSHAKE_MS);
		p->facts->renegotiates = channel_renegotiate(w.channel, &w.net);
	}
	wire_close(&w);
}

/* What needs OpenSSL, and a server that it gets along with. */
static void
look_sessions(struct probe *p, struct ticket **mine, struct audit_tour *tour)
{
	struct facts *f = p->facts;

	if (f->handshake != NULL || probe_is_over(p))
		return;
	if (!p->implicit)
		look_injection(p);
	if (f->hello && !probe_is_over(p))
		look_renegotiation(p);
	if (*mine != NULL && !probe_is_over(p))
		f->resumes = resumes(p, *mine);
	if (tour->ticket != NULL && !probe_is_over(p) && resumes(p, tour->ticket))
		f->session_of = tour->port;
	if (tour->ticket == NULL && f->resumes) {
		tour->ticket = *mine;
		tour->port = f->target.port;
		*mine = NULL;
	}
}

/*
 * Many a server has a certificate of RSA and one of ECDSA, and shows each client
 * one.  Ask for what we have not seen; a server with one shows that, or none.
 */
static void
look_other(struct probe *p, const struct chain *seen, struct chain *other)
{
	static const char rsa[] = "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
	    "RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA1";
	static const char others[] = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:"
	    "ECDSA+SHA1:ed25519:ed448";
	struct wire w;

	if (!p->facts->cert.readable || seen->count == 0 || probe_is_over(p))
		return;
	if (probe_dial(p, &w, "") == 0 && secure_as(p, &w, NULL, 0,
	    strncmp(p->facts->cert.key, "RSA", 3) == 0 ? others : rsa) == 0)
		channel_chain(w.channel, other);
	wire_close(&w);
	if (other->count > 0 && other->len[0] == seen->len[0] &&
	    memcmp(other->der[0], seen->der[0], seen->len[0]) == 0)
		chain_free(other);
}

/* The name a certificate should have: as said, as given, as the server says. */
static const char *
wanted_name(const struct facts *f, const struct audit_options *o)
{
	if (o->name != NULL)
		return o->name;
	if (!target_is_address(&f->target))
		return f->target.host;
	if (f->after.name[0] != '\0')
		return f->after.name;
	return f->before.name[0] != '\0' ? f->before.name : NULL;
}

bool
audit_answers(const struct target *t)
{
	struct net_time given = { .end = net_now() + 3000, .times = 1 };
	struct net n;
	int result;

	result = net_open(&n, (const struct sockaddr *)&t->sa, t->salen,
	    &given, false);
	net_close(&n);
	return result == 0;
}

void
audit_port(struct facts *f, const struct target *t, const struct audit_options *o,
    struct audit_tour *tour)
{
	const struct port_info *info = &port_infos[t->service];
	struct chain seen = { .count = 0 }, raw = { .count = 0 };
	struct chain other = { .count = 0 };
	struct ticket *mine = NULL;
	struct probe p;
	int64_t begin = net_now();

	memset(f, 0, sizeof(*f));
	f->target = *t;
	memset(&p, 0, sizeof(p));
	p.facts = f;
	p.speech = info->speech;
	p.implicit = info->implicit;
	p.given.end = begin + (int64_t)o->seconds * 1000;
	p.given.times = o->seconds > AUDIT_SECONDS ? o->seconds / AUDIT_SECONDS : 1;
	p.sni = o->name != NULL ? o->name : target_is_address(t) ? NULL : t->host;
	if (info->implicit)
		look_implicit(&p, &seen, &mine);
	else
		look_explicit(&p, &seen, &mine);
	if (f->fault == NULL && !f->starttls_refused &&
	    (info->implicit ? !f->clear || f->handshake == NULL :
	    f->before.starttls)) {
		enumerate(&p, &raw);
		look_sessions(&p, &mine, tour);
		cert_read(&f->cert, seen.count > 0 ? &seen : &raw,
		    wanted_name(f, o), o->ca_file, o->now);
		f->chain_sent = f->cert.count > 0;
		look_other(&p, &seen, &other);
		cert_read(&f->other, &other, wanted_name(f, o), o->ca_file, o->now);
	}
	if (net_now() >= p.given.end)
		f->incomplete = "took more time than it was given";
	chain_free(&seen);
	chain_free(&raw);
	chain_free(&other);
	ticket_free(mine);
	f->ms = (unsigned int)(net_now() - begin);
}

void
audit_tour_end(struct audit_tour *tour)
{
	ticket_free(tour->ticket);
	tour->ticket = NULL;
}
