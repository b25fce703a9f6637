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
	policy_unref(&e->policy);
	free(e);
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
