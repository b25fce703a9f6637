/*
 * column.h: what a table of a report can say, each thing with its name.
 *
 * The names are those of the JSON and CSV forms and do not change as long as
 * the schema has its number; tlswarden-report(1) explains them.  The first
 * ones are dimensions: what entries can be counted by.
 */
#ifndef TLSWARDEN_COLUMN_H
#define TLSWARDEN_COLUMN_H

#include <stddef.h>

enum column {
	/* dimensions */
	COL_DAY,
	COL_HOST,
	COL_SERVICE,
	COL_USER,
	COL_CLIENT,
	COL_NETWORK,
	COL_DOMAIN,
	COL_HELO,
	COL_TLS,
	COL_CIPHER,
	COL_AUTH,
	COL_OUTCOME,
	COL_RULE,
	COL_VERDICT,
	COL_HOW,
	COL_MISSING,
	COL_KIND,
	COL_EVENT,
	COL_DIMENSIONS,

	/* what is told of them */
	COL_MESSAGES = COL_DIMENSIONS,
	COL_SESSIONS,
	COL_COUNT,
	COL_SHARE,
	COL_ENCRYPTED,
	COL_DEPRECATED,
	COL_CLEARTEXT,
	COL_ABANDONED,
	COL_UNCLEAR,
	COL_REFUSED,
	COL_ATTEMPTS,
	COL_HANDSHAKES,
	COL_ALARMS,
	COL_TIMES,
	COL_TLS13,
	COL_TLS12,
	COL_TLS11,
	COL_TLS10,
	COL_SSL,
	COL_NO_TLS,
	COL_TLS_UNKNOWN,
	COL_FIRST,
	COL_LAST,
	COL_LAST_TLS,
	COL_CLEAR_SINCE,
	COL_BEST,
	COL_WORST,
	COL_UNTIL,
	COL_STATUS,
	COL_OWNER,
	COL_BECAUSE,
	COL_NOTHING
};

enum column_kind {
	KIND_TEXT,
	KIND_COUNT,
	KIND_SHARE,	/* in thousandths */
	KIND_TIME,	/* seconds since 1970 */
	KIND_DAY,	/* 20261231 */
	KIND_RANK	/* enum tls_rank, as text: "TLSv1.2", "none" */
};

struct column_info {
	const char	*name;
	const char	*title;		/* for people; short */
	enum column_kind kind;
};

const struct column_info *column_info(enum column);
/* A dimension by its name; COL_NOTHING when there is none. */
enum column		 column_find(const char *, size_t);
/* Name of the i-th dimension one can count by; NULL after the last. */
const char		*column_by_name(size_t i);

#endif
