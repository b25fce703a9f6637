/* libc */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "mem.h"
#include "rule.h"
#include "service.h"
#include "session.h"

static struct policy policy;
static struct session *session;

static struct service *
declare(const char *name, uint16_t port, const char *daemon, const char *listener)
{
	struct service *s;

	policy.services = mem_resize(policy.services, policy.service_count + 1,
	    sizeof(*policy.services));
	s = &policy.services[policy.service_count++];
	memset(s, 0, sizeof(*s));
	s->name = mem_strdup(name);
	if (port != 0) {
		s->ports = mem_calloc(1, sizeof(*s->ports));
		s->ports[s->port_count++] = port;
	}
	if (daemon != NULL) {
		s->daemons = mem_calloc(1, sizeof(*s->daemons));
		s->daemons[s->daemon_count++] = mem_strdup(daemon);
	}
	if (listener != NULL) {
		s->listeners = mem_calloc(1, sizeof(*s->listeners));
		assert_int_equal(address_parse(&s->listeners[s->listener_count++],
		    listener, strlen(listener)), 0);
	}
	return s;
}

static int
fresh(void **state)
{
	(void)state;
	memset(&policy, 0, sizeof(policy));
	session = session_new();
	return session == NULL;
}

static int
gone(void **state)
{
	struct service *s;
	size_t i;

	(void)state;
	for (i = 0; i < policy.service_count; i++) {
		s = &policy.services[i];
		free(s->name);
		free(s->ports);
		if (s->daemons != NULL)
			free(s->daemons[0]);
		free(s->daemons);
		free(s->listeners);
	}
	free(policy.services);
	session_free(session);
	return 0;
}

/* The service of a session on this port, daemon, listener; and its TLS. */
static const char *
classified(const char *port, const char *daemon, const char *listener)
{
	static char scratch[SESSION_SCRATCH];

	session_set_stage(session, STAGE_CONNECT);
	session_forget(session, STAGE_CONNECT);
	session_set(session, ATTR_PORT, port, strlen(port));
	session_set(session, ATTR_DAEMON, daemon, strlen(daemon));
	session_set(session, ATTR_LISTENER, listener, strlen(listener));
	policy_classify(&policy, session);
	return session_text(session, ATTR_SERVICE, scratch, sizeof(scratch));
}

static bool
expects_tls(void)
{
	bool none;

	session_set_stage(session, STAGE_HELO);
	none = session_fact(session, ATTR_TLS).state == FACT_NONE;
	session_set_stage(session, STAGE_CONNECT);
	return none;
}

static void
test_builtin(void **state)
{
	(void)state;
	service_add_builtin(&policy);
	assert_int_equal(policy.service_count, 3);
	assert_string_equal(classified("25", "", ""), "mx");
	assert_false(expects_tls());
	assert_string_equal(classified("587", "", ""), "submission");
	assert_false(expects_tls());
	assert_string_equal(classified("465", "", ""), "submissions");
	assert_true(expects_tls());
	assert_string_equal(classified("2525", "", ""), "other");
	assert_false(expects_tls());
	assert_string_equal(classified("", "smtpd", ""), "other");
	assert_string_equal(classified("", "", "192.0.2.1"), "other");
	/* nothing was said: not known, unless there is nothing to be said */
	assert_string_equal(classified("", "", ""), "");
	session_set_none(session, ATTR_PORT);
	policy_classify(&policy, session);
	assert_int_equal(session_fact(session, ATTR_SERVICE).state, FACT_KNOWN);
	assert_string_equal(session_fact(session, ATTR_SERVICE).text, "other");
}

static void
test_declared_replaces_builtin(void **state)
{
	(void)state;
	declare("submissions", 10465, NULL, NULL);
	declare("inbound", 25, "IN", NULL);
	declare("second", 25, "in-2", "192.0.2.5");
	service_add_builtin(&policy);
	assert_int_equal(policy.service_count, 5);
	assert_string_equal(classified("465", "", ""), "other");
	assert_string_equal(classified("10465", "", ""), "submissions");
	assert_false(expects_tls());
	/* the first that fits, by any of the three */
	assert_string_equal(classified("25", "in-2", ""), "inbound");
	assert_string_equal(classified("26", "IN-2", ""), "second");
	assert_string_equal(classified("26", "", "192.0.2.5"), "second");
	assert_string_equal(classified("26", "", "192.0.2.6"), "other");
	assert_string_equal(classified("26", "in", ""), "inbound");
	assert_string_equal(classified("587", "in", ""), "inbound");
	assert_non_null(service_find(&policy, "SECOND"));
	assert_null(service_find(&policy, "third"));
}

static void
test_named(void **state)
{
	(void)state;
	service_add_builtin(&policy);
	session_set(session, ATTR_SERVICE, "submissions", 11);
	session_set(session, ATTR_PORT, "25", 2);
	policy_classify(&policy, session);
	assert_string_equal(session_fact(session, ATTR_SERVICE).text, "submissions");
	assert_true(expects_tls());
	session_set(session, ATTR_SERVICE, "elsewhere", 9);
	policy_classify(&policy, session);
	assert_string_equal(session_fact(session, ATTR_SERVICE).text, "elsewhere");
	assert_false(expects_tls());
}

static void
test_is_submission(void **state)
{
	(void)state;
	declare("inbound", 25, NULL, NULL);
	declare("relay", 10587, NULL, NULL);
	service_add_builtin(&policy);
	assert_true(policy_is_submission(&policy, "submission"));
	assert_true(policy_is_submission(&policy, "submissions"));
	assert_true(policy_is_submission(&policy, "relay"));
	assert_true(policy_is_submission(&policy, "elsewhere"));
	assert_false(policy_is_submission(&policy, "mx"));
	assert_false(policy_is_submission(&policy, "MX"));
	assert_false(policy_is_submission(&policy, "other"));
	assert_false(policy_is_submission(&policy, "inbound"));
	assert_false(policy_is_submission(&policy, ""));
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, fresh, gone)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_builtin),
		TEST(test_declared_replaces_builtin),
		TEST(test_named),
		TEST(test_is_submission),
	};

	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
