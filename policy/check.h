/*
 * check.h: what the files of the check share.
 */
#ifndef TLSWARDEN_CHECK_H
#define TLSWARDEN_CHECK_H

#include "buf.h"
#include "rule.h"

#include <stddef.h>
#include <stdint.h>

struct list_entry {
	struct list	*list;
	uint32_t	 fits;	/* bits of attributes it was found to fit */
};

struct check {
	struct policy	*policy;
	struct diags	*diags;
	struct list_entry *lists;	/* sorted by name */
	size_t		 list_count;
	struct strset	*rules;		/* their names */
	size_t		 compared;	/* names with wrong words, to suggest one */
};

/* --- check.c */
/*
 * 'did you mean "..."?' written into the buf, or NULL.  A file of very many
 * wrong names gets suggestions for the first ones.
 */
const char *check_suggest(struct check *, struct buf *, const char *word,
	    const char *(*next)(const void *, size_t), const void *);

/* --- check_cond.c: give a condition its meaning */
void	 check_cond(struct check *, struct cond *);
/* Does the text name a service?  If not, say so. */
int	 check_service_name(struct check *, const char *, const struct place *);

/* --- check_wild.c */
/*
 * Is it a wildcard where none has a meaning: "*@example.org"?  If so, say how
 * to write it.
 */
bool	 check_wild(struct check *, enum attr, const char *text, bool quoted,
	    const struct place *);

/* --- check_list.c */
void	 check_lists(struct check *);
/* Make a list ready to be looked up. */
void	 list_index(struct check *, struct list *);
/* Find, and prove to fit, the list of an IN. */
void	 check_in(struct check *, struct cond *);

/* --- check_expect.c */
void	 check_expect(struct check *, const struct expect *);

/* --- check_imply.c; the budget is counted down, and at 0 nothing is known */
/* Does one condition being true mean that the other is?  false: not known. */
bool	 cond_implies(const struct cond *, const struct cond *, unsigned int *budget);
/* Can the two never be true at once?  false: not known. */
bool	 cond_excludes(const struct cond *, const struct cond *, unsigned int *budget);

/* --- check_reach.c: rules behind one that decides all they could match */
void	 warn_unreached(const struct policy *, uint32_t today, struct diags *);

/* --- check_never.c: comparisons that always come out the same */
void	 warn_never(const struct policy *, struct diags *);

/* --- check_except.c: rules that accept before others refuse */
void	 warn_exceptions(const struct policy *, uint32_t today, struct diags *);

/* --- check_pattern.c: regular expressions that hit their limits */
void	 warn_patterns(const struct policy *, struct diags *);

/* --- check_trial.c: what only shows when sessions are judged */
void	 warn_trials(const struct policy *, uint32_t today, struct diags *);

#endif
