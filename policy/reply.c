/*
 * reply.c owns the text of a reply as the client gets it; it may not know how
 * replies are sent.
 *
 * Nothing that a client chose goes into a reply: what is filled in comes from
 * the policy, from a table, or is a number.
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* this project */
#include "reply.h"
#include "rule.h"
#include "session.h"

/* Room and bytes were seen to at load; this holds also if that was wrong. */
static void
append(struct reply *reply, size_t *len, const char *text)
{
	for (; *text != '\0' && *len < REPLY_TEXT_MAX; text++)
		if (*text >= 0x20 && *text < 0x7f)
			reply->text[(*len)++] = *text;
	reply->text[*len] = '\0';
}

/* A fact, or "none" when it is lacking or not known. */
static const char *
fact_text(const struct session *session, enum attr attr,
    char scratch[SESSION_SCRATCH])
{
	const char *text;

	text = session_text(session, attr, scratch, SESSION_SCRATCH);
	return text[0] != '\0' ? text : "none";
}

static const char *
piece_text(const struct policy *policy, const struct rule *rule,
    const struct session *session, const struct piece *piece,
    char scratch[SESSION_SCRATCH])
{
	uint32_t today;

	switch (piece->kind) {
	case PIECE_TEXT:
		return piece->text;
	case PIECE_CONTACT:
		return policy->settings.contact;
	case PIECE_TLS:
		return fact_text(session, ATTR_TLS, scratch);
	case PIECE_PORT:
		return fact_text(session, ATTR_PORT, scratch);
	case PIECE_SERVICE:
		return fact_text(session, ATTR_SERVICE, scratch);
	case PIECE_RULE:
		return rule->name;
	case PIECE_DATE:
		break;
	}
	today = session_today(session);
	if (today == 0)
		return "none";
	snprintf(scratch, SESSION_SCRATCH, "%04u-%02u-%02u",
	    (unsigned int)(today / 10000 % 10000),
	    (unsigned int)(today / 100 % 100), (unsigned int)(today % 100));
	return scratch;
}

void
reply_expand(const struct policy *policy, const struct rule *rule,
    const struct session *session, struct reply *reply)
{
	char scratch[SESSION_SCRATCH];
	size_t i, len = 0;

	reply->code = rule->reply.code;
	memcpy(reply->enhanced, rule->reply.enhanced, sizeof(reply->enhanced));
	reply->text[0] = '\0';
	for (i = 0; i < rule->reply.count; i++)
		append(reply, &len, piece_text(policy, rule, session,
		    &rule->reply.pieces[i], scratch));
	/* "... %{contact}" without a contact leaves a blank. */
	while (len > 0 && reply->text[len - 1] == ' ')
		reply->text[--len] = '\0';
}

/* --- known again */

/* The rest of text behind the words, at its start or anywhere; NULL: not there. */
static const char *
behind(const char *text, const char *end, const char *words, size_t len, bool start)
{
	for (; (size_t)(end - text) >= len; text++) {
		if (memcmp(text, words, len) == 0)
			return text + len;
		if (start)
			break;
	}
	return NULL;
}

/* What is fixed stands there in its order, whatever was filled in. */
static bool
text_fits(const struct policy *policy, const struct rule *rule, const char *text,
    const char *end)
{
	const struct piece *piece;
	const char *words;
	bool start = true;
	size_t i, len;

	for (i = 0; i < rule->reply.count; i++) {
		piece = &rule->reply.pieces[i];
		if (piece->kind != PIECE_TEXT && piece->kind != PIECE_CONTACT &&
		    piece->kind != PIECE_RULE) {
			start = false;
			continue;
		}
		words = piece->kind == PIECE_TEXT ? piece->text :
		    piece->kind == PIECE_RULE ? rule->name : policy->settings.contact;
		/* Blanks do not count: those at the end were not sent. */
		words += strspn(words, " ");
		for (len = strlen(words); len > 0 && words[len - 1] == ' ';)
			len--;
		while (text < end && *text == ' ')
			text++;
		text = behind(text, end, words, len, start);
		if (text == NULL)
			return false;
		start = true;
	}
	return true;
}

bool
policy_replies(const struct policy *policy, const char *text, size_t len)
{
	const struct reply_spec *spec;
	char codes[32];
	size_t i;
	int n;

	for (i = 0; i < policy->rule_count; i++) {
		spec = &policy->rules[i].reply;
		if (spec->code == 0)
			continue;
		n = snprintf(codes, sizeof(codes), "%u %s ", spec->code, spec->enhanced);
		if ((size_t)n <= len && memcmp(text, codes, (size_t)n) == 0 &&
		    text_fits(policy, &policy->rules[i], text + n, text + len))
			return true;
	}
	return false;
}

/* --- own failure */

void
reply_undecided(struct reply *reply)
{
	reply->code = 451;
	snprintf(reply->enhanced, sizeof(reply->enhanced), "4.3.0");
	snprintf(reply->text, sizeof(reply->text),
	    "The server cannot judge this connection now, please try again later");
}
