/*
 * logs.h: what the commands that read logs share: their options, the reading,
 * and how a report is written.
 */
#ifndef TLSWARDEN_LOGS_H
#define TLSWARDEN_LOGS_H

#include "cli.h"
#include "join.h"
#include "reader.h"
#include "report.h"
#include "survey.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOGS_SERVICES	32	/* --service NAME=PATTERN */
#define LOGS_TOP	20	/* rows of a table, when nothing else is asked for */

enum logs_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_HTML };

struct logs_options {
	struct wanted	 wanted;
	size_t		 top;
	size_t		 max_memory;
	enum logs_format format;
	struct service_name services[LOGS_SERVICES];
	char		*names[LOGS_SERVICES];	/* of the services; owned */
	size_t		 service_count;
	struct answers	 answers;	/* of the policies that are at hand */
	int64_t		 now;
};

/* Letters of the options that they share; the rest of the table is a command's. */
enum {
	OPT_SINCE = 256,
	OPT_UNTIL,
	OPT_SERVICE,
	OPT_TOP,
	OPT_FORMAT,
	OPT_MEMORY,
	OPT_OWN		/* the first letter that is free */
};

#define LOGS_OPTIONS \
	{ OPT_SINCE, "since", "TIME", "from then on: a day, a time, or an age as 7d" }, \
	{ OPT_UNTIL, "until", "TIME", "until then; a day counts whole" }, \
	{ OPT_SERVICE, "service", "NAME[=PATTERN]", \
	    "only this service; or what syslog calls it" }, \
	{ OPT_TOP, "top", "N", "rows of a table (20); 0: all" }, \
	{ OPT_FORMAT, "format", "FORMAT", "text, json, csv or html" }, \
	{ OPT_MEMORY, "max-memory", "SIZE", "bound the memory, as in 64M" }, \
	{ 'h', "help", NULL, "show this help" }

#define LOGS_SYNOPSIS "[--since TIME] [--until TIME] [--service NAME[=PATTERN]]... " \
	"[--top N] [--format FORMAT] [--max-memory SIZE] [LOG...]"

/* Starts them: now, and what holds when an option is not given. */
void	 logs_init(struct logs_options *);
void	 logs_clear(struct logs_options *);
/* One of the shared options; EXIT_CLEAN, or EXIT_USAGE after a message. */
int	 logs_option(struct logs_options *, const struct command *, int letter,
	    const char *argument);

/*
 * Read the logs, those of the system when none are named, in the order of
 * time, and tell sink of each entry.  EXIT_CLEAN, EXIT_FAILED when one of them
 * could not be read whole (the others were), EXIT_USAGE when there are none.
 * What was read goes into the report as numbers, by logs_numbers().
 */
struct logs_count {
	uint64_t	 files;
	struct reader_count read;
	struct join_count join;
};
int	 logs_read(const struct logs_options *, const struct command *,
	    char **paths, int count, entry_sink *, void *ctx, struct logs_count *);
/* Is there anything to report?  Without a line, a failure is all there is. */
bool	 logs_were_read(const struct logs_count *, int status);
void	 logs_numbers(const struct logs_count *, struct report *);

/* Write the report to standard output in the form that was asked for. */
void	 logs_print(const struct logs_options *, const struct report *);

/* --- progress.c */

/* Told on stderr, when it is a terminal and it takes more than a second. */
struct progress {
	bool		 on;
	bool		 shown;
	int64_t		 start;		/* milliseconds */
	int64_t		 latest;
};
void	 progress_start(struct progress *);
void	 progress_tell(struct progress *, const char *name,
	    const struct reader_count *);
void	 progress_end(struct progress *);

#endif
