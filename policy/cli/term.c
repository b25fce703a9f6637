/*
 * term.c owns colour: when there is any, and how it is written.  It may not
 * know what is coloured.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "cli.h"

static const char *const tints[] = {
	[TINT_NONE] = "",
	[TINT_GOOD] = "\033[32m",
	[TINT_BAD] = "\033[31m",
	[TINT_DIM] = "\033[2m",
	[TINT_STRONG] = "\033[1m",
};

/* https://no-color.org: any value but the empty one says no. */
bool
term_has_colour(FILE *f)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no_color != NULL && no_color[0] != '\0')
		return false;
	if (term == NULL || strcmp(term, "dumb") == 0)
		return false;
	return isatty(fileno(f)) == 1;
}

void
term_put_policy(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 0x20 && *text < 0x7f)
			buf_putc(b, *text);
		else
			buf_printf(b, "\\x%02x", (unsigned char)*text);
}

void
term_put(struct buf *b, bool colour, enum tint tint, const char *text)
{
	if (!colour || tint == TINT_NONE) {
		buf_puts(b, text);
		return;
	}
	buf_printf(b, "%s%s\033[0m", tints[tint], text);
}
