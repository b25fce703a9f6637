/*
 * share_holds.c puts a thousand clients before packaging/examples/migration.conf
 * at each of its steps: about a tenth are refused at first, always the same
 * ones, under each key other ones, and a greater share keeps those of a smaller.
 */
/* libc */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* this project */
#include "buf.h"
#include "diag.h"
#include "policy.h"
#include "session.h"
#include "walk.h"

#define CLIENTS	1000

static unsigned int tests, failures;
static char dir[] = "/tmp/tlswarden-share.XXXXXX";

static void
result(bool ok, const char *what, unsigned int got)
{
	printf("%s %u - %s\n", ok ? "ok" : "not ok", ++tests, what);
	if (ok)
		return;
	printf("# %u\n", got);
	failures++;
}

static void
give_up(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(1);
}

static void
read_file(const char *path, struct buf *b)
{
	char chunk[4096];
	size_t n;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL)
		give_up(path);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(b, chunk, n);
	fclose(f);
}

/* The example, with another share and a key file (NULL: none). */
static struct policy *
load(unsigned int share, const char *key)
{
	struct buf text = BUF_INIT, path = BUF_INIT, whole = BUF_INIT;
	struct diags *d = diags_new();
	const char *top = getenv("TOP_SRCDIR"), *at;
	struct policy *p;

	buf_printf(&path, "%s/packaging/examples/migration.conf",
	    top != NULL ? top : ".");
	read_file(buf_str(&path), &text);
	at = strstr(buf_str(&text), "    share 10%\n");
	if (at == NULL)
		give_up("no share of 10% in the example");
	if (key != NULL)
		buf_printf(&whole, "set key-file \"%s/%s\"\n", dir, key);
	buf_put(&whole, text.data, (size_t)(at - text.data));
	buf_printf(&whole, "    share %u%%\n%s", share, strchr(at, '\n') + 1);
	p = policy_parse("migration", whole.data, whole.len, 0, d);
	if (p == NULL || diags_total(d) != 0)
		give_up("the example is not good");
	buf_free(&text);
	buf_free(&path);
	buf_free(&whole);
	diags_free(d);
	return p;
}

/* What each client gets on a day: true when it is refused. */
static unsigned int
ask(struct policy *p, uint32_t day, bool refused[CLIENTS])
{
	char client[64];
	struct session *s;
	struct verdict v;
	unsigned int i, count = 0;

	for (i = 0; i < CLIENTS; i++) {
		s = session_new();
		if (s == NULL)
			give_up("no memory");
		/* neighbours in IPv4 and IPv6 */
		if (i % 2 == 0)
			snprintf(client, sizeof(client), "192.0.%u.%u", i / 500,
			    i / 2 % 250);
		else
			snprintf(client, sizeof(client), "2001:db8::%x:%x", i / 100, i);
		session_set_today(s, day);
		session_set(s, ATTR_SERVICE, "submission", 10);
		session_set(s, ATTR_CLIENT, client, strlen(client));
		session_set(s, ATTR_TLS, "TLSv1.1", 7);
		session_set(s, ATTR_CIPHER, "ECDHE-RSA-AES256-SHA", 20);
		policy_walk(p, s, NULL, false, NULL, NULL, NULL, &v);
		refused[i] = v.action != ACTION_ACCEPT;
		count += refused[i];
		session_free(s);
	}
	return count;
}

static unsigned int
ask_of(unsigned int share, const char *key, uint32_t day, bool refused[CLIENTS])
{
	struct policy *p = load(share, key);
	unsigned int count = ask(p, day, refused);

	policy_unref(&p);
	return count;
}

static unsigned int
differences(const bool a[CLIENTS], const bool b[CLIENTS])
{
	unsigned int i, n = 0;

	for (i = 0; i < CLIENTS; i++)
		n += a[i] != b[i];
	return n;
}

static void
write_key(const char *name, const char *text)
{
	struct buf path = BUF_INIT;
	FILE *f;

	buf_printf(&path, "%s/%s", dir, name);
	f = fopen(buf_str(&path), "we");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		give_up(buf_str(&path));
	buf_free(&path);
}

static void
remove_keys(void)
{
	if (chdir(dir) == 0) {
		unlink("a");
		unlink("b");
	}
	rmdir(dir);
}

/*
 * With 1,000 clients and a tenth, 100 +- 28 is three standard deviations: the
 * hash is given, so it holds or does not, on every machine.
 */
int
main(void)
{
	static bool first[CLIENTS], again[CLIENTS], other[CLIENTS], more[CLIENTS];
	unsigned int n, i;

	if (mkdtemp(dir) == NULL)
		give_up(dir);
	write_key("a", "0123456789abcdef");
	write_key("b", "fedcba9876543210");
	n = ask_of(10, NULL, 20310114, first);
	result(n == 0, "the day before, nobody is refused", n);
	n = ask_of(10, NULL, 20310115, first);
	result(n >= 72 && n <= 128, "from the first day on, about a tenth is", n);
	ask_of(10, NULL, 20310228, again);
	n = differences(first, again);
	result(n == 0, "always the same ones, whenever the policy is loaded", n);
	n = ask_of(10, NULL, 20310301, again);
	result(n == CLIENTS, "from the second day on, everybody is", n);

	n = ask_of(10, "a", 20310115, again);
	result(n >= 72 && n <= 128, "with a key, about a tenth is", n);
	n = differences(first, again);
	result(n > 100, "which are others", n);
	ask_of(10, "a", 20310116, other);
	n = differences(again, other);
	result(n == 0, "and with that key always the same ones", n);
	ask_of(10, "b", 20310116, other);
	n = differences(again, other);
	result(n > 100, "and with another key others again", n);

	n = ask_of(50, "a", 20310115, more);
	result(n >= 452 && n <= 548, "with a share of half, about half is", n);
	for (i = 0, n = 0; i < CLIENTS; i++)
		n += again[i] && !more[i];
	result(n == 0, "and all that were of the tenth are", n);
	n = ask_of(100, "a", 20310115, more);
	result(n == CLIENTS, "with a share of all, everybody is", n);
	printf("1..%u\n", tests);
	remove_keys();
	return failures == 0 ? 0 : 1;
}
