/*
 * current.c owns the one shared pointer, to the edition new sessions begin
 * with; it may not know where editions come from.
 */
/* libc */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
/* this project */
#include "mem.h"
/* this program */
#include "current.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct edition *current;
static uint64_t generation;

struct edition *
edition_new(struct policy *p, const struct key *key)
{
	const struct settings *s = policy_settings(p);
	struct edition *e;

	e = mem_calloc(1, sizeof(*e));
	atomic_init(&e->refs, 1);
	pthread_mutex_init(&e->lock, NULL);
	e->loaded = time(NULL);
	e->policy = p;
	e->privacy.client = s->log_client;
	e->privacy.user = s->log_user;
	e->privacy.sender = s->log_sender;
	if (key != NULL) {
		e->key = *key;
		e->privacy.hash = key_hash;
		e->privacy.hash_ctx = &e->key;
	}
	return e;
}

void
edition_release(struct edition **ep)
{
	struct edition *e = *ep;

	*ep = NULL;
	if (e == NULL || atomic_fetch_sub(&e->refs, 1) != 1)
		return;
	while (e->spare_count > 0)
		scratch_free(e->spares[--e->spare_count]);
	pthread_mutex_destroy(&e->lock);
	policy_unref(&e->policy);
	free(e);
}

int
edition_scratch(struct edition *e, struct scratch **s)
{
	*s = NULL;
	if (!policy_needs_scratch(e->policy))
		return 0;
	pthread_mutex_lock(&e->lock);
	if (e->spare_count > 0)
		*s = e->spares[--e->spare_count];
	pthread_mutex_unlock(&e->lock);
	if (*s == NULL)
		*s = policy_scratch_or_null(e->policy);
	return *s != NULL ? 0 : -1;
}

void
edition_scratch_done(struct edition *e, struct scratch *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&e->lock);
	if (e->spare_count < EDITION_SPARES) {
		e->spares[e->spare_count++] = s;
		s = NULL;
	}
	pthread_mutex_unlock(&e->lock);
	scratch_free(s);
}

void
current_replace(struct edition *e)
{
	struct edition *old;

	pthread_mutex_lock(&lock);
	old = current;
	e->generation = ++generation;
	current = e;
	pthread_mutex_unlock(&lock);
	edition_release(&old);
}

struct edition *
current_acquire(void)
{
	struct edition *e;

	pthread_mutex_lock(&lock);
	e = current;
	if (e != NULL)
		atomic_fetch_add(&e->refs, 1);
	pthread_mutex_unlock(&lock);
	return e;
}
