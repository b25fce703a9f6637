/*
 * tally_name.c owns how names are made of parts and put in order; it may not
 * know the table that they are in.
 */
/* libc */
#include <string.h>
/* this directory */
#include "tally.h"

/*
 * Most parts are short, and there are many of them: eight bytes at a time, of
 * which the last may overlap.
 */
static inline void
copy_part(char *to, const char *from, size_t len)
{
	uint64_t eight;
	uint32_t four;
	size_t i;

	if (len >= 8) {
		for (i = 0; i + 8 <= len; i += 8) {
			memcpy(&eight, from + i, 8);
			memcpy(to + i, &eight, 8);
		}
		memcpy(&eight, from + len - 8, 8);
		memcpy(to + len - 8, &eight, 8);
	} else if (len >= 4) {
		memcpy(&four, from, 4);
		memcpy(to, &four, 4);
		memcpy(&four, from + len - 4, 4);
		memcpy(to + len - 4, &four, 4);
	} else {
		for (i = 0; i < len; i++)
			to[i] = from[i];
	}
}

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
	copy_part(k->bytes + k->len, s.p, len);
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
