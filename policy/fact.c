/*
 * fact.c owns what is said of facts: their text, and how a session used the
 * opportunity to encrypt; it may not know how facts are kept.
 */
/* libc */
#include <stdio.h>
/* this project */
#include "session.h"
#include "tls.h"

const char *
fact_as_text(const struct fact *fact, enum attr attr, char *scratch, size_t size)
{
	if (fact->state != FACT_KNOWN)
		return "";
	switch (attr_info(attr)->type) {
	case TYPE_NUMBER:
		snprintf(scratch, size, "%u", (unsigned int)fact->number);
		return scratch;
	case TYPE_ADDRESS:
		if (size < ADDRESS_TEXT)
			return "";
		address_format(&fact->address, scratch);
		return scratch;
	case TYPE_TLS:
		return tls_version_name(fact->number);
	case TYPE_FLAG:
		return fact->number != 0 ? "yes" : "no";
	default:
		return fact->text;
	}
}

const char *
session_text(const struct session *s, enum attr attr, char *scratch, size_t size)
{
	struct fact fact = session_fact(s, attr);

	return fact_as_text(&fact, attr, scratch, size);
}

/* What RFC 9325 section 4.1 asks for at least. */
#define STRENGTH_MIN	112

enum outcome
session_outcome(const struct session *s, bool mail)
{
	struct fact bits, tls;

	tls = session_fact(s, ATTR_TLS);
	if (tls.state == FACT_UNKNOWN)
		return OUTCOME_UNKNOWN;
	if (tls.state == FACT_NONE)
		return mail ? OUTCOME_CLEARTEXT : OUTCOME_ABANDONED;
	bits = session_fact(s, ATTR_CIPHER_STRENGTH);
	if (bits.state != FACT_KNOWN)
		bits = session_fact(s, ATTR_CIPHER_BITS);
	if (tls.number < TLS_1_2 ||
	    (bits.state == FACT_KNOWN && bits.number < STRENGTH_MIN))
		return OUTCOME_DEPRECATED;
	return OUTCOME_ENCRYPTED;
}

const char *
outcome_name(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_UNKNOWN:
		return "unknown";
	case OUTCOME_ENCRYPTED:
		return "encrypted";
	case OUTCOME_DEPRECATED:
		return "deprecated";
	case OUTCOME_CLEARTEXT:
		return "cleartext";
	case OUTCOME_ABANDONED:
		return "abandoned";
	}
	return "";
}
