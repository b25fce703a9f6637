/*
 * lump.h: sightings that are alike in all that there are few of, counted
 * together first.
 *
 * A log of a million lines has a few hundred combinations of day, service, TLS
 * version, cipher, outcome, rule and verdict.  Each line is one look-up among
 * those, and not one in every table that is counted by some of them; in the
 * end, or when there are too many, the lumps are counted there.
 */
#ifndef TLSWARDEN_LUMP_H
#define TLSWARDEN_LUMP_H

#include "section.h"

struct lumps;

/* Told of a lump, which stands for many sightings. */
typedef void lump_sink(void *ctx, const struct sighting *);

struct lumps	*lumps_new(lump_sink *, void *ctx);
void		 lumps_free(struct lumps *);
/* Only of messages and sessions. */
void		 lumps_add(struct lumps *, const struct sighting *);
/* Tell of all that there are. */
void		 lumps_pour(struct lumps *);

/* Do lumps know all that the section counts by? */
bool		 lumps_suffice(const struct section *);

#endif
