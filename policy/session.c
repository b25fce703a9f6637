/*
 * session.c owns the facts of a session and the one decision between "not yet",
 * "none" and "not known"; it may not know policies, nor where facts come from.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "mem.h"
#include "session.h"
#include "tls.h"

/*
 * A text that is forgotten keeps its room, for the next of its kind: the MTA
 * names most facts again at each stage.
 */
struct slot {
	union {
		char		*text;		/* string types */
		uint32_t	 number;	/* NUMBER, FLAG, TLS */
	};
	uint16_t room;		/* bytes at text */
	uint8_t	 state;		/* enum fact_state */
	bool	 cut;		/* UNKNOWN, and text is its start */
	bool	 derived;	/* follows from the cipher */
	bool	 apart;		/* text was allocated, and is not in the store */
};

/* The usual texts of a session fit in here; a longer one is allocated. */
#define STORE_SIZE	288

struct session {
	struct slot	 slots[ATTR_COUNT];
	struct address	 client;	/* kept apart, for they are large */
	struct address	 listener;
	const char	*suite;		/* of the cipher: see struct fact */
	struct cipher	 found;		/* the latest that was looked up */
	uint8_t		 stage;
	bool		 implicit_tls;
	bool		 survives;	/* a lack of memory */
	bool		 starved;	/* and there was one */
	uint32_t	 today;
	uint16_t	 stored;	/* bytes of the store in use */
	char		 store[STORE_SIZE];
};

/* What follows from the name of a cipher suite. */
static const enum attr derived[] = { ATTR_CIPHER_BITS, ATTR_CIPHER_STRENGTH,
    ATTR_CIPHER_AEAD, ATTR_CIPHER_FS, ATTR_CIPHER_ANON };
#define DERIVED_COUNT	(sizeof(derived) / sizeof(derived[0]))

static bool
is_string(enum attr attr)
{
	switch (attr_info(attr)->type) {
	case TYPE_NUMBER:
	case TYPE_ADDRESS:
	case TYPE_TLS:
	case TYPE_FLAG:
		return false;
	default:
		return true;
	}
}

struct session *
session_new(void)
{
	return mem_calloc(1, sizeof(struct session));
}

struct session *
session_new_or_null(void)
{
	struct session *s;

	s = calloc(1, sizeof(*s));
	if (s != NULL)
		s->survives = true;
	return s;
}

bool
session_starved(const struct session *s)
{
	return s->starved;
}

void
session_free(struct session *s)
{
	unsigned int i;

	if (s == NULL)
		return;
	for (i = 0; i < ATTR_COUNT; i++)
		if (s->slots[i].apart)
			free(s->slots[i].text);
	free(s);
}

void
session_set_stage(struct session *s, enum stage stage)
{
	s->stage = (uint8_t)stage;
}

enum stage
session_stage(const struct session *s)
{
	return (enum stage)s->stage;
}

void
session_forget(struct session *s, enum stage stage)
{
	unsigned int i;

	for (i = 0; i < ATTR_COUNT; i++)
		if (s->slots[i].state != FACT_UNSET &&
		    attr_info((enum attr)i)->arrives >= stage)
			session_clear(s, (enum attr)i);
}

/* Empty the slot and give it a state. */
static struct slot *
renew(struct session *s, enum attr attr, enum fact_state state)
{
	struct slot *slot = &s->slots[attr];

	slot->state = (uint8_t)state;
	slot->cut = slot->derived = false;
	return slot;
}

/* Forget what followed from an earlier cipher. */
static void
underive(struct session *s, enum attr attr)
{
	size_t i;

	if (attr != ATTR_CIPHER)
		return;
	s->suite = NULL;
	for (i = 0; i < DERIVED_COUNT; i++)
		if (s->slots[derived[i]].derived)
			renew(s, derived[i], FACT_UNSET);
}

void
session_clear(struct session *s, enum attr attr)
{
	/* what was never set holds nothing */
	if (s->slots[attr].state == FACT_UNSET)
		return;
	renew(s, attr, FACT_UNSET);
	underive(s, attr);
}

void
session_set_none(struct session *s, enum attr attr)
{
	renew(s, attr, FACT_NONE);
	underive(s, attr);
}

void
session_set_unknown(struct session *s, enum attr attr)
{
	renew(s, attr, FACT_UNKNOWN);
	underive(s, attr);
}

static void
derive(struct session *s, enum attr attr, uint32_t number)
{
	struct slot *slot = &s->slots[attr];

	if (slot->state != FACT_UNSET)
		return;
	slot->state = FACT_KNOWN;
	slot->derived = true;
	slot->number = number;
}

