/*
 * findings.c owns the table of findings: what each means and what mends it.  It
 * may not know when one applies.
 */
/* this project */
#include "findings.h"

#define NONE	SEVERITY_NONE
#define NOTE	SEVERITY_NOTE
#define WARNING	SEVERITY_WARNING
#define FAULT	SEVERITY_FAULT

#define POSTFIX_SUITES	"smtpd_tls_ciphers = high\n" \
	"smtpd_tls_mandatory_ciphers = high\n" \
	"smtpd_tls_exclude_ciphers = "
#define SENDMAIL_SUITES	"define(`confCIPHER_LIST', `HIGH:!aNULL:!eNULL:!MD5:!RC4:!3DES:!kRSA')dnl"
#define DOVECOT_SUITES	"ssl_cipher_list = HIGH:!aNULL:!eNULL:!MD5:!RC4:!3DES:!kRSA"
#define POSTFIX_BEST	"tls_high_cipherlist = ECDHE+AESGCM:ECDHE+CHACHA20"
#define SENDMAIL_BEST	"define(`confCIPHER_LIST', `ECDHE+AESGCM:ECDHE+CHACHA20')dnl"
#define DOVECOT_BEST	"ssl_cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20"
#define POSTFIX_FLOOR	"smtpd_tls_protocols = >=TLSv1.2\n" \
	"smtpd_tls_mandatory_protocols = >=TLSv1.2"
#define SENDMAIL_OPTIONS(s)	"define(`confSERVER_SSL_OPTIONS', `" s "')dnl"
#define SENDMAIL_FLOOR	SENDMAIL_OPTIONS("+SSL_OP_NO_SSLv3 +SSL_OP_NO_TLSv1 " \
	"+SSL_OP_NO_TLSv1_1")
/* A whole line would take away what else stands there, as InputMailFilters. */
#define SENDMAIL_LETTER(letter, port)	"add " letter " to M= in the DAEMON_OPTIONS " \
	"of port " port ", and leave the rest of it"
#define DOVECOT_FLOOR	"ssl_min_protocol = TLSv1.2"
#define POSTFIX_CERT	"smtpd_tls_chain_files = /path/to/key.pem, /path/to/fullchain.pem"
#define SENDMAIL_CERT	"define(`confSERVER_CERT', `/path/to/fullchain.pem')dnl\n" \
	"define(`confSERVER_KEY', `/path/to/key.pem')dnl"
/* Sendmail sends the issuers it finds there, and none of the server's file. */
#define SENDMAIL_CHAIN	"define(`confCACERT', `/path/to/issuers.pem')dnl"
#define DOVECOT_CERT	"ssl_cert = </path/to/fullchain.pem\nssl_key = </path/to/key.pem"
#define POSTFIX_AUTH	"smtpd_tls_auth_only = yes"
#define SENDMAIL_AUTH	"define(`confAUTH_OPTIONS', `A p y')dnl"
/* Its p holds back PLAIN and LOGIN alone. */
#define SENDMAIL_MECHANISMS	"define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl"
#define DOVECOT_AUTH	"disable_plaintext_auth = yes"

