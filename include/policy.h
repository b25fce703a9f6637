/*
 * policy.h: the life of a policy, and asking it.
 *
 * A policy is loaded whole or not at all, never changes afterwards, and is
 * shared by reference count between threads.  Evaluation reads it without a
 * lock and allocates nothing.
 */
#ifndef TLSWARDEN_POLICY_H
#define TLSWARDEN_POLICY_H

#include "buf.h"
#include "diag.h"
#include "session.h"
#include "trace.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct cond;
struct policy;
struct scratch;

#define POLICY_FILE_MAX		(1024 * 1024)	/* bytes of one policy file */
#define POLICY_RULES_MAX	10000
#define POLICY_INCLUDE_MAX	8		/* depth */
#define POLICY_NAME_MAX		64		/* bytes of a rule, list, service name */

/* What `set' can say.  Strings belong to the policy and are never NULL. */
enum privacy { PRIVACY_FULL, PRIVACY_TRUNCATED, PRIVACY_HASHED, PRIVACY_NONE };
enum log_format { LOG_LOGFMT, LOG_JSON };
enum undecided { UNDECIDED_BY_SERVICE, UNDECIDED_TEMPFAIL, UNDECIDED_ACCEPT };

struct settings {
	const char	*socket;	/* "" when not set */
	unsigned int	 socket_mode;	/* 0660 when not set */
	const char	*socket_group;	/* "" when not set */
	const char	*contact;	/* "" when not set */
	bool		 observe;	/* set mode observe */
	enum undecided	 undecided;
	enum log_format	 log_format;
	enum privacy	 log_client;
	enum privacy	 log_user;
	enum privacy	 log_sender;
	const char	*key_file;	/* "" when not set */
	const char	*metrics_file;	/* "" when not set */
};

/*
 * Load from a file, or from len bytes of text that call themselves `name'.
 * NULL when anything is wrong: diags then holds at least one error.  Warnings
 * may be there in either case.  `today' (20261231; 0: not known) is for
 * warnings about exceptions that are over or about to be, and for the
 * expectations; it is not kept.
 */
struct policy	*policy_load(const char *path, uint32_t today, struct diags *);
struct policy	*policy_parse(const char *name, const char *text, size_t len,
		    uint32_t today, struct diags *);
/* The policy built in; it is packaging/policy.conf word for word. */
struct policy	*policy_builtin(uint32_t today, struct diags *);
const char	*policy_builtin_text(void);

struct policy	*policy_ref(struct policy *);
void		 policy_unref(struct policy **);

const struct settings *policy_settings(const struct policy *);
/* SHA-256 over every file the policy was made of, as 64 hex digits. */
const char	*policy_hash(const struct policy *);
/* The path or name it was loaded from. */
const char	*policy_name(const struct policy *);

uint32_t	 policy_rule_count(const struct policy *);
/* Also for RULE_DEFAULT, RULE_UNDECIDED, RULE_NON_SMTP: "default", ... */
const char	*policy_rule_name(const struct policy *, uint32_t);
enum action	 policy_rule_action(const struct policy *, uint32_t);
/* The kind of its alarm, or NULL. */
const char	*policy_rule_alarm(const struct policy *, uint32_t);
/* The last day of an exception, as 20261231; 0: it has no end. */
uint32_t	 policy_rule_until(const struct policy *, uint32_t);
/* Who asked for the rule, and why; "" when it does not say. */
const char	*policy_rule_owner(const struct policy *, uint32_t);
const char	*policy_rule_because(const struct policy *, uint32_t);
/* "file:line" of the rule, written into buf. */
void		 policy_rule_where(const struct policy *, uint32_t, struct buf *);

/*
 * Does the text, "554 5.7.0 TLS 1.2 or later ...", begin with a reply of one of
 * the rules, whatever was filled in?
 */
bool		 policy_replies(const struct policy *, const char *text, size_t len);

/* Does any rule ask about the attribute? */
bool		 policy_asks(const struct policy *, enum attr);
/* The stage at which every fact that can come has come: MAIL or RCPT. */
enum stage	 policy_last_stage(const struct policy *);

/*
 * Find the service of a session from its port, daemon name and listener, or,
 * when the service is already set, by that name; set the service fact and
 * whether it expects implicit TLS.  To be called once after CONNECT.  The
 * service stays unknown when all three are; who knows that there is no port to
 * hear of says so with session_set_none(), and gets "other".
 */
void		 policy_classify(const struct policy *, struct session *);
/* Is there a service of that name, declared, built in, or "other"? */
bool		 policy_has_service(const struct policy *, const char *name);
/* The i-th of those declared and built in; NULL after the last. */
const char	*policy_service_name(const struct policy *, size_t i);
/* Does a lack of facts or an own failure refuse mail on this service? */
bool		 policy_is_submission(const struct policy *, const char *service);

/* The files that a policy was read from; all 0 when there are none. */
struct policy_files {
	struct timespec	 written;	/* the last of them */
	bool		 empty;		/* one of them is */
};

/* Are they still there as they were read? */
bool		 policy_stands(const struct policy *, struct policy_files *);

/*
 * Memory that an evaluation needs for regular expressions: one a connection,
 * for one evaluation at a time.  NULL when the policy needs none; with _or_null
 * also when there is no memory, and every pattern would be unknown.
 */
bool		 policy_needs_scratch(const struct policy *);
struct scratch	*policy_scratch(const struct policy *);
struct scratch	*policy_scratch_or_null(const struct policy *);
void		 scratch_free(struct scratch *);

/*
 * Judge a session at the stage it is at.  First rule that matches decides; a
 * rule that is unknown stops the walk: the verdict is then not decided, or,
 * from the last stage on, decided by RULE_UNDECIDED.  With mode observe (or
 * observe = true) a refusal becomes an accept that was `withheld'.
 * trace may be NULL.
 */
void		 policy_judge(const struct policy *, const struct session *,
		    struct scratch *, bool observe, struct verdict *,
		    struct trace *);

/*
 * The worst that trials of one regular expression found, on subjects made to
 * cost much; all is lent for the call.
 */
struct pattern_worst {
	uint32_t	 rule;
	const struct cond *cond;
	unsigned int	 percent;	/* of the limit of a match, rounded up */
	bool		 limit;		/* it was hit: the answer is unknown */
	const char	*subject;	/* for people: "aaaaaaaaaaaa...a!" of 255 bytes */
};
/* Try the regular expressions, the first thousand, in the order of the policy. */
void		 policy_try_patterns(const struct policy *,
		    void (*told)(void *ctx, const struct pattern_worst *), void *ctx);

/*
 * Warn of conditions whose fact a mail server never sends, by what it calls
 * itself: "Postfix 3.7.11", "Sendmail 8.17.1".  0, or -1 when that is neither.
 */
int		 policy_warn_mta(const struct policy *, const char *mta,
		    struct diags *);

/* Canonical form: parses to the same policy and prints the same again. */
void		 policy_print(const struct policy *, struct buf *);
/* One condition, as a person would write it. */
void		 policy_print_cond(const struct cond *, struct buf *);
/* Attribute a comparison asks about; ATTR_NOTHING for and, or, not. */
enum attr	 policy_cond_attr(const struct cond *);

#endif
