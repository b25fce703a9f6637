/*
 * ring.c owns the room in which things wait; it may not know what they are.
 */
/* libc */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
/* this project */
#include "mem.h"
#include "ring.h"

/* Stands before each; no size means that the next one is at the start. */
struct head {
	size_t	size;
};

#define ALIGN(n)	(((n) + _Alignof(max_align_t) - 1) & \
	~(_Alignof(max_align_t) - 1))
#define HEAD		ALIGN(sizeof(struct head))

void
ring_init(struct ring *r, size_t size)
{
	r->size = ALIGN(size);
	r->room = mem_calloc(1, r->size);
	r->first = r->next = r->count = 0;
}

void
ring_free(struct ring *r)
{
	free(r->room);
}

static struct head *
head_at(const struct ring *r, size_t at)
{
	return (struct head *)(void *)(r->room + at);
}

void *
ring_put(struct ring *r, size_t size)
{
	size_t need = HEAD + ALIGN(size);
	struct head *h;

	assert(need <= r->size);
	if (r->count == 0)
		r->first = r->next = 0;
	if (r->count > 0 && r->next <= r->first) {
		if (r->first - r->next < need)
			return NULL;
	} else if (r->size - r->next < need) {
		if (r->first < need)
			return NULL;
		if (r->next < r->size)
			head_at(r, r->next)->size = 0;
		r->next = 0;
	}
	h = head_at(r, r->next);
	h->size = need;
	r->next += need;
	r->count++;
	return (char *)h + HEAD;
}

static void
skip_mark(struct ring *r)
{
	if (r->first == r->size || head_at(r, r->first)->size == 0)
		r->first = 0;
}

void *
ring_oldest(struct ring *r)
{
	if (r->count == 0)
		return NULL;
	skip_mark(r);
	return r->room + r->first + HEAD;
}

void
ring_drop(struct ring *r)
{
	assert(r->count > 0);
	skip_mark(r);
	r->first += head_at(r, r->first)->size;
	r->count--;
}
