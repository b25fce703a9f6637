/*
 * fuzz_postfix_conf.c: the configuration of a Postfix: main.cf, "---" on a line
 * of its own, master.cf.
 *
 * Values have their bound however they refer to each other; what is shown has
 * no control characters; and a line that is to be pasted can be pasted: the
 * policy takes it, or it is one line of a file of Postfix's.
 */
/* this project */
#include "postfix_conf.h"
/* tests */
#include "pasted.h"

static void
look_at_values(const struct postfix_conf *c)
{
	static const char *const names[] = { "smtpd_milters", "myhostname",
	    "smtpd_tls_protocols", "queue_directory", "mail_owner", "no_such_name" };
	const struct postfix_service *s;
	struct buf b = BUF_INIT;
	size_t i, j;

	PROMISE(c->count <= POSTFIX_SERVICES_MAX);
	for (i = 0; i <= c->count && i < 8; i++) {
		s = i < c->count ? &c->services[i] : NULL;
		for (j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			PROMISE(strlen(postfix_get(c, s, names[j], &b)) <=
			    POSTFIX_VALUE_MAX);
		if (s != NULL)
			PROMISE(postfix_service_find(c, s->name, s->type) != NULL);
	}
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size }, text;
	struct postfix_conf c = { .directory = NULL };
	struct checkup k;
	char *master;

	text = take_until(&in, "\n---\n");
	postfix_parse_main(&c.main, text.p, text.len);
	/* as it is read from a file: with a NUL behind it */
	master = input_string(in);
	postfix_parse_master(&c, master, in.len);
	free(master);
	c.directory = strdup("/etc/postfix");
	look_at_values(&c);
	checkup_begin(&k);
	doctor_postfix(&k, &c);
	look_at_checkup(&k);
	checkup_clear(&k);
	postfix_conf_clear(&c);
	return 0;
}
