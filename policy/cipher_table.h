/*
 * cipher_table.h: the tables behind tls_cipher(); only tls.c and its test read
 * them.
 */
#ifndef TLSWARDEN_CIPHER_TABLE_H
#define TLSWARDEN_CIPHER_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum suite_properties {
	AEAD = 1,
	FS = 2,
	ANON = 4,
	TLS13 = 8
};

struct suite {
	const char	*name;		/* OpenSSL's, or IANA's */
	const char	*iana;		/* "": never registered */
	uint16_t	 bits;
	uint16_t	 strength;
	uint8_t		 properties;
	const char	*former;	/* "": none */
};

/* Another name, and the name it has in cipher_table. */
struct cipher_name {
	const char	*other;
	const char	*name;
};

extern const struct suite cipher_table[];	/* suites OpenSSL has or had */
extern const size_t cipher_table_count;
extern const struct suite cipher_iana[];	/* the other registered ones */
extern const size_t cipher_iana_count;
extern const struct cipher_name cipher_names[];
extern const size_t cipher_names_count;

#endif
