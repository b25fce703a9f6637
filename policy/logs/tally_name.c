/*
 * tally_name.c owns how names are made of parts and put in order; it may not
 * know the table that they are in.
 */
/* libc */
#include <string.h>
/* this directory */
#include "tally.h"

void
name_part(struct name *k, struct slice s)
{
	size_t len = s.len < NAME_PART_MAX ? s.len : NAME_PART_MAX;

	if (k->len + 2 + len > NAME_BYTES)
		len = 0;
	if (k->len + 2 > NAME_BYTES)
		return;
	k->bytes[k->len++] = (char)(len >> 8);
	k->bytes[k->len++] = (char)(len & 0xff);
	if (len > 0)
		memcpy(k->bytes + k->len, s.p, len);
	k->len += len;
}

struct slice
tally_part(const struct tally_row *row, size_t i)
{
	const unsigned char *p = (const unsigned char *)row->key;
	size_t at = 0, len;

	while (at + 2 <= row->key_len) {
		len = (size_t)p[at] << 8 | p[at + 1];
		if (i-- == 0)
			return (struct slice){ row->key + at + 2, len };
		at += 2 + len;
	}
	return SLICE_NULL;
}

int
order_names(const struct tally_row *a, const struct tally_row *b)
{
	struct slice x, y;
	size_t i;
	int c;

	for (i = 0;; i++) {
		x = tally_part(a, i);
		y = tally_part(b, i);
		if (x.p == NULL || y.p == NULL)
			return (x.p != NULL) - (y.p != NULL);
		c = memcmp(x.p, y.p, x.len < y.len ? x.len : y.len);
		if (c == 0 && x.len != y.len)
			c = x.len < y.len ? -1 : 1;
		if (c != 0)
			return c;
	}
}
