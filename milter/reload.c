/*
 * reload.c owns the way from a policy file to the current edition; it may not
 * know sessions.
 */
/* libc */
#include <sys/stat.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>
/* this project */
#include "buf.h"
#include "diag.h"
#include "mem.h"
#include "policy.h"
/* this program */
#include "clock.h"
#include "current.h"
#include "journal.h"
#include "key.h"
#include "reload.h"

#define SETTLE_MS	20	/* file systems' clocks step by up to 10 */
#define EMPTY_MS	100	/* also until what is wrong is looked at again */
#define AHEAD_MS	1000
#define TRIES		25

#define TEST_CLEAN	0
#define TEST_FINDINGS	1
#define TEST_FAILED	2

static const char *path = TLSWARDEN_POLICY;
static bool named;		/* -c: there must be such a file */
static bool had_file;		/* a file that was there must stay */
static bool socket_named;	/* -p: the policy's socket is not asked */
static bool observing;		/* -O */
static char trouble[300];	/* the first error of the last reload, or "" */

void
reload_init(const struct options *o)
{
	char *real;

	socket_named = o->socket != NULL;
	observing = o->observe;
	if (o->policy == NULL)
		return;
	named = true;
	/* The daemon will leave its directory. */
	real = realpath(o->policy, NULL);
	path = real != NULL ? real : mem_strdup(o->policy);
}

static void
pause_for(long ms)
{
	struct timespec left = { .tv_nsec = ms * 1000000 };

	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		continue;
}

/*
 * Was it written a moment before it was read, or since?  Then whoever did may not
 * be done.  What was written later than now, was before the clock was put back.
 */
static bool
is_fresh(const struct timespec *written, int64_t read)
{
	int64_t age = read - ((int64_t)written->tv_sec * 1000 +
	    written->tv_nsec / 1000000);

	return age > -AHEAD_MS && age < SETTLE_MS;
}

static bool
is_whole(const struct policy *p, int64_t read)
{
	struct policy_files files;
	struct stat st;

	if (p != NULL) {
		if (!policy_stands(p, &files) || is_fresh(&files.written, read))
			return false;
		if (!files.empty)
			return true;
		/* ext4 cuts a file first, and says only later when that was */
		pause_for(EMPTY_MS);
		return policy_stands(p, &files);
	}
	return stat(path, &st) == -1 || !is_fresh(&st.st_mtim, read);
}

/*
 * A file that is written in place is empty, and then half there, before it is
 * whole, and either may be a policy, too.  So it has to be left alone for longer
 * than the clock of its file system takes for a step.  Of a policy that has errors
 * nobody knows which files it would have had: what is wrong has to be wrong twice.
 */
static struct policy *
load(struct diags *d)
{
	struct place whole = { .file = path };
	bool wrong = false, again;
	struct policy *p;
	int64_t now;
	int i;

	for (i = 0; i < TRIES; i++) {
		now = clock_msec();
		p = policy_load(path, clock_today(), d);
		again = wrong;
		wrong = p == NULL;
		if (is_whole(p, now) && (!wrong || again))
			return p;
		policy_unref(&p);
		diags_clear(d);
		pause_for(wrong ? EMPTY_MS : SETTLE_MS);
	}
	diag_add(d, DIAG_ERROR, &whole, NULL, "it changes all the time");
	return NULL;
}

struct policy *
reload_policy(struct diags *d)
{
	struct policy *p;

	if (!named && !had_file && access(path, F_OK) == -1 && errno == ENOENT)
		return policy_builtin(clock_today(), d);
	p = load(d);
	had_file = had_file || p != NULL;
	return p;
}

int
reload_prepare_key(const struct policy *p, const struct identity *id)
{
	const struct settings *s = policy_settings(p);
	struct buf why = BUF_INIT;
	int status = 0;

	if (s->key_file[0] != '\0' &&
	    key_create(s->key_file, id->uid, id->gid, &why) == -1)
		status = complain(EX_CANTCREAT, "%s", buf_str(&why));
	buf_free(&why);
	return status;
}

