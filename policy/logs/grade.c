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

#define LATEST		16

/* What was graded before is most often what comes next. */
struct graded {
	bool		 known;
	char		 version[WORD_SIZE];
	char		 cipher[WORD_SIZE];
	char		 bits[WORD_SIZE];
	enum tls_report	 report;
	enum outcome	 outcome;
};

struct grade {
	struct session	*session;
	struct graded	 latest[LATEST];
};

struct grade *
grade_new(void)
{
	struct grade *g = mem_calloc(1, sizeof(*g));

	g->session = session_new();
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
grade_words(struct session *session, struct graded *g)
{
	g->known = true;
	g->report = TLS_INCONSISTENT;
	g->outcome = OUTCOME_UNKNOWN;
	g->report = session_set_tls(session, g->version, g->cipher, g->bits);
	if (g->report == TLS_PRESENT)
		g->outcome = session_outcome(session, true);
}

/* The place of a version and a cipher, which the common ones have for themselves. */
static struct graded *
place_of(struct grade *grade, const struct handshake *h)
{
	size_t sum = h->cipher.len;

	if (h->version.len > 0)
		sum += (unsigned char)h->version.p[h->version.len - 1];
	return &grade->latest[sum % LATEST];
}

enum outcome
grade_handshake(struct grade *grade, const struct handshake *h, struct kept *k)
{
	struct slice rest = h->bits, bits = cut_until(&rest, '/');
	struct graded *g = place_of(grade, h);

	if (!g->known || !slice_is(h->version, g->version) ||
	    !slice_is(h->cipher, g->cipher) || !slice_is(bits, g->bits)) {
		g->known = false;
		if (copy_word(g->version, h->version) &&
		    copy_word(g->cipher, h->cipher) && copy_word(g->bits, bits))
			grade_words(grade->session, g);
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
