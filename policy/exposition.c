/*
 * exposition.c owns the text format that Prometheus reads; it may not know what
 * is counted.
 */
/* libc */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
/* this project */
#include "exposition.h"

static void
put_family(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void
exposition_counter(struct buf *out, const char *name, const char *help)
{
	put_family(out, name, "counter", help);
}

void
exposition_gauge(struct buf *out, const char *name, const char *help)
{
	put_family(out, name, "gauge", help);
}

/* The format wants UTF-8 there: what is not ASCII is shown as a mark. */
static void
put_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '"')
			buf_putc(out, '\\');
		if (*text == '\n')
			buf_puts(out, "\\n");
		else
			buf_putc(out, *text < ' ' || *text > '~' ? '?' : *text);
	}
}

void
exposition_put(struct buf *out, int64_t value, const char *name, ...)
{
	const char *label;
	char before = '{';
	va_list ap;

	buf_puts(out, name);
	va_start(ap, name);
	while ((label = va_arg(ap, const char *)) != NULL) {
		buf_printf(out, "%c%s=\"", before, label);
		put_escaped(out, va_arg(ap, const char *));
		buf_putc(out, '"');
		before = ',';
	}
	va_end(ap);
	buf_printf(out, "%s %" PRId64 "\n", before == ',' ? "}" : "", value);
}
