/*
 * negotiate.c owns the bargain with the MTA over stages and macros; it may not
 * know what comes of it.
 */
/* this program */
#include "conn.h"
#include "journal.h"
#include "macro.h"
#include "negotiate.h"

/* Nothing of a message's content is ever looked at. */
#define NEVER_WANTED	(SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY | \
	    SMFIP_NOUNKNOWN | SMFIP_NODATA)

sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long spare2, unsigned long spare3, unsigned long *want_actions,
    unsigned long *want_steps, unsigned long *want2, unsigned long *want3)
{
	unsigned long skip = NEVER_WANTED;
	struct conn *c;

	(void)spare2;
	(void)spare3;
	c = conn_new();
	smfi_setpriv(ctx, c);
	if (c != NULL && !policy_asks(c->edition->policy, ATTR_RECIPIENT))
		skip |= SMFIP_NORCPT;
	*want_actions = actions & SMFIF_SETSYMLIST;
	/*
	 * CONNECT is answered, though nothing is decided there: without the
	 * answer an MTA whose client leaves at once hangs up while CONNECT is
	 * still unread, which libmilter takes for an error and drops.
	 */
	*want_steps = steps & skip;
	*want2 = 0;
	*want3 = 0;
	if (*want_actions == 0) {
		if (c != NULL)
			c->asked = false;
	} else if (macro_request(ctx) == -1) {
		/*
		 * No memory for the lists, and without a port nobody can say what
		 * is refused: the MTA does as when there is no daemon.
		 */
		journal_fault("memory", "connection not taken");
		return SMFIS_REJECT;
	}
	return SMFIS_CONTINUE;
}
