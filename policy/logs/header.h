/*
 * header.h: what stands before the text in a line of syslog.
 */
#ifndef TLSWARDEN_HEADER_H
#define TLSWARDEN_HEADER_H

#include "reader.h"
#include "stamp.h"

#define HEADER_KEPT	128

/* What one line had, for the next one most often has the same. */
struct header {
	struct stamps	 stamps;
	char		 kept[HEADER_KEPT];	/* "host program[123]: " */
	size_t		 host;		/* bytes of it, with the space */
	size_t		 all;		/* 0: nothing is kept */
	size_t		 program;
	uint32_t	 pid;
};

/* now: see reader_open() */
void	header_init(struct header *, int64_t now);
/*
 * Forms of RFC 3164 and RFC 5424, with either stamp, as rsyslog, syslog-ng,
 * BusyBox and journalctl write them.  0, or -1: none of these.
 */
int	header_parse(struct header *, const char *, size_t, struct line *);

#endif
