/*
 * doctor_reach.c owns the question whether a mail server can reach a socket on
 * this machine; it may not know why it wants to.
 */
/* libc */
#include <sys/stat.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "mem.h"
/* this folder */
#include "doctor.h"
#include "milter_socket.h"

#define GROUPS_MAX	256
#define CONNECT_MS	2000

struct person {
	const char	*name;
	uid_t		 uid;
	gid_t		 groups[GROUPS_MAX];
	int		 count;
};

/* 0, or -1 when there is no such user. */
static int
find_person(const char *name, struct person *p)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return -1;
	p->name = name;
	p->uid = pw->pw_uid;
	p->count = GROUPS_MAX;
	if (getgrouplist(name, pw->pw_gid, p->groups, &p->count) == -1)
		p->count = GROUPS_MAX;
	return 0;
}

/* The bits of rwx that the person has. */
static bool
may(const struct person *p, const struct stat *st, mode_t bits)
{
	int i;

	if (p->uid == 0)
		return true;
	if (st->st_uid == p->uid)
		return (st->st_mode >> 6 & bits) == bits;
	for (i = 0; i < p->count; i++)
		if (st->st_gid == p->groups[i])
			return (st->st_mode >> 3 & bits) == bits;
	return (st->st_mode & bits) == bits;
}

static void
paste_directory(const struct checkup *k, struct complaint *c, const char *path,
    const char *directory, bool last)
{
	struct buf b = BUF_INIT;

	(void)path;
	if (last && k->group == NULL)
		buf_puts(&b, "install -d -o tlswarden -m 0755 ");
	else if (last) {
		/* setgid: the daemon need not be in the group to make its socket */
		buf_puts(&b, "install -d -o tlswarden -g ");
		shell_put(&b, k->group);
		buf_puts(&b, " -m 2750 ");
	} else
		buf_puts(&b, "chmod a+x ");
	shell_put(&b, directory);
	complaint_paste(c, "a shell", "", "", buf_str(&b));
	buf_free(&b);
}

/* We are not root, and may not look where the mail server may. */
static void
cannot_look(struct checkup *k, const char *path)
{
	complain(k, WEIGHT_NOTE, "socket-unknown", "", "%s cannot be looked at: %s; "
	    "ask as root", path, strerror(EACCES));
}

/*
 * Every directory on the way must let the user through.  end: the slash in
 * front of the socket's name.
 */
static bool
check_way(struct checkup *k, const struct person *p, char *path, size_t from,
    const char *who)
{
	char *end = strrchr(path, '/'), *slash;
	size_t root = strlen(k->root);
	struct stat st;
	bool good = true, last;

	slash = path + from;
	do {
		slash = strchr(slash + 1, '/');
		if (slash == NULL)
			break;
		last = slash == end;
		*slash = '\0';
		if (stat(path, &st) == -1 && errno == EACCES) {
			cannot_look(k, path + root);
			good = false;
		} else if (stat(path, &st) == -1) {
			paste_directory(k, complain(k, WEIGHT_FAULT,
			    "socket-missing", "", "%s cannot reach the socket: %s: %s",
			    who, path + root, strerror(errno)), path, path + root,
			    true);
			good = false;
		} else if (!may(p, &st, 1)) {
			paste_directory(k, complain(k, WEIGHT_FAULT,
			    "socket-denied", "", "%s cannot reach the socket: %s may "
			    "not enter %s", who, p->name, path + root), path,
			    path + root, last);
			good = false;
		}
		*slash = '/';
	} while (good && slash != end);
	return good;
}

static bool
is_there(const struct checkup *k, const char *path)
{
	struct buf b = BUF_INIT;
	bool there;

	buf_printf(&b, "%s%s", k->root, path);
	there = access(buf_str(&b), F_OK) == 0;
	buf_free(&b);
	return there;
}

/* Does systemd run, and have a unit?  A daemon beside it would be in its way. */
static bool
has_unit(const struct checkup *k)
{
	return is_there(k, "/run/systemd/system") &&
	    (is_there(k, "/etc/systemd/system/tlswardend.service") ||
	    is_there(k, "/lib/systemd/system/tlswardend.service") ||
	    is_there(k, "/usr/lib/systemd/system/tlswardend.service"));
}

