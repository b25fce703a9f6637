/*
 * endpoint.c owns the address of the socket: its spelling, its lock, its file;
 * it may not know what is spoken there, nor open it: libmilter does.
 */
/* libc */
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
/* this project */
#include "buf.h"
#include "mem.h"
/* this program */
#include "endpoint.h"

#define PATH_BYTES	sizeof(((struct sockaddr_un *)0)->sun_path)

/* --- its spelling */

static const struct {
	const char	*name;
	int		 family;
} families[] = {
	{ "unix:", AF_UNIX },
	{ "local:", AF_UNIX },
	{ "inet:", AF_INET },
	{ "inet6:", AF_INET6 },
};

static bool
is_port(const char *s)
{
	unsigned long n;
	char *end;

	if (*s < '0' || *s > '9' || strlen(s) > 5)
		return false;
	n = strtoul(s, &end, 10);
	return *end == '\0' && n > 0 && n < 65536;
}

static int
parse_path(struct endpoint *e, const char *path, int status)
{
	if (path[0] != '/')
		return complain(status, "socket \"%s\": the path must be absolute",
		    path);
	if (strlen(path) >= PATH_BYTES)
		return complain(status, "socket \"%s\": a path of a socket has "
		    "at most %zu bytes", path, PATH_BYTES - 1);
	if (path[strlen(path) - 1] == '/')
		return complain(status, "socket \"%s\": this is a directory", path);
	e->path = mem_strdup(path);
	return 0;
}

/* port@host, or Postfix's host:port, where an IPv6 host stands in brackets. */
static int
parse_inet(struct endpoint *e, const char *rest, int status)
{
	const char *mark;
	size_t len;

	if ((mark = strchr(rest, '@')) != NULL) {
		e->port = mem_strndup(rest, (size_t)(mark - rest));
		e->host = mem_strdup(mark + 1);
	} else if ((mark = strrchr(rest, ':')) != NULL) {
		e->host = mem_strndup(rest, (size_t)(mark - rest));
		e->port = mem_strdup(mark + 1);
	} else {
		return complain(status, "socket \"inet:%s\": which host? without "
		    "one everybody could connect: inet:%s@127.0.0.1", rest, rest);
	}
	len = strlen(e->host);
	if (len >= 2 && e->host[0] == '[' && e->host[len - 1] == ']') {
		memmove(e->host, e->host + 1, len - 2);
		e->host[len - 2] = '\0';
	}
	if (e->host[0] == '\0')
		return complain(status, "socket \"inet:%s\": the host is missing",
		    rest);
	if (!is_port(e->port))
		return complain(status, "socket \"inet:%s\": \"%s\" is not a port "
		    "(1 to 65535)", rest, e->port);
	return 0;
}

static void
make_spec(struct endpoint *e)
{
	struct buf b = BUF_INIT;

	/* Brackets keep libmilter from asking a name service for an address. */
	if (e->path != NULL)
		buf_printf(&b, "unix:%s", e->path);
	else if (strchr(e->host, ':') != NULL ||
	    strspn(e->host, "0123456789.") == strlen(e->host))
		buf_printf(&b, "%s:%s@[%s]", e->family == AF_INET6 ? "inet6" :
		    "inet", e->port, e->host);
	else
		buf_printf(&b, "%s:%s@%s", e->family == AF_INET6 ? "inet6" :
		    "inet", e->port, e->host);
	e->spec = buf_steal(&b);
}

int
endpoint_parse(struct endpoint *e, const char *spec, bool from_option)
{
	int status = from_option ? EX_USAGE : EX_CONFIG;
	const char *rest = NULL;
	size_t i, len;
	int failed;

	memset(e, 0, sizeof(*e));
	e->lock_fd = -1;
	e->gid = (gid_t)-1;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		len = strlen(families[i].name);
		if (strncmp(spec, families[i].name, len) == 0) {
			e->family = families[i].family;
			rest = spec + len;
		}
	}
	if (rest == NULL)
		return complain(status, "socket \"%s\": it must begin with unix:, "
		    "local:, inet: or inet6:", spec);
	failed = e->family == AF_UNIX ? parse_path(e, rest, status) :
	    parse_inet(e, rest, status);
	if (failed)
		return failed;
	if (e->family == AF_INET && strchr(e->host, ':') != NULL)
		e->family = AF_INET6;
	make_spec(e);
	return 0;
}

int
endpoint_configure(struct endpoint *e, const struct settings *s)
{
	const struct group *gr;

	e->mode = (mode_t)s->socket_mode & 0777;
	if (e->path == NULL || s->socket_group[0] == '\0')
		return 0;
	gr = getgrnam(s->socket_group);
	if (gr == NULL)
		return complain(EX_NOUSER, "set socket: there is no group \"%s\"",
		    s->socket_group);
	e->gid = gr->gr_gid;
	return 0;
}

/* --- whether it is free */

