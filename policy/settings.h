/*
 * settings.h: the settings of a policy: their defaults, release, print.
 */
#ifndef TLSWARDEN_SETTINGS_H
#define TLSWARDEN_SETTINGS_H

#include "buf.h"

struct settings;

void	settings_init(struct settings *);
void	settings_clear(struct settings *);
/* A line each, but not for what stands at its default. */
void	settings_print(const struct settings *, struct buf *);

#endif
