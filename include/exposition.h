/*
 * exposition.h: numbers as Prometheus reads them, text format 0.0.4.
 *
 * A family is one name with its help and type, then its samples, one a set of
 * labels.  Names are ours; values of labels are escaped here.
 */
#ifndef TLSWARDEN_EXPOSITION_H
#define TLSWARDEN_EXPOSITION_H

#include "buf.h"

#include <stdint.h>

void	exposition_counter(struct buf *, const char *name, const char *help);
void	exposition_gauge(struct buf *, const char *name, const char *help);
/* One sample; pairs of label and value, then NULL. */
void	exposition_put(struct buf *, int64_t value, const char *name, ...)
	    __attribute__((__sentinel__));

#endif
