/*
 * attr.c owns the one table of attributes and the names of the stages; it may
 * not know what anybody does with them.
 */
/* libc */
#include <assert.h>
#include <string.h>
/* this project */
#include "attr.h"
#include "suggest.h"

#define LONG_NAME	255	/* RFC 5321 section 4.5.3.1.2, RFC 6066 section 3 */
#define LONG_MAILBOX	320	/* 64 + @ + 255, RFC 5321 section 4.5.3.1 */
#define LONG_SUBJECT	512	/* twice what Postfix and Sendmail keep */
#define ADDRESS_LENGTH	64	/* IPv6 with a zone; address.c says what fits */

/* In the order of enum attr, which is the order of a record's fields. */
const struct attr_info attr_table[ATTR_COUNT] = {
	[ATTR_SERVICE] = { "service", TYPE_WORD, STAGE_CONNECT, STAGE_CONNECT,
	    false, ATTR_NOTHING, 64, "", "{daemon_port} {daemon_name} {daemon_addr}",
	    "what the port is for: the name of a service of the policy",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_PORT] = { "port", TYPE_NUMBER, STAGE_CONNECT, STAGE_CONNECT,
	    false, ATTR_NOTHING, 5, "server_port", "{daemon_port}",
	    "port of the server that the client came to",
	    ATTR_SINCE(3, 2), ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_LISTENER] = { "listener", TYPE_ADDRESS, STAGE_CONNECT, STAGE_CONNECT,
	    false, ATTR_NOTHING, ADDRESS_LENGTH, "server_address", "{daemon_addr}",
	    "address of the server that the client came to",
	    ATTR_SINCE(3, 2), ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_DAEMON] = { "daemon", TYPE_WORD, STAGE_CONNECT, STAGE_CONNECT,
	    false, ATTR_NOTHING, 128, "", "{daemon_name}",
	    "name the MTA gives the listening service",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_CLIENT] = { "client", TYPE_ADDRESS, STAGE_CONNECT, STAGE_CONNECT,
	    false, ATTR_NOTHING, ADDRESS_LENGTH, "client_address",
	    "address of the connect callback", "address of the client",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_CLIENT_NAME] = { "client_name", TYPE_DOMAIN, STAGE_CONNECT,
	    STAGE_CONNECT, false, ATTR_NOTHING, LONG_NAME, "client_name",
	    "{client_name} {client_resolve}",
	    "host name of the client, verified forth and back",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_HELO] = { "helo", TYPE_DOMAIN, STAGE_HELO, STAGE_HELO,
	    false, ATTR_NOTHING, LONG_NAME, "helo_name",
	    "argument of the helo callback", "name the client calls itself",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_TLS] = { "tls", TYPE_TLS, STAGE_HELO, STAGE_MAIL,
	    true, ATTR_NOTHING, 16, "encryption_protocol",
	    "{tls_version} {cipher} {cipher_bits}", "protocol version of TLS",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_CIPHER] = { "cipher", TYPE_CIPHER, STAGE_HELO, STAGE_MAIL,
	    false, ATTR_TLS, 128, "encryption_cipher", "{cipher}",
	    "cipher suite, by its OpenSSL or IANA name",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_CIPHER_BITS] = { "cipher_bits", TYPE_NUMBER, STAGE_HELO, STAGE_MAIL,
	    false, ATTR_TLS, 10, "encryption_keysize", "{cipher_bits}",
	    "key bits of the cipher, as the MTA says",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_CIPHER_STRENGTH] = { "cipher_strength", TYPE_NUMBER, STAGE_HELO,
	    STAGE_MAIL, false, ATTR_CIPHER, 10, "", "{cipher}",
	    "effective bits of the cipher: 112 for 3DES, 0 for none",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_DERIVED },
	[ATTR_CIPHER_AEAD] = { "cipher_aead", TYPE_FLAG, STAGE_HELO, STAGE_MAIL,
	    false, ATTR_CIPHER, 3, "", "{cipher}",
	    "the cipher authenticates what it encrypts",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_DERIVED },
	[ATTR_CIPHER_FS] = { "cipher_fs", TYPE_FLAG, STAGE_HELO, STAGE_MAIL,
	    false, ATTR_CIPHER, 3, "", "{cipher}", "the cipher has forward secrecy",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_DERIVED },
	[ATTR_CIPHER_ANON] = { "cipher_anon", TYPE_FLAG, STAGE_HELO, STAGE_MAIL,
	    false, ATTR_CIPHER, 3, "", "{cipher}",
	    "the cipher does not authenticate the server",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_DERIVED },
	[ATTR_CERT_VERIFIED] = { "cert_verified", TYPE_FLAG, STAGE_HELO, STAGE_MAIL,
	    true, ATTR_TLS, 3, "", "{verify}, {cert_subject} {cert_issuer}",
	    "the client sent a certificate that the MTA trusts",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_NONE },
	[ATTR_CERT_SUBJECT] = { "cert_subject", TYPE_TEXT, STAGE_HELO, STAGE_MAIL,
	    true, ATTR_TLS, LONG_SUBJECT, "ccert_subject", "{cert_subject}",
	    "subject of the client's certificate",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_NONE },
	[ATTR_CERT_ISSUER] = { "cert_issuer", TYPE_TEXT, STAGE_HELO, STAGE_MAIL,
	    true, ATTR_TLS, LONG_SUBJECT, "ccert_issuer", "{cert_issuer}",
	    "issuer of the client's certificate",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_NONE },
	[ATTR_SNI] = { "sni", TYPE_DOMAIN, STAGE_HELO, STAGE_MAIL,
	    true, ATTR_TLS, LONG_NAME, "", "{tls_sni}",
	    "server name the client asked for in its TLS hello",
	    ATTR_SINCE(3, 12), ATTR_NEVER, SILENCE_UNKNOWN },
	[ATTR_AUTH] = { "auth", TYPE_WORD, STAGE_MAIL, STAGE_MAIL,
	    true, ATTR_NOTHING, 64, "sasl_method", "{auth_type}",
	    "mechanism of the login",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_USER] = { "user", TYPE_WORD, STAGE_MAIL, STAGE_MAIL,
	    true, ATTR_AUTH, LONG_MAILBOX, "sasl_username", "{auth_authen}",
	    "name the client logged in with",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_SENDER] = { "sender", TYPE_MAILBOX, STAGE_MAIL, STAGE_MAIL,
	    false, ATTR_NOTHING, LONG_MAILBOX, "sender",
	    "{mail_addr}, else what MAIL says", "sender of the message, or <>",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_RECIPIENT] = { "recipient", TYPE_MAILBOX, STAGE_RCPT, STAGE_RCPT,
	    true, ATTR_NOTHING, LONG_MAILBOX, "recipient",
	    "{rcpt_addr}, else what RCPT says", "recipient of the message",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
	[ATTR_MTA] = { "mta", TYPE_WORD, STAGE_CONNECT, STAGE_CONNECT,
	    false, ATTR_NOTHING, 128, "", "v", "name and version of the MTA",
	    ATTR_ALWAYS, ATTR_ALWAYS, SILENCE_UNKNOWN },
};

static const char *const type_names[] = {
	[TYPE_WORD] = "word",
	[TYPE_NUMBER] = "number",
	[TYPE_ADDRESS] = "address",
	[TYPE_TLS] = "TLS version",
	[TYPE_CIPHER] = "cipher suite",
	[TYPE_FLAG] = "flag",
	[TYPE_DOMAIN] = "domain",
	[TYPE_MAILBOX] = "mail address",
	[TYPE_TEXT] = "text",
};

static const char *const stage_names[STAGE_COUNT] = {
	[STAGE_CONNECT] = "connect",
	[STAGE_HELO] = "helo",
	[STAGE_MAIL] = "mail",
	[STAGE_RCPT] = "rcpt",
	[STAGE_EOM] = "eom",
	[STAGE_ABORT] = "abort",
	[STAGE_CLOSE] = "close",
};

enum attr
attr_find(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < ATTR_COUNT; i++)
		if (strlen(attr_table[i].name) == len &&
		    memcmp(attr_table[i].name, name, len) == 0)
			return (enum attr)i;
	return ATTR_NOTHING;
}

