/*
 * channel.c owns TLS sessions by OpenSSL; it may not know what is said in them.
 */
/* libc */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* openssl */
#include <openssl/err.h>
#include <openssl/ssl.h>
/* this project */
#include "channel.h"
#include "chain.h"
#include "digest.h"
#include "mem.h"

/* A handshake may have this many turns, each of which reads something. */
#define TURNS_MAX	2000

struct channel {
	SSL_CTX		*ctx;
	SSL		*ssl;
	BIO		*in, *out;	/* the SSL's own */
	SSL_SESSION	*session;	/* the last that came, or NULL */
};

struct ticket {
	SSL_SESSION	*session;
};

static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct channel *c = SSL_get_app_data(ssl);

	SSL_SESSION_free(c->session);
	c->session = session;
	return 1;	/* it is ours now */
}

/* Not OpenSSL's default alone: a server may take none of it.  What this OpenSSL
 * does not know it refuses as a whole, so the hybrids are tried first. */
static void
offer_all(SSL_CTX *ctx)
{
#define CURVES	"P-256:X448:P-384:P-521:brainpoolP256r1:brainpoolP384r1:" \
	"brainpoolP512r1:secp256k1:P-224:P-192:ffdhe2048:ffdhe3072:ffdhe4096"
	/* not const: OpenSSL's macros take a const away */
	static char hybrids[] = "X25519:X25519MLKEM768:SecP256r1MLKEM768:"
	    "SecP384r1MLKEM1024:" CURVES, plain[] = "X25519:" CURVES;

	/* Not anonymous: the certificate is what we come for. */
	SSL_CTX_set_cipher_list(ctx, "ALL:!aNULL:@SECLEVEL=0");
	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384:"
	    "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:"
	    "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256");
	if (SSL_CTX_set1_groups_list(ctx, hybrids) != 1)
		SSL_CTX_set1_groups_list(ctx, plain);
	ERR_clear_error();
}

/* The machine's openssl.cnf has no say in what we may see. */
static SSL_CTX *
new_context(uint16_t top)
{
	SSL_CTX *ctx;

	digest_init();
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ctx = SSL_CTX_new(TLS_client_method());
	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, 0);
	SSL_CTX_set_max_proto_version(ctx, top);
	SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT |
	    SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	offer_all(ctx);
	SSL_CTX_set_session_cache_mode(ctx,
	    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
	return ctx;
}

static int
flush(struct channel *c, struct net *n)
{
	char piece[4096];
	int got;

	while ((got = BIO_read(c->out, piece, sizeof(piece))) > 0)
		if (net_write(n, piece, (size_t)got) == -1)
			return -1;
	return 0;
}

/* After an operation said `result': 0 to try it again, or -1 and fault. */
static int
turn(struct channel *c, struct net *n, int result, const char *fault)
{
	int error = SSL_get_error(c->ssl, result);
	char piece[4096];
	ssize_t got;

	if (flush(c, n) == -1)
		return -1;
	if (error == SSL_ERROR_ZERO_RETURN)
		return net_fail(n, "closed the TLS session");
	if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
		return net_fail(n, fault);
	if (error == SSL_ERROR_WANT_READ) {
		got = net_read(n, piece, sizeof(piece));
		if (got <= 0)
			return -1;
		BIO_write(c->in, piece, (int)got);
	}
	return 0;
}

static int
shake_hands(struct channel *c, struct net *n, const char *fault)
{
	int result, turns;

	for (turns = 0; turns < TURNS_MAX; turns++) {
		ERR_clear_error();
		result = SSL_do_handshake(c->ssl);
		if (result == 1)
			return flush(c, n);
		if (turn(c, n, result, fault) == -1)
			return -1;
	}
	return net_fail(n, fault);
}

/* A copy: OpenSSL lets a session of TLS 1.3 be taken up once. */
static void
offer_session(struct channel *c, const struct ticket *again)
{
	SSL_SESSION *copy = SSL_SESSION_dup(again->session);

	if (copy != NULL)
		SSL_set_session(c->ssl, copy);
	SSL_SESSION_free(copy);
}

