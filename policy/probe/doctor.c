/*
 * doctor.c owns the list of what was found; it may not know how anything is
 * found, nor how it is shown.
 */
/* libc */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this folder */
#include "doctor.h"

const char *
weight_name(enum weight weight)
{
	static const char *const names[] = { "note", "warning", "fault" };

	return names[weight];
}

struct checkup_row *
checkup_add_row(struct checkup *k)
{
	struct checkup_row *row;
	size_t i;

	k->rows = mem_resize(k->rows, k->row_count + 1, sizeof(*k->rows));
	row = &k->rows[k->row_count++];
	for (i = 0; i < COLUMN_COUNT; i++)
		row->cell[i] = mem_strdup("-");
	return row;
}

void
row_put(struct checkup_row *row, enum column column, const char *text)
{
	free(row->cell[column]);
	row->cell[column] = mem_strdup(text[0] != '\0' ? text : "-");
}

struct complaint *
complain(struct checkup *k, enum weight weight, const char *id,
    const char *service, const char *fmt, ...)
{
	struct buf why = BUF_INIT;
	struct complaint *c;
	va_list ap;

	k->complaints = mem_resize(k->complaints, k->count + 1,
	    sizeof(*k->complaints));
	c = &k->complaints[k->count++];
	memset(c, 0, sizeof(*c));
	c->id = id;
	c->weight = weight;
	c->service = mem_strdup(service);
	va_start(ap, fmt);
	buf_vprintf(&why, fmt, ap);
	va_end(ap);
	c->why = buf_steal(&why);
	return c;
}

void
complaint_paste(struct complaint *c, const char *file, const char *under,
    const char *replaces, const char *lines)
{
	struct paste *p;
	struct buf b = BUF_INIT;

	c->pastes = mem_resize(c->pastes, c->count + 1, sizeof(*c->pastes));
	p = &c->pastes[c->count++];
	p->file = mem_strdup(file);
	p->under = mem_strdup(under);
	p->replaces = mem_strdup(replaces);
	buf_printf(&b, "%s\n", lines);
	p->lines = buf_steal(&b);
}

void
shell_put(struct buf *b, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";

	if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
		buf_puts(b, word);
		return;
	}
	buf_putc(b, '\'');
	for (; *word != '\0'; word++)
		if (*word == '\'')
			/* no backslash: it would be shown as \x5c */
			buf_puts(b, "'\"'\"'");
		else
			buf_putc(b, *word);
	buf_putc(b, '\'');
}

size_t
checkup_findings(const struct checkup *k)
{
	size_t i, n = 0;

	for (i = 0; i < k->count; i++)
		n += k->complaints[i].weight != WEIGHT_NOTE;
	return n;
}

static void
clear_complaint(struct complaint *c)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		free(c->pastes[i].file);
		free(c->pastes[i].under);
		free(c->pastes[i].replaces);
		free(c->pastes[i].lines);
	}
	free(c->pastes);
	free(c->service);
	free(c->why);
}

void
checkup_clear(struct checkup *k)
{
	size_t i, j;

	for (i = 0; i < k->count; i++)
		clear_complaint(&k->complaints[i]);
	for (i = 0; i < k->row_count; i++)
		for (j = 0; j < COLUMN_COUNT; j++)
			free(k->rows[i].cell[j]);
	free(k->complaints);
	free(k->rows);
	free(k->server);
	memset(k, 0, sizeof(*k));
}