static const char *
next_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ATTR_COUNT ? attr_table[i].name : NULL;
}

const char *
attr_near(const char *name, size_t len)
{
	return suggest(name, len, next_name, NULL);
}

uint32_t
attr_left_out(uint32_t told)
{
	const uint32_t settled = ATTR_BIT(ATTR_TLS) | ATTR_BIT(ATTR_AUTH);
	/* Those of SILENCE_NONE: it is asked of every record of a log. */
	const uint32_t silent = ATTR_BIT(ATTR_CERT_VERIFIED) |
	    ATTR_BIT(ATTR_CERT_SUBJECT) | ATTR_BIT(ATTR_CERT_ISSUER);

	return (told & settled) == settled && (told & silent) == 0 ? silent : 0;
}

const char *
attr_type_name(enum attr_type type)
{
	assert((size_t)type < sizeof(type_names) / sizeof(type_names[0]));
	return type_names[type];
}

const char *
stage_name(enum stage stage)
{
	assert((unsigned int)stage < STAGE_COUNT);
	return stage_names[stage];
}

int
stage_find(const char *name, size_t len)
{
	int i;

	for (i = 0; i < STAGE_COUNT; i++)
		if (strlen(stage_names[i]) == len &&
		    memcmp(stage_names[i], name, len) == 0)
			return i;
	return -1;
}
