/*
 * suggest.c owns the distance between words; it may not know what they name.
 */
/* libc */
#include <limits.h>
#include <stdbool.h>
#include <string.h>
/* this project */
#include "suggest.h"

#define WORD_MAX	64	/* longer words get no suggestion */

/* What others say: Postfix's tables and policy protocol, Sendmail's macros, Exim. */
static const struct {
	const char	*theirs;
	const char	*ours;
} habits[] = {
	{ "allow", "accept" }, { "ok", "accept" }, { "pass", "accept" },
	{ "permit", "accept" },
	{ "block", "reject" }, { "deny", "reject" }, { "drop", "disconnect" },
	{ "refuse", "reject" },
	{ "defer", "tempfail" }, { "defer_if_permit", "tempfail" },
	{ "greylist", "tempfail" },
	{ "log", "note" }, { "warn", "note" },
	{ "dryrun", "observe" }, { "expires", "until" }, { "when", "if" },
	{ "comment", "because" }, { "reason", "because" }, { "percent", "share" },
	{ "encryption_protocol", "tls" }, { "protocol", "tls" }, { "ssl", "tls" },
	{ "tls_version", "tls" }, { "version", "tls" },
	{ "encryption_cipher", "cipher" }, { "encryption_keysize", "cipher_bits" },
	{ "bits", "cipher_bits" }, { "strength", "cipher_strength" },
	{ "ccert_issuer", "cert_issuer" }, { "ccert_subject", "cert_subject" },
	{ "verify", "cert_verified" },
	{ "auth_type", "auth" }, { "mech", "auth" }, { "mechanism", "auth" },
	{ "sasl_method", "auth" },
	{ "auth_authen", "user" }, { "login", "user" }, { "sasl_username", "user" },
	{ "username", "user" },
	{ "address", "client" }, { "client_addr", "client" },
	{ "client_address", "client" }, { "host", "client" }, { "ip", "client" },
	{ "network", "client" },
	{ "hostname", "client_name" }, { "ptr", "client_name" },
	{ "rdns", "client_name" },
	{ "ehlo", "helo" }, { "helo_name", "helo" },
	{ "mail", "sender" }, { "mail_addr", "sender" }, { "mail_from", "sender" },
	{ "mailfrom", "sender" },
	{ "rcpt", "recipient" }, { "rcpt_addr", "recipient" },
	{ "rcpt_to", "recipient" }, { "to", "recipient" },
	{ "daemon_name", "daemon" }, { "daemon_addr", "listener" },
	{ "daemon_port", "port" }, { "server_port", "port" },
	{ "server_address", "listener" },
};

static unsigned char
fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned int
min3(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/*
 * Insertions, deletions, substitutions and swaps of neighbours, each one, no
 * place edited twice: the three last rows of the table are enough.
 */
static unsigned int
distance(const char *a, size_t alen, const char *b, size_t blen)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *two = rows[0], *one = rows[1], *now = rows[2], *swap;
	size_t i, j;

	for (j = 0; j <= blen; j++)
		one[j] = (unsigned int)j;
	for (i = 1; i <= alen; i++) {
		now[0] = (unsigned int)i;
		for (j = 1; j <= blen; j++) {
			now[j] = min3(one[j] + 1, now[j - 1] + 1,
			    one[j - 1] + (fold(a[i - 1]) != fold(b[j - 1])));
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]) &&
			    two[j - 2] + 1 < now[j])
				now[j] = two[j - 2] + 1;
		}
		swap = two;
		two = one;
		one = now;
		now = swap;
	}
	return one[blen];
}

static bool
same_word(const char *a, size_t len, const char *b)
{
	size_t i;

	if (strlen(b) != len)
		return false;
	for (i = 0; i < len; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

/* What somebody used to other software means, if it is among the candidates. */
static const char *
meant(const char *word, size_t len,
    const char *(*next)(const void *, size_t), const void *ctx)
{
	const char *candidate;
	size_t h, i;

	for (h = 0; h < sizeof(habits) / sizeof(habits[0]); h++) {
		if (!same_word(word, len, habits[h].theirs))
			continue;
		for (i = 0; (candidate = next(ctx, i)) != NULL; i++)
			if (strcmp(candidate, habits[h].ours) == 0)
				return candidate;
	}
	return NULL;
}

const char *
suggest(const char *word, size_t len,
    const char *(*next)(const void *, size_t), const void *ctx)
{
	const char *candidate, *best;
	unsigned int d, limit, best_distance = UINT_MAX;
	size_t i, n;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	best = meant(word, len, next, ctx);
	if (best != NULL)
		return best;
	limit = len / 3 > 1 ? (unsigned int)(len / 3) : 1;
	for (i = 0; (candidate = next(ctx, i)) != NULL; i++) {
		n = strlen(candidate);
		if (n > WORD_MAX || n > len + limit || len > n + limit)
			continue;
		d = distance(word, len, candidate, n);
		/* a word of which nothing is left says nothing */
		if (d <= limit && d < len && d < best_distance) {
			best = candidate;
			best_distance = d;
		}
	}
	return best;
}
