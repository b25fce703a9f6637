/*
 * header.h: what stands before the text in a line of syslog.
 */
#ifndef TLSWARDEN_HEADER_H
#define TLSWARDEN_HEADER_H

#include "reader.h"
#include "stamp.h"

/*
 * Forms of RFC 3164 and RFC 5424, with either stamp, as rsyslog, syslog-ng,
 * BusyBox and journalctl write them.  0, or -1: none of these.
 */
int	header_parse(struct stamps *, const char *, size_t, struct line *);

#endif
