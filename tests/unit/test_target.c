/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "chain.h"
#include "target.h"
#include "wire.h"

static struct target targets[PORT_SERVICES];

static void
one(const char *text, const char *host, uint16_t port, enum port_service service)
{
	const char *fault;

	assert_int_equal(target_parse(text, targets, &fault), 1);
	assert_string_equal(targets[0].host, host);
	assert_int_equal(targets[0].port, port);
	assert_int_equal(targets[0].service, service);
	assert_false(targets[0].guessed);
}

static void
test_parse(void **state)
{
	const char *fault;
	unsigned int i;

	(void)state;
	one("mx.example.com:25", "mx.example.com", 25, PORT_MX);
	one("mx.example.com:2525/submission", "mx.example.com", 2525, PORT_SUBMISSION);
	one("mx.example.com/imaps", "mx.example.com", 993, PORT_IMAPS);
	one("192.0.2.1:110", "192.0.2.1", 110, PORT_POP3);
	one("[2001:db8::1]:465", "2001:db8::1", 465, PORT_SUBMISSIONS);
	one("2001:db8::1/mx", "2001:db8::1", 25, PORT_MX);
	one("[2001:db8::1]/mx", "2001:db8::1", 25, PORT_MX);
	assert_int_equal(target_parse("::1", targets, &fault), PORT_SERVICES);
	for (i = 0; i < PORT_SERVICES; i++) {
		assert_string_equal(targets[i].host, "::1");
		assert_int_equal(targets[i].port, port_infos[i].port);
		assert_true(targets[i].guessed);
		assert_true(target_is_address(&targets[i]));
	}
}

static void
test_wrong(void **state)
{
	static const char *const texts[] = {
		"", ":25", "/mx", "a:0", "a:65536", "a:x", "a:", "a:2525", "a:25/florp",
		"a/", "[::1", "[::1]x", "[]:25", "a:-1", "a:+25", "a: 25", "a:25x", "a:000025"
	};
	char text[600];
	const char *fault;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(target_parse(texts[i], targets, &fault), 0);
		assert_non_null(fault);
	}
	memset(text, 'a', sizeof(text));
	for (i = 250; i < sizeof(text); i++) {
		text[i] = '\0';
		assert_int_equal(target_parse(text, targets, &fault),
		    i < HOST_SIZE ? PORT_SERVICES : 0);
		text[i] = 'a';
	}
}

static void
test_resolve(void **state)
{
	const char *fault;

	(void)state;
	one("127.0.0.1:25", "127.0.0.1", 25, PORT_MX);
	assert_int_equal(target_resolve(&targets[0], false, &fault), 0);
	assert_string_equal(targets[0].address, "127.0.0.1");
	one("240.0.0.1:25", "240.0.0.1", 25, PORT_MX);
	assert_int_equal(target_resolve(&targets[0], false, &fault), -1);
	assert_non_null(strstr(fault, "--remote"));
	assert_int_equal(target_resolve(&targets[0], true, &fault), 0);
}

/* Certificate messages that lie about their lengths. */
static void
test_chain(void **state)
{
	static const uint8_t good[] = { 0, 0, 9, 0, 0, 1, 'a', 0, 0, 2, 'b', 'c' };
	struct chain c = { .count = 0 };
	uint8_t many[3 + 20 * 4] = { 0, 0, 80 };
	size_t i;

	(void)state;
	chain_from_message(&c, good, sizeof(good));
	assert_int_equal(c.count, 2);
	assert_int_equal(c.len[1], 2);
	assert_memory_equal(c.der[1], "bc", 2);
	chain_free(&c);
	assert_int_equal(c.count, 0);
	for (i = 0; i < sizeof(good); i++) {
		chain_from_message(&c, good, i);
		assert_int_equal(c.count, 0);
	}
	chain_from_message(&c, (const uint8_t *)"\0\0\4\0\0\xff" "a", 7);
	assert_int_equal(c.count, 0);
	for (i = 0; i < 20; i++)
		memcpy(many + 3 + i * 4, "\0\0\1x", 4);
	chain_from_message(&c, many, sizeof(many));
	assert_int_equal(c.count, CHAIN_MAX);
	chain_free(&c);
}

/* Who gives the whole more time gives each step more, to the end of the whole. */
static void
test_step(void **state)
{
	int64_t before = net_now(), end = before + 600000;
	struct net n = { .given = { end, 10 } };

	(void)state;
	net_step(&n, 5000);
	assert_true(n.step >= before + 50000 && n.step <= net_now() + 50000);
	net_step(&n, 100000);
	assert_int_equal(n.step, end);
}

/* What a server says is shown as text, and is not listened to for ever. */
static void
test_wire(void **state)
{
	static const char odd[] = "a\x7f\xff\0b\rc\t\x80\r\n\n";
	static char line[LINE_SIZE], much[NET_BYTES_MAX];
	struct wire w = { .net = { .given = { net_now() + 60000, 1 } } };
	size_t taken = 0;
	int sockets[2], n;
	pid_t child;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		close(sockets[0]);
		memset(much, 'x', sizeof(much));
		for (taken = 99; taken < sizeof(much); taken += 100)
			much[taken] = '\n';
		_exit(send(sockets[1], odd, sizeof(odd) - 1, MSG_NOSIGNAL) == -1 ||
		    send(sockets[1], much, sizeof(much), MSG_NOSIGNAL) == -1);
	}
	close(sockets[1]);
	w.net.fd = sockets[0];
	net_step(&w.net, 60000);
	assert_int_equal(wire_line(&w, line), 9);
	assert_string_equal(line, "a???b?c??");
	assert_int_equal(wire_line(&w, line), 0);
	while ((n = wire_line(&w, line)) != -1)
		taken += (size_t)n + 1;
	assert_true(taken > NET_BYTES_MAX - 200 && taken < NET_BYTES_MAX);
	assert_string_equal(w.net.fault, "sent more than 256 KB");
	wire_close(&w);
	assert_int_equal(waitpid(child, &n, 0), child);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_step),
		cmocka_unit_test(test_wire),
	};

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
