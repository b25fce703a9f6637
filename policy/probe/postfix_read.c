/*
 * postfix_read.c owns where the configuration of a Postfix is from: files, or
 * postconf(1); it may not know its grammar.
 */
/* libc */
#include <sys/types.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "mem.h"
/* this folder */
#include "milter_socket.h"
#include "postfix_conf.h"
#include "text_file.h"

#define POSTCONF_SECONDS	20

/* Never by PATH: root runs this. */
static const char *const places[] = {
	"/usr/sbin/postconf",
	"/usr/local/sbin/postconf",
	"/sbin/postconf",
	"/usr/pkg/sbin/postconf",
	"/opt/postfix/usr/sbin/postconf",
};

const char *
postconf_path(void)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

int
postfix_read_files(struct postfix_conf *c, const char *directory,
    struct buf *why)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	int result;

	c->directory = mem_strdup(directory);
	buf_printf(&path, "%s/main.cf", directory);
	result = text_file_read(buf_str(&path), POSTFIX_FILE_MAX, &text, why);
	if (result == 0) {
		postfix_parse_main(&c->main, buf_str(&text), text.len);
		buf_clear(&path);
		buf_printf(&path, "%s/master.cf", directory);
		result = text_file_read(buf_str(&path), POSTFIX_FILE_MAX, &text, why);
	}
	if (result == 0)
		postfix_parse_master(c, buf_str(&text), text.len);
	buf_free(&path);
	buf_free(&text);
	return result;
}

/* --- postconf */

static void
become(const char *program, const char *const *arguments, int out)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C";
	char *environment[] = { path, locale, NULL };
	char *argv[32];
	size_t n = 0;
	int null;

	null = open("/dev/null", O_RDWR);
	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1 || dup2(null, STDERR_FILENO) == -1)
		_exit(127);
	argv[n++] = mem_strdup(program);
	for (; *arguments != NULL && n < 31; arguments++)
		argv[n++] = mem_strdup(*arguments);
	argv[n] = NULL;
	execve(program, argv, environment);
	_exit(127);
}

/* Everything it says, within the time and the size there are. */
static int
collect(int fd, struct buf *out)
{
	int64_t deadline = milter_clock() + POSTCONF_SECONDS * 1000;
	char chunk[8192];
	ssize_t n;

	while (out->len <= POSTFIX_FILE_MAX) {
		if (milter_socket_wait(fd, POLLIN, deadline) == -1)
			return -1;
		n = read(fd, chunk, sizeof(chunk));
		if (n == 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			buf_put(out, chunk, (size_t)n);
	}
	errno = EFBIG;
	return -1;
}

static int
ask(const char *postconf, const char *const *arguments, struct buf *out,
    struct buf *why)
{
	int fds[2], status = 0, result;
	pid_t child;

	buf_clear(out);
	if (pipe2(fds, O_CLOEXEC) == -1) {
		buf_printf(why, "pipe: %s", strerror(errno));
		return -1;
	}
	child = fork();
	if (child == 0)
		become(postconf, arguments, fds[1]);
	close(fds[1]);
	result = child == -1 ? -1 : collect(fds[0], out);
	if (result == -1)
		buf_printf(why, "%s %s: %s", postconf, arguments[0],
		    strerror(errno));
	close(fds[0]);
	if (child == -1)
		return -1;
	if (result == -1)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		;
	if (result == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		buf_printf(why, "%s %s failed: run it to see why", postconf,
		    arguments[0]);
		result = -1;
	}
	return result;
}

int
postfix_read_running(struct postfix_conf *c, const char *postconf,
    struct buf *why)
{
	static const char *const defaults[] = { "-d", "config_directory",
	    "compatibility_level", "mail_owner", "mail_version",
	    "milter_default_action", "milter_protocol", "queue_directory",
	    "smtpd_tls_mandatory_protocols", "smtpd_tls_protocols",
	    "smtpd_tls_security_level", "myhostname", NULL };
	static const char *const set[] = { "-n", NULL };
	static const char *const services[] = { "-M", NULL };
	struct buf out = BUF_INIT;
	const char *directory;
	int result;

	result = ask(postconf, defaults, &out, why);
	if (result == 0) {
		postfix_parse_main(&c->defaults, buf_str(&out), out.len);
		result = ask(postconf, set, &out, why);
	}
	if (result == 0) {
		postfix_parse_main(&c->main, buf_str(&out), out.len);
		result = ask(postconf, services, &out, why);
	}
	if (result == 0) {
		postfix_parse_master(c, buf_str(&out), out.len);
		directory = params_get(&c->main, "config_directory");
		if (directory == NULL)
			directory = params_get(&c->defaults, "config_directory");
		c->directory = mem_strdup(directory != NULL ? directory :
		    "/etc/postfix");
	}
	buf_free(&out);
	return result;
}
