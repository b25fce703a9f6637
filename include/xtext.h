/*
 * xtext.h: text as it stands in ESMTP parameters (RFC 3461 section 4): what could
 * not stand there is "+" and two upper-case hexadecimal digits.  Sendmail gives
 * names of users and of certificates so, in its macros and in its log: "a+20b".
 */
#ifndef TLSWARDEN_XTEXT_H
#define TLSWARDEN_XTEXT_H

#include <stddef.h>

#include "buf.h"

/*
 * Append what the text stands for: at most max bytes, and one more where there is
 * more, so that it is seen to be too long.  What stands for a control character
 * and what is no xtext is appended as it is.
 */
void	 xtext_decode(struct buf *, const char *text, size_t len, size_t max);

#endif
