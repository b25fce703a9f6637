/*
 * reader.h: the lines of log files, whatever form and compression they have.
 *
 * Files plain, gzip, xz or zstd (told by their first bytes, not their name),
 * "-" for standard input.  Lines of syslog with RFC 3164 or RFC 3339 stamps,
 * and journalctl -o short, short-iso, json or export; tlswardend's records as
 * they are, from its standard error, count as its lines.  Lines are lent until
 * the next call.  Memory is bounded whatever the file holds: a line longer
 * than READER_LINE_MAX is cut, what follows of it dropped.
 */
#ifndef TLSWARDEN_READER_H
#define TLSWARDEN_READER_H

#include "slice.h"

#include <stdbool.h>
#include <stdint.h>

#define READER_LINE_MAX	(64 * 1024)

struct line {
	int64_t		 time;		/* seconds since 1970, UTC; 0: not known */
	struct slice	 stamp;		/* the time as written, if to a part of a second */
	struct slice	 host;		/* may be empty */
	struct slice	 program;	/* "postfix/submission/smtpd", "tlswardend" */
	uint32_t	 pid;		/* 0: not given */
	struct slice	 text;		/* what the program said */
};

struct reader_count {
	uint64_t	 lines;
	uint64_t	 broken;	/* no form of a log line that we know */
	uint64_t	 bytes;		/* read from the file, as it is stored */
	uint64_t	 size;		/* of the file; 0: not known */
};

struct reader;

/*
 * NULL when the file cannot be opened or is no regular file or pipe; why gets
 * a sentence.  `now' (seconds since 1970) bounds the year of stamps that have
 * none: such a line is at most a day in the future, and the year goes on at
 * New Year; local time is that of the process (TZ).
 */
struct reader	*reader_open(const char *path, int64_t now, char *why, size_t);
void		 reader_free(struct reader *);
/* 1: a line; 0: the end; -1: the file is broken from here on, see reader_why */
int		 reader_next(struct reader *, struct line *);
const char	*reader_why(const struct reader *);
const struct reader_count *reader_count(const struct reader *);

/*
 * One line without its file, for tests and for --record.  What has to be
 * unescaped goes into the scratch, which has READER_LINE_MAX bytes.
 * 0, or -1: no form known.
 */
int		 line_parse(const char *, size_t, int64_t now, char *scratch,
		    struct line *);

#endif