/* The bits are those an MTA would tell: see tls_bits_fit(). */
static void
derive_all(struct session *s, const struct cipher *cipher)
{
	s->suite = cipher->name;
	derive(s, ATTR_CIPHER_BITS, cipher->strength);
	derive(s, ATTR_CIPHER_STRENGTH, cipher->strength);
	derive(s, ATTR_CIPHER_AEAD, cipher->aead);
	derive(s, ATTR_CIPHER_FS, cipher->fs);
	derive(s, ATTR_CIPHER_ANON, cipher->anon);
}

/* Digits only, and not more than fit; 0 or -1. */
static int
parse_number(const char *text, size_t len, uint32_t *number)
{
	uint64_t n = 0;
	size_t i;

	if (len == 0 || len > 10)
		return -1;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	if (n > UINT32_MAX)
		return -1;
	*number = (uint32_t)n;
	return 0;
}

static int
parse_value(enum attr attr, const char *text, size_t len, uint32_t *number)
{
	switch (attr_info(attr)->type) {
	case TYPE_NUMBER:
		if (parse_number(text, len, number) == -1)
			return -1;
		return attr == ATTR_PORT && *number > UINT16_MAX ? -1 : 0;
	case TYPE_TLS:
		*number = tls_version(text, len);
		if (*number == 0)
			*number = tls_version_later(text, len);
		return *number != 0 ? 0 : -1;
	default:	/* a flag: is_string() and addresses went before */
		*number = len == 3 && strncasecmp(text, "yes", len) == 0;
		return *number == 1 ||
		    (len == 2 && strncasecmp(text, "no", len) == 0) ? 0 : -1;
	}
}

static char *
copy(struct session *s, const char *text, size_t len)
{
	char *p;

	if (!s->survives)
		return mem_strndup(text, len);
	p = strndup(text, len);
	s->starved = s->starved || p == NULL;
	return p;
}

/* The slot gets room for the text; 0, or -1 when there is no memory. */
static int
make_room(struct session *s, struct slot *slot, const char *text, size_t len)
{
	bool apart = len >= sizeof(s->store) - s->stored;
	char *p;

	if (len < slot->room)
		return 0;
	p = apart ? copy(s, text, len) : s->store + s->stored;
	if (p == NULL)
		return -1;
	if (!apart)
		s->stored = (uint16_t)(s->stored + len + 1);
	if (slot->apart)
		free(slot->text);
	slot->text = p;
	slot->room = (uint16_t)(len + 1);
	slot->apart = apart;
	return 0;
}

static int
set_string(struct session *s, enum attr attr, const char *text, size_t len)
{
	const struct attr_info *info = attr_info(attr);
	struct slot *slot = &s->slots[attr];
	bool cut;

	if (info->type == TYPE_MAILBOX && len > 2 && text[0] == '<' &&
	    text[len - 1] == '>') {
		text++;
		len -= 2;
	}
	if (memchr(text, '\0', len) != NULL)
		return -1;
	cut = len > info->max;
	len = cut ? info->max : len;
	if (make_room(s, slot, text, len) == -1)
		return -1;
	memcpy(slot->text, text, len);
	slot->text[len] = '\0';
	slot->cut = cut;
	if (cut)
		return -1;
	slot->state = FACT_KNOWN;
	return 0;
}

/* NULL when nobody knows it.  The MTA names the same one at each stage. */
static const struct cipher *
find_cipher(struct session *s, const char *text, size_t len)
{
	if (s->found.name != NULL && strlen(s->found.name) == len &&
	    memcmp(s->found.name, text, len) == 0)
		return &s->found;
	return tls_cipher(text, len, &s->found) ? &s->found : NULL;
}

/* known: what it is; NULL when nobody knows. */
static int
set_cipher(struct session *s, const char *text, size_t len, const struct cipher *known)
{
	session_set_unknown(s, ATTR_CIPHER);
	if (set_string(s, ATTR_CIPHER, text, len) == -1)
		return -1;
	if (known != NULL)
		derive_all(s, known);
	return 0;
}

int
session_set(struct session *s, enum attr attr, const char *text, size_t len)
{
	struct address address;
	uint32_t number;

	if (len == 0) {
		session_clear(s, attr);
		return 0;
	}
	if (attr == ATTR_CIPHER)
		return set_cipher(s, text, len, find_cipher(s, text, len));
	session_set_unknown(s, attr);
	if (is_string(attr))
		return set_string(s, attr, text, len);
	if (attr_info(attr)->type == TYPE_ADDRESS) {
		if (address_parse(&address, text, len) == -1)
			return -1;
		*(attr == ATTR_CLIENT ? &s->client : &s->listener) = address;
		s->slots[attr].state = FACT_KNOWN;
		return 0;
	}
	if (parse_value(attr, text, len, &number) == -1)
		return -1;
	session_set_number(s, attr, number);
	return 0;
}

