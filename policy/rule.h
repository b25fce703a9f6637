/*
 * rule.h: a policy in memory: where the parser and the evaluation meet.
 *
 * Built by parse.c, completed and proved by check.c, then never changed.  All
 * of it belongs to the policy and is released by policy.c.
 */
#ifndef TLSWARDEN_RULE_H
#define TLSWARDEN_RULE_H

#include "address.h"
#include "attr.h"
#include "diag.h"
#include "policy.h"
#include "verdict.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index;
struct netblock;
struct pattern;
struct source_set;
struct strset;

/* One item of a list, as written. */
enum item_kind {
	ITEM_WORD,		/* a word or a quoted string */
	ITEM_NUMBER,
	ITEM_NETWORK,		/* an address or a network */
	ITEM_DOMAIN,		/* holds a dot; .example.org: its subdomains */
	ITEM_MAILBOX		/* holds an @ */
};

struct item {
	enum item_kind	 kind;
	bool		 quoted;
	char		*text;		/* as written, without quotes */
	uint32_t	 number;	/* NUMBER */
	struct address	 address;	/* NETWORK, host bits zero */
	unsigned int	 prefix;	/* NETWORK */
	struct place	 place;
};

enum list_origin { LIST_INLINE, LIST_FILE, LIST_CIPHERS };

/*
 * A list is indexed by what its items are, so that one list of words can
 * serve users, domains and ciphers.
 */
struct list {
	char		*name;		/* NULL: written inside a condition */
	struct place	 place;
	enum list_origin origin;
	char		*argument;	/* file name or cipher string, as written */
	struct item	*items;
	size_t		 count;
	bool		 used;
	struct netblock	*networks;	/* NULL: holds none */
	struct strset	*strings;	/* every item but networks, case folded;
					   of cipher suites also their one name */
	uint32_t	*numbers;	/* sorted; NULL: holds none */
	size_t		 number_count;
};

struct value {
	enum attr_type	 type;
	uint32_t	 number;	/* NUMBER, FLAG, TLS */
	char		*text;		/* string types; as written for all */
	const char	*suite;		/* CIPHER: its one name, lent by tls.c */
	bool		 quoted;
	struct address	 address;	/* ADDRESS */
	unsigned int	 prefix;	/* ADDRESS: a network when below all bits */
};

enum cond_kind {
	COND_AND,		/* left and right */
	COND_OR,
	COND_NOT,		/* left */
	COND_PRESENT,		/* the attribute alone; a flag: is yes */
	COND_NONE,		/* attribute = none */
	COND_EQ,		/* attribute = value */
	COND_LT,
	COND_LE,
	COND_GT,
	COND_GE,
	COND_IN,		/* attribute in list */
	COND_MATCH		/* attribute ~ pattern */
};

/*
 * !=, not in and !~ are their positive kind with negated set: exactly what
 * "not (...)" around it would say, but printed as written.
 *
 * A comparison with a fact that is lacking is false, whatever the value;
 * negated, true.
 *
 * What the evaluation reads stands first, here and in struct rule: of many rules
 * it is this that has to come from memory.
 */
struct cond {
	enum cond_kind	 kind;
	enum attr	 attr;		/* ATTR_NOTHING for AND, OR, NOT */
	bool		 negated;
	struct cond	*left;
	struct cond	*right;
	struct list	*list;		/* IN; owned if it has no name */
	struct pattern	*pattern;	/* MATCH */
	struct value	 value;		/* EQ, LT, LE, GT, GE */
	struct place	 place;
	char		*list_name;	/* IN: a name to be resolved by check.c */
	struct place	 value_place;
	char		*pattern_text;
	bool		 pattern_nocase;
};

/* The text of a reply, cut at load into what is fixed and what is filled in. */
enum piece_kind { PIECE_TEXT, PIECE_CONTACT, PIECE_TLS, PIECE_PORT,
    PIECE_SERVICE, PIECE_RULE, PIECE_DATE };
struct piece {
	enum piece_kind	 kind;
	char		*text;		/* PIECE_TEXT */
};
struct reply_spec {
	unsigned int	 code;		/* 0: none */
	char		 enhanced[12];
	char		*text;		/* as written */
	struct piece	*pieces;
	size_t		 count;
	struct place	 place;
	struct place	 text_place;
};

/* A calendar day as 20261231; 0: not given. */
typedef uint32_t day_t;

struct rule {
	char		*name;
	struct cond	*cond;		/* NULL: always */
	enum action	 action;
	bool		 has_action;
	bool		 observe;
	bool		 has_share;
	day_t		 from;
	day_t		 until;
	unsigned int	 share;		/* percent; 100 when not given */
	struct place	 place;
	struct place	 until_place;
	struct reply_spec reply;
	char		*alarm;		/* NULL: none */
	char		*owner;
	char		*because;
};

struct service {
	char		*name;
	struct place	 place;
	bool		 builtin;
	uint16_t	*ports;
	size_t		 port_count;
	char		**daemons;
	size_t		 daemon_count;
	struct address	*listeners;
	size_t		 listener_count;
	bool		 implicit_tls;
};

/* A fact given by name, in expect. */
struct given {
	enum attr	 attr;
	char		*text;
	bool		 none;
	struct place	 place;
};

struct expect {
	struct place	 place;
	enum action	 action;
	bool		 undecided;	/* expect undecided */
	char		*rule;		/* by RULE; NULL: any */
	struct place	 rule_place;
	struct given	*given;
	size_t		 count;
};

struct policy {
	atomic_uint	 refs;
	char		*name;
	char		 hash[65];
	struct source_set *sources;	/* the files; places point into them */
	struct settings	 settings;	/* strings owned, see policy.c */
	struct service	*services;	/* declared ones, then the builtin ones */
	size_t		 service_count;
	struct list	**lists;
	size_t		 list_count;
	struct rule	*rules;
	size_t		 rule_count;
	struct index	*index;		/* NULL: few rules */
	struct rule	 fallback;	/* the default; name "default" */
	bool		 has_default;	/* written, not assumed */
	struct expect	*expects;
	size_t		 expect_count;
	bool		 asks[ATTR_COUNT];
	bool		 has_patterns;
	uint8_t		 share_key[16];
};

/* rule.c: release what a structure owns, not the structure. */
void	 cond_free(struct cond *);	/* with the structure */
void	 list_free(struct list *);	/* with the structure */
void	 rule_clear(struct rule *);
void	 reply_spec_clear(struct reply_spec *);
void	 service_clear(struct service *);
void	 expect_clear(struct expect *);

#endif
