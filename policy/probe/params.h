/*
 * params.h: names and values, in the order they were set; the last one counts.
 */
#ifndef TLSWARDEN_PARAMS_H
#define TLSWARDEN_PARAMS_H

#include <stddef.h>
#include <stdint.h>

struct param {
	char	*name;
	char	*value;
};

/* All zero is empty. */
struct params {
	struct param	*all;
	size_t		 count;
	uint16_t	*names;		/* one place in all[] a name, by name */
	size_t		 name_count;
};

#define PARAMS_MAX	10000		/* more are left out */

void		 params_set(struct params *, const char *name, size_t name_len,
		    const char *value, size_t value_len);
/* NULL when it is not set. */
const char	*params_get(const struct params *, const char *name);
void		 params_clear(struct params *);

#endif
