/*
 * report.h: what a command found out from logs, ready to be written down.
 *
 * A report is key figures, findings and tables.  Whatever goes into it as text
 * is made printable ASCII on the way in (\xHH for all else), so that no form
 * of it can carry a control character of a client's.
 */
#ifndef TLSWARDEN_REPORT_H
#define TLSWARDEN_REPORT_H

#include "buf.h"
#include "column.h"
#include "slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHEET_COLUMNS	20	/* and the mark that ends them */
#define REPORT_NUMBERS	24

struct number {
	const char	*name;		/* for programs */
	const char	*title;		/* for people */
	uint64_t	 value;
	bool		 head;		/* one of the few that matter most */
};

enum level { LEVEL_BAD, LEVEL_WARN };

struct finding {
	const char	*name;
	enum level	 level;
	uint64_t	 count;
	char		*text;		/* one sentence */
	const char	*table;		/* name of the one that tells more; or NULL */
};

enum chart {
	CHART_NONE,
	CHART_SHARES,		/* a bar a row: parts of one hundred */
	CHART_STACK,		/* a bar a row: parts of what there was */
	CHART_BARS		/* one bar a row, lying */
};

struct cell {
	bool		 there;
	uint64_t	 number;
	char		*text;
};

struct sheet {
	const char	*name;
	const char	*title;
	const char	*note;		/* what it says; may be NULL */
	enum column	 columns[SHEET_COLUMNS];
	size_t		 width;
	struct cell	*cells;		/* row by row */
	size_t		 rows;
	size_t		 filled;	/* cells */
	size_t		 size;
	uint64_t	 rows_total;	/* with those left out */
	uint64_t	 error;		/* counts may be too low by this much */
	enum chart	 chart;
	size_t		 chart_first;	/* columns drawn, one behind the other */
	size_t		 chart_count;
};

struct report {
	const char	*schema;	/* "tlswarden-report/1" */
	const char	*command;
	const char	*title;
	int64_t		 made;
	int64_t		 since;		/* asked for; 0: not */
	int64_t		 until;
	int64_t		 first;		/* of what was counted; 0: not known */
	int64_t		 last;
	struct buf	 hosts;		/* names, with ", " */
	uint64_t	 error;		/* the largest one of all tables */
	struct number	 numbers[REPORT_NUMBERS];
	size_t		 number_count;
	bool		 one_table;	/* findings were not looked for */
	struct finding	*findings;
	size_t		 finding_count;
	struct sheet	**sheets;
	size_t		 sheet_count;
};

void	 report_init(struct report *, const char *schema, const char *command,
	    const char *title);
void	 report_free(struct report *);

/* Strings lent that are not text of a client's live as long as the report. */
void	 report_number(struct report *, const char *name, const char *title,
	    uint64_t, bool head);
void	 report_finding(struct report *, const char *name, enum level,
	    uint64_t count, const char *table, const char *fmt, ...)
	    __attribute__((__format__(printf, 6, 7)));
/* columns ends with COL_NOTHING. */
struct sheet *report_sheet(struct report *, const char *name, const char *title,
	    const char *note, const enum column *columns);
/* The next cell of a table, rows one behind the other. */
void	 sheet_text(struct sheet *, struct slice);
void	 sheet_number(struct sheet *, uint64_t);
void	 sheet_nothing(struct sheet *);

/* A name of the table, or NULL. */
const struct sheet *report_find(const struct report *, const char *name);

/* --- how values are written for people */

/* Text of anybody's as printable ASCII; of more than max bytes the start. */
void	 put_plain(struct buf *, struct slice, size_t max);
/* 12,345,678 */
void	 put_grouped(struct buf *, uint64_t);
/* "15 more rows", those that a table leaves out. */
void	 put_left_out(struct buf *, const struct sheet *);
/* The title of a number; of one thing, "messages" is "message". */
void	 put_number_title(struct buf *, const struct number *);
/* A cell; nothing when it is not there. */
void	 put_cell(struct buf *, const struct cell *, enum column_kind);

#endif