static int
take_lock(struct endpoint *e, const struct identity *id)
{
	struct buf name = BUF_INIT;
	int fd, status = 0;

	buf_printf(&name, "%s.lock", e->path);
	fd = open(buf_str(&name),
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	/* A file we made is given to the user; one we found stays as it is. */
	if (fd != -1 && id->change && fchown(fd, id->uid, id->gid) == -1)
		complain(0, "%s: %s", buf_str(&name), strerror(errno));
	if (fd == -1 && errno == EEXIST)
		fd = open(buf_str(&name), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		status = complain(EX_CANTCREAT, "cannot open the lock %s: %s",
		    buf_str(&name), strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		status = complain(EX_TEMPFAIL, "already running on %s: another "
		    "process holds %s", e->spec, buf_str(&name));
	if (status != 0 && fd != -1)
		close(fd);
	else
		e->lock_fd = fd;
	buf_free(&name);
	return status;
}

/* 0: nobody listens; else the errno of a connect, or EISCONN when one does. */
static int
ask_who_listens(const char *path)
{
	struct sockaddr_un sun;
	int fd, error = EISCONN;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		error = errno == ECONNREFUSED ? 0 : errno;
	close(fd);
	return error;
}

static int
clear_path(const struct endpoint *e)
{
	struct stat st;
	int error;

	if (lstat(e->path, &st) == -1) {
		if (errno == ENOENT)
			return 0;
		return complain(EX_CANTCREAT, "%s: %s", e->path, strerror(errno));
	}
	if (!S_ISSOCK(st.st_mode))
		return complain(EX_CANTCREAT, "%s exists and is not a socket: "
		    "it stays as it is", e->path);
	error = ask_who_listens(e->path);
	if (error == EISCONN || error == EAGAIN)
		return complain(EX_TEMPFAIL, "already running: somebody answers "
		    "on %s", e->path);
	if (error != 0)
		return complain(EX_CANTCREAT, "cannot tell whether %s is in use: "
		    "%s", e->path, strerror(error));
	if (unlink(e->path) == -1)
		return complain(EX_CANTCREAT, "cannot remove the old socket %s: "
		    "%s", e->path, strerror(errno));
	return 0;
}

static int
check_directory(const struct endpoint *e)
{
	struct stat st;
	char *dir;
	int status = 0;

	dir = mem_strdup(e->path);
	*(strrchr(dir, '/') == dir ? dir + 1 : strrchr(dir, '/')) = '\0';
	if (stat(dir, &st) == -1)
		status = complain(EX_CANTCREAT, "the directory of the socket, %s: "
		    "%s", dir, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		status = complain(EX_CANTCREAT, "%s is not a directory", dir);
	free(dir);
	return status;
}

/* libmilter says only that it failed; a bind of our own says why. */
static int
probe_inet(const struct endpoint *e)
{
	struct addrinfo hints, *ai;
	int fd, error, one = 1, status = 0;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = e->family;
	hints.ai_socktype = SOCK_STREAM;
	error = getaddrinfo(e->host, e->port, &hints, &ai);
	if (error != 0)
		return complain(EX_NOHOST, "socket %s: %s", e->spec,
		    gai_strerror(error));
	fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) == -1) {
		if (errno == EADDRINUSE)
			status = complain(EX_TEMPFAIL, "already running, or the "
			    "port is taken: %s is in use", e->spec);
		else
			status = complain(EX_UNAVAILABLE, "cannot listen on %s: %s",
			    e->spec, strerror(errno));
	}
	if (fd != -1)
		close(fd);
	freeaddrinfo(ai);
	return status;
}

int
endpoint_claim(struct endpoint *e, const struct identity *id)
{
	int status;

	if (e->path == NULL)
		return probe_inet(e);
	status = check_directory(e);
	if (status == 0)
		status = take_lock(e, id);
	if (status == 0)
		status = clear_path(e);
	return status;
}

/* --- its file */

mode_t
endpoint_umask(const struct endpoint *e)
{
	return e->path != NULL ? ~e->mode & 0777 : 0077;
}

int
endpoint_opened(struct endpoint *e, const struct identity *id)
{
	struct stat st;
	gid_t gid;
	uid_t uid;
	int fd, status = 0;

	if (e->path == NULL)
		return 0;
	/*
	 * By descriptor: the name may lie in a directory of another user, who may
	 * also link a socket of root's there, to have it given to him.
	 */
	fd = open(e->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return complain(EX_CANTCREAT, "the socket that was opened, %s: %s",
		    e->path, strerror(errno));
	if (fstat(fd, &st) == -1 || !S_ISSOCK(st.st_mode) ||
	    st.st_uid != geteuid() || st.st_nlink != 1) {
		status = complain(EX_CANTCREAT, "%s is not the socket that was "
		    "opened there", e->path);
		goto out;
	}
	e->dev = st.st_dev;
	e->ino = st.st_ino;
	uid = id->change ? id->uid : (uid_t)-1;
	gid = e->gid != (gid_t)-1 ? e->gid : id->change ? id->gid : (gid_t)-1;
	if ((uid != (uid_t)-1 || gid != (gid_t)-1) &&
	    fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == -1)
		status = complain(EX_NOPERM, "cannot give %s to its group: %s",
		    e->path, strerror(errno));
out:
	close(fd);
	return status;
}

void
endpoint_remove(const struct endpoint *e)
{
	struct stat st;

	if (e->path != NULL && e->ino != 0 && lstat(e->path, &st) == 0 &&
	    st.st_dev == e->dev && st.st_ino == e->ino)
		unlink(e->path);
}

void
endpoint_clear(struct endpoint *e)
{
	free(e->spec);
	free(e->path);
	free(e->host);
	free(e->port);
	memset(e, 0, sizeof(*e));
}
