/*
 * grade.c owns how good the TLS of a log line is; it may not know whose line
 * that is.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
/* this project */
#include "grade.h"
#include "mem.h"
#include "scan.h"
#include "session.h"

#define WORD_SIZE	128

/* The last ones are most often the next ones too. */
struct grade {
	struct session	*session;
	bool		 known;
	char		 version[WORD_SIZE];
	char		 cipher[WORD_SIZE];
	char		 bits[WORD_SIZE];
	enum tls_report	 report;
	enum outcome	 outcome;
};

struct grade *
grade_new(void)
{
	struct grade *g = mem_calloc(1, sizeof(*g));

	g->session = session_new();
	if (g->session != NULL)
		session_set_stage(g->session, STAGE_CLOSE);
	return g;
}

void
grade_free(struct grade *g)
{
	if (g == NULL)
		return;
	session_free(g->session);
	free(g);
}

static bool
copy_word(char word[WORD_SIZE], struct slice s)
{
	if (s.len == 0 || s.len >= WORD_SIZE || memchr(s.p, '\0', s.len) != NULL)
		return false;
	memcpy(word, s.p, s.len);
	word[s.len] = '\0';
	return true;
}

static void
grade_words(struct grade *g)
{
	g->known = true;
	g->report = TLS_INCONSISTENT;
	g->outcome = OUTCOME_UNKNOWN;
	if (g->session == NULL)
		return;
	g->report = session_set_tls(g->session, g->version, g->cipher, g->bits);
	if (g->report == TLS_PRESENT)
		g->outcome = session_outcome(g->session, true);
}

enum outcome
grade_handshake(struct grade *g, const struct handshake *h, struct kept *k)
{
	struct slice rest = h->bits, bits = cut_until(&rest, '/');

	if (!g->known || !slice_is(h->version, g->version) ||
	    !slice_is(h->cipher, g->cipher) || !slice_is(bits, g->bits)) {
		g->known = false;
		if (copy_word(g->version, h->version) &&
		    copy_word(g->cipher, h->cipher) && copy_word(g->bits, bits))
			grade_words(g);
	}
	if (!g->known || g->report != TLS_PRESENT) {
		kept_forget(k, ATTR_TLS);
		kept_forget(k, ATTR_CIPHER);
		kept_forget(k, ATTR_CIPHER_BITS);
		return OUTCOME_UNKNOWN;
	}
	kept_set(k, ATTR_TLS, h->version);
	kept_set(k, ATTR_CIPHER, h->cipher);
	kept_set(k, ATTR_CIPHER_BITS, bits);
	return g->outcome;
}
