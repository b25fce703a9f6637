/*
 * column.c owns the one table of columns; it may not know which report has
 * which of them.
 */
/* libc */
#include <assert.h>
#include <string.h>
/* this directory */
#include "column.h"

static const struct column_info table[COL_NOTHING] = {
	[COL_DAY] = { "day", "Day", KIND_TEXT },
	[COL_HOST] = { "host", "Host", KIND_TEXT },
	[COL_SERVICE] = { "service", "Service", KIND_TEXT },
	[COL_USER] = { "user", "User", KIND_TEXT },
	[COL_CLIENT] = { "client", "Client", KIND_TEXT },
	[COL_NETWORK] = { "network", "Network", KIND_TEXT },
	[COL_DOMAIN] = { "domain", "Sender domain", KIND_TEXT },
	[COL_HELO] = { "helo", "HELO name", KIND_TEXT },
	[COL_TLS] = { "tls", "TLS", KIND_TEXT },
	[COL_CIPHER] = { "cipher", "Cipher suite", KIND_TEXT },
	[COL_AUTH] = { "auth", "Login by", KIND_TEXT },
	[COL_OUTCOME] = { "outcome", "Outcome", KIND_TEXT },
	[COL_RULE] = { "rule", "Rule", KIND_TEXT },
	[COL_VERDICT] = { "verdict", "Verdict", KIND_TEXT },
	[COL_HOW] = { "how", "How", KIND_TEXT },
	[COL_MISSING] = { "missing", "Missing", KIND_TEXT },
	[COL_KIND] = { "kind", "Kind", KIND_TEXT },
	[COL_EVENT] = { "event", "Event", KIND_TEXT },

	[COL_MESSAGES] = { "messages", "Messages", KIND_COUNT },
	[COL_SESSIONS] = { "sessions", "Sessions", KIND_COUNT },
	[COL_COUNT] = { "count", "Count", KIND_COUNT },
	[COL_SHARE] = { "share", "Share", KIND_SHARE },
	[COL_ENCRYPTED] = { "encrypted", "Encrypted", KIND_COUNT },
	[COL_DEPRECATED] = { "deprecated", "Deprecated", KIND_COUNT },
	[COL_CLEARTEXT] = { "cleartext", "Cleartext", KIND_COUNT },
	[COL_ABANDONED] = { "abandoned", "Abandoned", KIND_COUNT },
	[COL_UNCLEAR] = { "unclear", "Unclear", KIND_COUNT },
	[COL_REFUSED] = { "refused", "Refused", KIND_COUNT },
	[COL_ATTEMPTS] = { "attempts", "Attempts", KIND_COUNT },
	[COL_HANDSHAKES] = { "handshakes", "Failed handshakes", KIND_COUNT },
	[COL_ALARMS] = { "alarms", "Alarms", KIND_COUNT },
	[COL_TIMES] = { "times", "Times", KIND_COUNT },
	[COL_TLS13] = { "tls13", "TLSv1.3", KIND_COUNT },
	[COL_TLS12] = { "tls12", "TLSv1.2", KIND_COUNT },
	[COL_TLS11] = { "tls11", "TLSv1.1", KIND_COUNT },
	[COL_TLS10] = { "tls10", "TLSv1", KIND_COUNT },
	[COL_SSL] = { "ssl", "SSL", KIND_COUNT },
	[COL_NO_TLS] = { "none", "No TLS", KIND_COUNT },
	[COL_TLS_UNKNOWN] = { "unknown", "Unknown", KIND_COUNT },
	[COL_FIRST] = { "first", "First seen", KIND_TIME },
	[COL_LAST] = { "last", "Last seen", KIND_TIME },
	[COL_LAST_TLS] = { "last_tls", "Last with TLS", KIND_TIME },
	[COL_CLEAR_SINCE] = { "clear_since", "Clear since", KIND_COUNT },
	[COL_BEST] = { "best", "Best TLS", KIND_RANK },
	[COL_WORST] = { "worst", "Worst TLS", KIND_RANK },
	[COL_UNTIL] = { "until", "Until", KIND_DAY },
	[COL_STATUS] = { "status", "Status", KIND_TEXT },
	[COL_OWNER] = { "owner", "Owner", KIND_TEXT },
	[COL_BECAUSE] = { "because", "Because", KIND_TEXT },
};

/* The others only make sense where they stand. */
static const enum column by[] = { COL_DAY, COL_HOST, COL_SERVICE, COL_USER,
    COL_CLIENT, COL_NETWORK, COL_DOMAIN, COL_HELO, COL_TLS, COL_CIPHER, COL_AUTH,
    COL_OUTCOME, COL_RULE, COL_VERDICT };
#define BY_COUNT	(sizeof(by) / sizeof(by[0]))

const struct column_info *
column_info(enum column c)
{
	assert((unsigned int)c < COL_NOTHING);
	return &table[c];
}

enum column
column_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < BY_COUNT; i++)
		if (strlen(table[by[i]].name) == len &&
		    memcmp(table[by[i]].name, name, len) == 0)
			return by[i];
	return COL_NOTHING;
}

const char *
column_by_name(size_t i)
{
	return i < BY_COUNT ? table[by[i]].name : NULL;
}
