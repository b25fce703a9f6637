/*
 * probe.c owns how a port is reached and asked; it may not know what for.
 */
/* libc */
#include <string.h>
#include <sys/random.h>
/* this project */
#include "probe.h"

#define HELLO_MS	5000

bool
probe_is_over(const struct probe *p)
{
	return p->strikes >= STRIKES_MAX || net_now() >= p->given.end;
}

int
probe_open(struct probe *p, struct wire *w)
{
	const struct target *t = &p->facts->target;

	p->facts->connections++;
	/* Dovecot takes whoever comes from its own address for encrypted. */
	return wire_open(w, (const struct sockaddr *)&t->sa, t->salen, &p->given,
	    t->service >= PORT_IMAP);
}

int
probe_dial(struct probe *p, struct wire *w, const char *more)
{
	char said[SAID_SIZE];
	struct offer offer;
	int result = -1;

	if (probe_open(p, w) == -1)
		return -1;
	if (p->implicit)
		return 0;
	if (p->speech->greeting(w, said) != 0 ||
	    p->speech->offer(w, &offer) != 0 ||
	    (result = p->speech->starttls(w, more)) != 0) {
		net_fail(&w->net, "does not come to STARTTLS");
		return result;
	}
	/* What came in the clear behind its reply is nothing to us. */
	w->in_at = w->in_len = 0;
	return 0;
}

static bool
has(const uint16_t *numbers, size_t count, uint16_t number)
{
	while (count-- > 0)
		if (numbers[count] == number)
			return true;
	return false;
}

/* A server can only choose among what it was offered. */
static bool
fits(const struct hello *h, const struct hello_answer *a)
{
	if (a->kind != HELLO_SERVER && a->kind != HELLO_RETRY)
		return true;
	return a->version <= h->version && a->compression <= h->compression &&
	    has(h->suites, h->suite_count, a->suite) &&
	    (a->group == 0 || has(h->groups, h->group_count, a->group));
}

static void
converse(struct wire *w, struct hello *h, struct hello_reader *r)
{
	struct buf out = BUF_INIT;
	uint8_t piece[4096];
	ssize_t got;

	if (getrandom(h->random, sizeof(h->random), 0) != sizeof(h->random))
		memset(h->random, 0x55, sizeof(h->random));
	hello_build(&out, h);
	net_step(&w->net, HELLO_MS);
	if (net_write(&w->net, out.data, out.len) == 0)
		while ((got = net_read(&w->net, piece, sizeof(piece))) > 0)
			if (hello_reader_feed(r, piece, (size_t)got))
				break;
	if (r->answer.kind == HELLO_MORE)
		r->answer.kind = HELLO_GONE;
	buf_free(&out);
}

int
probe_ask(struct probe *p, struct hello *h, bool whole, struct hello_reader *r)
{
	struct wire w;
	int result;

	hello_reader_init(r, whole);
	if (probe_is_over(p))
		return -1;
	h->sni = h->version == VERSION_SSL3 ? NULL : p->sni;
	result = probe_dial(p, &w, "") == 0 ? 0 : -1;
	if (result == 0)
		converse(&w, h, r);
	if (result == -1 || w.net.timed_out)
		p->strikes++;
	else
		p->strikes = 0;
	if (p->facts->incomplete == NULL && (result == -1 || w.net.timed_out))
		p->facts->incomplete = w.net.fault;
	wire_close(&w);
	if (result == 0 && r->answer.kind == HELLO_GONE)
		p->gone = true;
	if (result == 0 && !fits(h, &r->answer))
		r->answer.kind = HELLO_MALFORMED;
	return result;
}
