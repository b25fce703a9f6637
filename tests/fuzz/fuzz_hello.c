/*
 * fuzz_hello.c: what comes back from a server to a ClientHello: a byte of which
 * the lowest bit asks for all up to ServerHelloDone, then records.
 *
 * Read at once or byte by byte the answer is the same; what it names stands in
 * what was read; certificates can be judged whatever they are.
 */
/* this project */
#include "cert.h"
#include "hello.h"
#include "suites.h"
/* tests */
#include "certified.h"

static bool
same(const struct hello_answer *a, const struct hello_answer *b)
{
	return a->kind == b->kind && a->version == b->version &&
	    a->suite == b->suite && a->group == b->group &&
	    a->compression == b->compression && a->alert == b->alert &&
	    a->renegotiation == b->renegotiation && a->dh_bits == b->dh_bits &&
	    a->certificates_len == b->certificates_len &&
	    (a->certificates == NULL) == (b->certificates == NULL) &&
	    (a->certificates_len == 0 ||
	    memcmp(a->certificates, b->certificates, a->certificates_len) == 0);
}

static void
look_at(const struct hello_answer *a, bool done, bool whole, size_t size)
{
	PROMISE(!done || a->kind != HELLO_MORE);
	PROMISE(done || a->kind == HELLO_MORE || (whole && a->kind == HELLO_SERVER));
	PROMISE(a->certificates_len <= size);
	PROMISE(a->dh_bits <= 8 * 65535);
	if (a->kind == HELLO_SERVER || a->kind == HELLO_RETRY) {
		PROMISE(a->version >= VERSION_SSL3 && a->version <= VERSION_TLS1_3);
		PROMISE(version_text(a->version)[0] != '\0');
	}
	if (a->kind == HELLO_ALERT && alert_name(a->alert) != NULL)
		PROMISE(alert_name(a->alert)[0] != '\0');
	(void)suite_name(a->suite);
	(void)group_name(a->group);
}

static bool
feed(struct hello_reader *r, bool whole, const uint8_t *p, size_t size, size_t step)
{
	size_t at, n;
	bool done = false;

	hello_reader_init(r, whole);
	for (at = 0; at < size && !done; at += n) {
		n = size - at < step ? size - at : step;
		done = hello_reader_feed(r, p + at, n);
	}
	return done;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hello_reader once, bytes;
	struct chain chain = { .count = 0 };
	bool whole, done;

	if (size == 0)
		return 0;
	whole = data[0] & 1;
	data++;
	size--;
	done = feed(&once, whole, data, size, SIZE_MAX);
	PROMISE(feed(&bytes, whole, data, size, 1) == done);
	PROMISE(same(&once.answer, &bytes.answer));
	look_at(&once.answer, done, whole, size);
	if (done && once.answer.certificates != NULL) {
		chain_from_message(&chain, once.answer.certificates,
		    once.answer.certificates_len);
		look_at_chain(&chain);
	}
	chain_free(&chain);
	hello_reader_free(&once);
	hello_reader_free(&bytes);
	return 0;
}
