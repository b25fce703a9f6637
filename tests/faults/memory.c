/*
 * memory.c owns the requests for memory that are refused; it may not know the
 * program that asks.
 *
 * It is linked in front of the C library, so that what libmilter, OpenSSL, PCRE2
 * and the C library itself ask for comes here, too.
 */
/* libc */
#include <sys/mman.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>
/* this test */
#include "fault.h"
#include "real.h"

#define FRAMES	12		/* of a way that count */
#define EARLY	65536		/* bytes, until the C library is found */

static struct {
	void	*(*malloc)(size_t);
	void	*(*calloc)(size_t, size_t);
	void	*(*realloc)(void *, size_t);
	void	 (*free)(void *);
	int	 (*posix_memalign)(void **, size_t, size_t);
	void	*(*mmap)(void *, size_t, int, int, int, off_t);
} next;

static _Alignas(max_align_t) unsigned char early[EARLY];
static size_t early_used;
static bool finding;
static _Thread_local bool spared;

void
fault_spare(bool yes)
{
	spared = yes;
}

/* --- the C library's own, which dlsym(3) may need to be found */

static void *
take_early(size_t size)
{
	void *p;

	size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) *
	    sizeof(max_align_t);
	if (size > EARLY - early_used)
		abort();
	p = early + early_used;
	early_used += size;
	return p;
}

static bool
is_early(const void *p)
{
	return (const unsigned char *)p >= early &&
	    (const unsigned char *)p < early + EARLY;
}

/* True when it may be used; false while it is looked for. */
static bool
found(void)
{
	if (next.mmap != NULL)
		return true;
	if (finding)
		return false;
	finding = true;
	fault_real("malloc", &next.malloc);
	fault_real("calloc", &next.calloc);
	fault_real("realloc", &next.realloc);
	fault_real("free", &next.free);
	fault_real("posix_memalign", &next.posix_memalign);
	fault_real("mmap", &next.mmap);
	return true;
}

/* --- who asks */

struct way {
	uint64_t	hash;
	unsigned int	frames;
};

static _Unwind_Reason_Code
add_frame(struct _Unwind_Context *c, void *arg)
{
	struct way *w = arg;

	w->hash = (w->hash ^ (uint64_t)_Unwind_GetIP(c)) *
	    UINT64_C(0x9e3779b97f4a7c15);
	w->hash ^= w->hash >> 29;
	return ++w->frames < FRAMES ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/* The first request for memory that came this way. */
static void
learn(struct fault_control *control, uint64_t call)
{
	struct way w = { 1, 0 };
	uint64_t empty, i, n;

	spared = true;
	_Unwind_Backtrace(add_frame, &w);
	spared = false;
	for (i = w.hash, n = 0; n < FAULT_PLACES; i++, n++) {
		empty = 0;
		if (atomic_compare_exchange_strong(
		    &control->places[i % FAULT_PLACES].way, &empty, w.hash)) {
			atomic_store(&control->places[i % FAULT_PLACES].call, call);
			return;
		}
		if (empty == w.hash)
			return;
	}
}

static bool
refused(void)
{
	struct fault_control *control;
	uint64_t call;

	if (spared || (control = fault_control()) == NULL)
		return false;
	call = atomic_fetch_add(&control->calls, 1) + 1;
	if (atomic_load(&control->learn) != 0)
		learn(control, call);
	if (call < atomic_load(&control->from) || call > atomic_load(&control->to))
		return false;
	atomic_fetch_add(&control->refused, 1);
	errno = ENOMEM;
	return true;
}

/* --- what programs call */

void *
malloc(size_t size)
{
	if (!found())
		return take_early(size);
	return refused() ? NULL : next.malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	/* all of it is zero */
	if (!found())
		return take_early(n * size);
	return refused() ? NULL : next.calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	size_t have;
	void *p;

	if (!found())
		abort();
	if (size > 0 && refused())
		return NULL;
	if (!is_early(old))
		return next.realloc(old, size);
	have = (size_t)(early + EARLY - (unsigned char *)old);
	p = next.malloc(size);
	if (p != NULL)
		memcpy(p, old, size < have ? size : have);
	return p;
}

void
free(void *p)
{
	if (p != NULL && !is_early(p) && found())
		next.free(p);
}

int
posix_memalign(void **p, size_t alignment, size_t size)
{
	return !found() || refused() ? ENOMEM :
	    next.posix_memalign(p, alignment, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	void *p = NULL;

	return posix_memalign(&p, alignment, size) == 0 ? p : NULL;
}

void *
mmap(void *where, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (!found() || ((flags & MAP_ANONYMOUS) && refused()))
		return MAP_FAILED;
	return next.mmap(where, size, protection, flags, fd, offset);
}
