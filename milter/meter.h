/*
 * meter.h: the file for Prometheus, see set metrics-file.
 */
#ifndef TLSWARDEN_METER_H
#define TLSWARDEN_METER_H

#include "options.h"

#include <stdbool.h>

#define METER_SECONDS	15	/* between two writings */

void	meter_init(const struct options *);
/*
 * Write it, if the policy in force names one.  A failure is logged, and changes
 * nothing else.  Not for threads that serve: a disk may be slow.
 */
void	meter_write(void);
/* The last time: the daemon ends. */
void	meter_stop(void);

#endif
