/*
 * doctor_sendmail_way.c owns what Sendmail asks of the directories above a
 * socket; it may not know who else may enter them.
 */
/* libc */
#include <sys/stat.h>
#include <string.h>
#include <strings.h>
/* this folder */
#include "doctor_sendmail.h"
#include "milter_socket.h"

#define SEPARATORS	", \t"

static bool
is_set(const char *options, const char *name)
{
	size_t n;

	for (; *(options += strspn(options, SEPARATORS)) != '\0'; options += n) {
		n = strcspn(options, SEPARATORS);
		if (strlen(name) == n && strncasecmp(options, name, n) == 0)
			return true;
	}
	return false;
}

/* A sticky one is as good as one that nobody else writes to, where it is told so. */
static bool
is_unsafe(const struct stat *st, const char *blame)
{
	if ((st->st_mode & S_ISVTX) != 0 && is_set(blame, "TrustStickyBit"))
		return false;
	return (st->st_mode & S_IWOTH) != 0 || ((st->st_mode & S_IWGRP) != 0 &&
	    !is_set(blame, "GroupWritableDirPathSafe"));
}

void
doctor_sendmail_way(struct checkup *k, const struct sendmail_conf *c,
    const struct milter_socket *where)
{
	const char *blame = sendmail_option(c, "dontblamesendmail"), *name;
	struct buf path = BUF_INIT, line = BUF_INIT;
	struct stat st;
	char *slash;

	if (k->root == NULL || where->path == NULL)
		return;
	buf_printf(&path, "%s%s", k->root, where->path);
	slash = path.data + strlen(k->root);
	name = slash;
	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (stat(path.data, &st) == 0 && is_unsafe(&st, blame)) {
			buf_clear(&line);
			buf_puts(&line, "chmod go-w ");
			shell_put(&line, name);
			complaint_paste(complain(k, WEIGHT_FAULT, "socket-unsafe", "",
			    "Sendmail takes no socket below %s, for others may write "
			    "there (mode %04o), and logs that its name is unsafe",
			    name, (unsigned int)(st.st_mode & 07777)),
			    "a shell", "", "", buf_str(&line));
		}
		*slash = '/';
	}
	buf_free(&path);
	buf_free(&line);
}
