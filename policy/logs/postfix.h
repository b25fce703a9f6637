/*
 * postfix.h: what the parts of the reader of Postfix's lines share.
 *
 * postfix.c	programs and sessions: which line belongs to which
 * postfix_line.c	the lines of smtpd, one handler a pattern
 * postfix_tail.c	"from=<...> to=<...> proto=... helo=<...>" at their end
 * postfix_mail.c	the messages of a session, and its end
 *
 * Nothing is told of a session before it ends: only its last line, with the
 * count of commands, says whether there was a STARTTLS that smtpd_tls_loglevel
 * kept out of the log, and how many MAIL commands had no line of their own.
 */
#ifndef TLSWARDEN_POSTFIX_H
#define TLSWARDEN_POSTFIX_H

#include "answer.h"
#include "grade.h"
#include "join.h"
#include "kept.h"
#include "naming.h"
#include "peer.h"
#include "table.h"

#define POSTFIX_SESSIONS	8192
#define POSTFIX_MESSAGES	16384
#define POSTFIX_HOSTS		4096	/* slots, by hash; half of them are well used */
#define POSTFIX_HOST_STEPS	16	/* to the next slots, before one is given up */
#define POSTFIX_NAMES		8	/* slots, by length */
#define POSTFIX_NAME_MAX	64	/* what is longer has none */
#define POSTFIX_PATIENCE	300	/* seconds a message waits for qmgr */

/* What the disconnect line counts: "auth=1/3" is taken and all. */
struct commands {
	bool		 counted;
	uint32_t	 hello;		/* EHLO and HELO, taken and all */
	uint32_t	 hello_all;
	uint32_t	 starttls;
	uint32_t	 auth;
	uint32_t	 auth_all;
	uint32_t	 mail;
	uint32_t	 data;		/* messages that were taken, or BDAT */
};

struct postfix_message {
	struct node	 node;
	struct kept	 kept;
	struct postfix_session *session;	/* NULL: it is over */
	struct postfix_message *next;	/* of the session, in time */
	struct postfix_message *before;
	int64_t		 time;
	enum outcome	 grade;
	bool		 queued;	/* it has a queue id */
	bool		 encrypted;	/* TLS was there when it came */
	bool		 sender;	/* told by the queue manager */
	bool		 refused;
	bool		 ours;
	bool		 partial;	/* as its session */
	bool		 attempt;	/* of which only refused recipients are known */
	bool		 twin;		/* may be the transaction of the next one */
	const char	*stage;		/* NULL: not known */
	uint32_t	 auth_clear;
	uint32_t	 auth_failed;
	bool		 handshake_failed;
	bool		 no_milter;
};

struct postfix_session {
	struct node	 node;
	struct kept	 kept;
	struct postfix_message *first;
	struct postfix_message *last;
	int64_t		 time;		/* of the last line */
	enum outcome	 grade;		/* while there is TLS */
	bool		 partial;	/* its beginning was not seen */
	bool		 implicit;
	bool		 encrypted;
	bool		 handshake_failed;
	bool		 no_milter;	/* one could not be connected to */
	bool		 shut;		/* by a milter, at CONNECT or EHLO */
	bool		 refused;
	bool		 ours;
	bool		 reinjected;	/* by a content filter: counted before */
	const char	*stage;		/* at which it was refused */
	uint32_t	 told;		/* messages, for lack of room, before its end */
	uint32_t	 queued;	/* messages with a queue id */
	uint32_t	 failed;	/* AUTH, by its own lines */
	uint32_t	 failed_clear;	/* before TLS */
};

/* A program's name and what it stands for: there are few of them. */
struct postfix_name {
	size_t		 len;		/* 0: none yet */
	char		 program[POSTFIX_NAME_MAX];
	struct named	 named;
};

struct postfix {
	struct naming	 naming;
	struct postfix_name names[POSTFIX_NAMES];
	struct answers	 answers;
	entry_sink	*sink;
	void		*ctx;
	struct grade	*grade;
	struct table	 sessions;
	struct table	 messages;
	struct postfix_session *spare_session;	/* by node.chain */
	struct postfix_message *spare_message;
	/* Hosts that log TLS at all: there, no line means no TLS. */
	uint64_t	 log_tls[POSTFIX_HOSTS];
	char		 host[POSTFIX_NAME_MAX];	/* the one that was hashed last */
	size_t		 host_len;	/* 0: none yet */
	uint64_t	 host_hash;
	int64_t		 latest;	/* see stamp_steady() */
	int64_t		 now;
	uint64_t	 evicted;
};

/* --- postfix.c */

/* The session the line belongs to, or NULL. */
struct postfix_session *postfix_find(struct postfix *, const struct line *);
/* A new one; one that is there already, of a process that died, is ended. */
struct postfix_session *postfix_open(struct postfix *, const struct line *,
	    bool partial);
/* What is told when it is found, or begun, at whatever line. */
struct postfix_session *postfix_session_of(struct postfix *, const struct line *,
	    const struct peer *);
/* Takes it out of the table and ends it. */
void	postfix_close(struct postfix *, struct postfix_session *,
	    const struct commands *);
void	postfix_host_logs_tls(struct postfix *, struct slice host);
bool	postfix_host_has_tls(struct postfix *, struct slice host);

/* --- postfix_line.c: a line of smtpd, of tlsproxy.  Was it of use? */

bool	postfix_smtpd(struct postfix *, const struct line *);
bool	postfix_tlsproxy(struct postfix *, const struct line *);

/* --- postfix_tail.c */

struct tail {
	struct slice	 from;		/* p NULL: not there */
	struct slice	 to;
	struct slice	 proto;
	struct slice	 helo;
	struct slice	 method;
	struct slice	 user;
	struct slice	 login_sender;	/* what the client says in AUTH= */
};
/* What follows "; " at the end of a line about a refusal. */
bool	postfix_tail(struct slice, struct tail *);

/* --- postfix_mail.c */

struct refusal {
	const char	*stage;
	struct answer	 answer;
	struct tail	 tail;
};

/* A message got its queue id. */
void	postfix_queued(struct postfix *, struct postfix_session *,
	    const struct line *, struct slice qid);
/* A message, known by the session or by queue id alone, was refused. */
void	postfix_refused(struct postfix *, struct postfix_session *,
	    const struct line *, const struct refusal *);
bool	postfix_refused_id(struct postfix *, const struct line *, struct slice qid,
	    const struct refusal *);
/* The queue manager names the sender. */
bool	postfix_sender(struct postfix *, const struct line *, struct slice qid,
	    struct slice sender);
/* The session is over: tell what it was. */
void	postfix_settle(struct postfix *, struct postfix_session *,
	    const struct commands *);
/* Tell of messages that waited too long; all of them when `all'. */
void	postfix_flush(struct postfix *, bool all);
void	postfix_free_message(struct postfix_message *);
/* The text of a sender fact: "<>" for the null sender. */
struct slice	postfix_mailbox(struct slice);

#endif
