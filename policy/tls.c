/*
 * tls.c owns the order of TLS versions, the look-up of cipher suites and the
 * reading of cipher strings; it may not know sessions, nor what is good enough.
 */
/* libc */
#include <stdbool.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "buf.h"
#include "cipher_table.h"
#include "digest.h"
#include "tls.h"
/* openssl */
#include <openssl/err.h>
#include <openssl/ssl.h>

/* The first of several names for a number is the one to print. */
#define NUMBERED(name, number)	{ name, sizeof(name) - 1, number }
static const struct {
	const char	*name;
	size_t		 len;
	uint32_t	 number;
} versions[] = {
	NUMBERED("SSLv2", 0x0002),
	NUMBERED("SSLv3", 0x0300),
	NUMBERED("TLSv1", 0x0301),
	NUMBERED("TLSv1.0", 0x0301),
	NUMBERED("TLSv1.1", 0x0302),
	NUMBERED("TLSv1.2", TLS_1_2),
	NUMBERED("TLSv1.3", TLS_1_3),
	NUMBERED("TLSv1.4", 0x0305),
	NUMBERED("TLSv1.5", 0x0306),
	NUMBERED("TLSv1.6", 0x0307),
	NUMBERED("TLSv1.7", 0x0308),
	NUMBERED("TLSv1.8", 0x0309),
	NUMBERED("TLSv1.9", 0x030a),
};

static uint32_t
version_number(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i].len == len &&
		    strncasecmp(versions[i].name, name, len) == 0)
			return versions[i].number;
	return 0;
}

uint32_t
tls_version(const char *name, size_t len)
{
	uint32_t number;

	number = version_number(name, len);
	return number <= TLS_1_3 ? number : 0;
}

uint32_t
tls_version_later(const char *name, size_t len)
{
	uint32_t number;

	number = version_number(name, len);
	return number > TLS_1_3 ? number : 0;
}

const char *
tls_version_name(uint32_t number)
{
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i].number == number)
			return versions[i].name;
	return "";
}

/* As strcasecmp(), but for len bytes that need not end in NUL. */
static int
compare(const char *text, size_t len, const char *name)
{
	int c;

	c = strncasecmp(text, name, len);
	return c != 0 ? c : name[len] == '\0' ? 0 : -1;
}

