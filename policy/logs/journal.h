/*
 * journal.h: entries of the systemd journal, as journalctl prints them.
 */
#ifndef TLSWARDEN_JOURNAL_H
#define TLSWARDEN_JOURNAL_H

#include "reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One entry while it is put together; values are lent, or stand in the scratch. */
struct journal {
	struct slice	 message;
	struct slice	 identifier;
	struct slice	 command;
	struct slice	 syslog_pid;
	struct slice	 pid;
	struct slice	 host;
	struct slice	 time;
	char		*scratch;
	size_t		 size;
	size_t		 used;
};

void	journal_start(struct journal *, char *scratch, size_t);
/* Where a field of that name is kept; NULL: of no interest. */
struct slice	*journal_slot(struct journal *, const char *name, size_t);
/*
 * Room for n bytes in the scratch, or for as many as there are left, *n; they
 * are taken.
 */
char	*journal_room(struct journal *, size_t *n);
/* What the entry says as a line.  0, or -1: it has no message. */
int	journal_line(const struct journal *, struct line *);

/* journalctl -o json: one object a line.  0, or -1: none. */
int	journal_json(struct journal *, const char *, size_t);

#endif
