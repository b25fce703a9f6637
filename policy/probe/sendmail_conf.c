/*
 * sendmail_conf.c owns the grammar of the lines of a sendmail.cf that we ask
 * about; it may not know what they mean.
 */
/* libc */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "mem.h"
/* this folder */
#include "sendmail_conf.h"
#include "text_file.h"

#define FILE_MAX	(4 * 1024 * 1024)
#define FILTERS_MAX	100
#define BLANKS		" \t"

const char *
sendmail_cf_path(void)
{
	static const char *const places[] = { "/etc/mail/sendmail.cf",
	    "/etc/sendmail.cf" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* "S=unix:/x, F=T, T=C:1m;S:1s": a key counts by its first letter. */
static void
parse_keys(struct params *p, const char *at)
{
	size_t n, key;
	char letter;

	for (; *(at += strspn(at, ", \t")) != '\0'; at += n) {
		n = strcspn(at, ",");
		key = strcspn(at, "=,");
		if (at[key] != '=')
			continue;
		letter = (char)toupper((unsigned char)at[0]);
		key++;
		while (key < n && strchr(BLANKS, at[key]) != NULL)
			key++;
		params_set(p, &letter, 1, at + key, n - key);
	}
}

static void
parse_daemon(struct sendmail_conf *c, const char *text, size_t len)
{
	struct sendmail_daemon *d;

	if (c->daemon_count >= SENDMAIL_DAEMONS_MAX)
		return;
	c->daemons = mem_resize(c->daemons, c->daemon_count + 1,
	    sizeof(*c->daemons));
	d = &c->daemons[c->daemon_count++];
	memset(d, 0, sizeof(*d));
	d->text = mem_strndup(text, len);
	parse_keys(&d->keys, d->text);
}

/* O Name=value; a letter alone is the old form, which nobody writes. */
static void
parse_option(struct sendmail_conf *c, const char *line, size_t len)
{
	const char *end = line + len, *mark;
	char *name;
	size_t n, i;

	line += strspn(line, BLANKS);
	mark = memchr(line, '=', (size_t)(end - line));
	if (mark == NULL)
		return;
	n = (size_t)(mark - line);
	while (n > 0 && strchr(BLANKS, line[n - 1]) != NULL)
		n--;
	for (mark++; mark < end && strchr(BLANKS, *mark) != NULL; mark++)
		;
	name = mem_strndup(line, n);
	for (i = 0; i < n; i++)
		name[i] = (char)tolower((unsigned char)name[i]);
	if (strcmp(name, "daemonportoptions") == 0)
		parse_daemon(c, mark, (size_t)(end - mark));
	else
		params_set(&c->options, name, n, mark, (size_t)(end - mark));
	free(name);
}

static void
parse_filter(struct sendmail_conf *c, const char *line, size_t len)
{
	struct sendmail_filter *f;
	size_t n = strcspn(line, ", \t\n");

	if (n >= len || c->filter_count >= FILTERS_MAX)
		return;
	c->filters = mem_resize(c->filters, c->filter_count + 1,
	    sizeof(*c->filters));
	f = &c->filters[c->filter_count++];
	memset(f, 0, sizeof(*f));
	f->name = mem_strndup(line, n);
	f->text = mem_strndup(line + n, len - n);
	parse_keys(&f->keys, f->text);
}

static void
parse(struct sendmail_conf *c, struct buf *text)
{
	char *line = text->data, *stop, *p;
	size_t len;

	for (; line != NULL && *line != '\0'; line = stop) {
		stop = strchr(line, '\n');
		/* what begins with white space continues the line before it */
		while (stop != NULL && (stop[1] == ' ' || stop[1] == '\t')) {
			stop[0] = stop[1] = ' ';
			stop = strchr(stop, '\n');
		}
		len = stop != NULL ? (size_t)(stop - line) : strlen(line);
		for (p = line; p < line + len; p++)
			if (*p == '\r')
				*p = ' ';
		while (len > 0 && strchr(BLANKS, line[len - 1]) != NULL)
			len--;
		if (line[0] == 'O' && len > 1)
			parse_option(c, line + 1, len - 1);
		else if (line[0] == 'X' && len > 1)
			parse_filter(c, line + 1, len - 1);
		if (stop != NULL)
			stop++;
	}
}

int
sendmail_read(struct sendmail_conf *c, const char *path, struct buf *why)
{
	struct buf text = BUF_INIT, mc = BUF_INIT;
	size_t n = strlen(path);
	int result;

	result = text_file_read(path, FILE_MAX, &text, why);
	if (result == 0) {
		c->path = mem_strdup(path);
		if (n > 3 && strcmp(path + n - 3, ".cf") == 0) {
			buf_put(&mc, path, n - 2);
			buf_puts(&mc, "mc");
			c->has_mc = access(buf_str(&mc), F_OK) == 0;
		}
		parse(c, &text);
	}
	buf_free(&text);
	buf_free(&mc);
	return result;
}

const char *
sendmail_option(const struct sendmail_conf *c, const char *name)
{
	const char *value = params_get(&c->options, name);

	return value != NULL ? value : "";
}

const struct sendmail_filter *
sendmail_filter_find(const struct sendmail_conf *c, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < c->filter_count; i++)
		if (strlen(c->filters[i].name) == len &&
		    strncmp(c->filters[i].name, name, len) == 0)
			return &c->filters[i];
	return NULL;
}

void
sendmail_conf_clear(struct sendmail_conf *c)
{
	size_t i;

	for (i = 0; i < c->daemon_count; i++) {
		free(c->daemons[i].text);
		params_clear(&c->daemons[i].keys);
	}
	for (i = 0; i < c->filter_count; i++) {
		free(c->filters[i].name);
		free(c->filters[i].text);
		params_clear(&c->filters[i].keys);
	}
	free(c->daemons);
	free(c->filters);
	free(c->path);
	params_clear(&c->options);
	memset(c, 0, sizeof(*c));
}
