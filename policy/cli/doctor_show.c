/*
 * doctor_show.c owns how the findings of doctor are written; it may not know
 * how any was found.
 */
/* libc */
#include <string.h>
/* this project */
#include "cli.h"
#include "doctor_show.h"

#define SHOWN_MAX	4096

static const struct {
	const char	*title;
	const char	*name;		/* in JSON */
} columns[COLUMN_COUNT] = {
	[COLUMN_NAME] = { "SERVICE", "service" },
	[COLUMN_PORT] = { "PORT", "port" },
	[COLUMN_SERVICE] = { "POLICY", "policy_service" },
	[COLUMN_MILTER] = { "MILTER", "milter" },
	[COLUMN_DOWN] = { "IF DOWN", "if_down" },
	[COLUMN_AUTH] = { "AUTH", "auth" },
	[COLUMN_TLS] = { "TLS", "tls" },
	[COLUMN_FLOOR] = { "FLOOR", "floor" },
	[COLUMN_POLICY] = { "POLICY'S", "policy_floor" },
};

/* --- text */

static void
put_cell(struct buf *b, const char *text, size_t width, bool last)
{
	size_t start = b->len;

	buf_put_visible(b, text, SHOWN_MAX);
	while (!last && b->len - start < width + 2)
		buf_putc(b, ' ');
}

static void
put_table(const struct checkup *k, struct buf *b)
{
	size_t width[COLUMN_COUNT], i, j, n;

	for (j = 0; j < COLUMN_COUNT; j++) {
		width[j] = strlen(columns[j].title);
		for (i = 0; i < k->row_count; i++) {
			n = strlen(k->rows[i].cell[j]);
			if (n > width[j])
				width[j] = n;
		}
	}
	for (j = 0; j < COLUMN_COUNT; j++)
		put_cell(b, columns[j].title, width[j], j == COLUMN_COUNT - 1);
	buf_putc(b, '\n');
	for (i = 0; i < k->row_count; i++) {
		for (j = 0; j < COLUMN_COUNT; j++)
			put_cell(b, k->rows[i].cell[j], width[j],
			    j == COLUMN_COUNT - 1);
		buf_putc(b, '\n');
	}
}

/* Two columns that differ look like a finding, and are none. */
static void
put_floor_note(const struct checkup *k, struct buf *b)
{
	const char *floor, *policy;
	size_t i;

	for (i = 0; i < k->row_count; i++) {
		floor = k->rows[i].cell[COLUMN_FLOOR];
		policy = k->rows[i].cell[COLUMN_POLICY];
		/* their names sort as the versions do */
		if (strcmp(floor, "-") != 0 && strcmp(policy, "all") != 0 &&
		    strcmp(floor, policy) < 0) {
			buf_puts(b, "FLOOR below POLICY'S is as it should be: what "
			    "the mail server allows, the milter refuses\n");
			return;
		}
	}
}

/* The policy by its path; when it is built in, where it would be. */
static void
put_file(const struct checkup *k, const char *file, struct buf *b)
{
	const char *name = policy_name(k->policy);

	if (strcmp(file, "policy.conf") != 0)
		buf_put_visible(b, file, SHOWN_MAX);
	else if (strchr(name, '/') != NULL)
		buf_put_visible(b, name, SHOWN_MAX);
	else
		buf_puts(b, TLSWARDEN_POLICY " (none yet: begin with what "
		    "`tlswarden check -p' prints)");
}

static void
put_paste(const struct checkup *k, const struct paste *p, struct buf *b)
{
	const char *line = p->lines, *end;

	buf_puts(b, "    in ");
	put_file(k, p->file, b);
	if (p->under[0] != '\0') {
		buf_puts(b, ", under \"");
		buf_put_visible(b, p->under, SHOWN_MAX);
		buf_putc(b, '"');
	}
	if (p->replaces[0] != '\0') {
		buf_puts(b, ", in place of \"");
		buf_put_visible(b, p->replaces, SHOWN_MAX);
		buf_puts(b, " ...\" when it is there");
	}
	buf_puts(b, ":\n");
	/*
	 * Not indented: pasted so, a mail server or a policy would take each line
	 * for the end of the one before.
	 */
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		buf_put_visible(b, line, (size_t)(end - line));
		buf_putc(b, '\n');
	}
}

