/*
 * milter_list.c owns the grammar of Postfix's lists of milters; it may not
 * know what a milter's settings mean.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "mem.h"
/* this folder */
#include "milter_list.h"

#define SEPARATORS	", \t\r\n"
#define ITEMS_MAX	100

/* A word or something in balanced braces, with them; 0: no more. */
static size_t
next(const char **at)
{
	unsigned int depth = 0;
	size_t n = 0;

	*at += strspn(*at, SEPARATORS);
	if (**at != '{')
		return strcspn(*at, SEPARATORS);
	do {
		depth += (*at)[n] == '{';
		depth -= (*at)[n] == '}';
		n++;
	} while ((*at)[n] != '\0' && depth > 0);
	return n;
}

/* name=value, or { name = value }; what is neither sets nothing. */
static void
parse_setting(struct params *p, const char *text, size_t len)
{
	const char *mark, *value, *end = text + len;
	size_t name_len;

	if (len >= 2 && *text == '{') {
		text++;
		end -= end[-1] == '}';
	}
	mark = memchr(text, '=', (size_t)(end - text));
	if (mark == NULL)
		return;
	text += strspn(text, SEPARATORS);
	name_len = strcspn(text, SEPARATORS "=");
	if (text + name_len + strspn(text + name_len, SEPARATORS) != mark)
		return;
	value = mark + 1;
	while (value < end && strchr(SEPARATORS, *value) != NULL)
		value++;
	while (end > value && strchr(SEPARATORS, end[-1]) != NULL)
		end--;
	params_set(p, text, name_len, value, (size_t)(end - value));
}

static void
parse_item(struct milter_item *m, const char *text, size_t len)
{
	char *inside;
	const char *at;
	size_t n;

	memset(m, 0, sizeof(*m));
	m->braces = *text == '{';
	if (!m->braces) {
		m->address = mem_strndup(text, len);
		return;
	}
	inside = mem_strndup(text + 1, len - 1 - (text[len - 1] == '}'));
	at = inside;
	n = next(&at);
	m->address = mem_strndup(at, n);
	for (at += n; (n = next(&at)) > 0; at += n)
		parse_setting(&m->settings, at, n);
	free(inside);
}

void
milter_list_parse(struct milter_list *l, const char *text)
{
	size_t n;

	l->all = NULL;
	l->count = 0;
	for (; (n = next(&text)) > 0 && l->count < ITEMS_MAX; text += n) {
		l->all = mem_resize(l->all, l->count + 1, sizeof(*l->all));
		parse_item(&l->all[l->count++], text, n);
	}
}

void
milter_list_clear(struct milter_list *l)
{
	while (l->count > 0)
		milter_list_remove(l, l->count - 1);
	free(l->all);
	l->all = NULL;
}

void
milter_list_insert(struct milter_list *l, size_t at, const char *address)
{
	l->all = mem_resize(l->all, l->count + 1, sizeof(*l->all));
	memmove(&l->all[at + 1], &l->all[at], (l->count - at) * sizeof(*l->all));
	l->count++;
	memset(&l->all[at], 0, sizeof(l->all[at]));
	l->all[at].address = mem_strdup(address);
}

void
milter_list_remove(struct milter_list *l, size_t at)
{
	free(l->all[at].address);
	params_clear(&l->all[at].settings);
	l->count--;
	memmove(&l->all[at], &l->all[at + 1], (l->count - at) * sizeof(*l->all));
}

/* A setting that was overruled is left out: the last of a name counts. */
void
milter_list_put(const struct milter_list *l, struct buf *b)
{
	const struct milter_item *m;
	const struct param *p;
	size_t i, j;

	for (i = 0; i < l->count; i++) {
		m = &l->all[i];
		if (i > 0)
			buf_puts(b, ", ");
		if (!m->braces && m->settings.count == 0) {
			buf_puts(b, m->address);
			continue;
		}
		buf_printf(b, "{ %s", m->address);
		for (j = 0; j < m->settings.count; j++) {
			p = &m->settings.all[j];
			if (params_get(&m->settings, p->name) != p->value)
				continue;
			if (strpbrk(p->value, SEPARATORS) != NULL)
				buf_printf(b, ", { %s = %s }", p->name, p->value);
			else
				buf_printf(b, ", %s=%s", p->name, p->value);
		}
		buf_puts(b, " }");
	}
}
