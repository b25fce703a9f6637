/*
 * alarm.c owns the table of alarms; it may not know what they are about, nor
 * how they are logged.
 */
/* libc */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this program */
#include "alarm.h"

#define ALARMS_MAX	4096
#define BUCKETS		1024		/* a power of two */

struct alarm {
	struct alarm	*chain;		/* next of the bucket */
	struct alarm	*older;		/* by when it was last raised */
	struct alarm	*newer;
	uint32_t	 hash;
	uint32_t	 day;		/* last logged */
	uint64_t	 count;
	time_t		 since;
	char		*kind;
	char		*user;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct alarm *buckets[BUCKETS];
static struct alarm *oldest;
static struct alarm *newest;
static size_t alarms;

/* FNV-1a: only users who logged in get here, and the table is small. */
static uint32_t
hash_text(uint32_t h, const char *s)
{
	do {
		h ^= (unsigned char)*s;
		h *= 16777619u;
	} while (*s++ != '\0');
	return h;
}

static struct alarm *
find(uint32_t hash, const char *kind, const char *user)
{
	struct alarm *a;

	for (a = buckets[hash % BUCKETS]; a != NULL; a = a->chain)
		if (a->hash == hash && strcmp(a->kind, kind) == 0 &&
		    strcmp(a->user, user) == 0)
			return a;
	return NULL;
}

/* --- the order of age */

static void
age_append(struct alarm *a)
{
	a->older = newest;
	a->newer = NULL;
	if (newest != NULL)
		newest->newer = a;
	else
		oldest = a;
	newest = a;
}

static void
age_remove(struct alarm *a)
{
	if (a->older != NULL)
		a->older->newer = a->newer;
	else
		oldest = a->newer;
	if (a->newer != NULL)
		a->newer->older = a->older;
	else
		newest = a->older;
}

static void
forget_oldest(void)
{
	struct alarm *a = oldest, **p;

	age_remove(a);
	p = &buckets[a->hash % BUCKETS];
	while (*p != a)
		p = &(*p)->chain;
	*p = a->chain;
	free(a->kind);
	free(a->user);
	free(a);
	alarms--;
}

static struct alarm *
add(uint32_t hash, const char *kind, const char *user)
{
	struct alarm *a;

	if (alarms >= ALARMS_MAX)
		forget_oldest();
	a = mem_calloc(1, sizeof(*a));
	a->hash = hash;
	a->kind = mem_strdup(kind);
	a->user = mem_strdup(user);
	a->since = time(NULL);
	a->chain = buckets[hash % BUCKETS];
	buckets[hash % BUCKETS] = a;
	age_append(a);
	alarms++;
	return a;
}

bool
alarm_raise(const char *kind, const char *user, uint32_t today,
    struct alarm_note *note)
{
	struct alarm *a;
	uint32_t hash;
	bool first;

	hash = hash_text(hash_text(2166136261u, kind), user);
	pthread_mutex_lock(&lock);
	a = find(hash, kind, user);
	if (a == NULL)
		a = add(hash, kind, user);
	age_remove(a);
	age_append(a);
	a->count++;
	first = a->day != today;
	a->day = today;
	note->count = a->count;
	note->since = a->since;
	pthread_mutex_unlock(&lock);
	return first;
}
