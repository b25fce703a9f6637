/*
 * hello_read.c owns how the answer to a ClientHello is read; it may not know
 * what was asked.
 */
/* libc */
#include <string.h>
/* this project */
#include "hello.h"
#include "suites.h"

#define RECORD_MAX	(16384 + 2048)	/* RFC 5246, section 6.2.3 */
#define MESSAGE_MAX	(128 * 1024)
#define WARNINGS_MAX	4

enum {
	EXT_VERSIONS = 43,
	EXT_KEY_SHARE = 51,
	EXT_RENEGOTIATION = 0xff01
};

/* SHA-256 of "HelloRetryRequest": RFC 8446, section 4.1.3. */
static const uint8_t retry_random[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
	0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
	0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c
};

/* Bytes still to be read; bad once more was asked for than there was. */
struct bytes {
	const uint8_t	*p;
	size_t		 len;
	bool		 bad;
};

static const uint8_t *
take(struct bytes *b, size_t n)
{
	const uint8_t *p = b->p;

	if (n > b->len) {
		b->bad = true;
		b->len = 0;
		return NULL;
	}
	b->p += n;
	b->len -= n;
	return p;
}

static unsigned int
take_number(struct bytes *b, size_t n)
{
	const uint8_t *p = take(b, n);
	unsigned int value = 0;

	while (p != NULL && n-- > 0)
		value = value << 8 | *p++;
	return value;
}

static void
read_extension(struct hello_answer *a, unsigned int type, struct bytes body)
{
	switch (type) {
	case EXT_RENEGOTIATION:
		a->renegotiation = true;
		break;
	case EXT_VERSIONS:
		a->version = (uint16_t)take_number(&body, 2);
		if (body.bad)
			a->kind = HELLO_MALFORMED;
		break;
	case EXT_KEY_SHARE:
		a->group = (uint16_t)take_number(&body, 2);
		if (body.bad)
			a->kind = HELLO_MALFORMED;
		break;
	default:
		break;
	}
}

static void
read_server_hello(struct hello_answer *a, struct bytes b)
{
	const uint8_t *random;
	struct bytes list, body;
	unsigned int type;

	a->kind = HELLO_SERVER;
	a->version = (uint16_t)take_number(&b, 2);
	random = take(&b, 32);
	if (random != NULL && memcmp(random, retry_random, 32) == 0)
		a->kind = HELLO_RETRY;
	take(&b, take_number(&b, 1));	/* session id */
	a->suite = (uint16_t)take_number(&b, 2);
	a->compression = (uint8_t)take_number(&b, 1);
	if (!b.bad && b.len > 0) {
		list.bad = false;
		list.len = take_number(&b, 2);
		list.p = take(&b, list.len);
		while (!b.bad && !list.bad && list.len > 0) {
			type = take_number(&list, 2);
			body.bad = false;
			body.len = take_number(&list, 2);
			body.p = take(&list, body.len);
			if (!list.bad)
				read_extension(a, type, body);
		}
		if (list.bad)
			a->kind = HELLO_MALFORMED;
	}
	if (b.bad || a->version < VERSION_SSL3 || a->version > VERSION_TLS1_3)
		a->kind = HELLO_MALFORMED;
}

static unsigned int
count_bits(const uint8_t *p, size_t len)
{
	unsigned int bits, top;

	while (len > 0 && *p == 0) {
		p++;
		len--;
	}
	if (len == 0)
		return 0;
	bits = (unsigned int)len * 8;
	for (top = *p; (top & 0x80) == 0; top <<= 1)
		bits--;
	return bits;
}

/* RFC 5246, section 7.4.3, and RFC 8422, section 5.4. */
static void
read_key_exchange(struct hello_answer *a, struct bytes b)
{
	unsigned int traits = suite_traits(a->suite);
	const uint8_t *p;
	size_t len;

	if (traits & SUITE_DHE) {
		len = take_number(&b, 2);
		p = take(&b, len);
		if (p != NULL)
			a->dh_bits = count_bits(p, len);
	} else if (traits & SUITE_ECDHE) {
		if (take_number(&b, 1) == 3)	/* named_curve */
			a->group = (uint16_t)take_number(&b, 2);
	}
}

/* true when the answer stands. */
static bool
read_message(struct hello_reader *r, unsigned int type, struct bytes body)
{
	struct hello_answer *a = &r->answer;
	bool seen = a->kind == HELLO_SERVER;

	if (!seen && type != 2) {
		a->kind = HELLO_MALFORMED;
		return true;
	}
	switch (type) {
	case 2:		/* server_hello */
		if (seen)
			a->kind = HELLO_MALFORMED;
		else
			read_server_hello(a, body);
		return a->kind != HELLO_SERVER || !r->whole ||
		    a->version >= VERSION_TLS1_3;
	case 11:	/* certificate */
		a->certificates = body.p;
		a->certificates_len = body.len;
		return false;
	case 12:	/* server_key_exchange */
		read_key_exchange(a, body);
		return false;
	case 14:	/* server_hello_done */
		return true;
	default:
		return false;
	}
}

