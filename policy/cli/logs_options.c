/*
 * logs_options.c owns the options that the commands about logs share, and the
 * forms they write; it may not know how logs are read.
 */
/* libc */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* this project */
#include "logs.h"
#include "mem.h"
/* policy/logs */
#include "render.h"
#include "when.h"

#define MEMORY_MIN	(64 * 1024)

static const char *const formats[] = {
	[FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", [FORMAT_CSV] = "csv",
	[FORMAT_HTML] = "html"
};

void
logs_init(struct logs_options *o)
{
	memset(o, 0, sizeof(*o));
	o->top = LOGS_TOP;
	o->now = (int64_t)time(NULL);
}

void
logs_clear(struct logs_options *o)
{
	size_t i;

	for (i = 0; i < o->service_count; i++)
		free(o->names[i]);
}

static int
wrong(const struct command *c, const char *argument, const char *why)
{
	struct buf b = BUF_INIT;

	buf_put_visible(&b, argument, 80);
	(void)command_usage(c, "%s %s", buf_str(&b), why);
	buf_free(&b);
	return EXIT_USAGE;
}

/* Digits, and behind them a unit; 0 or -1. */
static int
read_size(const char *text, uint64_t *size)
{
	unsigned long long n;
	unsigned int shift = 0;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (*end == 'K' || *end == 'k')
		shift = 10;
	else if (*end == 'M' || *end == 'm')
		shift = 20;
	else if (*end == 'G' || *end == 'g')
		shift = 30;
	if (shift != 0)
		end++;
	if (errno != 0 || *end != '\0' || n > (SIZE_MAX >> shift))
		return -1;
	*size = (uint64_t)n << shift;
	return 0;
}

static int
set_service(struct logs_options *o, const struct command *c, const char *argument)
{
	const char *equals = strchr(argument, '=');
	size_t n = o->service_count;

	if (*argument == '\0' || equals == argument ||
	    (equals != NULL && equals[1] == '\0'))
		return wrong(c, argument, "is neither NAME nor NAME=PATTERN");
	if (equals == NULL) {
		o->wanted.service = argument;
		return EXIT_CLEAN;
	}
	if (n == LOGS_SERVICES)
		return wrong(c, argument, "is one service too many");
	o->names[n] = mem_strndup(argument, (size_t)(equals - argument));
	o->services[n].service = o->names[n];
	o->services[n].pattern = equals + 1;
	o->service_count++;
	return EXIT_CLEAN;
}

static int
set_format(struct logs_options *o, const struct command *c, const char *argument)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i], argument) == 0) {
			o->format = (enum logs_format)i;
			return EXIT_CLEAN;
		}
	return wrong(c, argument, "is no format: text, json, csv or html");
}

int
logs_option(struct logs_options *o, const struct command *c, int letter,
    const char *argument)
{
	static const char no_time[] = "is no time: 2026-11-20, "
	    "\"2026-11-20 14:05\", today, yesterday, or an age as 36h, 7d, 2w";
	uint64_t size;

	switch (letter) {
	case OPT_SINCE:
		return when_read(argument, o->now, 0, &o->wanted.since) == 0 ?
		    EXIT_CLEAN : wrong(c, argument, no_time);
	case OPT_UNTIL:
		return when_read(argument, o->now, 1, &o->wanted.until) == 0 ?
		    EXIT_CLEAN : wrong(c, argument, no_time);
	case OPT_SERVICE:
		return set_service(o, c, argument);
	case OPT_TOP:
		if (read_size(argument, &size) == -1)
			return wrong(c, argument, "is no number");
		o->top = (size_t)size;
		return EXIT_CLEAN;
	case OPT_FORMAT:
		return set_format(o, c, argument);
	case OPT_MEMORY:
		if (read_size(argument, &size) == -1 || size < MEMORY_MIN)
			return wrong(c, argument, "is no size from 64K up, as in 64M");
		o->max_memory = (size_t)size;
		return EXIT_CLEAN;
	default:
		return EXIT_USAGE;
	}
}

bool
logs_were_read(const struct logs_count *n, int status)
{
	return status == EXIT_CLEAN || (status == EXIT_FAILED && n->read.lines > 0);
}

void
logs_numbers(const struct logs_count *n, struct report *r)
{
	report_number(r, "files", "files read", n->files, false);
	report_number(r, "lines", "lines read", n->read.lines, false);
	report_number(r, "records", "records of tlswardend", n->join.records, false);
	report_number(r, "mta_lines", "lines of the mail server, used", n->join.mta,
	    false);
	report_number(r, "other_lines", "lines of no interest", n->join.other, false);
	report_number(r, "broken_lines", "lines not understood",
	    n->read.broken + n->join.broken, false);
	report_number(r, "evicted", "sessions ended for lack of room",
	    n->join.evicted, false);
}

void
logs_print(const struct logs_options *o, const struct report *r)
{
	struct buf b = BUF_INIT;

	switch (o->format) {
	case FORMAT_TEXT:
		render_text(r, term_has_colour(stdout), &b);
		break;
	case FORMAT_JSON:
		render_json(r, &b);
		break;
	case FORMAT_CSV:
		render_csv(r, &b);
		break;
	case FORMAT_HTML:
		render_html(r, &b);
		break;
	}
	fwrite(buf_str(&b), 1, b.len, stdout);
	buf_free(&b);
}
