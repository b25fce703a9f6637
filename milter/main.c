/*
 * main.c owns the order of start and stop of tlswardend; it may not know what
 * the steps do.
 */
/* libc */
#include <sys/stat.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>
/* libmilter */
#include <libmilter/mfapi.h>
/* this project */
#include "buf.h"
#include "diag.h"
#include "mem.h"
/* this program */
#include "callback.h"
#include "conn.h"
#include "current.h"
#include "ending.h"
#include "endpoint.h"
#include "journal.h"
#include "keeper.h"
#include "meter.h"
#include "notify.h"
#include "options.h"
#include "outlet.h"
#include "process.h"
#include "reload.h"
#include "sink.h"

/* There where a leak sanitizer is linked with the daemon, and else NULL. */
void	__lsan_do_leak_check(void) __attribute__((weak));

static void
out_of_memory(size_t size)
{
	(void)size;
	outlet_last_words("v=1 event=fault kind=memory message=\"out of memory, "
	    "the daemon ends\"");
}

static void
print_diags(struct diags *d)
{
	struct buf b = BUF_INIT;

	diags_sort(d);
	diags_print(d, &b, false);
	fputs(buf_str(&b), stderr);
	buf_free(&b);
}

/* As root: what the socket shall be, and the key for the user to come. */
static int
prepare(const struct options *o, const struct identity *id, struct endpoint *e)
{
	const struct settings *s;
	const char *spec;
	struct policy *p;
	struct diags *d;
	int status;

	d = diags_new();
	p = reload_policy(d);
	/* warnings go to the log, once it is there */
	if (p == NULL)
		print_diags(d);
	diags_free(d);
	if (p == NULL)
		return complain(EX_CONFIG, "the policy was not taken");
	s = policy_settings(p);
	spec = o->socket != NULL ? o->socket :
	    s->socket[0] != '\0' ? s->socket : ENDPOINT_DEFAULT;
	status = endpoint_parse(e, spec, o->socket != NULL);
	if (status == 0)
		status = endpoint_configure(e, s);
	if (status == 0)
		status = reload_prepare_key(p, id);
	policy_unref(&p);
	return status;
}

static int
listen_there(struct endpoint *e, const struct identity *id)
{
	mode_t old;
	int status, opened;

	status = endpoint_claim(e, id);
	if (status != 0)
		return status;
	if (callback_register() == -1 || smfi_setconn(e->spec) != MI_SUCCESS)
		return complain(EX_SOFTWARE, "libmilter did not start");
	old = umask(endpoint_umask(e));
	opened = smfi_opensocket(false);
	umask(old);
	if (opened != MI_SUCCESS)
		return complain(EX_UNAVAILABLE, "libmilter cannot listen on %s",
		    e->spec);
	return endpoint_opened(e, id);
}

/*
 * As the user the daemon will be: whether the policy can be read now says
 * whether a reload will be able to.
 */
static int
take_policy(const struct options *o, const struct endpoint *e)
{
	struct edition *first;
	struct diags *d;

	d = diags_new();
	first = reload_edition(d);
	if (first == NULL) {
		print_diags(d);
		diags_free(d);
		return complain(EX_NOPERM, "the policy cannot be used by this "
		    "user (uid %ld)", (long)geteuid());
	}
	journal_take_policy(first->policy);
	/* first the edition, which says in what form things are logged */
	current_replace(first);
	journal_diagnostics(d);
	diags_free(d);
	journal_start(first, o->observe, e->spec);
	return 0;
}

/* Everything that may need root, up to giving it up. */
static int
start_as_root(const struct options *o, struct identity *id, struct endpoint *e)
{
	int status;

	status = process_identity(o->user, id);
	if (status == 0)
		status = prepare(o, id, e);
	if (status == 0 && o->background)
		status = process_background();
	if (status != 0)
		return status;
	process_set_limits();
	process_block_signals();
	status = listen_there(e, id);
	if (status == 0 && o->pidfile != NULL)
		status = process_write_pidfile(o->pidfile);
	if (status == 0)
		status = process_become(id);
	umask(0077);
	return status;
}

static int
start(const struct options *o, struct endpoint *e)
{
	struct identity id;
	int status;

	status = start_as_root(o, &id, e);
	process_identity_clear(&id);
	if (status != 0)
		return status;
	journal_init();
	conn_set_observe(o->observe);
	if (sink_start(o->target) == -1)
		return complain(EX_OSERR, "cannot start a thread");
	status = take_policy(o, e);
	/* after the fork: it is this process that is watched */
	if (status == 0 && keeper_start(notify_init()) == -1)
		status = complain(EX_OSERR, "cannot start a thread");
	return status;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct endpoint e = { .path = NULL };
	int status;

	process_open_standard();
	mem_set_hook(out_of_memory);
	status = options_parse(&o, argc, argv);
	if (status != -1)
		return status;
	reload_init(&o);
	meter_init(&o);
	if (o.test)
		return reload_test();
	status = start(&o, &e);
	if (status == 0) {
		process_detach(o.target == SINK_STDERR);
		if (smfi_main() != MI_SUCCESS)
			status = EX_UNAVAILABLE;
		notify_stopping();
		/* Sessions may go on in libmilter's threads: nothing is freed. */
		ending_now();
		journal_summary();
		journal_stop();
		meter_stop();
	}
	sink_stop();
	endpoint_remove(&e);
	endpoint_clear(&e);
	process_remove_pidfile();
	/*
	 * Not exit(3): libcrypto's handler would free what threads of ours and of
	 * libmilter's still use.  A leak sanitizer, too, would wait for exit(3).
	 */
	fflush(NULL);
	if (__lsan_do_leak_check != NULL)
		__lsan_do_leak_check();
	_exit(status);
}