static void
put_complaint(const struct checkup *k, const struct complaint *c, bool colour,
    struct buf *b)
{
	size_t i;

	buf_putc(b, '\n');
	term_put(b, colour, c->weight == WEIGHT_NOTE ? TINT_DIM :
	    c->weight == WEIGHT_FAULT ? TINT_BAD : TINT_STRONG,
	    weight_name(c->weight));
	buf_printf(b, " %s", c->id);
	if (c->service[0] != '\0') {
		buf_putc(b, ' ');
		buf_put_visible(b, c->service, SHOWN_MAX);
	}
	buf_puts(b, ": ");
	buf_put_visible(b, c->why, SHOWN_MAX);
	buf_putc(b, '\n');
	for (i = 0; i < c->count; i++)
		put_paste(k, &c->pastes[i], b);
}

void
doctor_text(const struct checkup *k, bool colour, struct buf *b)
{
	size_t i, n = checkup_findings(k);

	buf_put_visible(b, k->server, SHOWN_MAX);
	buf_puts(b, "; policy ");
	buf_put_visible(b, policy_name(k->policy), SHOWN_MAX);
	buf_puts(b, "; socket ");
	buf_put_visible(b, k->socket, SHOWN_MAX);
	buf_puts(b, "\n\n");
	put_table(k, b);
	put_floor_note(k, b);
	for (i = 0; i < k->count; i++)
		put_complaint(k, &k->complaints[i], colour, b);
	if (n == 0)
		buf_puts(b, "\nno findings\n");
	else
		buf_printf(b, "\n%zu finding%s\n", n, n == 1 ? "" : "s");
}

/* --- JSON, RFC 8259 */

static void
put_string(struct buf *b, const char *text)
{
	const unsigned char *p;

	buf_putc(b, '"');
	for (p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_printf(b, "\\%c", *p);
		else if (*p < ' ' || *p > '~')
			/* bytes of unknown encoding: as Latin-1 */
			buf_printf(b, "\\u%04x", *p);
		else
			buf_putc(b, (char)*p);
	}
	buf_putc(b, '"');
}

static void
put_member(struct buf *b, const char *name, const char *value, bool first)
{
	buf_printf(b, "%s\"%s\":", first ? "" : ",", name);
	put_string(b, value);
}

static void
put_json_complaint(const struct complaint *c, struct buf *b)
{
	size_t i;

	buf_putc(b, '{');
	put_member(b, "id", c->id, true);
	put_member(b, "severity", weight_name(c->weight), false);
	put_member(b, "service", c->service, false);
	put_member(b, "why", c->why, false);
	buf_puts(b, ",\"paste\":[");
	for (i = 0; i < c->count; i++) {
		buf_puts(b, i > 0 ? ",{" : "{");
		put_member(b, "file", c->pastes[i].file, true);
		put_member(b, "under", c->pastes[i].under, false);
		put_member(b, "replaces", c->pastes[i].replaces, false);
		put_member(b, "lines", c->pastes[i].lines, false);
		buf_putc(b, '}');
	}
	buf_puts(b, "]}");
}

void
doctor_json(const struct checkup *k, struct buf *b)
{
	size_t i, j;

	buf_puts(b, "{\"v\":1,");
	put_member(b, "server", k->server, true);
	put_member(b, "policy", policy_name(k->policy), false);
	put_member(b, "socket", k->socket, false);
	buf_puts(b, ",\"services\":[");
	for (i = 0; i < k->row_count; i++) {
		buf_puts(b, i > 0 ? ",{" : "{");
		for (j = 0; j < COLUMN_COUNT; j++)
			put_member(b, columns[j].name, k->rows[i].cell[j], j == 0);
		buf_putc(b, '}');
	}
	buf_puts(b, "],\"findings\":[");
	for (i = 0; i < k->count; i++) {
		if (i > 0)
			buf_putc(b, ',');
		put_json_complaint(&k->complaints[i], b);
	}
	buf_puts(b, "]}\n");
}