void
session_set_client(struct session *s, const struct address *address)
{
	renew(s, ATTR_CLIENT, address->bits != 0 ? FACT_KNOWN : FACT_UNKNOWN);
	s->client = *address;
}

void
session_set_number(struct session *s, enum attr attr, uint32_t number)
{
	renew(s, attr, FACT_KNOWN)->number = number;
}

enum tls_report
session_set_tls(struct session *s, const char *version, const char *cipher,
    const char *bits)
{
	const struct cipher *known;
	uint32_t bits_number;
	size_t i;

	version = version != NULL ? version : "";
	cipher = cipher != NULL ? cipher : "";
	bits = bits != NULL ? bits : "";
	session_clear(s, ATTR_TLS);
	for (i = 0; i < DERIVED_COUNT; i++)
		session_clear(s, derived[i]);
	session_clear(s, ATTR_CIPHER);
	if (version[0] == '\0' && cipher[0] == '\0' && bits[0] == '\0')
		return TLS_ABSENT;
	/* a suite that nobody knows may be one that came after us */
	known = find_cipher(s, cipher, strlen(cipher));
	if (cipher[0] != '\0' &&
	    parse_number(bits, strlen(bits), &bits_number) == 0 &&
	    session_set(s, ATTR_TLS, version, strlen(version)) == 0 &&
	    s->slots[ATTR_TLS].state == FACT_KNOWN &&
	    (known == NULL || (tls_bits_fit(known, bits_number) &&
	    known->tls13 == (s->slots[ATTR_TLS].number >= TLS_1_3)))) {
		session_set_number(s, ATTR_CIPHER_BITS, bits_number);
		if (set_cipher(s, cipher, strlen(cipher), known) == 0)
			return TLS_PRESENT;
	}
	session_set_unknown(s, ATTR_TLS);
	session_set_unknown(s, ATTR_CIPHER);
	session_set_unknown(s, ATTR_CIPHER_BITS);
	return TLS_INCONSISTENT;
}

void
session_set_implicit_tls(struct session *s, bool implicit)
{
	s->implicit_tls = implicit;
}

void
session_set_today(struct session *s, uint32_t today)
{
	s->today = today;
}

uint32_t
session_today(const struct session *s)
{
	return s->today;
}

/* The stage from which "nothing was said" means "there is none". */
static enum stage
settled(const struct session *s, enum attr attr)
{
	const struct attr_info *info = attr_info(attr);

	if (s->implicit_tls && (attr == ATTR_TLS || info->depends == ATTR_TLS))
		return info->arrives;
	return info->settled;
}

/*
 * The table of session.h.  A chain of dependence is at most cipher_strength,
 * cipher, tls.
 */
static enum fact_state
state_of(const struct session *s, enum attr attr)
{
	const struct attr_info *info = attr_info(attr);
	enum fact_state state = (enum fact_state)s->slots[attr].state;

	if (state == FACT_NONE)
		return (enum stage)s->stage >= settled(s, attr) ? state : FACT_UNKNOWN;
	if (state != FACT_UNSET)
		return (enum stage)s->stage >= info->arrives ? state : FACT_UNKNOWN;
	if (info->depends != ATTR_NOTHING) {
		state = state_of(s, info->depends);
		if (state != FACT_KNOWN)
			return state;
	}
	if (info->optional && (enum stage)s->stage >= settled(s, attr))
		return FACT_NONE;
	return FACT_UNKNOWN;
}

struct fact
session_fact(const struct session *s, enum attr attr)
{
	const struct slot *slot = &s->slots[attr];
	struct fact fact = { .state = state_of(s, attr) };

	if (is_string(attr)) {
		if (fact.state == FACT_KNOWN || slot->cut)
			fact.text = slot->text;
		fact.cut = slot->cut;
		if (attr == ATTR_CIPHER && fact.state == FACT_KNOWN)
			fact.suite = s->suite;
	} else if (fact.state != FACT_KNOWN) {
		return fact;
	} else if (attr == ATTR_CLIENT) {
		fact.address = s->client;
	} else if (attr == ATTR_LISTENER) {
		fact.address = s->listener;
	} else {
		fact.number = slot->number;
	}
	return fact;
}
