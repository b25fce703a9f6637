/*
 * match.c owns the comparison of one fact with what one condition names, for
 * each type of attribute; it may not know negation, other facts or rules.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "match.h"
#include "netblock.h"
#include "pattern.h"
#include "rule.h"
#include "session.h"
#include "strset.h"
#include "tls.h"

/* Host names are the same with and without the dot of the root. */
static bool
same_domain(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	if (n > 0 && a[n - 1] == '.')
		n--;
	if (m > 0 && b[m - 1] == '.')
		m--;
	return n == m && strncasecmp(a, b, n) == 0;
}

/* A suite is one suite by all its names. */
static bool
same_cipher(const struct value *value, const struct fact *fact)
{
	if (value->suite != NULL && fact->suite != NULL)
		return strcmp(value->suite, fact->suite) == 0;
	return strcasecmp(value->text, fact->text) == 0;
}

static bool
equal(enum attr_type type, const struct value *value, const struct fact *fact)
{
	struct address network;

	switch (type) {
	case TYPE_NUMBER:
	case TYPE_TLS:
	case TYPE_FLAG:
		return fact->number == value->number;
	case TYPE_ADDRESS:
		if (fact->address.bits != value->address.bits)
			return false;
		network = fact->address;
		address_mask(&network, value->prefix);
		return address_compare(&network, &value->address) == 0;
	case TYPE_WORD:
	case TYPE_MAILBOX:
		return strcasecmp(fact->text, value->text) == 0;
	case TYPE_DOMAIN:
		return same_domain(fact->text, value->text);
	case TYPE_CIPHER:
		return same_cipher(value, fact);
	case TYPE_TEXT:
		break;
	}
	return strcmp(fact->text, value->text) == 0;
}

static bool
ordered(enum cond_kind kind, uint32_t fact, uint32_t value)
{
	switch (kind) {
	case COND_LT:
		return fact < value;
	case COND_LE:
		return fact <= value;
	case COND_GT:
		return fact > value;
	default:
		return fact >= value;
	}
}

static int
compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool
has_string(const struct list *list, const char *text)
{
	return strset_contains(list->strings, text, strlen(text));
}

static bool
has_version(const struct list *list, uint32_t number)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (tls_version(list->items[i].text, strlen(list->items[i].text)) ==
		    number)
			return true;
	return false;
}

/* The set has folded the case, which for text makes a difference. */
static bool
has_exact(const struct list *list, const char *text)
{
	size_t i;

	if (!has_string(list, text))
		return false;
	for (i = 0; i < list->count; i++)
		if (strcmp(list->items[i].text, text) == 0)
			return true;
	return false;
}

static bool
contains(enum attr_type type, const struct list *list, const struct fact *fact)
{
	switch (type) {
	case TYPE_NUMBER:
		return list->numbers != NULL && bsearch(&fact->number, list->numbers,
		    list->number_count, sizeof(*list->numbers), compare_numbers) != NULL;
	case TYPE_TLS:
		return has_version(list, fact->number);
	case TYPE_ADDRESS:
		return list->networks != NULL &&
		    netblock_contains(list->networks, &fact->address);
	case TYPE_CIPHER:
		return has_string(list, fact->suite != NULL ? fact->suite : fact->text);
	case TYPE_DOMAIN:
		return strset_contains_domain(list->strings, fact->text,
		    strlen(fact->text));
	case TYPE_MAILBOX:
		return strset_contains_mailbox(list->strings, fact->text,
		    strlen(fact->text));
	case TYPE_TEXT:
		return has_exact(list, fact->text);
	case TYPE_WORD:
		return has_string(list, fact->text);
	case TYPE_FLAG:
		break;
	}
	return false;
}

static enum answer
match_pattern(const struct cond *cond, const struct fact *fact,
    struct scratch *scratch, unsigned int *limits)
{
	switch (pattern_match(cond->pattern, fact->text, strlen(fact->text), scratch)) {
	case PATTERN_YES:
		return YES;
	case PATTERN_NO:
		return NO;
	case PATTERN_LIMIT:
		break;
	}
	(*limits)++;
	return UNKNOWN;
}

enum answer
match(const struct cond *cond, const struct fact *fact, struct scratch *scratch,
    unsigned int *limits)
{
	enum attr_type type = attr_info(cond->attr)->type;
	bool yes = false;

	if (fact->state != FACT_KNOWN && fact->state != FACT_NONE)
		return UNKNOWN;
	if (cond->kind == COND_NONE)
		return fact->state == FACT_NONE ? YES : NO;
	/* Whatever a lacking fact is compared with, it is not that. */
	if (fact->state == FACT_NONE)
		return NO;
	switch (cond->kind) {
	case COND_PRESENT:
		yes = type != TYPE_FLAG || fact->number != 0;
		break;
	case COND_EQ:
		yes = equal(type, &cond->value, fact);
		break;
	case COND_IN:
		yes = contains(type, cond->list, fact);
		break;
	case COND_MATCH:
		return match_pattern(cond, fact, scratch, limits);
	default:
		yes = ordered(cond->kind, fact->number, cond->value.number);
		break;
	}
	return yes ? YES : NO;
}
