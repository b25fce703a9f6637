/*
 * doctor_declare.c owns the findings that the policy has to answer: ports it
 * does not know, and those it takes for others; it may not know any server.
 */
/* libc */
#include <stdio.h>
/* this folder */
#include "doctor.h"
#include "purpose.h"

void
doctor_policy(struct checkup *k)
{
	if (policy_settings(k->policy)->observe)
		complain(k, WEIGHT_NOTE, "policy-observes", "", "the policy only observes: "
		    "nothing is refused until \"set mode observe\" is gone from it");
}

void
doctor_unknown(struct checkup *k, const char *label, const char *guess,
    const char *ports)
{
	struct buf line = BUF_INIT, replaces = BUF_INIT;
	struct complaint *c;

	c = complain(k, WEIGHT_WARNING, "service-unknown", label, "no service "
	    "of the policy has port %s: to it this is \"other\", not %s", ports,
	    guess);
	purpose_declare(k->policy, guess, ports, &line, &replaces);
	complaint_paste(c, "policy.conf", "", buf_str(&replaces), buf_str(&line));
	buf_free(&line);
	buf_free(&replaces);
}

void
doctor_implicit(struct checkup *k, const char *label, const char *service,
    unsigned int port)
{
	struct buf line = BUF_INIT, replaces = BUF_INIT, name = BUF_INIT;
	struct complaint *c;
	char number[16] = "";

	c = complain(k, WEIGHT_WARNING, "wrapper-policy", label, "the server "
	    "begins with TLS, but the policy takes the port for the service %s, "
	    "which begins in the clear", service);
	if (port != 465)
		snprintf(number, sizeof(number), "%u", port);
	purpose_declare(k->policy, "submissions", number, &line, &replaces);
	if (replaces.len > 0)
		complaint_paste(c, "policy.conf", "", buf_str(&replaces),
		    "# submissions stands before the service that took its port");
	buf_putc(&line, '\n');
	buf_clear(&replaces);
	purpose_declare(k->policy, service, "", &line, &replaces);
	buf_printf(&name, "service %s", service);
	complaint_paste(c, "policy.conf", "", buf_str(&name), buf_str(&line));
	buf_free(&line);
	buf_free(&replaces);
	buf_free(&name);
}
