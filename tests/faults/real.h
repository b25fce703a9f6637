/*
 * real.h: how the faults share their orders, and find what they stand before.
 */
#ifndef TLSWARDEN_REAL_H
#define TLSWARDEN_REAL_H

#include "fault.h"

#include <stdbool.h>

/* NULL when nobody orders faults. */
struct fault_control	*fault_control(void);
/* Put the function of this name that comes next where the pointer is. */
void			 fault_real(const char *name, void *function);
/* Of this thread, requests for memory are granted and not counted. */
void			 fault_spare(bool);

#endif
