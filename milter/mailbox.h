/*
 * mailbox.h: the mailbox an argument of MAIL or RCPT means.
 *
 * Servers read more than RFC 5321 writes: comments, blanks, routes, needless
 * quotes, a dot behind the domain.  Each is one more spelling of a mailbox
 * that a policy may name.
 */
#ifndef TLSWARDEN_MAILBOX_H
#define TLSWARDEN_MAILBOX_H

#include <stdbool.h>

/* With room for more than any mailbox that is a fact: too long stays so. */
#define MAILBOX_TEXT	513

/* "<>" when there is nothing to read. */
void		 mailbox_read(const char *argument, char out[MAILBOX_TEXT]);
/* "<>", with nothing behind it but parameters. */
bool		 mailbox_is_null(const char *argument);

#endif
