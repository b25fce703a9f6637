"""What packaging/RECIPES.md says of Postfix, with a real one: a milter's own
default action for each service, by a name as for docker-mailserver and mailcow;
and a list of macros as mailcow has it, which names none of TLS.
"""

import bed
import namespace
import postfix
from tap import ok, same

SOCKET = namespace.ROOT + "/warden/run/tlswarden.sock"
EXTRA = """milter_mail_macros = i {mail_addr} {client_addr} {client_name} {auth_authen}
milter_default_action = quarantine
tlswarden_submission = { unix:%s, default_action=tempfail }
smtpd_milters = { unix:%s, default_action=accept }
""" % (SOCKET, SOCKET)


def session(bed_, port):
    """STARTTLS, and no second EHLO: only MAIL can tell that there is TLS."""
    made = bed_.connect("postfix", port)
    made.ehlo()
    made.starttls(version="TLSv1.3")
    return made


def macros(bed_):
    for port in (25, 587):
        with session(bed_, port) as made:
            answer = made.mail()
            made.quit()
        record = bed_.account(made.source)
        ok(record and record[0].get("tls") == "TLSv1.3",
           "port %d: TLS is known, though milter_mail_macros has it not" % port,
           answer, *record)


def test(bed_):
    bed.tap.attempt(macros, "macros", bed_)
    bed_.warden.kill()
    with bed_.connect("postfix", 25) as made:
        made.ehlo()
        same(made.message().code, 250, "port 25, the daemon is down: mail is taken")
        made.quit()
    with session(bed_, 587) as made:
        made.ehlo()
        made.login()
        same(made.message().code // 100, 4, "port 587, the daemon is down: come again")
    bed_.warden.start()
    with session(bed_, 587) as made:
        made.ehlo()
        made.login()
        same(made.message().code, 250, "port 587, the daemon is there: mail is taken")
        made.quit()


if __name__ == "__main__":
    postfix.TEMPFAIL = "-o smtpd_milters=$tlswarden_submission"
    bed.main(test, mtas=("postfix",), postfix_extra=EXTRA)
