/*
 * fuzz_sendmail_conf.c: a sendmail.cf.
 *
 * What is shown has no control characters, and a line that is to be pasted can
 * be pasted.
 */
/* this project */
#include "sendmail_conf.h"
/* tests */
#include "memory_file.h"
#include "pasted.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sendmail_conf c = { .path = NULL };
	struct buf why = BUF_INIT;
	struct checkup k;
	size_t i;

	PROMISE(sendmail_read(&c, memory_file(data, size), &why) == 0);
	PROMISE(c.daemon_count <= SENDMAIL_DAEMONS_MAX);
	for (i = 0; i < c.filter_count; i++)
		PROMISE(sendmail_filter_find(&c, c.filters[i].name,
		    strlen(c.filters[i].name)) != NULL);
	checkup_begin(&k);
	doctor_sendmail(&k, &c);
	look_at_checkup(&k);
	checkup_clear(&k);
	sendmail_conf_clear(&c);
	buf_free(&why);
	return 0;
}
