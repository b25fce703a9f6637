/*
 * process.c owns what the process is to the system: its user, its signals, its
 * place in the background, its pid file; it may not know milters or policies.
 */
/* libc */
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#elif defined(HAVE_SYS_PROCCTL_H)
#include <sys/procctl.h>
#endif
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
/* this project */
#include "mem.h"
/* this program */
#include "process.h"

/*
 * Any connection can need a thread, be it only because half a packet came; one
 * for which libmilter had none is never served, and never closed.
 */
#define CONNECTIONS_MAX	16384
#define OTHER_TASKS	64	/* our own threads, and what else the user runs */

/*
 * Where a background begins: the child's end of the pipe to a waiting parent,
 * and what replaces the terminal, which shall not be wanting when that is done.
 */
static int ready_fd = -1;
static int null_fd = -1;
static char *pidfile;

int
complain(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("tlswardend: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return status;
}

/* --- the user */

static bool
parse_id(const char *s, unsigned int *id)
{
	char *end;
	unsigned long n;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	n = strtoul(s, &end, 10);
	*id = (unsigned int)n;
	return errno == 0 && *end == '\0' && n < (unsigned int)-1;
}

static int
find_user(const char *name, struct identity *id)
{
	const struct passwd *pw;
	unsigned int n;

	pw = getpwnam(name);
	if (pw == NULL && parse_id(name, &n))
		pw = getpwuid((uid_t)n);
	if (pw == NULL)
		return complain(EX_NOUSER, "there is no user \"%s\"", name);
	id->uid = pw->pw_uid;
	id->gid = pw->pw_gid;
	id->name = mem_strdup(pw->pw_name);
	return 0;
}

static int
find_group(const char *name, struct identity *id)
{
	const struct group *gr;
	unsigned int n;

	gr = getgrnam(name);
	if (gr == NULL && parse_id(name, &n))
		gr = getgrgid((gid_t)n);
	if (gr == NULL)
		return complain(EX_NOUSER, "there is no group \"%s\"", name);
	id->gid = gr->gr_gid;
	return 0;
}

int
process_identity(const char *spec, struct identity *id)
{
	char *name, *colon;
	int status;

	memset(id, 0, sizeof(*id));
	id->uid = (uid_t)-1;
	id->gid = (gid_t)-1;
	if (spec == NULL) {
		if (geteuid() == 0)
			return complain(EX_NOPERM, "it will not run as root: "
			    "name a user of its own with -u");
		return 0;
	}
	name = mem_strdup(spec);
	colon = strchr(name, ':');
	if (colon != NULL)
		*colon++ = '\0';
	status = find_user(name, id);
	if (status == 0 && colon != NULL)
		status = find_group(colon, id);
	free(name);
	if (status != 0)
		return status;
	if (id->uid == 0)
		return complain(EX_NOPERM, "it will not run as root: "
		    "-u must name another user");
	if (geteuid() != 0 && geteuid() != id->uid)
		return complain(EX_NOPERM, "only root can become %s", spec);
	id->change = geteuid() == 0;
	return 0;
}

void
process_identity_clear(struct identity *id)
{
	free(id->name);
	id->name = NULL;
}

/* Nothing is executed from here on; make sure nothing ever gains. */
static void
never_gain(void)
{
#ifdef HAVE_SYS_PRCTL_H
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#elif defined(PROC_NO_NEW_PRIVS_CTL)
	int on = PROC_NO_NEW_PRIVS_ENABLE;

	procctl(P_PID, 0, PROC_NO_NEW_PRIVS_CTL, &on);
#endif
}

int
process_become(const struct identity *id)
{
	uid_t r, e, s;

	if (id->change) {
		if (initgroups(id->name, id->gid) == -1 ||
		    setresgid(id->gid, id->gid, id->gid) == -1 ||
		    setresuid(id->uid, id->uid, id->uid) == -1)
			return complain(EX_OSERR, "cannot become %s: %s", id->name,
			    strerror(errno));
	}
	/* Trust the result, not the calls. */
	if (getresuid(&r, &e, &s) == -1 || r == 0 || e == 0 || s == 0 ||
	    setuid(0) != -1)
		return complain(EX_OSERR, "root was not given up");
	never_gain();
	return 0;
}

/* --- limits and signals */

void
process_open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

void
process_set_limits(void)
{
	struct rlimit files, tasks;
	rlim_t most = CONNECTIONS_MAX;

	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		return;
	if (getrlimit(RLIMIT_NPROC, &tasks) == 0 && tasks.rlim_cur < most)
		most = tasks.rlim_cur > 2 * OTHER_TASKS ?
		    tasks.rlim_cur - OTHER_TASKS : tasks.rlim_cur / 2;
	files.rlim_cur = files.rlim_max < most ? files.rlim_max : most;
	setrlimit(RLIMIT_NOFILE, &files);
}

void
process_block_signals(void)
{
	/* Faults end the program, and a terminal may stop or dump it. */
	static const int ours[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
	    SIGTRAP, SIGSYS, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };
	sigset_t set;
	size_t i;

	sigfillset(&set);
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigdelset(&set, ours[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* --- the pid file */

int
process_write_pidfile(const char *path)
{
	struct stat st;
	char text[32];
	int fd, n;

	/*
	 * Root writes, maybe where another user put a FIFO to be waited for, or
	 * a second name of a file of root's to be overwritten.
	 */
	fd = open(path,
	    O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd != -1 && (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_nlink != 1)) {
		close(fd);
		return complain(EX_CANTCREAT, "%s exists and is not a pid file: "
		    "it stays as it is", path);
	}
	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (fd == -1 || ftruncate(fd, 0) == -1 ||
	    write(fd, text, (size_t)n) != n || close(fd) == -1)
		return complain(EX_CANTCREAT, "cannot write %s: %s", path,
		    strerror(errno));
	/* The daemon will leave its directory. */
	pidfile = realpath(path, NULL);
	return 0;
}

void
process_remove_pidfile(void)
{
	/* Without root its directory may be out of reach: then it stays. */
	if (pidfile != NULL)
		unlink(pidfile);
	free(pidfile);
	pidfile = NULL;
}

/* --- the background */

/* The child wrote one byte when it was ready, or it ended. */
static int
await_child(int fd, pid_t child)
{
	char byte;
	ssize_t n;
	int status;

	do
		n = read(fd, &byte, 1);
	while (n == -1 && errno == EINTR);
	if (n == 1)
		return 0;
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return EX_OSERR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

int
process_background(void)
{
	pid_t child;
	int fds[2];

	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd == -1)
		return complain(EX_OSERR, "/dev/null: %s", strerror(errno));
	if (pipe2(fds, O_CLOEXEC) == -1)
		return complain(EX_OSERR, "pipe: %s", strerror(errno));
	child = fork();
	if (child == -1)
		return complain(EX_OSERR, "fork: %s", strerror(errno));
	if (child > 0) {
		close(fds[1]);
		_exit(await_child(fds[0], child));
	}
	close(fds[0]);
	ready_fd = fds[1];
	setsid();
	return 0;
}

void
process_detach(bool keep_stderr)
{
	if (ready_fd == -1)
		return;
	if (chdir("/") == -1)
		complain(0, "cannot leave the working directory");
	dup2(null_fd, STDIN_FILENO);
	dup2(null_fd, STDOUT_FILENO);
	if (!keep_stderr)
		dup2(null_fd, STDERR_FILENO);
	close(null_fd);
	if (write(ready_fd, "", 1) != 1)
		complain(0, "nobody waits for this daemon to be ready");
	close(ready_fd);
	ready_fd = -1;
}