struct channel *
channel_open(struct net *n, const char *sni, const struct ticket *again,
    uint16_t top, const char *signatures)
{
	struct channel *c = mem_calloc(1, sizeof(*c));
	char name[256], list[256];

	c->ctx = new_context(top);
	if (c->ctx != NULL)
		c->ssl = SSL_new(c->ctx);
	if (c->ssl != NULL) {
		c->in = BIO_new(BIO_s_mem());
		c->out = BIO_new(BIO_s_mem());
		SSL_set_bio(c->ssl, c->in, c->out);
	}
	if (c->ssl == NULL || c->in == NULL || c->out == NULL) {
		net_fail(n, "cannot be talked to: OpenSSL does not work here");
		channel_free(c);
		return NULL;
	}
	BIO_set_mem_eof_return(c->in, -1);
	SSL_set_app_data(c->ssl, c);
	SSL_set_connect_state(c->ssl);
	if (sni != NULL) {
		/* as with the groups; it copies the name */
		snprintf(name, sizeof(name), "%s", sni);
		SSL_set_tlsext_host_name(c->ssl, name);
	}
	if (again != NULL)
		offer_session(c, again);
	snprintf(list, sizeof(list), "%s", signatures != NULL ? signatures : "");
	if (list[0] != '\0' && SSL_set1_sigalgs_list(c->ssl, list) != 1) {
		net_fail(n, "cannot be asked for another certificate");
		channel_free(c);
		return NULL;
	}
	if (shake_hands(c, n, "failed the TLS handshake") == -1) {
		channel_free(c);
		return NULL;
	}
	return c;
}

void
channel_free(struct channel *c)
{
	if (c == NULL)
		return;
	/* Else OpenSSL takes the session for broken, and its ticket is void. */
	if (c->ssl != NULL)
		SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_SESSION_free(c->session);
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	free(c);
	ERR_clear_error();
}

ssize_t
channel_read(struct channel *c, struct net *n, void *p, size_t size)
{
	int result, turns;

	for (turns = 0; turns < TURNS_MAX; turns++) {
		ERR_clear_error();
		result = SSL_read(c->ssl, p, (int)size);
		if (result > 0)
			return result;
		if (turn(c, n, result, "broke the TLS session") == -1)
			return -1;
	}
	return net_fail(n, "sent TLS records with nothing in them");
}

int
channel_write(struct channel *c, struct net *n, const void *p, size_t size)
{
	int result, turns;

	for (turns = 0; turns < TURNS_MAX; turns++) {
		ERR_clear_error();
		result = SSL_write(c->ssl, p, (int)size);
		if (result > 0)
			return flush(c, n);
		if (turn(c, n, result, "broke the TLS session") == -1)
			return -1;
	}
	return net_fail(n, "broke the TLS session");
}

bool
channel_resumed(const struct channel *c)
{
	return SSL_session_reused(c->ssl) == 1;
}

void
channel_chain(const struct channel *c, struct chain *chain)
{
	STACK_OF(X509) *certs = SSL_get_peer_cert_chain(c->ssl);
	unsigned char *der;
	int i, len;

	for (i = 0; certs != NULL && i < sk_X509_num(certs); i++) {
		der = NULL;
		len = i2d_X509(sk_X509_value(certs, i), &der);
		if (len > 0)
			chain_add(chain, der, (size_t)len);
		OPENSSL_free(der);
	}
}

struct ticket *
channel_ticket(const struct channel *c)
{
	struct ticket *t;

	if (c->session == NULL || !SSL_SESSION_is_resumable(c->session))
		return NULL;
	t = mem_calloc(1, sizeof(*t));
	SSL_SESSION_up_ref(c->session);
	t->session = c->session;
	return t;
}

void
ticket_free(struct ticket *t)
{
	if (t == NULL)
		return;
	SSL_SESSION_free(t->session);
	free(t);
}

bool
channel_renegotiate(struct channel *c, struct net *n)
{
	if (SSL_version(c->ssl) > TLS1_2_VERSION || SSL_renegotiate(c->ssl) != 1)
		return false;
	return shake_hands(c, n, "does not renegotiate") == 0 &&
	    SSL_renegotiate_pending(c->ssl) == 0;
}
