/*
 * Asking postconf(1), which here is a script: what it says, and what becomes
 * of it when it fails, says too much, or does not end.
 */
/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "postfix_conf.h"
#include "sendmail_conf.h"

/* What is refused once; the linker puts these in their places. */
static bool no_pipe, no_fork, no_wait, interrupted;
static const char *only;	/* the one file that is there */

int __real_pipe2(int [2], int);
int __wrap_pipe2(int [2], int);
pid_t __real_fork(void);
pid_t __wrap_fork(void);
int __real_milter_socket_wait(int, short, int64_t);
int __wrap_milter_socket_wait(int, short, int64_t);
ssize_t __real_read(int, void *, size_t);
ssize_t __wrap_read(int, void *, size_t);
int __wrap_access(const char *, int);

static bool
once(bool *flag, int error)
{
	bool now = *flag;

	*flag = false;
	if (now)
		errno = error;
	return now;
}

int
__wrap_pipe2(int fds[2], int flags)
{
	return once(&no_pipe, EMFILE) ? -1 : __real_pipe2(fds, flags);
}

pid_t
__wrap_fork(void)
{
	return once(&no_fork, EAGAIN) ? -1 : __real_fork();
}

int
__wrap_milter_socket_wait(int fd, short events, int64_t deadline)
{
	return once(&no_wait, ETIMEDOUT) ? -1 :
	    __real_milter_socket_wait(fd, events, deadline);
}

ssize_t
__wrap_read(int fd, void *p, size_t n)
{
	return once(&interrupted, EINTR) ? -1 : __real_read(fd, p, n);
}

int
__wrap_access(const char *path, int mode)
{
	(void)mode;
	return only != NULL && strcmp(path, only) == 0 ? 0 : -1;
}

static char script[] = "/tmp/test_postconf.XXXXXX";

static int
set_up(void **state)
{
	int fd = mkstemp(script);

	(void)state;
	return fd == -1 || fchmod(fd, 0700) == -1 || close(fd) == -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return unlink(script);
}

/* Ask a postconf that does this; 0, or -1 and why. */
static int
asked(const char *text, struct postfix_conf *c, struct buf *why)
{
	FILE *f = fopen(script, "w");

	assert_non_null(f);
	assert_true(fprintf(f, "#!/bin/sh\n%s\n", text) > 0);
	assert_int_equal(fclose(f), 0);
	memset(c, 0, sizeof(*c));
	buf_clear(why);
	return postfix_read_running(c, script, why);
}

static const char answers[] =
    "case $1 in\n"
    "-d) echo 'config_directory = /etc/postfix'; echo \"mail_owner = $#:$LC_ALL\" ;;\n"
    "-n) echo 'mail_owner = mailer'; [ -t 0 ] || echo 'myhostname = mx.example.org' ;;\n"
    "-M) echo 'smtp inet n - y - - smtpd'; echo florp >&2 ;;\n"
    "esac";

static void
test_answers(void **state)
{
	struct buf why = BUF_INIT, b = BUF_INIT;
	struct postfix_conf c;

	(void)state;
	assert_int_equal(asked(answers, &c, &why), 0);
	assert_string_equal(buf_str(&why), "");
	assert_int_equal(c.count, 1);
	assert_string_equal(c.directory, "/etc/postfix");
	assert_string_equal(postfix_get(&c, NULL, "mail_owner", &b), "mailer");
	assert_string_equal(postfix_get(&c, NULL, "myhostname", &b), "mx.example.org");
	/* the defaults it was asked for by name, in a locale that is known */
	assert_string_equal(params_get(&c.defaults, "mail_owner"), "12:C");
	postfix_conf_clear(&c);
	/* where its files are, by what is set, and when it does not say */
	assert_int_equal(asked("[ $1 != -n ] || echo config_directory = /srv/pf", &c,
	    &why), 0);
	assert_string_equal(c.directory, "/srv/pf");
	postfix_conf_clear(&c);
	assert_int_equal(asked(":", &c, &why), 0);
	assert_string_equal(c.directory, "/etc/postfix");
	postfix_conf_clear(&c);
	interrupted = true;
	assert_int_equal(asked(answers, &c, &why), 0);
	assert_int_equal(c.count, 1);
	postfix_conf_clear(&c);
	buf_free(&why);
	buf_free(&b);
}

static void
test_failures(void **state)
{
	static const struct {
		const char	*text;
		bool		*fault;
		const char	*why;
		int		 error;	/* what strerror() makes of it comes then */
	} rows[] = {
		{ "exit 1", NULL, " -d failed: run it to see why", 0 },
		{ "[ $1 = -d ]", NULL, " -n failed: run it to see why", 0 },
		{ "[ $1 != -M ]", NULL, " -M failed: run it to see why", 0 },
		{ "kill -9 $$", NULL, " -d failed: run it to see why", 0 },
		{ "exec yes this is too much", NULL, " -d: ", EFBIG },
		{ "exec sleep 1000", &no_wait, " -d: ", ETIMEDOUT },
		{ "exec sleep 1000", &no_pipe, "pipe: ", EMFILE },
		{ "exec sleep 1000", &no_fork, " -d: ", EAGAIN },
	};
	struct buf why = BUF_INIT;
	struct postfix_conf c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].fault != NULL)
			*rows[i].fault = true;
		assert_int_equal(asked(rows[i].text, &c, &why), -1);
		assert_non_null(strstr(buf_str(&why), rows[i].why));
		if (rows[i].error != 0)
			assert_non_null(strstr(buf_str(&why), strerror(rows[i].error)));
		postfix_conf_clear(&c);
	}
	buf_clear(&why);
	memset(&c, 0, sizeof(c));
	assert_int_equal(postfix_read_running(&c, "/nonexistent/postconf", &why), -1);
	assert_string_equal(buf_str(&why),
	    "/nonexistent/postconf -d failed: run it to see why");
	postfix_conf_clear(&c);
	buf_free(&why);
}

/* Only at places that are root's alone: PATH is not asked. */
static void
test_places(void **state)
{
	(void)state;
	only = NULL;
	assert_null(postconf_path());
	assert_null(sendmail_cf_path());
	only = "/usr/pkg/sbin/postconf";
	assert_string_equal(postconf_path(), only);
	only = "/etc/mail/sendmail.cf";
	assert_string_equal(sendmail_cf_path(), only);
	assert_null(postconf_path());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests_name("postconf", tests, set_up, tear_down);
}
