/*
 * service.c owns what a port is for; it may not know the rules that ask.
 */
/* libc */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
/* this project */
#include "mem.h"
#include "policy.h"
#include "rule.h"
#include "service.h"

#define OTHER		"other"		/* the service of no service */
#define MX		"mx"
#define SMTP_PORT	25

static const struct {
	const char	*name;
	uint16_t	 port;
	bool		 implicit_tls;
} builtin[] = {
	{ MX, SMTP_PORT, false },
	{ "submission", 587, false },	/* RFC 6409 */
	{ "submissions", 465, true },	/* RFC 8314 section 3.3 */
};
#define BUILTIN_COUNT	(sizeof(builtin) / sizeof(builtin[0]))

const struct service *
service_find(const struct policy *policy, const char *name)
{
	size_t i;

	for (i = 0; i < policy->service_count; i++)
		if (strcasecmp(policy->services[i].name, name) == 0)
			return &policy->services[i];
	return NULL;
}

const char *
policy_service_name(const struct policy *policy, size_t i)
{
	return i < policy->service_count ? policy->services[i].name : NULL;
}

void
service_add_builtin(struct policy *policy)
{
	struct service *service;
	size_t i;

	policy->services = mem_resize(policy->services,
	    policy->service_count + BUILTIN_COUNT, sizeof(*policy->services));
	for (i = 0; i < BUILTIN_COUNT; i++) {
		if (service_find(policy, builtin[i].name) != NULL)
			continue;
		service = &policy->services[policy->service_count++];
		memset(service, 0, sizeof(*service));
		service->name = mem_strdup(builtin[i].name);
		service->builtin = true;
		service->ports = mem_calloc(1, sizeof(*service->ports));
		service->ports[0] = builtin[i].port;
		service->port_count = 1;
		service->implicit_tls = builtin[i].implicit_tls;
	}
}

bool
policy_has_service(const struct policy *policy, const char *name)
{
	return strcasecmp(name, OTHER) == 0 || service_find(policy, name) != NULL;
}

static bool
has_port(const struct service *service, uint32_t port)
{
	size_t i;

	for (i = 0; i < service->port_count; i++)
		if (service->ports[i] == port)
			return true;
	return false;
}

static bool
has_daemon(const struct service *service, const char *name)
{
	size_t i;

	for (i = 0; i < service->daemon_count; i++)
		if (strcasecmp(service->daemons[i], name) == 0)
			return true;
	return false;
}

static bool
has_listener(const struct service *service, const struct address *address)
{
	size_t i;

	for (i = 0; i < service->listener_count; i++)
		if (address_compare(&service->listeners[i], address) == 0)
			return true;
	return false;
}

void
policy_classify(const struct policy *policy, struct session *session)
{
	struct fact daemon, listener, named, port;
	const struct service *service = NULL;
	size_t i;

	named = session_fact(session, ATTR_SERVICE);
	if (named.state == FACT_KNOWN) {
		service = service_find(policy, named.text);
		session_set_implicit_tls(session,
		    service != NULL && service->implicit_tls);
		return;
	}
	port = session_fact(session, ATTR_PORT);
	daemon = session_fact(session, ATTR_DAEMON);
	listener = session_fact(session, ATTR_LISTENER);
	if (port.state == FACT_UNKNOWN && daemon.state == FACT_UNKNOWN &&
	    listener.state == FACT_UNKNOWN)
		return;
	for (i = 0; i < policy->service_count && service == NULL; i++) {
		const struct service *s = &policy->services[i];

		if ((port.state == FACT_KNOWN && has_port(s, port.number)) ||
		    (daemon.state == FACT_KNOWN && has_daemon(s, daemon.text)) ||
		    (listener.state == FACT_KNOWN && has_listener(s, &listener.address)))
			service = s;
	}
	if (service != NULL)
		session_set(session, ATTR_SERVICE, service->name, strlen(service->name));
	else
		session_set(session, ATTR_SERVICE, OTHER, strlen(OTHER));
	session_set_implicit_tls(session, service != NULL && service->implicit_tls);
}

/*
 * A client that submits mail tries again, and its user is told; a server on
 * port 25 that is put off for our fault may not.
 */
bool
policy_is_submission(const struct policy *policy, const char *name)
{
	const struct service *service;

	if (name[0] == '\0' || strcasecmp(name, OTHER) == 0 || strcasecmp(name, MX) == 0)
		return false;
	service = service_find(policy, name);
	return service == NULL || !has_port(service, SMTP_PORT);
}
