/*
 * mem.c owns the decision what happens when memory runs out; it may not know
 * what the memory is for.
 */
/* libc */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
/* this project */
#include "mem.h"

static mem_hook *hook;

void
mem_set_hook(mem_hook *h)
{
	hook = h;
}

void
mem_give_up(size_t size)
{
	mem_hook *h = hook;

	/* A hook that allocates must not come back here. */
	hook = NULL;
	if (h != NULL)
		h(size);
	_exit(EX_OSERR);
}

void *
mem_calloc(size_t n, size_t size)
{
	void *p;

	/* calloc checks the product; nothing asked for is still an object */
	p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);
	if (p == NULL)
		mem_give_up(n);
	return p;
}

void *
mem_resize(void *old, size_t n, size_t size)
{
	void *p;

	if (size > 0 && n > SIZE_MAX / size)
		mem_give_up(n);
	p = realloc(old, n > 0 && size > 0 ? n * size : 1);
	if (p == NULL)
		mem_give_up(n);
	return p;
}

char *
mem_strndup(const char *s, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		mem_give_up(len);
	p = mem_calloc(len + 1, 1);
	if (len > 0)
		memcpy(p, s, len);
	return p;
}

char *
mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}
