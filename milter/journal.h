/*
 * journal.h: what is said in the log, and counted for the summary.
 *
 * Builds records and hands them to the sink; safe in any thread, and never
 * waits longer than a line takes to format.
 */
#ifndef TLSWARDEN_JOURNAL_H
#define TLSWARDEN_JOURNAL_H

#include "conn.h"
#include "current.h"
#include "diag.h"
#include "metrics.h"
#include "verdict.h"

#include <stdbool.h>

/* Totals begin to count. */
void	journal_init(void);
/* Totals since then; the caller's. */
struct metrics	*journal_metrics(void);
/* The rules of a policy count from now on. */
void	journal_take_policy(const struct policy *);

/*
 * The record of a message, or of a session that carried none, that ended at
 * the stage with the verdict; then the alarms of the rules that matched.
 */
void	journal_message(struct conn *, enum stage, const struct verdict *);
void	journal_session(struct conn *, enum stage, const struct verdict *);
/*
 * A transaction that was given up.  One connection can begin and give up
 * thousands a second, which costs its client nothing and shows in no other
 * log: after some of them the rest are told as a number, at its end.
 */
void	journal_abandoned(struct conn *, const struct verdict *);
void	journal_unsaid(const struct conn *);

/* A fault of ours or of the MTA's set-up; sentence may be NULL. */
void	journal_fault(const char *kind, const char *sentence);
/* The macros about TLS contradict; at most once an hour. */
void	journal_inconsistent(const struct conn *, const char *version,
	    const char *cipher, const char *bits);
/* The MTA names no port, so that services may be mistaken; once an hour. */
void	journal_no_port(const struct conn *);
/* A pattern hit its limit; at most once a minute. */
void	journal_regex_limit(const struct conn *, const struct verdict *);

/* The file for Prometheus was not written; at most once an hour. */
void	journal_unmetered(const char *path, const char *why);

void	journal_start(const struct edition *, bool observe, const char *socket);
void	journal_stop(void);
void	journal_reload(const struct edition *, bool observe, bool ok);
void	journal_diagnostic(const char *level, const char *place,
	    const char *message);
void	journal_diagnostics(const struct diags *);
void	journal_summary(void);

#endif
