/*
 * empty.c owns a milter that does nothing: it negotiates as tlswardend does with a
 * policy that asks for no recipients, has the same callbacks, and answers each
 * with "continue".  What it costs is libmilter.
 *
 *	empty unix:PATH [LOG]
 *
 * With the path of syslog's socket it asks for each macro of a session with TLS and
 * a login once at each stage, makes nothing of it, and writes a line, always the
 * same, for each message: the least that anybody can do who is to know and to tell.
 */
/* libc */
#include <sys/socket.h>
#include <sys/un.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
/* libmilter */
#include <libmilter/mfapi.h>

/* Not const, for libmilter takes lists that it could write to; it does not. */
static struct {
	int		 stage;
	char		 list[256];
} lists[] = {
	{ SMFIM_CONNECT, "j v {daemon_port} {daemon_addr} {daemon_name} {client_name} "
	    "{client_resolve} {tls_version} {cipher} {cipher_bits} {verify} "
	    "{cert_subject} {cert_issuer} {cn_subject} {cn_issuer} {tls_sni}" },
	{ SMFIM_HELO, "j {tls_version} {cipher} {cipher_bits} {verify} {cert_subject} "
	    "{cert_issuer} {cn_subject} {cn_issuer} {tls_sni}" },
	{ SMFIM_ENVFROM, "j {tls_version} {cipher} {cipher_bits} {verify} "
	    "{cert_subject} {cert_issuer} {cn_subject} {cn_issuer} {tls_sni} "
	    "{mail_addr} {auth_type} {auth_authen} i" },
	{ SMFIM_ENVRCPT, "j {rcpt_addr} i" },
	{ SMFIM_EOM, "j i" },
};

static char connect_macros[][20] = { "j", "v", "{daemon_port}", "{daemon_addr}",
    "{daemon_name}", "{client_name}", "{client_resolve}", "{tls_version}", "{cipher}",
    "{cipher_bits}", "" };
static char helo_macros[][20] = { "j", "{tls_version}", "{cipher}", "{cipher_bits}",
    "{cert_subject}", "{cert_issuer}", "{tls_sni}", "" };
static char mail_macros[][20] = { "j", "{tls_version}", "{cipher}", "{cipher_bits}",
    "{cert_subject}", "{cert_issuer}", "{tls_sni}", "{auth_type}", "{auth_authen}",
    "{mail_addr}", "i", "" };
static char end_macros[][20] = { "i", "" };

static int log_fd = -1;
static char line[380];			/* as long as a record */

static void
look_at(SMFICTX *ctx, char macros[][20])
{
	if (log_fd == -1)
		return;
	for (; macros[0][0] != '\0'; macros++)
		(void)smfi_getsymval(ctx, macros[0]);
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long spare2, unsigned long spare3, unsigned long *want_actions,
    unsigned long *want_steps, unsigned long *want2, unsigned long *want3)
{
	size_t i;

	(void)spare2;
	(void)spare3;
	*want_actions = actions & SMFIF_SETSYMLIST;
	*want_steps = steps & (SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY |
	    SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NORCPT);
	*want2 = 0;
	*want3 = 0;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (smfi_setsymlist(ctx, lists[i].stage, lists[i].list) != MI_SUCCESS)
			return SMFIS_REJECT;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	(void)host;
	(void)address;
	look_at(ctx, connect_macros);
	return SMFIS_CONTINUE;
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	(void)name;
	look_at(ctx, helo_macros);
	return SMFIS_CONTINUE;
}

static sfsistat
on_envelope(SMFICTX *ctx, char **argv)
{
	(void)argv;
	look_at(ctx, mail_macros);
	return SMFIS_CONTINUE;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	look_at(ctx, end_macros);
	if (log_fd != -1)
		(void)send(log_fd, line, sizeof(line), 0);
	return SMFIS_CONTINUE;
}

static sfsistat
on_end(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

static int
open_log(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	memset(line, 'x', sizeof(line));
	memcpy(line, "<22>", 4);
	log_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return connect(log_fd, (struct sockaddr *)&sun, sizeof(sun));
}

int
main(int argc, char **argv)
{
	static char name[] = "empty";
	struct smfiDesc d;

	if (argc != 2 && argc != 3) {
		fputs("usage: empty unix:PATH [LOG]\n", stderr);
		return EX_USAGE;
	}
	if (argc == 3 && open_log(argv[2]) == -1)
		return EX_UNAVAILABLE;
	memset(&d, 0, sizeof(d));
	d.xxfi_name = name;
	d.xxfi_version = SMFI_VERSION;
	d.xxfi_flags = SMFIF_NONE;
	d.xxfi_connect = on_connect;
	d.xxfi_helo = on_helo;
	d.xxfi_envfrom = on_envelope;
	d.xxfi_envrcpt = on_envelope;
	d.xxfi_eom = on_eom;
	d.xxfi_abort = on_end;
	d.xxfi_close = on_end;
	d.xxfi_negotiate = on_negotiate;
	if (smfi_register(d) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS)
		return EX_SOFTWARE;
	return smfi_main() == MI_SUCCESS ? 0 : EX_UNAVAILABLE;
}
