/*
 * hello.c owns how a ClientHello is written (RFC 6101, 5246, 8446); it may not
 * know how it is sent or answered.
 */
/* libc */
#include <string.h>
/* this project */
#include "hello.h"
#include "suites.h"

enum {
	EXT_SERVER_NAME = 0,
	EXT_GROUPS = 10,
	EXT_POINT_FORMATS = 11,
	EXT_SIGNATURES = 13,
	EXT_VERSIONS = 43,
	EXT_KEY_SHARE = 51
};

static const uint16_t signatures[] = {
	0x0905, 0x0904, 0x0906,		/* ML-DSA */
	0x0807, 0x0808,			/* ed25519, ed448 */
	0x0403, 0x0503, 0x0603,		/* ECDSA with SHA-2 */
	0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b,	/* RSA-PSS */
	0x0401, 0x0501, 0x0601, 0x0301, 0x0303,
	0x0402, 0x0502, 0x0602, 0x0302,	/* DSA */
	0x0203, 0x0201, 0x0202, 0x0101	/* SHA-1 and MD5 */
};

static void
put8(struct buf *b, unsigned int n)
{
	buf_putc(b, (char)(n & 0xff));
}

static void
put16(struct buf *b, unsigned int n)
{
	put8(b, n >> 8);
	put8(b, n);
}

static void
put_numbers(struct buf *b, const uint16_t *numbers, size_t count)
{
	size_t i;

	put16(b, (unsigned int)count * 2);
	for (i = 0; i < count; i++)
		put16(b, numbers[i]);
}

/* Room for a length of two bytes; end16 fills it in. */
static size_t
begin16(struct buf *b)
{
	put16(b, 0);
	return b->len;
}

static void
end16(struct buf *b, size_t start)
{
	size_t len = b->len - start;

	b->data[start - 2] = (char)(len >> 8 & 0xff);
	b->data[start - 1] = (char)(len & 0xff);
}

static void
put_server_name(struct buf *b, const char *name)
{
	size_t ext, list;

	put16(b, EXT_SERVER_NAME);
	ext = begin16(b);
	list = begin16(b);
	put8(b, 0);	/* host_name */
	put16(b, (unsigned int)strlen(name));
	buf_puts(b, name);
	end16(b, list);
	end16(b, ext);
}

static void
put_extensions(struct buf *b, const struct hello *h)
{
	size_t ext;

	if (h->sni != NULL)
		put_server_name(b, h->sni);
	if (h->group_count > 0) {
		put16(b, EXT_GROUPS);
		ext = begin16(b);
		put_numbers(b, h->groups, h->group_count);
		end16(b, ext);
		put16(b, EXT_POINT_FORMATS);
		put16(b, 2);
		put8(b, 1);
		put8(b, 0);	/* uncompressed */
	}
	if (h->version >= VERSION_TLS1_2) {
		put16(b, EXT_SIGNATURES);
		ext = begin16(b);
		put_numbers(b, signatures, sizeof(signatures) / sizeof(signatures[0]));
		end16(b, ext);
	}
	if (h->version == VERSION_TLS1_3) {
		put16(b, EXT_VERSIONS);
		put16(b, 3);
		put8(b, 2);
		put16(b, VERSION_TLS1_3);
		put16(b, EXT_KEY_SHARE);
		put16(b, 2);
		put16(b, 0);	/* none: ask for one */
	}
}

static void
put_body(struct buf *b, const struct hello *h)
{
	size_t start;

	put16(b, h->version < VERSION_TLS1_2 ? h->version : VERSION_TLS1_2);
	buf_put(b, h->random, sizeof(h->random));
	/* TLS 1.3 looks like a resumption, for the sake of boxes in between. */
	if (h->version == VERSION_TLS1_3) {
		put8(b, sizeof(h->random));
		buf_put(b, h->random, sizeof(h->random));
	} else
		put8(b, 0);
	start = begin16(b);
	for (size_t i = 0; i < h->suite_count; i++)
		put16(b, h->suites[i]);
	if (h->version != VERSION_TLS1_3)
		put16(b, SUITE_RENEGOTIATION);
	end16(b, start);
	put8(b, h->compression ? 2 : 1);
	if (h->compression)
		put8(b, 1);	/* DEFLATE, RFC 3749 */
	put8(b, 0);
	if (h->version == VERSION_SSL3)
		return;		/* extensions came with TLS */
	start = begin16(b);
	put_extensions(b, h);
	end16(b, start);
}

void
hello_build(struct buf *b, const struct hello *h)
{
	size_t record, message;

	put8(b, 22);	/* handshake */
	put16(b, h->version == VERSION_SSL3 ? VERSION_SSL3 : 0x0301);
	record = begin16(b);
	put8(b, 1);	/* client_hello */
	put8(b, 0);
	message = begin16(b);
	put_body(b, h);
	end16(b, message);
	end16(b, record);
}
