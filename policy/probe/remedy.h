/*
 * remedy.h: what to change for a finding, so that the lines of all findings of a
 * port can be pasted together: each parameter has one value.
 */
#ifndef TLSWARDEN_REMEDY_H
#define TLSWARDEN_REMEDY_H

#include "buf.h"
#include "findings.h"

#include <stdbool.h>

enum server { SERVER_POSTFIX, SERVER_SENDMAIL, SERVER_DOVECOT };

/* As the table has it; NULL: nothing to change there. */
const char	*remedy_of(const struct finding_info *, enum server);
/* May the port be of this server?  The greeting tells, or else both may be. */
bool		 remedy_fits(const struct facts *, enum server);
/*
 * The lines for one of all findings of a port, without the last LF; NULL when
 * there are none.  Lent from the buffer, which is emptied before.
 */
const char	*remedy_lines(struct buf *, const struct findings *all,
		    const struct finding_info *, enum server, enum port_service);

#endif
