/*
 * params.c owns lists of names and values; it may not know what any of them
 * means.
 */
/* libc */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this folder */
#include "params.h"

/* Where the name stands in names[], or would. */
static size_t
find(const struct params *p, const char *name, bool *there)
{
	size_t low = 0, high = p->name_count, middle;
	int order;

	*there = false;
	while (low < high && !*there) {
		middle = low + (high - low) / 2;
		order = strcmp(p->all[p->names[middle]].name, name);
		*there = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

void
params_set(struct params *p, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	struct param *new;
	size_t at;
	bool there;

	if (p->count >= PARAMS_MAX)
		return;
	if (p->count % 64 == 0) {
		p->all = mem_resize(p->all, p->count + 64, sizeof(*p->all));
		p->names = mem_resize(p->names, p->count + 64, sizeof(*p->names));
	}
	new = &p->all[p->count];
	new->name = mem_strndup(name, name_len);
	new->value = mem_strndup(value, value_len);
	at = find(p, new->name, &there);
	if (!there)
		memmove(&p->names[at + 1], &p->names[at],
		    (p->name_count++ - at) * sizeof(*p->names));
	p->names[at] = (uint16_t)p->count++;
}

const char *
params_get(const struct params *p, const char *name)
{
	bool there;
	size_t at = find(p, name, &there);

	return there ? p->all[p->names[at]].value : NULL;
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
	free(p->names);
	memset(p, 0, sizeof(*p));
}
