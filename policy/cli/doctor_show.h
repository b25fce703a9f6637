/*
 * doctor_show.h: what doctor found, for people and for programs.
 */
#ifndef TLSWARDEN_DOCTOR_SHOW_H
#define TLSWARDEN_DOCTOR_SHOW_H

#include "buf.h"
#include "doctor.h"

#include <stdbool.h>

void	doctor_text(const struct checkup *, bool colour, struct buf *);
void	doctor_json(const struct checkup *, struct buf *);

#endif
