/*
 * xtext.c owns the reading of xtext; it may not know whose it is.
 */
/* this project */
#include "xtext.h"

/* The value of an upper-case hexadecimal digit, or -1. */
static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that an encoded one stands for, or -1. */
static int
encoded(const char *text, size_t len)
{
	int high, low;

	if (len < 3 || text[0] != '+')
		return -1;
	high = digit(text[1]);
	low = digit(text[2]);
	if (high < 2 || low < 0 || (high == 7 && low == 15))
		return -1;
	return high * 16 + low;
}

void
xtext_decode(struct buf *b, const char *text, size_t len, size_t max)
{
	size_t i, n;
	int c;

	for (i = n = 0; i < len && n <= max; i++, n++) {
		c = encoded(text + i, len - i);
		if (c >= 0)
			i += 2;
		buf_putc(b, c >= 0 ? (char)c : text[i]);
	}
}