static bool
wants_key(const struct settings *s)
{
	return s->log_client == PRIVACY_HASHED ||
	    s->log_user == PRIVACY_HASHED || s->log_sender == PRIVACY_HASHED;
}

static int
load_key(const struct settings *s, struct key *key, struct diags *d)
{
	struct place nowhere = { .file = NULL };
	struct buf why = BUF_INIT;
	int failed = -1;

	if (s->key_file[0] == '\0')
		buf_puts(&why, "hashed names need a key: set key-file \"...\"");
	else if (key_create(s->key_file, (uid_t)-1, (gid_t)-1, &why) == 0)
		failed = key_load(s->key_file, key, &why);
	if (failed)
		diag_add(d, DIAG_ERROR, &nowhere, NULL, "%s", buf_str(&why));
	buf_free(&why);
	return failed;
}

struct edition *
reload_edition(struct diags *d)
{
	const struct settings *s;
	struct policy *p;
	struct key key;

	p = reload_policy(d);
	if (p == NULL)
		return NULL;
	s = policy_settings(p);
	if (!wants_key(s))
		return edition_new(p, NULL);
	if (load_key(s, &key, d) == 0)
		return edition_new(p, &key);
	policy_unref(&p);
	return NULL;
}

/* What only a start can change. */
static bool
needs_restart(const struct settings *old, const struct settings *new)
{
	return !socket_named && (strcmp(old->socket, new->socket) != 0 ||
	    strcmp(old->socket_group, new->socket_group) != 0 ||
	    old->socket_mode != new->socket_mode);
}

static void
keep_trouble(const struct diags *d)
{
	const char *where;
	size_t i;

	trouble[0] = '\0';
	for (i = 0; i < diags_total(d); i++)
		if (diags_level(d, i) == DIAG_ERROR)
			break;
	if (i == diags_total(d))
		return;
	where = diags_where(d, i);
	snprintf(trouble, sizeof(trouble), "%s%s%s", where,
	    where[0] != '\0' ? ": " : "", diags_message(d, i));
}

void
reload_status(char *text, size_t size)
{
	struct edition *e;

	e = current_acquire();
	snprintf(text, size, "%s%s%spolicy %.12s, generation %" PRIu64 ", %s",
	    trouble[0] != '\0' ? "reload failed: " : "", trouble,
	    trouble[0] != '\0' ? "; still " : "", policy_hash(e->policy),
	    e->generation, observing || policy_settings(e->policy)->observe ?
	    "observing" : "enforcing");
	edition_release(&e);
}

void
reload_now(void)
{
	struct edition *new, *old;
	struct diags *d;

	d = diags_new();
	old = current_acquire();
	new = reload_edition(d);
	diags_sort(d);
	keep_trouble(d);
	journal_diagnostics(d);
	diags_free(d);
	if (new == NULL) {
		journal_reload(old, observing, false);
		edition_release(&old);
		return;
	}
	if (needs_restart(policy_settings(old->policy),
	    policy_settings(new->policy)))
		journal_diagnostic("warning", policy_name(new->policy),
		    "set socket changed: it takes effect at the next start");
	edition_release(&old);
	journal_take_policy(new->policy);
	current_replace(new);
	old = current_acquire();
	journal_reload(old, observing, true);
	edition_release(&old);
}

int
reload_test(void)
{
	struct buf text = BUF_INIT;
	struct policy *p;
	struct diags *d;
	int status;

	if (named && access(path, R_OK) == -1) {
		fprintf(stderr, "tlswardend: %s: %s\n", path, strerror(errno));
		return TEST_FAILED;
	}
	d = diags_new();
	p = reload_policy(d);
	diags_sort(d);
	diags_print(d, &text, isatty(STDERR_FILENO) == 1 &&
	    getenv("NO_COLOR") == NULL);
	fputs(buf_str(&text), stderr);
	buf_free(&text);
	status = p != NULL ? TEST_CLEAN : TEST_FINDINGS;
	policy_unref(&p);
	diags_free(d);
	return status;
}
