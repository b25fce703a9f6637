/*
 * conn.c owns one connection: what it holds and when that is dropped; it may
 * not know libmilter, nor what is logged.
 */
/* libc */
#include <sys/random.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* this project */
#include "mem.h"
#include "policy.h"
#include "session.h"
/* this program */
#include "clock.h"
#include "conn.h"

static bool observe;
static atomic_uint_fast64_t serial;
static atomic_uint_fast64_t open_conns;
static uint64_t seed;

void
conn_set_observe(bool b)
{
	observe = b;
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)time(NULL) << 20;
}

/*
 * A number that no other session of this process has: the finalizer of
 * SplitMix64 (Steele, Lea, Flood 2014) maps 64 bits one to one.
 */
static void
make_id(char id[CONN_ID])
{
	uint64_t x;
	int i;

	x = seed + atomic_fetch_add(&serial, 1) * UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	for (i = CONN_ID - 2; i >= 0; i--, x >>= 4)
		id[i] = "0123456789abcdef"[x & 15];
	id[CONN_ID - 1] = '\0';
}

struct conn *
conn_new_with(struct edition *e)
{
	struct conn *c;

	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		edition_release(&e);
		return NULL;
	}
	c->edition = e;
	c->asked = true;
	return c;
}

struct conn *
conn_new(void)
{
	struct conn *c;

	c = conn_new_with(current_acquire());
	if (c != NULL) {
		c->open = true;
		atomic_fetch_add(&open_conns, 1);
	}
	return c;
}

uint64_t
conn_open(void)
{
	return atomic_load(&open_conns);
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	if (c->open)
		atomic_fetch_sub(&open_conns, 1);
	session_free(c->session);
	free(c->recipient);
	edition_release(&c->edition);
	free(c);
}

int
conn_begin(struct conn *c)
{
	session_free(c->session);
	c->session = session_new_or_null();
	if (c->session == NULL)
		return -1;
	make_id(c->id);
	memset(&c->verdict, 0, sizeof(c->verdict));
	c->greeted = false;
	c->had_mail = false;
	c->told = false;
	c->abandoned = 0;
	conn_end_mail(c);
	session_set_stage(c->session, STAGE_CONNECT);
	return 0;
}

void
conn_begin_mail(struct conn *c)
{
	conn_end_mail(c);
	c->in_mail = true;
	c->had_mail = true;
}

void
conn_end_mail(struct conn *c)
{
	c->in_mail = false;
	c->recipients = 0;
	c->alarm_count = 0;
	c->qid[0] = '\0';
	free(c->recipient);
	c->recipient = NULL;
}

int
conn_judge(struct conn *c, enum stage stage, struct verdict *v)
{
	struct scratch *scratch;

	if (c->untold || session_starved(c->session))
		return -1;
	session_set_stage(c->session, stage);
	session_set_today(c->session, clock_today());
	if (!c->simulated) {
		/* patterns without memory are our own failure, not the client's limit */
		if (edition_scratch(c->edition, &scratch) == -1)
			return -1;
		policy_judge(c->edition->policy, c->session, scratch, observe, v,
		    NULL);
		edition_scratch_done(c->edition, scratch);
		return 0;
	}
	memset(v, 0, sizeof(*v));
	v->decided = true;
	v->action = ACTION_ACCEPT;
	v->rule = RULE_NON_SMTP;
	v->stage = stage;
	v->missing = ATTR_NOTHING;
	return 0;
}

static bool
same_marks(const struct marks *a, const struct marks *b)
{
	unsigned int i;

	for (i = 0; i < a->count && i < MARKS_MAX; i++)
		if (a->rules[i] != b->rules[i])
			return false;
	return a->count == b->count;
}

static bool
same_answer(const struct verdict *a, const struct verdict *b)
{
	return a->rule == b->rule && a->withheld == b->withheld &&
	    (!a->withheld || a->observed_rule == b->observed_rule) &&
	    same_marks(&a->observed, &b->observed) &&
	    same_marks(&a->notes, &b->notes);
}

bool
conn_take_recipient(struct conn *c, const char *recipient,
    const struct verdict *v)
{
	if (verdict_refuses(v))
		return true;
	c->recipients++;
	if (c->recipient != NULL)
		return !same_answer(&c->verdict, v);
	c->recipient = mem_strdup(recipient);
	c->verdict = *v;
	return false;
}

bool
verdict_refuses(const struct verdict *v)
{
	return v->decided && v->action != ACTION_ACCEPT;
}
