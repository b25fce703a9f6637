/*
 * ending.c owns the moment from which no session is put on record any more; it
 * may not know what a record is.
 */
/* libc */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>
/* this program */
#include "ending.h"

static pthread_rwlock_t recording = PTHREAD_RWLOCK_INITIALIZER;
static atomic_bool ended;

void
ending_begin_record(void)
{
	/* Readers may go before a writer who waits: without this, for ever. */
	while (atomic_load(&ended))
		pause();
	pthread_rwlock_rdlock(&recording);
}

void
ending_end_record(void)
{
	pthread_rwlock_unlock(&recording);
}

void
ending_now(void)
{
	atomic_store(&ended, true);
	pthread_rwlock_wrlock(&recording);
}
