/*
 * record.h: one line of the log: writing it, and reading it back.
 *
 * tlswarden-log(5) is the contract.  A record is a list of fields, name and
 * value, in a fixed order, formatted as logfmt or as one JSON object of the
 * same names.  A formatted record has at most RECORD_MAX bytes, no line end,
 * and holds only printable ASCII.
 *
 * Values that a client could choose are escaped: the backslash and bytes
 * outside printable ASCII become \xHH, and a value that would read as the
 * word "none" becomes \x6eone, for only a bare none says that a fact is
 * lacking.  A value that had to be cut ends in \... which no client can write.
 * In logfmt a value holding a space, a quote, an equals sign or a backslash
 * stands in double quotes, the quote inside as \x22.  In JSON the same escaped
 * text is the string, with JSON's own escaping on top; both read back alike.
 *
 * A field that is missing was not known; a field that says none is lacking.
 */
#ifndef TLSWARDEN_RECORD_H
#define TLSWARDEN_RECORD_H

#include "buf.h"
#include "policy.h"
#include "session.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_VERSION	1
#define RECORD_MAX	900	/* bytes of a formatted record */
#define RECORD_FIELDS	40
#define RECORD_HASH_DIGITS 12	/* of the policy's hash */

struct field {
	const char	*name;
	const char	*value;		/* raw, len bytes */
	size_t		 len;
	bool		 number;	/* a JSON number */
	bool		 client;	/* escape, and cut when room is short */
	bool		 cut;		/* was cut already, or (read) is marked cut */
	bool		 absent;	/* the bare word none */
};

/*
 * The owner clears it with record_init() and frees it with record_free();
 * values that are put into it are copied.
 */
struct record {
	struct field	 fields[RECORD_FIELDS];
	size_t		 count;
	struct buf	 store;		/* the bytes of the values */
};

void	 record_init(struct record *);
void	 record_free(struct record *);

/* Starts the record: v=1 event=... */
void	 record_start(struct record *, const char *event);
/* Ours: a word or sentence of the program or of the administrator. */
void	 record_put(struct record *, const char *name, const char *value);
void	 record_put_number(struct record *, const char *name, uint64_t);
/* A client's: anything at all. */
void	 record_put_client(struct record *, const char *name, const char *value,
	    size_t len);
void	 record_put_none(struct record *, const char *name);
/* Name of the i-th field that tlswarden-log(5) knows; NULL after the last. */
const char *record_field_name(size_t i);

/*
 * How addresses and names are written: see log-client, log-user and
 * log-sender in tlswarden-policy(5).  hash is asked for the keyed hash of a
 * value, as text of at most 32 characters with NUL; it may be NULL when no
 * setting asks for it.  What was truncated or hashed reads back as unknown.
 */
struct record_privacy {
	enum privacy	 client;	/* client, client_name, helo */
	enum privacy	 user;		/* user, cert_subject */
	enum privacy	 sender;	/* sender, recipient */
	void		(*hash)(const void *ctx, const char *value, size_t len,
			    char out[32]);
	const void	*hash_ctx;
};

/*
 * One attribute, as record_judged() writes it: nothing when it is unknown.
 * Records of other events (alarm) use it for user, client and service.
 */
void	 record_put_fact(struct record *, const struct session *, enum attr,
	    const struct record_privacy *);

/* What a message or session record says beside the facts. */
struct account {
	const char	*event;		/* "message" or "session" */
	const char	*id;		/* 16 hex digits */
	const char	*qid;		/* NULL: not known */
	enum stage	 stage;		/* at which it ended */
	bool		 mail;		/* it got as far as MAIL */
	uint32_t	 recipients;	/* taken; 0: not counted */
};
void	 record_judged(struct record *, const struct account *,
	    const struct policy *, const struct session *,
	    const struct verdict *, const struct record_privacy *);

/* The line, without an end; how long it is. */
size_t	 record_write(const struct record *, enum log_format, char text[RECORD_MAX]);
/* The same, appended to out. */
void	 record_format(const struct record *, enum log_format, struct buf *out);

/*
 * Read a line written by record_format(), logfmt or JSON, told apart by the
 * first byte.  What stands before "v=" or "{" (a syslog header) is the
 * caller's to skip.  0, or -1 when it is not a whole record; unknown names
 * are kept, so that newer records can be read.
 */
int	 record_parse(struct record *, const char *line, size_t len);
/* NULL when there is no such field. */
const struct field *record_find(const struct record *, const char *name);
/* The facts of a record; what the record does not say is unknown. */
void	 record_facts(const struct record *, struct session *);

#endif