static void
paste_daemon(const struct checkup *k, struct complaint *c)
{
	struct buf b = BUF_INIT;

	if (has_unit(k))
		buf_puts(&b, "systemctl restart tlswardend");
	else {
		buf_puts(&b, "tlswardend -b -u tlswarden");
		if (k->group != NULL) {
			buf_putc(&b, ':');
			shell_put(&b, k->group);
		}
	}
	complaint_paste(c, "a shell", "", "", buf_str(&b));
	buf_free(&b);
}

/* Somebody listens; when we may not ask, the file has to do. */
static void
check_listener(struct checkup *k, const struct milter_socket *where,
    const char *name)
{
	int fd, error;

	fd = milter_socket_connect(where, milter_clock() + CONNECT_MS);
	error = errno;
	if (fd != -1)
		close(fd);
	if (fd != -1 || error == EACCES || error == EPERM || error == EAGAIN)
		return;
	paste_daemon(k, complain(k, WEIGHT_FAULT, "socket-closed", "",
	    "nobody listens on %s: %s", name, strerror(error)));
}

static void
check_file(struct checkup *k, const struct person *p, const char *path,
    const char *who)
{
	struct milter_socket there = { NULL, NULL, NULL };
	const char *name = path + strlen(k->root);
	struct buf b = BUF_INIT;
	struct complaint *c;
	struct stat st;

	if (stat(path, &st) == -1 && errno == EACCES) {
		cannot_look(k, name);
		return;
	}
	if (stat(path, &st) == -1 || !S_ISSOCK(st.st_mode)) {
		paste_daemon(k, complain(k, WEIGHT_FAULT, "socket-missing", "",
		    "there is no socket %s: tlswardend is not running, or listens "
		    "elsewhere", name));
		return;
	}
	if (!may(p, &st, 2)) {
		c = complain(k, WEIGHT_FAULT, "socket-denied", "", "%s cannot "
		    "reach the socket: %s may not write to %s (mode %04o)", who,
		    p->name, name, (unsigned int)(st.st_mode & 07777));
		buf_printf(&b, "set socket unix:%s mode 0660 group %s", name,
		    k->group);
		complaint_paste(c, "policy.conf", "", "set socket", buf_str(&b));
		buf_clear(&b);
		buf_puts(&b, "chgrp ");
		shell_put(&b, k->group);
		buf_putc(&b, ' ');
		shell_put(&b, name);
		buf_puts(&b, " && chmod 0660 ");
		shell_put(&b, name);
		complaint_paste(c, "a shell", "", "", buf_str(&b));
	} else {
		there.path = mem_strdup(path);
		check_listener(k, &there, name);
		free(there.path);
	}
	buf_free(&b);
}

int
doctor_file(const struct checkup *k, const char *path)
{
	struct buf b = BUF_INIT;
	struct stat st;
	int error = 0;

	if (k->root == NULL)
		return 0;
	buf_printf(&b, "%s%s", k->root, path);
	if (stat(buf_str(&b), &st) == -1)
		/* we are not root: what we may not enter, it may */
		error = errno == EACCES ? 0 : errno;
	else if (S_ISDIR(st.st_mode))
		error = EISDIR;
	buf_free(&b);
	return error;
}

void
doctor_reach(struct checkup *k, const struct milter_socket *where,
    const char *user, size_t skip, const char *who)
{
	struct buf b = BUF_INIT;
	struct person p;

	if (k->root == NULL)
		return;
	if (where->path == NULL) {
		milter_socket_put(where, &b);
		check_listener(k, where, buf_str(&b));
	} else if (find_person(user, &p) == -1)
		complain(k, WEIGHT_NOTE, "socket-unknown", "", "there is no user "
		    "%s here: whether it reaches the socket cannot be told", user);
	else {
		buf_printf(&b, "%s%s", k->root, where->path);
		/* Before the jail closes smtpd is root: what is above, is open. */
		skip = skip > 0 ? skip - 1 : 0;
		if (check_way(k, &p, b.data, strlen(k->root) + skip, who))
			check_file(k, &p, b.data, who);
	}
	buf_free(&b);
}
