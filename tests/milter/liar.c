/*
 * liar.c owns what is put under the daemon's feet to try its watchdog and its
 * start: the same objects, linked with these in front of some functions; it may
 * not know how the daemon looks at itself.
 *
 * While the file that LIAR_VERDICT names is there, no verdict is a refusal;
 * with LIAR_LATER only those of policies read from a file.  While LIAR_STALL's
 * is there, whoever writes to standard error stays there.  LIAR_SOCKET is put in
 * place of LIAR_PATH once that is there, as its directory's owner can do.
 */
/* libc */
#include <sys/stat.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "policy.h"

void	 __real_policy_judge(const struct policy *, const struct session *,
	    struct scratch *, bool, struct verdict *, struct trace *);
void	 __wrap_policy_judge(const struct policy *, const struct session *,
	    struct scratch *, bool, struct verdict *, struct trace *);
mode_t	 __real_umask(mode_t);
mode_t	 __wrap_umask(mode_t);
ssize_t	 __real_write(int, const void *, size_t);
ssize_t	 __wrap_write(int, const void *, size_t);

static bool
is_there(const char *name)
{
	const char *path = getenv(name);

	return path != NULL && access(path, F_OK) == 0;
}

void
__wrap_policy_judge(const struct policy *p, const struct session *s,
    struct scratch *scratch, bool observe, struct verdict *v, struct trace *t)
{
	__real_policy_judge(p, s, scratch, observe, v, t);
	if (is_there("LIAR_VERDICT") || (is_there("LIAR_LATER") &&
	    strchr(policy_name(p), '/') != NULL))
		v->action = ACTION_ACCEPT;
}

/* The daemon sets it around the opening of the socket. */
mode_t
__wrap_umask(mode_t mask)
{
	const char *other = getenv("LIAR_SOCKET"), *path = getenv("LIAR_PATH");

	if (other != NULL && path != NULL && unlink(path) == 0 &&
	    link(other, path) == -1)
		abort();
	return __real_umask(mask);
}

ssize_t
__wrap_write(int fd, const void *data, size_t len)
{
	while (fd == STDERR_FILENO && is_there("LIAR_STALL"))
		usleep(10000);
	return __real_write(fd, data, len);
}