/* Whole messages only; the certificates' place is set again at each call, for
 * the buffer may have moved. */
static bool
read_messages(struct hello_reader *r)
{
	struct bytes b, body;
	unsigned int type;
	bool done;

	for (;;) {
		b.p = (const uint8_t *)buf_str(&r->messages) + r->at;
		b.len = r->messages.len - r->at;
		b.bad = false;
		if (b.len < 4)
			return false;
		type = take_number(&b, 1);
		body.len = take_number(&b, 3);
		body.bad = false;
		if (body.len > MESSAGE_MAX) {
			r->answer.kind = HELLO_MALFORMED;
			return true;
		}
		body.p = take(&b, body.len);
		if (b.bad)
			return false;
		r->at += 4 + body.len;
		done = read_message(r, type, body);
		if (type == 11)		/* as an offset until the end */
			r->certificates_at = r->at - body.len;
		if (done)
			return true;
	}
}

static bool
read_alert(struct hello_reader *r, const uint8_t *p, size_t len)
{
	if (len != 2) {
		r->answer.kind = HELLO_MALFORMED;
		return true;
	}
	r->answer.alert = p[1];
	/* A warning is no answer, but close_notify is the last one. */
	if (p[0] == 1 && p[1] != 0 && ++r->warnings <= WARNINGS_MAX)
		return false;
	r->answer.kind = HELLO_ALERT;
	return true;
}

static bool
read_record(struct hello_reader *r, unsigned int type, const uint8_t *p, size_t len)
{
	switch (type) {
	case 20:	/* change_cipher_spec: RFC 8446, appendix D.4 */
		return false;
	case 21:
		return read_alert(r, p, len);
	case 22:
		buf_put(&r->messages, p, len);
		return read_messages(r);
	default:
		r->answer.kind = HELLO_MALFORMED;
		return true;
	}
}

/* The first whole record; *done when the answer stands.  Bytes used, or 0. */
static size_t
next_record(struct hello_reader *r, const uint8_t *p, size_t len, bool *done)
{
	size_t body;

	if (len > 0 && (p[0] < 20 || p[0] > 23)) {
		r->answer.kind = HELLO_NOT_TLS;
		*done = true;
		return 0;
	}
	if (len < 5)
		return 0;
	body = (size_t)p[3] << 8 | p[4];
	if (p[1] != 3 || body > RECORD_MAX || body == 0) {
		r->answer.kind = p[1] != 3 ? HELLO_NOT_TLS : HELLO_MALFORMED;
		*done = true;
		return 0;
	}
	if (len < 5 + body)
		return 0;
	*done = read_record(r, p[0], p + 5, body);
	return 5 + body;
}

void
hello_reader_init(struct hello_reader *r, bool whole)
{
	memset(r, 0, sizeof(*r));
	r->whole = whole;
}

void
hello_reader_free(struct hello_reader *r)
{
	buf_free(&r->records);
	buf_free(&r->messages);
}

bool
hello_reader_feed(struct hello_reader *r, const uint8_t *p, size_t len)
{
	const uint8_t *start;
	size_t used, at = 0;
	bool done = false;

	buf_put(&r->records, p, len);
	start = (const uint8_t *)buf_str(&r->records);
	while (!done) {
		used = next_record(r, start + at, r->records.len - at, &done);
		if (used == 0)
			break;
		at += used;
	}
	memmove(r->records.data, r->records.data + at, r->records.len - at);
	buf_truncate(&r->records, r->records.len - at);
	if (r->answer.certificates != NULL)
		r->answer.certificates =
		    (const uint8_t *)buf_str(&r->messages) + r->certificates_at;
	return done;
}

static const struct {
	uint8_t		 number;
	const char	*name;
} alerts[] = {
	{ 0, "close_notify" },
	{ 10, "unexpected_message" },
	{ 20, "bad_record_mac" },
	{ 40, "handshake_failure" },
	{ 42, "bad_certificate" },
	{ 47, "illegal_parameter" },
	{ 50, "decode_error" },
	{ 51, "decrypt_error" },
	{ 70, "protocol_version" },
	{ 71, "insufficient_security" },
	{ 80, "internal_error" },
	{ 86, "inappropriate_fallback" },
	{ 109, "missing_extension" },
	{ 110, "unsupported_extension" },
	{ 112, "unrecognized_name" },
};

const char *
alert_name(uint8_t number)
{
	size_t i;

	for (i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (alerts[i].number == number)
			return alerts[i].name;
	return NULL;
}