static const struct suite *
find_suite(const struct suite *table, size_t count, const char *text, size_t len)
{
	size_t high = count, low = 0, middle;
	int c;

	while (low < high) {
		middle = low + (high - low) / 2;
		c = compare(text, len, table[middle].name);
		if (c == 0)
			return &table[middle];
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* The name in cipher_table of a suite called by another. */
static const char *
find_name(const char *text, size_t len)
{
	size_t high = cipher_names_count, low = 0, middle;
	int c;

	while (low < high) {
		middle = low + (high - low) / 2;
		c = compare(text, len, cipher_names[middle].other);
		if (c == 0)
			return cipher_names[middle].name;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool
tls_cipher(const char *text, size_t len, struct cipher *cipher)
{
	const struct suite *suite;
	const char *name;

	if (len == 0 || memchr(text, '\0', len) != NULL)
		return false;
	suite = find_suite(cipher_table, cipher_table_count, text, len);
	if (suite == NULL && (name = find_name(text, len)) != NULL)
		suite = find_suite(cipher_table, cipher_table_count, name,
		    strlen(name));
	if (suite == NULL)
		suite = find_suite(cipher_iana, cipher_iana_count, text, len);
	if (suite == NULL)
		return false;
	cipher->name = suite->name;
	cipher->iana = suite->iana;
	cipher->former = suite->former;
	cipher->bits = suite->bits;
	cipher->strength = suite->strength;
	cipher->aead = (suite->properties & AEAD) != 0;
	cipher->fs = (suite->properties & FS) != 0;
	cipher->anon = (suite->properties & ANON) != 0;
	cipher->tls13 = (suite->properties & TLS13) != 0;
	return true;
}

bool
tls_bits_fit(const struct cipher *cipher, uint32_t bits)
{
	/* OpenSSL 3.2 takes the short tag of CCM_8 for 64 bits. */
	if (bits == 64 && strstr(cipher->iana, "_CCM_8") != NULL)
		return true;
	return bits == cipher->bits || bits == cipher->strength;
}

/*
 * Cipher strings, ciphers(1).  OpenSSL keeps TLS 1.3 suites apart: a string
 * neither names nor removes them, and words it does not know are skipped.  Here
 * a string may name TLS 1.3 suites (then only those are in), remove them with !
 * or -, or remove all with !TLSv1.3; IANA names are understood; and a word that
 * nobody knows is an error, for it is a misspelt one.
 */
#define SEPARATORS	": ,;"

struct selection {
	SSL_CTX		*ctx;
	struct buf	 older;		/* the string for suites below TLS 1.3 */
	struct buf	 named;		/* " suite suite ": TLS 1.3, asked for */
	struct buf	 removed;	/* the same: not wanted */
	bool		 none13;	/* !TLSv1.3 */
	bool		 bad;
};

/* Words for what OpenSSL 3 has no suites of: right, but they select nothing. */
static const char *const empty_words[] = {
	"RC4", "RC2", "IDEA", "SEED", "DES", "3DES", "eNULL", "NULL", "aNULL", "ADH",
	"AECDH", "LOW", "MEDIUM", "EXP", "EXPORT", "EXPORT40", "EXPORT56", "SSLv2",
	"SSLv3", "TLSv1", "TLSv1.0", "TLSv1.2", "MD5", "SHA", "SHA1", "SHA256",
	"SHA384", "kDHr", "kDHd", "kDH", "aDH", "kECDHr", "kECDHe", "kECDH", "aECDH",
	"aDSS", "DSS", "kSRP", "aSRP", "SRP", "kPSK", "aPSK", "PSK", "kRSAPSK",
	"kDHEPSK", "kECDHEPSK", "kGOST", "kGOST18", "aGOST", "aGOST01", "aGOST12",
	"aGOST94", "GOST89", "GOST94", "GOST12", "GOST89MAC", "GOST89MAC12",
	"CAMELLIA", "CAMELLIA128", "CAMELLIA256", "ARIA", "ARIA128", "ARIA256",
	"ARIAGCM", "AESCCM", "AESCCM8", "CHACHA20", "COMPLEMENTOFALL",
	"COMPLEMENTOFDEFAULT", "kKRB5", "aKRB5", "KRB5", "kFZA", "aFZA", "eFZA",
	"FZA", "FIPS", "CBC",
};

static bool
word_known(SSL_CTX *ctx, const char *word, size_t len)
{
	struct buf copy = BUF_INIT;
	struct cipher cipher;
	bool known;
	size_t i;

	if (tls_cipher(word, len, &cipher))
		return true;
	for (i = 0; i < sizeof(empty_words) / sizeof(empty_words[0]); i++)
		if (strlen(empty_words[i]) == len &&
		    strncasecmp(empty_words[i], word, len) == 0)
			return true;
	buf_put(&copy, word, len);
	known = len > 0 && SSL_CTX_set_cipher_list(ctx, copy.data) == 1;
	buf_free(&copy);
	return known;
}

/* A+B+C, each part of which has to be a word of OpenSSL's. */
static bool
words_known(SSL_CTX *ctx, const char *text, size_t len)
{
	const char *plus;
	size_t n;

	for (;;) {
		plus = memchr(text, '+', len);
		n = plus != NULL ? (size_t)(plus - text) : len;
		if (!word_known(ctx, text, n))
			return false;
		if (plus == NULL)
			return true;
		text += n + 1;
		len -= n + 1;
	}
}

static void
put_suite(struct buf *to, const char *name)
{
	buf_puts(to, to->len == 0 ? " " : "");
	buf_puts(to, name);
	buf_putc(to, ' ');
}

static bool
has_suite(const struct buf *in, const char *name)
{
	size_t len = strlen(name);
	const char *p;

	for (p = buf_str(in); (p = strstr(p, name)) != NULL; p += len)
		if (p[-1] == ' ' && p[len] == ' ')
			return true;
	return false;
}

static void
put_older(struct selection *s, char sign, const char *text, size_t len)
{
	if (s->older.len > 0)
		buf_putc(&s->older, ':');
	if (sign != '\0')
		buf_putc(&s->older, sign);
	buf_put(&s->older, text, len);
}

static void
take_word(struct selection *s, const char *text, size_t len)
{
	struct cipher cipher;
	char sign = '\0';

	if (text[0] == '@') {	/* @STRENGTH, @SECLEVEL=n */
		put_older(s, '\0', text, len);
		return;
	}
	if (strchr("!-+", text[0]) != NULL) {
		sign = *text++;
		len--;
	}
	if (len == 7 && strncasecmp(text, "TLSv1.3", len) == 0) {
		s->none13 = sign == '!' || sign == '-';
	} else if (!tls_cipher(text, len, &cipher)) {
		if (!words_known(s->ctx, text, len))
			s->bad = true;
		put_older(s, sign, text, len);
	} else if (!cipher.tls13) {
		put_older(s, sign, cipher.name, strlen(cipher.name));
	} else if (sign != '+') {
		put_suite(sign == '\0' ? &s->named : &s->removed, cipher.name);
	}
}

static size_t
give(const char *name, const char *iana, void (*add)(void *, const char *),
    void *ctx)
{
	add(ctx, name);
	if (iana != NULL && iana[0] != '\0' && strcmp(name, iana) != 0)
		add(ctx, iana);
	return 1;
}

/* What OpenSSL selects; its TLS 1.3 suites unless some were named. */
static size_t
give_selected(const struct selection *s, void (*add)(void *, const char *),
    void *ctx)
{
	STACK_OF(SSL_CIPHER) *stack;
	const SSL_CIPHER *suite;
	struct cipher cipher;
	const char *name;
	size_t count = 0;
	int i;

	stack = SSL_CTX_get_ciphers(s->ctx);
	for (i = 0; i < sk_SSL_CIPHER_num(stack); i++) {
		suite = sk_SSL_CIPHER_value(stack, i);
		name = SSL_CIPHER_get_name(suite);
		if (tls_cipher(name, strlen(name), &cipher) && cipher.tls13 &&
		    (s->none13 || s->named.len > 0 || has_suite(&s->removed, name)))
			continue;
		count += give(name, SSL_CIPHER_standard_name(suite), add, ctx);
	}
	return count;
}

static size_t
give_named(const struct selection *s, void (*add)(void *, const char *), void *ctx)
{
	const char *p = buf_str(&s->named);
	struct cipher cipher;
	size_t count = 0, n;

	for (p += strspn(p, " "); *p != '\0'; p += n, p += strspn(p, " ")) {
		n = strcspn(p, " ");
		if (tls_cipher(p, n, &cipher) && !s->none13 &&
		    !has_suite(&s->removed, cipher.name))
			count += give(cipher.name, cipher.iana, add, ctx);
	}
	return count;
}

int
tls_cipher_string(const char *text, void (*add)(void *, const char *), void *ctx)
{
	struct selection s = { .ctx = NULL };
	size_t count = 0, n;

	digest_init();
	s.ctx = SSL_CTX_new(TLS_method());
	if (s.ctx == NULL)
		goto done;
	for (text += strspn(text, SEPARATORS); *text != '\0';
	    text += n, text += strspn(text, SEPARATORS)) {
		n = strcspn(text, SEPARATORS);
		take_word(&s, text, n);
	}
	if (s.bad)
		goto done;
	if (s.older.len > 0) {
		if (SSL_CTX_set_cipher_list(s.ctx, s.older.data) != 1)
			goto done;
		count = give_selected(&s, add, ctx);
	}
	count += give_named(&s, add, ctx);
done:
	/* Nobody else here reads OpenSSL's queue of errors. */
	ERR_clear_error();
	SSL_CTX_free(s.ctx);
	buf_free(&s.older);
	buf_free(&s.named);
	buf_free(&s.removed);
	return count > 0 ? 0 : -1;
}
