/*
 * enumerate.c owns how everything a server takes is found out, by asking again
 * without what it chose; it may not know what the findings are worth.
 */
/* libc */
#include <string.h>
/* this project */
#include "probe.h"
#include "ssl2.h"

/* What is offered, and shrinks. */
struct list {
	uint16_t	 numbers[SUITES_MAX];
	size_t		 count;
};

static void
list_fill(struct list *l, const struct numbered *table, size_t count)
{
	for (l->count = 0; l->count < count && l->count < SUITES_MAX; l->count++)
		l->numbers[l->count] = table[l->count].number;
}

static void
list_remove(struct list *l, uint16_t number)
{
	size_t i, kept = 0;

	for (i = 0; i < l->count; i++)
		if (l->numbers[i] != number)
			l->numbers[kept++] = l->numbers[i];
	l->count = kept;
}

/* Those of the suites that have any of the traits. */
static void
list_keep(struct list *l, const struct version_facts *v, unsigned int traits)
{
	size_t i;

	l->count = 0;
	for (i = 0; i < v->suite_count; i++)
		if (suite_traits(v->suites[i]) & traits)
			l->numbers[l->count++] = v->suites[i];
}

static struct version_facts *
facts_of(struct probe *p, uint16_t version)
{
	return &p->facts->versions[version - VERSION_SSL3];
}

/* Ask with these suites and groups; true when the version was taken.  deep: all
 * that comes in the clear is read, and compression offered. */
static bool
ask(struct probe *p, uint16_t version, const struct list *suites,
    const struct list *groups_, bool deep, struct hello_reader *r)
{
	struct hello h;

	memset(&h, 0, sizeof(h));
	h.version = version;
	h.suites = suites->numbers;
	h.suite_count = suites->count;
	h.groups = groups_->numbers;
	h.group_count = groups_->count;
	h.compression = deep;
	if (probe_ask(p, &h, deep, r) == -1)
		return false;
	return (r->answer.kind == HELLO_SERVER || r->answer.kind == HELLO_RETRY) &&
	    r->answer.version == version;
}

static void
all_suites(struct list *l, uint16_t version)
{
	if (version == VERSION_TLS1_3)
		list_fill(l, suites_tls13, suites_tls13_count);
	else
		list_fill(l, suites_before, suites_before_count);
}

static void
reverse(struct list *l)
{
	uint16_t number;
	size_t i;

	for (i = 0; i < l->count / 2; i++) {
		number = l->numbers[i];
		l->numbers[i] = l->numbers[l->count - 1 - i];
		l->numbers[l->count - 1 - i] = number;
	}
}

/* The same suite first, whichever end of the list we like best? */
static void
find_chooser(struct probe *p, uint16_t version, const struct list *all_groups)
{
	struct version_facts *v = facts_of(p, version);
	struct hello_reader r;
	struct list suites;

	if (v->suite_count < 2)
		return;
	memcpy(suites.numbers, v->suites, sizeof(v->suites));
	suites.count = v->suite_count;
	reverse(&suites);
	if (ask(p, version, &suites, all_groups, false, &r))
		v->chooser = r.answer.suite == v->suites[0] ?
		    CHOOSER_SERVER : CHOOSER_CLIENT;
	hello_reader_free(&r);
}

static void
find_suites(struct probe *p, uint16_t version, const struct list *all_groups)
{
	struct version_facts *v = facts_of(p, version);
	struct hello_reader r;
	struct list suites;
	bool taken = true;

	all_suites(&suites, version);
	while (taken && suites.count > 0) {
		taken = ask(p, version, &suites, all_groups, false, &r);
		if (taken) {
			v->taken = true;
			v->suites[v->suite_count++] = r.answer.suite;
			list_remove(&suites, r.answer.suite);
		}
		hello_reader_free(&r);
	}
	find_chooser(p, version, all_groups);
}

