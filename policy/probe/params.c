/*
 * params.c owns lists of names and values; it may not know what any of them
 * means.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this folder */
#include "params.h"

void
params_set(struct params *p, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	if (p->count >= PARAMS_MAX)
		return;
	if (p->count % 64 == 0)
		p->all = mem_resize(p->all, p->count + 64, sizeof(*p->all));
	p->all[p->count].name = mem_strndup(name, name_len);
	p->all[p->count++].value = mem_strndup(value, value_len);
}

const char *
params_get(const struct params *p, const char *name)
{
	size_t i;

	for (i = p->count; i > 0; i--)
		if (strcmp(p->all[i - 1].name, name) == 0)
			return p->all[i - 1].value;
	return NULL;
}

void
params_clear(struct params *p)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		free(p->all[i].name);
		free(p->all[i].value);
	}
	free(p->all);
	p->all = NULL;
	p->count = 0;
}
