/*
 * service.h: what a port is for.
 */
#ifndef TLSWARDEN_SERVICE_H
#define TLSWARDEN_SERVICE_H

struct policy;
struct service;

/* Add mx, submission and submissions where the policy declares none. */
void			 service_add_builtin(struct policy *);
const struct service	*service_find(const struct policy *, const char *name);

#endif
