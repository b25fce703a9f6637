/*
 * explain_record.c owns the way from a line of the log to the facts of a
 * session; it may not know what is made of them.
 */
/* libc */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* this project */
#include "attr.h"
#include "cli.h"
#include "explain.h"
#include "mem.h"
#include "record.h"
/* policy/logs */
#include "reader.h"

#define SAID_MAX	64	/* a name of a rule is no longer */

enum found {
	FOUND_NOTHING,
	FOUND_OTHER,	/* a record, but not of a session */
	FOUND_SESSION
};

static enum found
look_at(struct record *r, const char *text, size_t len)
{
	const struct field *event;

	if (len == 0 || record_parse(r, text, len) == -1)
		return FOUND_NOTHING;
	event = record_find(r, "event");
	if (strcmp(event->value, "message") != 0 && strcmp(event->value, "session") != 0)
		return FOUND_OTHER;
	return FOUND_SESSION;
}

/* Whatever stands before it, a record begins behind a blank. */
static enum found
look_behind(struct record *r, const char *line, size_t len)
{
	enum found found = FOUND_NOTHING;
	size_t i;

	for (i = 0; i + 2 < len && found == FOUND_NOTHING; i++)
		if ((line[i] == '{' || strncmp(line + i, "v=", 2) == 0) &&
		    (i == 0 || line[i - 1] == ' '))
			found = look_at(r, line + i, len - i);
	return found;
}

static enum found
look_into(struct record *r, const char *line, size_t len, char *scratch)
{
	struct line parsed;
	enum found found = FOUND_NOTHING;

	if (len <= READER_LINE_MAX &&
	    line_parse(line, len, (int64_t)time(NULL), scratch, &parsed) == 0)
		found = look_at(r, parsed.text.p, parsed.text.len);
	return found != FOUND_NOTHING ? found : look_behind(r, line, len);
}

/* The first line that will do: what grep found may be several. */
static enum found
find_session(struct record *r, const char *lines)
{
	char *scratch = mem_calloc(READER_LINE_MAX, 1);
	enum found best = FOUND_NOTHING, found;
	size_t n;

	for (; *lines != '\0' && best != FOUND_SESSION; lines += n + (lines[n] == '\n')) {
		n = strcspn(lines, "\n");
		found = look_into(r, lines, n, scratch);
		best = found > best ? found : best;
	}
	free(scratch);
	return best;
}

static void
keep(const struct record *r, const char *name, struct buf *b)
{
	const struct field *f = record_find(r, name);

	if (f != NULL)
		buf_put_visible(b, f->value, SAID_MAX);
}

int
explain_record(struct explanation *e, const char *lines)
{
	struct record r;
	enum attr attr;
	int status = EXIT_FAILED;

	record_init(&r);
	switch (find_session(&r, lines)) {
	case FOUND_NOTHING:
		fputs("tlswarden explain: this is no record of tlswardend: "
		    "give the line itself, as in "
		    "--record \"$(grep user=ann FILE | tail -n 1)\"\n", stderr);
		break;
	case FOUND_OTHER:
		fputs("tlswarden explain: only records of messages and sessions "
		    "can be judged\n", stderr);
		break;
	case FOUND_SESSION:
		record_facts(&r, e->session);
		keep(&r, "policy", &e->recorded.policy);
		keep(&r, "verdict", &e->recorded.verdict);
		keep(&r, "rule", &e->recorded.rule);
		for (attr = 0; attr < ATTR_COUNT; attr++)
			if (record_find(&r, attr_info(attr)->name) != NULL)
				e->given[attr] = true;
		/* This policy may name its services differently than that one did. */
		if (e->given[ATTR_PORT])
			session_clear(e->session, ATTR_SERVICE);
		status = EXIT_CLEAN;
	}
	record_free(&r);
	return status;
}
