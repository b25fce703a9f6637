/*
 * siphash.h: SipHash-2-4 (Aumasson, Bernstein, 2012), a keyed hash of 64 bits.
 */
#ifndef TLSWARDEN_SIPHASH_H
#define TLSWARDEN_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t	siphash(const uint8_t key[16], const void *, size_t);

#endif
