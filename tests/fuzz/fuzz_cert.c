/*
 * fuzz_cert.c: the certificates of a server, as the body of a Certificate
 * message when the first byte is 0, else one certificate.
 *
 * They can be judged, and no form of the audit's report carries a control
 * character of theirs.
 */
/* this project */
#include "audit_report.h"
/* tests */
#include "certified.h"
#include "json.h"

static void
report(const struct chain *chain)
{
	static struct facts facts;
	static struct findings found;
	struct audit_report r = { .facts = &facts, .findings = &found, .count = 1 };
	struct buf b = BUF_INIT;
	int status;

	memset(&facts, 0, sizeof(facts));
	facts.target.service = PORT_SUBMISSIONS;
	facts.target.port = 465;
	strcpy(facts.target.host, "mx.example.org");
	facts.chain_sent = true;
	facts.versions[3].taken = true;
	cert_read(&facts.cert, chain, facts.target.host, NULL, NOW);
	r.profile = profile_get(0);
	judge(&found, &facts, r.profile);
	PROMISE(found.count <= FINDINGS);
	audit_text(&r, false, &b);
	PROMISE(b.len > 0 && is_printable(b.data, b.len, "\n"));
	buf_clear(&b);
	audit_json(&r, &b);
	PROMISE(is_printable(buf_str(&b), b.len, "\n") && is_json(buf_str(&b)));
	buf_clear(&b);
	status = audit_nagios(&r, &b);
	PROMISE(status >= 0 && status <= 3 && strchr(b.data, '\n') == b.data + b.len - 1);
	PROMISE(is_printable(b.data, b.len, "\n"));
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct chain chain = { .count = 0 };

	if (size > 0 && data[0] == 0)
		chain_from_message(&chain, data, size);
	else
		chain_add(&chain, data, size);
	look_at_chain(&chain);
	report(&chain);
	chain_free(&chain);
	return 0;
}
