/*
 * field.h: what the writer, the reader and the facts of a record share.
 */
#ifndef TLSWARDEN_FIELD_H
#define TLSWARDEN_FIELD_H

#include "record.h"

/* Stands at the end of a value that is not whole; no client can write it. */
#define FIELD_CUT	"\\..."
#define FIELD_CUT_LEN	4

/*
 * Add a field with a copy of the value; all flags are false.  NULL when the
 * record is full.  The pointer is good until the next field is added.
 */
struct field	*field_add(struct record *, const char *name,
		    const char *value, size_t len);
/* Is it written as a JSON number? */
bool		 field_is_number(const char *name);

#endif