const struct finding_info finding_infos[FINDINGS] = {
	[FINDING_INCOMPLETE] = { "incomplete", WARNING, WARNING,
	    "The audit could not be finished, so other findings may be missing.",
	    NULL, NULL, NULL },
	[FINDING_STARTTLS_MISSING] = { "starttls-missing", WARNING, FAULT,
	    "The port does not offer TLS: RFC 3207, section 4, RFC 8314, section 3.",
	    POSTFIX_CERT "\nsmtpd_tls_security_level = may", SENDMAIL_CERT,
	    DOVECOT_CERT "\nssl = required" },
	[FINDING_STARTTLS_REFUSED] = { "starttls-refused", FAULT, FAULT,
	    "TLS is offered and then refused; the key or certificate cannot be used: "
	    "RFC 3207, section 4.", POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_TLS_BROKEN] = { "tls-broken", FAULT, FAULT,
	    "No version of TLS with any suite is taken: RFC 9325, section 3.1.1.",
	    POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_IMPLICIT_MISSING] = { "implicit-tls-missing", FAULT, FAULT,
	    "This port is for TLS from the start, and talks in the clear: RFC 8314, "
	    "section 3.3.", "-o smtpd_tls_wrappermode=yes",
	    SENDMAIL_LETTER("s", "465"),
	    "inet_listener imaps {\n  port = 993\n  ssl = yes\n}" },
	[FINDING_IMPLICIT_MIXED] = { "implicit-tls-mixed", FAULT, FAULT,
	    "This port takes TLS from the start, and talks without it as well: RFC "
	    "8314, section 3.3.", "-o smtpd_tls_wrappermode=yes",
	    SENDMAIL_LETTER("s", "465"),
	    "inet_listener imaps {\n  port = 993\n  ssl = yes\n}" },
	[FINDING_AUTH_TAKEN] = { "auth-taken-in-clear", FAULT, FAULT,
	    "A password would be taken without TLS, and anybody on the way reads it: "
	    "RFC 4954, section 4, RFC 8314, section 4.1.",
	    POSTFIX_AUTH, SENDMAIL_AUTH, DOVECOT_AUTH },
	[FINDING_AUTH_OFFERED] = { "auth-offered-in-clear", FAULT, FAULT,
	    "Clients are asked for a password before TLS, and send it: RFC 4954, "
	    "section 4, RFC 8314, section 4.1.",
	    POSTFIX_AUTH, SENDMAIL_AUTH, DOVECOT_AUTH },
	[FINDING_AUTH_CHALLENGE] = { "auth-challenge-in-clear", NOTE, NOTE,
	    "Logins without TLS are offered; the password is not sent, and can be "
	    "guessed from what is: RFC 8314, section 3.",
	    POSTFIX_AUTH, SENDMAIL_MECHANISMS "\n" SENDMAIL_AUTH, DOVECOT_AUTH },
	[FINDING_AUTH_MISSING] = { "auth-missing", NONE, NOTE,
	    "No login is offered inside TLS, on a port that people log in to: RFC "
	    "6409, section 4.3.", "-o smtpd_sasl_auth_enable=yes",
	    SENDMAIL_MECHANISMS, NULL },
	[FINDING_AUTH_ON_MX] = { "auth-on-mx", NOTE, NONE,
	    "Logins belong on the submission ports, not on port 25, where passwords "
	    "are guessed most: RFC 8314, section 3.",
	    "smtpd_sasl_auth_enable = no",
	    SENDMAIL_LETTER("A", "25"), NULL },
	[FINDING_MAIL_IN_CLEAR] = { "mail-in-clear", NONE, WARNING,
	    "The port takes mail without TLS: RFC 8314, section 3.3 and 4.1.",
	    "-o smtpd_tls_security_level=encrypt",
	    SENDMAIL_LETTER("a", "587") "\n" SENDMAIL_AUTH, NULL },
	[FINDING_TLS_REQUIRED_ON_MX] = { "tls-required-on-mx", WARNING, NONE,
	    "A public MX must take mail from servers that do not speak TLS: RFC 3207, "
	    "section 4.", "smtpd_tls_security_level = may",
	    "take the lines TLS_Clt: out of the access map", NULL },
	[FINDING_STARTTLS_INSIDE] = { "starttls-inside-tls", WARNING, WARNING,
	    "STARTTLS is offered inside TLS, which it must not be: RFC 3207, section "
	    "4.2.", NULL, NULL, NULL },
	[FINDING_INJECTION] = { "starttls-injection", FAULT, FAULT,
	    "A command sent before TLS is obeyed inside it, so that somebody on the "
	    "way can put his own in front of a client's: RFC 3207, section 4.2, "
	    "RFC 7457, section 2.2, CVE-2011-0411.", "update Postfix to 2.8 or later",
	    "update Sendmail, and what stands before it",
	    "update Dovecot to 2.3.14.1 or later" },
	[FINDING_SSL2] = { "ssl2", FAULT, FAULT,
	    "SSL 2.0 breaks whatever key it shares with TLS and must not be used: RFC "
	    "6176, section 3, CVE-2016-0800.",
	    POSTFIX_FLOOR, SENDMAIL_FLOOR, DOVECOT_FLOOR },
	[FINDING_SSL3] = { "ssl3", FAULT, FAULT,
	    "SSLv3 is broken and must not be used: RFC 7568, section 3.",
	    POSTFIX_FLOOR, SENDMAIL_FLOOR, DOVECOT_FLOOR },
	[FINDING_TLS10] = { "tls1.0", NOTE, FAULT,
	    "TLS 1.0 must not be used: RFC 8996, section 4; a server that sends mail "
	    "and knows no better may else send it in the clear: RFC 7435, section 3.",
	    POSTFIX_FLOOR, SENDMAIL_FLOOR, DOVECOT_FLOOR },
	[FINDING_TLS11] = { "tls1.1", NOTE, FAULT,
	    "TLS 1.1 must not be used: RFC 8996, section 5; a server that sends mail "
	    "and knows no better may else send it in the clear: RFC 7435, section 3.",
	    POSTFIX_FLOOR, SENDMAIL_FLOOR, DOVECOT_FLOOR },
	[FINDING_OLD_ONLY] = { "tls1.2-missing", FAULT, FAULT,
	    "Neither TLS 1.2 nor 1.3 is taken, and clients of today speak nothing "
	    "else: RFC 9325, section 3.1.1.", "smtpd_tls_protocols = >=TLSv1.2",
	    "define(`confSERVER_SSL_OPTIONS', `')dnl", "ssl_min_protocol = TLSv1.2" },
	[FINDING_TLS13_MISSING] = { "tls1.3-missing", NOTE, NOTE,
	    "TLS 1.3 is not taken, and should be: RFC 9325, section 3.1.1.",
	    "smtpd_tls_protocols = >=TLSv1.2", NULL, NULL },
	[FINDING_SUITE_NULL] = { "suite-null", FAULT, FAULT,
	    "These suites do not encrypt: RFC 9325, section 4.1.",
	    POSTFIX_SUITES "eNULL", SENDMAIL_SUITES, DOVECOT_SUITES },
	[FINDING_SUITE_ANON] = { "suite-anonymous", NOTE, FAULT,
	    "These suites do not say who the server is: RFC 5246, appendix A.5; on "
	    "port 25 most senders do not ask.",
	    POSTFIX_SUITES "aNULL", SENDMAIL_SUITES, DOVECOT_SUITES },
	[FINDING_SUITE_EXPORT] = { "suite-export", FAULT, FAULT,
	    "These suites were made to be broken: RFC 9325, section 4.1.",
	    POSTFIX_SUITES "EXPORT", SENDMAIL_SUITES, DOVECOT_SUITES },
	[FINDING_SUITE_DES] = { "suite-des", FAULT, FAULT,
	    "Single DES and RC2 have less than 112 bits: RFC 9325, section 4.1.",
	    POSTFIX_SUITES "DES, RC2", SENDMAIL_SUITES, DOVECOT_SUITES },
	[FINDING_SUITE_RC4] = { "suite-rc4", WARNING, FAULT,
	    "RC4 must not be used: RFC 7465, section 2.",
	    POSTFIX_SUITES "RC4", SENDMAIL_SUITES, DOVECOT_SUITES },
	[FINDING_SUITE_3DES] = { "suite-3des", NOTE, WARNING,
	    "3DES has small blocks and 112 bits, and should not be used: RFC 9325, "
	    "section 4.1.", POSTFIX_SUITES "3DES", SENDMAIL_SUITES, DOVECOT_SUITES },
	[FINDING_SUITE_OLD] = { "suite-obsolete", NOTE, NOTE,
	    "IDEA, SEED and MD5 have no users left: RFC 5469, section 1, RFC 6151, "
	    "section 2.", POSTFIX_SUITES "IDEA, SEED, MD5", SENDMAIL_SUITES,
	    DOVECOT_SUITES },
	[FINDING_SUITE_NO_FS] = { "suite-no-forward-secrecy", NOTE, WARNING,
	    "Who gets the server's key later can read what these suites carried: RFC "
	    "9325, section 4.1.", POSTFIX_SUITES "kRSA", SENDMAIL_SUITES,
	    DOVECOT_SUITES },
	[FINDING_FS_MISSING] = { "forward-secrecy-missing", FAULT, FAULT,
	    "No suite has forward secrecy: RFC 9325, section 7.3.",
	    "smtpd_tls_eecdh_grade = auto", "define(`confDH_PARAMETERS', `i')dnl", NULL },
	[FINDING_SUITE_DHE] = { "suite-dhe", NOTE, NOTE,
	    "Suites with Diffie-Hellman over a finite field (DHE) should not be taken: RFC "
	    "9325, section 4.1.", POSTFIX_SUITES "kDHE", SENDMAIL_BEST, DOVECOT_BEST },
	[FINDING_SUITE_CBC] = { "suite-cbc", NOTE, NOTE,
	    "Suites with CBC are not among the recommended ones: RFC 9325, section 4.2.",
	    POSTFIX_BEST, SENDMAIL_BEST, DOVECOT_BEST },
	[FINDING_CLIENT_CHOOSES] = { "client-chooses", NOTE, WARNING,
	    "The client chooses among suites some of which are weak: RFC 9325, section "
	    "4.2.1.", "tls_preempt_cipherlist = yes",
	    SENDMAIL_OPTIONS("+SSL_OP_CIPHER_SERVER_PREFERENCE"),
	    "ssl_prefer_server_ciphers = yes" },
	[FINDING_DH_SHORT] = { "dh-short", WARNING, FAULT,
	    "The prime of Diffie-Hellman has less than 2048 bits: RFC 9325, section "
	    "4.5.", "smtpd_tls_dh1024_param_file = auto",
	    "define(`confDH_PARAMETERS', `i')dnl", "ssl_dh = </path/to/dh.pem" },
	[FINDING_GROUP_WEAK] = { "group-weak", WARNING, WARNING,
	    "These curves have less than 112 bits: RFC 8422, section 5.1.1.",
	    "tls_eecdh_auto_curves = X25519, prime256v1, secp384r1",
	    "update OpenSSL; Sendmail takes its list", "ssl_curve_list = X25519:P-256" },
	[FINDING_PQ_MISSING] = { "pq-missing", NOTE, NOTE,
	    "No key exchange resists quantum computers, so what is recorded today may "
	    "be read then: X25519MLKEM768, RFC 10024, section 1.",
	    "tls_eecdh_auto_curves = X25519MLKEM768, X25519, prime256v1",
	    "use OpenSSL 3.5 or later", "use OpenSSL 3.5 or later" },
	[FINDING_COMPRESSION] = { "compression", WARNING, FAULT,
	    "Compression in TLS lets secrets be guessed: RFC 9325, section 3.3.",
	    "tls_ssl_options = NO_COMPRESSION",
	    SENDMAIL_OPTIONS("+SSL_OP_NO_COMPRESSION"),
	    "ssl_options = no_compression" },
	[FINDING_RENEGOTIATION_INSECURE] = { "renegotiation-insecure", WARNING, FAULT,
	    "Handshakes are not bound to each other, so that somebody on the way can "
	    "put text in front of a client's: RFC 5746, section 1.",
	    "update OpenSSL", "update OpenSSL", "update OpenSSL" },
	[FINDING_RENEGOTIATION_CLIENT] = { "renegotiation-client", NOTE, NOTE,
	    "Clients can ask for handshakes within the session, each of which costs "
	    "the server much: RFC 7457, section 2.13.",
	    "tls_ssl_options = NO_RENEGOTIATION",
	    SENDMAIL_OPTIONS("+SSL_OP_NO_RENEGOTIATION"), NULL },
	[FINDING_SESSION_SHARED] = { "session-shared", NOTE, NOTE,
	    "A session of another port is taken up here, so that a client can be led "
	    "from one service to the other: RFC 9325, section 3.9.",
	    "tls_ssl_options = NO_TICKET",
	    SENDMAIL_OPTIONS("+SSL_OP_NO_TICKET"),
	    "ssl_options = no_ticket" },
	[FINDING_CERT_MISSING] = { "cert-missing", WARNING, FAULT,
	    "No certificate is sent, or none that can be read: RFC 8446, section 4.4.2.",
	    POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CERT_EXPIRED] = { "cert-expired", FAULT, FAULT,
	    "The certificate has expired: RFC 5280, section 4.1.2.5.",
	    POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CERT_EARLY] = { "cert-not-yet-valid", FAULT, FAULT,
	    "The certificate is not valid yet: RFC 5280, section 4.1.2.5.",
	    POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CERT_EXPIRES_7] = { "cert-expires-7", FAULT, FAULT,
	    "The certificate expires within 7 days: RFC 5280, section 4.1.2.5.",
	    POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CERT_EXPIRES_14] = { "cert-expires-14", WARNING, WARNING,
	    "The certificate expires within 14 days: RFC 5280, section 4.1.2.5.",
	    POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CERT_EXPIRES_30] = { "cert-expires-30", NOTE, NOTE,
	    "The certificate expires within 30 days: RFC 5280, section 4.1.2.5.",
	    POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CERT_NAME] = { "cert-name", NOTE, FAULT,
	    "The certificate is for other names: RFC 7817, section 3, RFC 9525, "
	    "section 6.", POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CERT_SELF_SIGNED] = { "cert-self-signed", NOTE, FAULT,
	    "The certificate is signed by itself, and nobody else vouches for it: RFC "
	    "5280, section 6.1.", POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CERT_UNTRUSTED] = { "cert-untrusted", NOTE, FAULT,
	    "The certificate is not vouched for by a root that is known here: RFC "
	    "5280, section 6.1.", POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CHAIN_INCOMPLETE] = { "chain-incomplete", NOTE, FAULT,
	    "A certificate between the server's and a known root is not sent: RFC "
	    "8446, section 4.4.2.", POSTFIX_CERT, SENDMAIL_CHAIN, DOVECOT_CERT },
	[FINDING_CHAIN_ORDER] = { "chain-order", NOTE, WARNING,
	    "The certificates are not sent in order, each before its issuer's: RFC "
	    "5246, section 7.4.2.", POSTFIX_CERT, SENDMAIL_CHAIN, DOVECOT_CERT },
	[FINDING_CERT_KEY] = { "cert-key-short", WARNING, FAULT,
	    "The key of the certificate has less than 112 bits of strength: RFC 9325, "
	    "section 4.5.", POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_CERT_SIGNATURE] = { "cert-signature", WARNING, FAULT,
	    "A certificate is signed with SHA-1 or MD5: RFC 9155, section 1, RFC 9325, "
	    "section 4.5.", POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
	[FINDING_PROFILE_VERSION] = { "profile-version", WARNING, WARNING,
	    "The profile has no place for these versions: see tlswarden-audit(1), PROFILES.",
	    POSTFIX_FLOOR, SENDMAIL_FLOOR, DOVECOT_FLOOR },
	[FINDING_PROFILE_SUITE] = { "profile-suite", WARNING, WARNING,
	    "The profile has no place for these suites: see tlswarden-audit(1), PROFILES.",
	    POSTFIX_BEST, SENDMAIL_BEST, DOVECOT_BEST },
	[FINDING_PROFILE_GROUP] = { "profile-group", WARNING, WARNING,
	    "The profile has no place for these groups: see tlswarden-audit(1), PROFILES.",
	    "tls_eecdh_auto_curves = X25519, prime256v1, secp384r1", NULL,
	    "ssl_curve_list = X25519:P-256:P-384" },
	[FINDING_PROFILE_DH] = { "profile-dh", WARNING, WARNING,
	    "The profile wants a longer prime of Diffie-Hellman: see "
	    "tlswarden-audit(1), PROFILES.", "smtpd_tls_dh1024_param_file = /path/to/dh.pem",
	    "define(`confDH_PARAMETERS', `/path/to/dh.pem')dnl",
	    "ssl_dh = </path/to/dh.pem" },
	[FINDING_PROFILE_KEY] = { "profile-key", WARNING, WARNING,
	    "The profile wants another key: see tlswarden-audit(1), PROFILES.",
	    POSTFIX_CERT, SENDMAIL_CERT, DOVECOT_CERT },
};

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = { "none", "note", "warning", "fault" };

	return names[severity];
}
