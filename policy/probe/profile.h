/*
 * profile.h: what a guideline asks for, beyond what no server should do.
 */
#ifndef TLSWARDEN_PROFILE_H
#define TLSWARDEN_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile {
	const char	*name;
	const char	*source;	/* the guideline and its edition */
	uint16_t	 lowest;	/* version; 0: not asked for */
	const uint16_t	*suites;	/* of TLS 1.2 and 1.3, ends with 0; NULL: any */
	const uint16_t	*groups;	/* ends with 0; NULL: any */
	unsigned int	 key_strength;	/* of the certificate, in bits */
	const char	*key;		/* its only type; NULL: any */
	unsigned int	 dh_bits;	/* of a prime; 0: not asked for */
};

/* NULL: there is none of that name. */
const struct profile	*profile_find(const char *);
/* The first when i is 0; NULL behind the last. */
const struct profile	*profile_get(size_t i);
/* May it be, by the profile's list? */
bool			 profile_lists(const uint16_t *list, uint16_t);

#endif