/* In TLS 1.3 it asks for the group; before, its key exchange has it. */
static void
find_groups(struct probe *p, uint16_t version)
{
	struct version_facts *v = facts_of(p, version);
	struct facts *f = p->facts;
	struct hello_reader r;
	struct list suites, left;
	bool more = true;

	if (version == VERSION_TLS1_3)
		all_suites(&suites, version);
	else
		list_keep(&suites, v, SUITE_ECDHE);
	list_fill(&left, groups, groups_count);
	while (more && suites.count > 0 && left.count > 0) {
		more = ask(p, version, &suites, &left,
		    version != VERSION_TLS1_3, &r) && r.answer.group != 0 &&
		    f->group_count < GROUPS_MAX;
		if (more) {
			f->groups[f->group_count++] = r.answer.group;
			list_remove(&left, r.answer.group);
		}
		hello_reader_free(&r);
	}
}

/* How long the prime is. */
static void
find_dh(struct probe *p, uint16_t version, const struct list *all_groups)
{
	struct hello_reader r;
	struct list suites;

	list_keep(&suites, facts_of(p, version), SUITE_DHE);
	if (suites.count == 0)
		return;
	if (ask(p, version, &suites, all_groups, true, &r))
		p->facts->dh_bits = r.answer.dh_bits;
	hello_reader_free(&r);
}

/* What a ServerHello of TLS 1.2 or before tells besides, and the chain. */
static void
find_rest(struct probe *p, uint16_t version, const struct list *all_groups,
    struct chain *chain)
{
	struct version_facts *v = facts_of(p, version);
	struct hello_reader r;
	struct list suites;
	size_t i;

	suites.count = 0;
	for (i = 0; i < v->suite_count; i++)
		if ((suite_traits(v->suites[i]) & SUITE_ANON) == 0)
			suites.numbers[suites.count++] = v->suites[i];
	if (suites.count == 0)
		list_keep(&suites, v, SUITE_ANON);
	if (ask(p, version, &suites, all_groups, true, &r)) {
		p->facts->hello = true;
		p->facts->compression = r.answer.compression != 0;
		p->facts->renegotiation = r.answer.renegotiation;
		if (r.answer.certificates != NULL)
			chain_from_message(chain, r.answer.certificates,
			    r.answer.certificates_len);
	}
	hello_reader_free(&r);
}

static void
note_refusal(struct facts *f)
{
	if (f->incomplete == NULL)
		f->incomplete = "no longer takes what it took before";
}

/*
 * Some servers say no by closing the connection, and so does one that has had
 * enough of us.  What was taken before tells which.
 */
static void
look_again(struct probe *p, const struct list *all_groups)
{
	struct version_facts *v;
	struct hello_reader r;
	struct list suites;
	uint16_t version = VERSION_TLS1_3;

	while (version > VERSION_SSL3 && !facts_of(p, version)->taken)
		version--;
	v = facts_of(p, version);
	/* Of all hellos none was answered, after OpenSSL's was. */
	if (!v->taken && p->facts->handshake == NULL)
		note_refusal(p->facts);
	if (!p->gone || !v->taken)
		return;
	memcpy(suites.numbers, v->suites, sizeof(v->suites));
	suites.count = v->suite_count;
	if (!ask(p, version, &suites, all_groups, false, &r))
		note_refusal(p->facts);
	hello_reader_free(&r);
}

/* A server of today closes the connection; that it takes its time is no strike. */
static void
find_ssl2(struct probe *p)
{
	struct wire w;

	if (probe_is_over(p))
		return;
	if (probe_dial(p, &w, "") == 0)
		p->facts->ssl2 = ssl2_is_taken(&w.net);
	wire_close(&w);
}

void
enumerate(struct probe *p, struct chain *chain)
{
	uint16_t version, top = 0;
	struct list all_groups;

	list_fill(&all_groups, groups, groups_count);
	for (version = VERSION_TLS1_3; version >= VERSION_SSL3; version--) {
		find_suites(p, version, &all_groups);
		if (version < VERSION_TLS1_3 && top == 0 &&
		    facts_of(p, version)->taken)
			top = version;
	}
	find_ssl2(p);
	if (facts_of(p, VERSION_TLS1_3)->taken)
		find_groups(p, VERSION_TLS1_3);
	else if (top != 0)
		find_groups(p, top);
	if (top != 0) {
		find_dh(p, top, &all_groups);
		find_rest(p, top, &all_groups, chain);
	}
	look_again(p, &all_groups);
}
