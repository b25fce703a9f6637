/*
 * replay_sections.h: the tables of a replay.
 */
#ifndef TLSWARDEN_REPLAY_SECTIONS_H
#define TLSWARDEN_REPLAY_SECTIONS_H

#include "section.h"

extern const struct section replay_sections[];
extern const size_t replay_section_count;

#endif
