/*
 * certified.h: what is said of certificates holds together, whatever they are.
 */
#ifndef TLSWARDEN_CERTIFIED_H
#define TLSWARDEN_CERTIFIED_H

/* this project */
#include "cert.h"
/* tests */
#include "fuzz.h"

#define NOW	INT64_C(1795225200)	/* 21 November 2026 */

static inline void
look_at_text(const char *s, size_t size)
{
	PROMISE(memchr(s, '\0', size) != NULL);
}

static inline void
look_at_names(const struct chain *chain, const char *name)
{
	struct cert_facts f;

	cert_read(&f, chain, name, NULL, NOW);
	PROMISE(f.count == chain->count && f.count <= CHAIN_MAX);
	look_at_text(f.subject, sizeof(f.subject));
	look_at_text(f.issuer, sizeof(f.issuer));
	look_at_text(f.names, sizeof(f.names));
	look_at_text(f.key, sizeof(f.key));
	look_at_text(f.signature, sizeof(f.signature));
	look_at_text(f.until, sizeof(f.until));
	look_at_text(f.wanted, sizeof(f.wanted));
	PROMISE((f.days < 0) == (f.readable && f.ends < NOW));
	/* no root is known here */
	PROMISE(f.trust != TRUST_GOOD && (f.trust == TRUST_BAD) == (f.trust_fault != NULL));
	PROMISE(f.readable || !f.name_fits);
}

static inline void
look_at_chain(const struct chain *chain)
{
	size_t i;

	/* the machine's own roots would take their time, and are none of ours */
	setenv("SSL_CERT_FILE", "/dev/null", 1);
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	PROMISE(chain->count <= CHAIN_MAX);
	for (i = 0; i < chain->count; i++)
		PROMISE(chain->len[i] <= CERT_BYTES_MAX);
	look_at_names(chain, "mx.example.org");
	look_at_names(chain, "192.0.2.1");
	look_at_names(chain, NULL);
}

#endif
