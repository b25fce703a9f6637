/*
 * sink.h: log lines on their way out.
 *
 * sink_put() never waits: it appends to a bounded queue, and one thread of its
 * own writes the lines out.  When syslogd is gone or stalled, or the disk full,
 * the queue keeps what it can, later lines are dropped and counted, and
 * event=dropped stands in their place once lines go out again.
 */
#ifndef TLSWARDEN_SINK_H
#define TLSWARDEN_SINK_H

#include "policy.h"
#include "record.h"

#include <stdbool.h>
#include <stdint.h>

enum sink_target { SINK_SYSLOG, SINK_STDERR };
enum sink_level { SINK_ERROR, SINK_WARNING, SINK_INFO };

/* Start the writer; 0, or -1 when there can be no thread. */
int	sink_start(enum sink_target);
/* From any thread, after sink_start(). */
void	sink_put(enum sink_level, const struct record *, enum log_format);
/*
 * Does the writer still go about its work?  A syslogd that does not take what
 * it offers is none of its fault.  For one thread, and not for one that serves.
 */
bool	sink_answers(void);
/* How full the queue is, and how many lines did not find room since the start. */
struct sink_state {
	uint64_t	lines;
	uint64_t	lines_max;
	uint64_t	dropped;
};
void	sink_look(struct sink_state *);
/* Give the writer a few seconds to empty the queue. */
void	sink_stop(void);

#endif
