/*
 * diag.c owns the list of diagnostics and how one is shown; it may not know
 * what kind of text they are about.
 */
/* libc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* this project */
#include "diag.h"
#include "mem.h"

#define KEPT_MAX	1000	/* of each level; the rest is only counted */
#define CHAIN_MAX	16	/* includes shown */
#define INDENT		"    "
#define SHOWN_MAX	100	/* columns of a line that are shown */
#define SHOWN_BEFORE	60	/* of them at most before the caret */

struct entry {
	enum diag_level	 level;
	size_t		 file;		/* order of first appearance */
	size_t		 serial;
	unsigned int	 line;
	unsigned int	 column;
	unsigned int	 width;
	char		*where;
	char		*message;
	char		*hint;
	char		*text;		/* the line; NULL: none */
	char		*chain;		/* the includes, a line each; NULL: none */
};

struct diags {
	struct entry	*entries;
	size_t		 count;
	size_t		 seen[2];	/* by level, also those not kept */
	size_t		 kept[2];
	char		**files;
	size_t		 file_count;
};

struct diags *
diags_new(void)
{
	return mem_calloc(1, sizeof(struct diags));
}

void
diags_clear(struct diags *d)
{
	size_t i;

	for (i = 0; i < d->count; i++) {
		free(d->entries[i].where);
		free(d->entries[i].message);
		free(d->entries[i].hint);
		free(d->entries[i].text);
		free(d->entries[i].chain);
	}
	for (i = 0; i < d->file_count; i++)
		free(d->files[i]);
	free(d->files);
	free(d->entries);
	memset(d, 0, sizeof(*d));
}

void
diags_free(struct diags *d)
{
	if (d != NULL)
		diags_clear(d);
	free(d);
}

static size_t
file_order(struct diags *d, const char *file)
{
	size_t i;

	for (i = 0; i < d->file_count; i++)
		if (strcmp(d->files[i], file) == 0)
			return i;
	d->files = mem_resize(d->files, d->file_count + 1, sizeof(*d->files));
	d->files[d->file_count] = mem_strdup(file);
	return d->file_count++;
}

static void
keep_place(struct diags *d, struct entry *e, const struct place *p)
{
	struct buf b = BUF_INIT;
	const struct place *from;
	int depth;

	e->file = file_order(d, p->file);
	e->line = p->line;
	e->column = p->column;
	e->width = p->width;
	buf_put_visible(&b, p->file, strlen(p->file));
	if (p->line > 0)
		buf_printf(&b, ":%u:%u", p->line, p->column);
	e->where = buf_steal(&b);
	if (p->line > 0 && p->line_text != NULL)
		e->text = mem_strndup(p->line_text, strcspn(p->line_text, "\r\n"));
	for (from = p->from, depth = 0; from != NULL && from->file != NULL &&
	    depth < CHAIN_MAX; from = from->from, depth++) {
		buf_puts(&b, INDENT "included from ");
		buf_put_visible(&b, from->file, strlen(from->file));
		buf_printf(&b, ":%u:%u\n", from->line, from->column);
	}
	e->chain = depth > 0 ? buf_steal(&b) : NULL;
}

void
diag_add(struct diags *d, enum diag_level level, const struct place *place,
    const char *hint, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	struct entry *e;
	va_list ap;

	if (d->seen[level]++ >= KEPT_MAX)
		return;
	/* most lists are short: grow in steps that double */
	if ((d->count & (d->count - 1)) == 0)
		d->entries = mem_resize(d->entries,
		    d->count > 0 ? d->count * 2 : 1, sizeof(*d->entries));
	e = &d->entries[d->count];
	memset(e, 0, sizeof(*e));
	e->level = level;
	e->serial = d->count++;
	e->file = (size_t)-1;
	d->kept[level]++;
	if (place != NULL && place->file != NULL)
		keep_place(d, e, place);
	else
		e->where = mem_strdup("");
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	e->message = buf_steal(&b);
	e->hint = hint != NULL ? mem_strdup(hint) : NULL;
}

size_t
diags_count(const struct diags *d, enum diag_level level)
{
	return d->seen[level];
}

size_t
diags_total(const struct diags *d)
{
	return d->count;
}

