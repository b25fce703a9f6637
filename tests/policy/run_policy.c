/*
 * run_policy.c loads the policies in good/ and bad/ and compares what comes
 * out, byte for byte: the canonical form in .out, the diagnostics in .err.
 *
 * A good policy has no .err when it gives no warning.  Its canonical form is
 * printed, read and printed again, and must not change.  With -u the expected
 * files are written anew, to be read through with git diff.
 */
/* libc */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "buf.h"
#include "diag.h"
#include "mem.h"
#include "policy.h"

#define TODAY	20261121

static bool update;
static unsigned int tests, failures;

static void
result(bool ok, const char *what, const char *name, const char *got)
{
	const char *line;
	size_t n;

	printf("%s %u - %s: %s\n", ok ? "ok" : "not ok", ++tests, name, what);
	if (ok)
		return;
	failures++;
	for (line = got; *line != '\0'; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		printf("# %.*s\n", (int)n, line);
	}
}

static bool
read_file(const char *path, struct buf *b)
{
	char chunk[4096];
	size_t n;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(b, chunk, n);
	fclose(f);
	return true;
}

static void
write_file(const char *path, const struct buf *b)
{
	FILE *f;

	if (b->len == 0) {
		unlink(path);
		return;
	}
	f = fopen(path, "we");
	if (f == NULL || fwrite(b->data, 1, b->len, f) != b->len || fclose(f) != 0) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(1);
	}
}

/* What is expected stands beside the policy, with another ending. */
static void
compare(const char *conf, const char *ending, const struct buf *got, const char *what)
{
	struct buf path = BUF_INIT, expected = BUF_INIT;

	buf_put(&path, conf, strlen(conf) - strlen(".conf"));
	buf_puts(&path, ending);
	if (update)
		write_file(buf_str(&path), got);
	read_file(buf_str(&path), &expected);
	result(strcmp(buf_str(&expected), buf_str(got)) == 0, what, conf, buf_str(got));
	buf_free(&path);
	buf_free(&expected);
}

static void
run_again(const char *conf, const struct buf *first)
{
	struct diags *diags = diags_new();
	struct buf second = BUF_INIT;
	struct policy *policy;

	policy = policy_parse(conf, first->data, first->len, TODAY, diags);
	if (policy != NULL)
		policy_print(policy, &second);
	else
		diags_print(diags, &second, false);
	result(strcmp(buf_str(first), buf_str(&second)) == 0, "prints the same again",
	    conf, buf_str(&second));
	policy_unref(&policy);
	diags_free(diags);
	buf_free(&second);
}

static void
run(const char *conf, bool good)
{
	struct diags *diags = diags_new();
	struct buf said = BUF_INIT, printed = BUF_INIT;
	struct policy *policy;

	policy = policy_load(conf, TODAY, diags);
	diags_print(diags, &said, false);
	result((policy != NULL) == good, good ? "is taken" : "is refused", conf,
	    buf_str(&said));
	result((diags_count(diags, DIAG_ERROR) == 0) == (policy != NULL),
	    "is refused with an error only", conf, "");
	compare(conf, ".err", &said, "diagnostics");
	if (policy != NULL && good) {
		policy_print(policy, &printed);
		compare(conf, ".out", &printed, "canonical form");
		run_again(conf, &printed);
	}
	policy_unref(&policy);
	diags_free(diags);
	buf_free(&said);
	buf_free(&printed);
}

static int
is_policy(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 5 && strcmp(d->d_name + n - 5, ".conf") == 0;
}

static void
run_directory(const char *name, bool good)
{
	struct dirent **found;
	struct buf path = BUF_INIT;
	int i, n;

	n = scandir(name, &found, is_policy, alphasort);
	if (n <= 0) {
		printf("Bail out! nothing in %s\n", name);
		exit(1);
	}
	for (i = 0; i < n; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", name, found[i]->d_name);
		run(buf_str(&path), good);
		free(found[i]);
	}
	free(found);
	buf_free(&path);
}

int
main(int argc, char *argv[])
{
	const char *top = getenv("TOP_SRCDIR");
	struct buf path = BUF_INIT;

	update = argc > 1 && strcmp(argv[1], "-u") == 0;
	buf_printf(&path, "%s/tests/policy", top != NULL ? top : ".");
	if (chdir(buf_str(&path)) == -1) {
		printf("Bail out! %s: %s\n", buf_str(&path), strerror(errno));
		return 1;
	}
	buf_free(&path);
	run_directory("good", true);
	run_directory("bad", false);
	printf("1..%u\n", tests);
	return failures == 0 ? 0 : 1;
}
