/*
 * buf.c owns the growing string; it may not know what is written into it.
 */
/* libc */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "buf.h"
#include "mem.h"

#define FIRST_SIZE	64

void
buf_reserve(struct buf *b, size_t more)
{
	size_t need, size;

	need = more < SIZE_MAX - b->len ? b->len + more + 1 : SIZE_MAX;
	if (need <= b->size)
		return;
	size = b->size > 0 ? b->size : FIRST_SIZE;
	while (size < need)
		size = size <= SIZE_MAX / 2 ? size * 2 : need;
	b->data = mem_resize(b->data, size, 1);
	b->size = size;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	buf_reserve(b, n);
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	buf_reserve(b, 1);
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	buf_reserve(b, (size_t)n);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
buf_truncate(struct buf *b, size_t len)
{
	if (len < b->len) {
		b->len = len;
		b->data[len] = '\0';
	}
}

void
buf_clear(struct buf *b)
{
	buf_truncate(b, 0);
}

void
buf_free(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

const char *
buf_str(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

char *
buf_steal(struct buf *b)
{
	char *s;

	s = b->data != NULL ? b->data : mem_strdup("");
	memset(b, 0, sizeof(*b));
	return s;
}

void
buf_put_visible(struct buf *b, const char *s, size_t max)
{
	size_t i;

	for (i = 0; i < max && s[i] != '\0'; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c < 0x7f && c != '\\')
			buf_putc(b, (char)c);
		else
			buf_printf(b, "\\x%02x", c);
	}
}