enum diag_level
diags_level(const struct diags *d, size_t i)
{
	return d->entries[i].level;
}

const char *
diags_where(const struct diags *d, size_t i)
{
	return d->entries[i].where;
}

const char *
diags_message(const struct diags *d, size_t i)
{
	return d->entries[i].message;
}

const char *
diags_hint(const struct diags *d, size_t i)
{
	return d->entries[i].hint;
}

static int
compare(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return (a->serial > b->serial) - (a->serial < b->serial);
}

void
diags_sort(struct diags *d)
{
	size_t i;

	if (d->count == 0)
		return;
	qsort(d->entries, d->count, sizeof(*d->entries), compare);
	for (i = 0; i < d->count; i++)
		d->entries[i].serial = i;
}

/*
 * The line without its indentation, tabs as one column, and under it a caret:
 * both are built byte by byte, since a byte that is made visible takes four
 * columns.  Of a long line only the part around the caret is shown.
 */
static void
show_line(const struct entry *e, struct buf *out, bool colour)
{
	struct buf line = BUF_INIT;
	size_t i, n, skip, left, caret = 0, end = 0;

	n = strlen(e->text);
	skip = strspn(e->text, " \t");
	for (i = skip; i < n; i++) {
		if (i + 1 == e->column)
			caret = line.len;
		if (i + 1 == (size_t)e->column + e->width)
			end = line.len;
		if (e->text[i] == '\t')
			buf_putc(&line, ' ');
		else if (e->text[i] == '\\')
			buf_putc(&line, '\\');
		else
			buf_put_visible(&line, e->text + i, 1);
	}
	if (e->column > n)
		caret = line.len;
	if (end <= caret)
		end = e->width > 1 && line.len > caret ? line.len : caret + 1;

	left = line.len > SHOWN_MAX && caret > SHOWN_BEFORE ? caret - SHOWN_BEFORE : 0;
	buf_puts(out, left > 0 ? INDENT "... " : INDENT);
	if (line.len - left > SHOWN_MAX) {
		buf_put(out, buf_str(&line) + left, SHOWN_MAX);
		buf_puts(out, " ...");
	} else
		buf_puts(out, buf_str(&line) + left);
	if (end > left + SHOWN_MAX)
		end = left + SHOWN_MAX > caret ? left + SHOWN_MAX : caret + 1;
	buf_printf(out, "\n%s%*s", left > 0 ? INDENT INDENT : INDENT,
	    (int)(caret - left), "");
	buf_puts(out, colour ? "\033[1;32m^" : "^");
	for (i = caret + 1; i < end; i++)
		buf_putc(out, '~');
	buf_puts(out, colour ? "\033[0m\n" : "\n");
	buf_free(&line);
}

/* Messages quote the policy, which may hold any UTF-8: only controls go. */
static void
put_message(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\\')
			buf_putc(out, '\\');
		else
			buf_put_visible(out, s, 1);
	}
}

static void
show(const struct entry *e, struct buf *out, bool colour)
{
	static const char *const plain[] = { "error", "warning" };
	static const char *const painted[] = {
		"\033[1;31merror\033[0m", "\033[1;35mwarning\033[0m"
	};

	if (e->where[0] != '\0') {
		buf_puts(out, e->where);
		buf_puts(out, ": ");
	}
	buf_puts(out, colour ? painted[e->level] : plain[e->level]);
	buf_puts(out, ": ");
	put_message(out, e->message);
	buf_putc(out, '\n');
	if (e->text != NULL)
		show_line(e, out, colour);
	if (e->chain != NULL)
		buf_puts(out, e->chain);
	if (e->hint != NULL) {
		buf_puts(out, INDENT "hint: ");
		put_message(out, e->hint);
		buf_putc(out, '\n');
	}
}

void
diags_print(const struct diags *d, struct buf *out, bool colour)
{
	static const char *const plural[] = { "errors", "warnings" };
	size_t i;
	int level;

	for (i = 0; i < d->count; i++)
		show(&d->entries[i], out, colour);
	for (level = DIAG_ERROR; level <= DIAG_WARNING; level++)
		if (d->seen[level] > d->kept[level])
			buf_printf(out, "and %zu more %s\n",
			    d->seen[level] - d->kept[level], plural[level]);
}
