/*
 * load.c owns where the command's policy comes from, and today's date; it may
 * not know what is done with a policy.
 */
/* libc */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* this project */
#include "cli.h"

uint32_t
today(void)
{
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL)
		return 0;
	return (uint32_t)(tm.tm_year + 1900) * 10000 +
	    (uint32_t)(tm.tm_mon + 1) * 100 + (uint32_t)tm.tm_mday;
}

static bool
is_readable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, R_OK) == 0;
}

struct policy *
load_policy(const char *path, uint32_t day, struct diags *diags, int *status)
{
	struct policy *p;

	if (path == NULL) {
		path = TLSWARDEN_POLICY;
		if (access(path, F_OK) == -1 && errno == ENOENT)
			return policy_builtin(day, diags);
	}
	p = policy_load(path, day, diags);
	if (p == NULL)
		*status = is_readable(path) ? EXIT_FINDINGS : EXIT_FAILED;
	return p;
}

void
print_diags(struct diags *diags)
{
	struct buf b = BUF_INIT;

	diags_sort(diags);
	diags_print(diags, &b, term_has_colour(stderr));
	fputs(buf_str(&b), stderr);
	buf_free(&b);
}
