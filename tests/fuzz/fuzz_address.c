/*
 * fuzz_address.c: addresses as people write them: of clients, of the daemon's
 * socket in three programs' spellings, and of servers to be audited.
 *
 * What is taken can be written, and is then read as the same; what is refused
 * is refused with a reason.
 */
/* this project */
#include "address.h"
#include "buf.h"
#include "milter_list.h"
#include "milter_socket.h"
#include "target.h"
/* tests */
#include "fuzz.h"

static void
read_address(const char *text, size_t len)
{
	struct address a, again;
	char written[ADDRESS_TEXT];

	if (address_parse(&a, text, len) == -1)
		return;
	PROMISE(a.bits == 32 || a.bits == 128);
	address_format(&a, written);
	PROMISE(address_parse(&again, written, strlen(written)) == 0);
	PROMISE(address_compare(&a, &again) == 0 && a.bits == again.bits);
	address_mask(&again, a.bits / 2);
	PROMISE(address_compare(&again, &a) <= 0);
}

static void
read_socket(const char *text)
{
	struct milter_socket s, again;
	struct buf b = BUF_INIT;

	if (milter_socket_parse(&s, text) == -1)
		return;
	PROMISE((s.path != NULL) == (s.host == NULL) && (s.host == NULL) == (s.port == NULL));
	milter_socket_put(&s, &b);
	PROMISE(milter_socket_parse(&again, buf_str(&b)) == 0);
	PROMISE(milter_socket_same(&s, &again));
	PROMISE(milter_socket_is_loopback(&s) == milter_socket_is_loopback(&again));
	milter_socket_clear(&s);
	milter_socket_clear(&again);
	buf_free(&b);
}

/* Braces are balanced and stand between words: else it is no list at all. */
static bool
is_well_formed(const char *text)
{
	const char *at;
	int depth = 0;

	for (at = text; *at != '\0' && depth >= 0; at++) {
		depth += (*at == '{') - (*at == '}');
		if (*at == '{' && at > text && strchr("{, \t\r\n", at[-1]) == NULL)
			return false;
		if (*at == '}' && strchr("}, \t\r\n", at[1]) == NULL)
			return false;
	}
	return depth == 0;
}

/* A list that was written is a list of the same items. */
static void
read_list(const char *text)
{
	struct milter_list l = { .count = 0 }, again = { .count = 0 };
	struct buf b = BUF_INIT;
	size_t i;

	milter_list_parse(&l, text);
	milter_list_put(&l, &b);
	milter_list_parse(&again, buf_str(&b));
	PROMISE(l.count == again.count || !is_well_formed(text));
	for (i = 0; is_well_formed(text) && i < l.count; i++)
		PROMISE(strcmp(l.all[i].address, again.all[i].address) == 0);
	milter_list_clear(&l);
	milter_list_clear(&again);
	buf_free(&b);
}

static void
read_target(const char *text)
{
	struct target t[PORT_SERVICES];
	const char *fault = NULL;
	size_t i, n;

	n = target_parse(text, t, &fault);
	PROMISE(n <= PORT_SERVICES && (n > 0 || fault != NULL));
	for (i = 0; i < n; i++) {
		PROMISE(memchr(t[i].host, '\0', HOST_SIZE) != NULL);
		PROMISE(t[i].host[0] != '\0' && t[i].port != 0);
		PROMISE(t[i].service < PORT_SERVICES);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	char *text = input_string(in);

	read_address(in.p, in.len);
	read_socket(text);
	read_list(text);
	read_target(text);
	free(text);
	return 0;
}
