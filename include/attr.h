/*
 * attr.h: the attributes of a session, which policies ask about.
 *
 * There is one table of them (attr.c).  The parser, the matchers, the record,
 * the command and the checks of the manual page all read that table; a new
 * attribute is one more row.
 */
#ifndef TLSWARDEN_ATTR_H
#define TLSWARDEN_ATTR_H

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The moments at which a milter is asked, in the order they come. */
enum stage {
	STAGE_CONNECT,
	STAGE_HELO,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_EOM,		/* the message was taken */
	STAGE_ABORT,		/* the message was given up */
	STAGE_CLOSE,		/* the connection ended */
	STAGE_COUNT
};

enum attr {
	ATTR_SERVICE,
	ATTR_PORT,
	ATTR_LISTENER,
	ATTR_DAEMON,
	ATTR_CLIENT,
	ATTR_CLIENT_NAME,
	ATTR_HELO,
	ATTR_TLS,
	ATTR_CIPHER,
	ATTR_CIPHER_BITS,
	ATTR_CIPHER_STRENGTH,
	ATTR_CIPHER_AEAD,
	ATTR_CIPHER_FS,
	ATTR_CIPHER_ANON,
	ATTR_CERT_VERIFIED,
	ATTR_CERT_SUBJECT,
	ATTR_CERT_ISSUER,
	ATTR_SNI,
	ATTR_AUTH,
	ATTR_USER,
	ATTR_SENDER,
	ATTR_RECIPIENT,
	ATTR_MTA,
	ATTR_COUNT
};

#define ATTR_NOTHING	ATTR_COUNT	/* "no attribute" */
#define ATTR_BIT(attr)	(UINT32_C(1) << (attr))	/* of a set of them */

/* What a value of the attribute is, and so what it can be compared with. */
enum attr_type {
	TYPE_WORD,	/* a name; upper and lower case are one */
	TYPE_NUMBER,	/* 0 to 4294967295 */
	TYPE_ADDRESS,	/* an IP address */
	TYPE_TLS,	/* a protocol version, ordered */
	TYPE_CIPHER,	/* a cipher suite, OpenSSL or IANA name */
	TYPE_FLAG,	/* yes or no */
	TYPE_DOMAIN,	/* a host or domain name; case is one */
	TYPE_MAILBOX,	/* local@domain, or <> for the null sender */
	TYPE_TEXT	/* any text; upper and lower case differ */
};

/* What it means that a record has no field of the attribute. */
enum attr_silence {
	SILENCE_UNKNOWN,
	SILENCE_NONE,		/* see attr_left_out() */
	SILENCE_DERIVED		/* none has: it follows from the cipher */
};

struct attr_info {
	const char	*name;
	enum attr_type	 type;
	enum stage	 arrives;	/* first stage at which a value can be there */
	enum stage	 settled;	/* stage from which "not there" is final */
	bool		 optional;	/* a whole session may lack it */
	enum attr	 depends;	/* lacking when that is lacking */
	size_t		 max;		/* longest value, bytes; longer: unknown */
	const char	*postfix;	/* attribute of Postfix's policy protocol */
	const char	*macros;	/* milter macros or arguments behind it */
	const char	*meaning;	/* one line for people */
	unsigned int	 postfix_since;	/* version that first sends it: ATTR_SINCE() */
	unsigned int	 sendmail_since;
	enum attr_silence silence;
};

#define ATTR_SINCE(major, minor)	((major) * 100 + (minor))
#define ATTR_ALWAYS			0u
#define ATTR_NEVER			UINT_MAX

/* For attr_info() alone: sessions ask it hundreds of times. */
extern const struct attr_info attr_table[ATTR_COUNT];

/* The row of an attribute; never NULL for a valid one. */
static inline const struct attr_info *
attr_info(enum attr attr)
{
	assert((unsigned int)attr < ATTR_COUNT);
	return &attr_table[attr];
}

/* ATTR_NOTHING when there is none of that name. */
enum attr		 attr_find(const char *name, size_t len);
/* The name that was perhaps meant, or NULL. */
const char		*attr_near(const char *name, size_t len);
/*
 * What is none though a record does not say so, as a set; told: the attributes
 * that it has a field of.  Few clients send a certificate, and three times none
 * would only make lines longer: all of them are left out then.  That the record
 * knows of TLS and login shows that certificates were settled when it was made.
 */
uint32_t		 attr_left_out(uint32_t told);
const char		*attr_type_name(enum attr_type);
const char		*stage_name(enum stage);
/* -1 when there is none of that name. */
int			 stage_find(const char *name, size_t len);

#endif
