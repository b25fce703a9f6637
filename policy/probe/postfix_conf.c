/*
 * postfix_conf.c owns the grammar of main.cf and master.cf; it may not know
 * where the text is from, nor what a parameter means.
 */
/* libc */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "mem.h"
/* this folder */
#include "postfix_conf.h"

#define BLANKS	" \t\r\n"

/* --- lines: what begins with white space continues the line before it */

/* The next logical line, its pieces joined by blanks; false at the end. */
static bool
next_line(const char **at, const char *end, struct buf *line)
{
	const char *p = *at, *stop, *text;

	buf_clear(line);
	while (p < end) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		for (text = p; text < stop && isspace((unsigned char)*text); text++)
			;
		/* comments and empty lines do not end a logical line */
		if (text < stop && *text != '#') {
			if (text == p && line->len > 0)
				break;
			if (line->len > 0)
				buf_putc(line, ' ');
			buf_put(line, text, (size_t)(stop - text));
		}
		p = stop < end ? stop + 1 : end;
	}
	*at = p;
	while (line->len > 0 && strchr(BLANKS, line->data[line->len - 1]) != NULL)
		buf_truncate(line, line->len - 1);
	return line->len > 0;
}

/* "name = value" */
static void
set_assignment(struct params *p, const char *text, size_t len)
{
	const char *end = text + len, *mark, *name_end, *value;

	mark = memchr(text, '=', len);
	if (mark == NULL)
		return;
	while (text < mark && isspace((unsigned char)*text))
		text++;
	for (name_end = mark; name_end > text &&
	    isspace((unsigned char)name_end[-1]); name_end--)
		;
	for (value = mark + 1; value < end && isspace((unsigned char)*value); value++)
		;
	while (end > value && isspace((unsigned char)end[-1]))
		end--;
	if (name_end > text)
		params_set(p, text, (size_t)(name_end - text), value,
		    (size_t)(end - value));
}

void
postfix_parse_main(struct params *p, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct buf line = BUF_INIT;

	/* a NUL would end every string of ours early */
	while (next_line(&at, end, &line))
		if (memchr(line.data, '\0', line.len) == NULL)
			set_assignment(p, line.data, line.len);
	buf_free(&line);
}

/* --- master.cf */

/* A word, or what stands in balanced braces, without them. */
static bool
next_word(const char **at, const char **word, size_t *len)
{
	const char *p = *at + strspn(*at, BLANKS);
	unsigned int depth = 0;

	if (*p == '\0')
		return false;
	*word = p;
	if (*p != '{') {
		*len = strcspn(p, BLANKS);
		*at = p + *len;
		return true;
	}
	do {
		depth += *p == '{';
		depth -= *p == '}';
		p++;
	} while (*p != '\0' && depth > 0);
	*at = p;
	(*word)++;
	*len = (size_t)(p - *word) - (depth == 0);
	return true;
}

/* The arguments of the daemon: -o name=value, -oname=value, -o { name = value } */
static void
parse_options(struct postfix_service *s, const char *at)
{
	const char *word;
	size_t len;

	while (next_word(&at, &word, &len)) {
		if (len < 2 || strncmp(word, "-o", 2) != 0)
			continue;
		if (len > 2) {
			set_assignment(&s->overrides, word + 2, len - 2);
			continue;
		}
		if (!next_word(&at, &word, &len))
			break;
		set_assignment(&s->overrides, word, len);
	}
}

/* service type private unpriv chroot wakeup maxproc command */
enum column { NAME, TYPE, PRIVATE, UNPRIV, CHROOT, WAKEUP, MAXPROC, COMMAND, COLUMNS };

static void
parse_entry(struct postfix_conf *c, const char *line)
{
	const char *at = line, *word[COLUMNS];
	struct postfix_service *s;
	struct buf heading = BUF_INIT;
	size_t i, len[COLUMNS];

	for (i = 0; i < COLUMNS; i++)
		if (!next_word(&at, &word[i], &len[i]))
			return;
	if (c->count % 16 == 0)
		c->services = mem_resize(c->services, c->count + 16,
		    sizeof(*c->services));
	s = &c->services[c->count++];
	memset(s, 0, sizeof(*s));
	for (i = 0; i < COLUMNS; i++) {
		if (i > 0)
			buf_putc(&heading, ' ');
		buf_put(&heading, word[i], len[i]);
	}
	s->heading = buf_steal(&heading);
	s->name = mem_strndup(word[NAME], len[NAME]);
	s->type = mem_strndup(word[TYPE], len[TYPE]);
	s->command = mem_strndup(word[COMMAND], len[COMMAND]);
	/* "-" is yes up to compatibility level 0; Debian says y or n. */
	s->chroot = len[CHROOT] == 1 && *word[CHROOT] == 'y';
	if (len[CHROOT] == 1 && *word[CHROOT] == '-') {
		struct buf b = BUF_INIT;

		s->chroot = strtol(postfix_get(c, NULL, "compatibility_level", &b),
		    NULL, 10) < 1;
		buf_free(&b);
	}
	parse_options(s, at);
}

void
postfix_parse_master(struct postfix_conf *c, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct buf line = BUF_INIT;

	while (c->count < POSTFIX_SERVICES_MAX && next_line(&at, end, &line))
		if (memchr(line.data, '\0', line.len) == NULL)
			parse_entry(c, line.data);
	buf_free(&line);
}

const struct postfix_service *
postfix_service_find(const struct postfix_conf *c, const char *name,
    const char *type)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->services[i].name, name) == 0 &&
		    strcmp(c->services[i].type, type) == 0)
			return &c->services[i];
	return NULL;
}

/* --- values */

const char *
postfix_raw(const struct postfix_conf *c, const struct postfix_service *s,
    const char *name)
{
	const char *value = NULL;

	if (s != NULL)
		value = params_get(&s->overrides, name);
	return value != NULL ? value : params_get(&c->main, name);
}

bool
postfix_is(const struct postfix_conf *c, const struct postfix_service *s,
    const char *name, const char *value)
{
	struct buf b = BUF_INIT;
	bool is;

	is = strcasecmp(postfix_get(c, s, name, &b), value) == 0;
	buf_free(&b);
	return is;
}

void
postfix_conf_clear(struct postfix_conf *c)
{
	struct postfix_service *s;
	size_t i;

	for (i = 0; i < c->count; i++) {
		s = &c->services[i];
		free(s->name);
		free(s->type);
		free(s->command);
		free(s->heading);
		params_clear(&s->overrides);
	}
	free(c->services);
	free(c->directory);
	params_clear(&c->defaults);
	params_clear(&c->main);
	memset(c, 0, sizeof(*c));
}
