/*
 * carousel.c owns which thread calls the daemon; it may not know what for.
 *
 * The daemon's own objects, linked with these in front of three functions of
 * libmilter.  CAROUSEL=callback has each callback run by a thread of its own,
 * which ends with it: as in a pool of workers, of which no session ever sees one
 * twice.  CAROUSEL=session has one thread for each session, as libmilter is
 * built by who does not ask for the pool.
 */
/* libc */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
/* libmilter */
#include <libmilter/mfapi.h>

int	 __real_smfi_register(struct smfiDesc);
int	 __wrap_smfi_register(struct smfiDesc);
int	 __real_smfi_setpriv(SMFICTX *, void *);
int	 __wrap_smfi_setpriv(SMFICTX *, void *);
void	*__real_smfi_getpriv(SMFICTX *);
void	*__wrap_smfi_getpriv(SMFICTX *);

enum event { NEGOTIATE, CONNECT, HELO, MAIL, RCPT, EOM, ABORT, CLOSE };

/* One callback to come, with its arguments, and its answer. */
struct call {
	enum event	 event;
	SMFICTX		*ctx;
	char		*text;
	_SOCK_ADDR	*address;
	char		**argv;
	unsigned long	 in[4];
	unsigned long	*out[4];
	sfsistat	 answer;
};

/* What libmilter keeps for a session in place of what the daemon gave it. */
struct rider {
	pthread_mutex_t	 lock;
	pthread_cond_t	 turn;
	pthread_t	 thread;
	struct call	*call;		/* NULL: nothing to do */
	void		*priv;		/* the daemon's */
};

static struct smfiDesc real;
static bool each_session;

static void
perform(struct call *c)
{
	switch (c->event) {
	case NEGOTIATE:
		c->answer = real.xxfi_negotiate(c->ctx, c->in[0], c->in[1], c->in[2],
		    c->in[3], c->out[0], c->out[1], c->out[2], c->out[3]);
		break;
	case CONNECT:
		c->answer = real.xxfi_connect(c->ctx, c->text, c->address);
		break;
	case HELO:
		c->answer = real.xxfi_helo(c->ctx, c->text);
		break;
	case MAIL:
		c->answer = real.xxfi_envfrom(c->ctx, c->argv);
		break;
	case RCPT:
		c->answer = real.xxfi_envrcpt(c->ctx, c->argv);
		break;
	case EOM:
		c->answer = real.xxfi_eom(c->ctx);
		break;
	case ABORT:
		c->answer = real.xxfi_abort(c->ctx);
		break;
	case CLOSE:
		c->answer = real.xxfi_close(c->ctx);
		break;
	}
}

/* --- a thread for each callback */

static void *
perform_once(void *arg)
{
	perform(arg);
	return NULL;
}

/* --- a thread for each session */

static void *
ride(void *arg)
{
	struct rider *r = arg;
	bool last = false;

	pthread_mutex_lock(&r->lock);
	while (!last) {
		while (r->call == NULL)
			pthread_cond_wait(&r->turn, &r->lock);
		perform(r->call);
		last = r->call->event == CLOSE;
		r->call = NULL;
		pthread_cond_signal(&r->turn);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static void
hand_over(struct rider *r, struct call *c)
{
	pthread_mutex_lock(&r->lock);
	r->call = c;
	pthread_cond_signal(&r->turn);
	while (r->call != NULL)
		pthread_cond_wait(&r->turn, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

/* --- in libmilter's thread */

static struct rider *
rider_of(SMFICTX *ctx)
{
	struct rider *r = __real_smfi_getpriv(ctx);

	if (r != NULL)
		return r;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		abort();
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->turn, NULL);
	__real_smfi_setpriv(ctx, r);
	if (each_session && pthread_create(&r->thread, NULL, ride, r) != 0)
		abort();
	return r;
}

static sfsistat
turn(struct call *c)
{
	struct rider *r = rider_of(c->ctx);

	if (each_session)
		hand_over(r, c);
	else if (pthread_create(&r->thread, NULL, perform_once, c) != 0)
		abort();
	if (!each_session || c->event == CLOSE)
		pthread_join(r->thread, NULL);
	if (c->event == CLOSE) {
		__real_smfi_setpriv(c->ctx, NULL);
		pthread_cond_destroy(&r->turn);
		pthread_mutex_destroy(&r->lock);
		free(r);
	}
	return c->answer;
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long a, unsigned long b, unsigned long c,
    unsigned long d, unsigned long *e, unsigned long *f, unsigned long *g,
    unsigned long *h)
{
	return turn(&(struct call){ .event = NEGOTIATE, .ctx = ctx,
	    .in = { a, b, c, d }, .out = { e, f, g, h } });
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	return turn(&(struct call){ .event = CONNECT, .ctx = ctx, .text = host,
	    .address = address });
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	return turn(&(struct call){ .event = HELO, .ctx = ctx, .text = name });
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	return turn(&(struct call){ .event = MAIL, .ctx = ctx, .argv = argv });
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	return turn(&(struct call){ .event = RCPT, .ctx = ctx, .argv = argv });
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	return turn(&(struct call){ .event = EOM, .ctx = ctx });
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	return turn(&(struct call){ .event = ABORT, .ctx = ctx });
}

static sfsistat
on_close(SMFICTX *ctx)
{
	return turn(&(struct call){ .event = CLOSE, .ctx = ctx });
}

int
__wrap_smfi_register(struct smfiDesc d)
{
	const char *kind = getenv("CAROUSEL");

	if (kind == NULL ||
	    (strcmp(kind, "session") != 0 && strcmp(kind, "callback") != 0))
		abort();
	each_session = strcmp(kind, "session") == 0;
	real = d;
	d.xxfi_negotiate = on_negotiate;
	d.xxfi_connect = on_connect;
	d.xxfi_helo = on_helo;
	d.xxfi_envfrom = on_mail;
	d.xxfi_envrcpt = on_rcpt;
	d.xxfi_eom = on_eom;
	d.xxfi_abort = on_abort;
	d.xxfi_close = on_close;
	return __real_smfi_register(d);
}

int
__wrap_smfi_setpriv(SMFICTX *ctx, void *priv)
{
	struct rider *r = __real_smfi_getpriv(ctx);

	r->priv = priv;
	return MI_SUCCESS;
}

void *
__wrap_smfi_getpriv(SMFICTX *ctx)
{
	struct rider *r = __real_smfi_getpriv(ctx);

	return r->priv;
}
