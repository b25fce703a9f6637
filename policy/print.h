/*
 * print.h: values as a policy writes them.
 */
#ifndef TLSWARDEN_PRINT_H
#define TLSWARDEN_PRINT_H

#include "buf.h"

#include <stdbool.h>

/* A word, or, where it must be or quoted is set, a text in quotes. */
void	print_value(struct buf *, const char *, bool quoted);

#endif
