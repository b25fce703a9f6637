/*
 * own.h: what the two forms of a record share while one is read.
 */
#ifndef TLSWARDEN_OWN_H
#define TLSWARDEN_OWN_H

#include "entry.h"
#include "record.h"

#include <stdbool.h>
#include <stdint.h>

#define OWN_LINE_MAX	(8 * RECORD_MAX)	/* as record_parse() has it */
#define OWN_NAME_MAX	32

/*
 * Each field of a record has a place in it that is a slice, p NULL when the
 * field is not there or says none.
 */
struct own {
	struct entry	 entry;
	struct slice	 version;
	struct slice	 outcome;
	struct slice	 number;	/* count= */
	struct slice	 kind;
	struct slice	 mechanism;
	struct slice	 nothing;	/* of no use here */
	bool		 mechanism_cut;
	uint64_t	 seen;		/* which of the table */
	uint64_t	 cut;		/* of which of those not all is there */
	uint32_t	 none;		/* attributes that are said to be none */
	unsigned int	 strangers;	/* names that the table does not have */
	struct slice	 stranger[RECORD_FIELDS];
	size_t		 used;		/* of the scratch */
	char		 scratch[OWN_LINE_MAX];
};

/* --- own_logfmt.c */

#define OWN_STRANGER	64	/* no row of the table */
#define OWN_REFUSED	65	/* a second one of that name, or too many */
#define OWN_EVENT	1	/* the row of event= */

/* Nothing was read yet. */
void		own_start(struct own *);
bool		own_is_name(unsigned char);
/* The row of a name, which is taken to be one of [a-z0-9_]{1,32}; it counts. */
unsigned int	own_name(struct own *, const char *, size_t);
/*
 * Undo the escapes of a value, which lives as long as the line or stands in
 * the scratch, and put it where it belongs.  0 or -1.
 */
int		own_value(struct own *, unsigned int row, const char *, size_t);
int		own_logfmt(struct own *, const char *, size_t);
/* Those values of which not all is there. */
void		own_mark_cut(struct own *);

/* --- own_json.c */

int		own_json(struct own *, const char *, size_t);

#endif
