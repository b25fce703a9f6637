#!/bin/bash
# inside.sh: the life of the package in a clean system that systemd booted; run
# there by run.sh, with the packages beside it.  Prints results without numbers.

set -u
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
cd /packages || exit 2

QUEUE=/var/spool/postfix/tlswarden

# holds NAME COMMAND...
holds()
{
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "ok - $name"
	else
		echo "not ok - $name"
		printf '%s\n' "$out" | tail -n 60
		journalctl -q --no-pager -n 40 -u tlswardend
		return 1
	fi
}

fails()
{
	! "$@"
}

is()
{
	echo "got $1, want $2"
	[ "$1" = "$2" ]
}

# within COMMAND...: it comes to hold, on a slow machine late.
within()
{
	local end=$((SECONDS + 120))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

install()
{
	apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold \
	    install "$@"
}

prop()
{
	systemctl show tlswardend -p "$1" --value
}

active()
{
	[ "$(systemctl is-active tlswardend)" = active ]
}

# another PID: it is active, and not that one any more.
another()
{
	local now
	now=$(prop MainPID)
	active && [ "$now" != "$1" ] && [ "$now" != 0 ]
}

# mail_passes: one message to the installed Postfix, and its record.
mail_passes()
{
	python3 - << 'PYTHON'
import smtplib
with smtplib.SMTP("127.0.0.1", 25, timeout=120) as s:
    s.sendmail("ann@example.org", ["root@localhost"], "Subject: x\r\n\r\nx\r\n")
PYTHON
}

sums()
{
	sha256sum /etc/postfix/main.cf /etc/postfix/master.cf
}

echo "postfix postfix/main_mailer_type select Local only
postfix postfix/mailname string mail.example.org" | debconf-set-selections

# --- installed where there is no mail server
holds "install: without a mail server" install ./first.deb
holds "the daemon runs" active
holds "it says with which policy" grep -q 'policy' <(prop StatusText)
holds "it starts at boot" systemctl -q is-enabled tlswardend
holds "the user is there" getent passwd tlswarden
holds "the socket is there" test -S /run/tlswarden/tlswarden.sock
holds "it answers" tlswarden ping unix:/run/tlswarden/tlswarden.sock
holds "no queue of Postfix is made" test ! -e /var/spool/postfix
holds "no file of the package differs" is "$(dpkg --verify tlswarden)" ""

# --- as what it runs
pid=$(prop MainPID)
value()
{
	awk -v name="$1:" '$1 == name { print $2 }' "/proc/$pid/status"
}
holds "it runs as its user" is "$(value Uid)" "$(id -u tlswarden)"
holds "it can gain no privileges" is "$(value NoNewPrivs)" 1
holds "system calls are filtered" is "$(value Seccomp)" 2
holds "it has no capability" is "$(value CapBnd)$(value CapEff)" \
    00000000000000000000000000000000
holds "it has no network but its own" \
    test "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/1/ns/net)"
holds "the system is read-only to it" awk -v ok=1 \
    '$5 == "/" && $6 !~ /^ro/ { ok = 0 } END { exit !ok }' "/proc/$pid/mountinfo"
# As many as the unit says, or as the machine lets a system have.
most=$(ulimit -H -n)
[ "$most" -lt 16384 ] || most=16384
holds "it has descriptors for many sessions" is \
    "$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")" "$most"

# --- Postfix comes
holds "Postfix is installed" install postfix python3 openssl
holds "the directory of the socket is made for it" \
    is "$(stat -c '%a %U %G' $QUEUE)" "2750 tlswarden postfix"
sums > before
holds "postfix check has nothing to say" is "$(postfix check 2>&1)" ""
# Without these there is no use in going on.
holds "mail, records, reloads and metrics" python3 -B ./postfix || exit 1

# --- it comes back
pid=$(prop MainPID)
[ "$pid" -gt 1 ] && kill -KILL "$pid"
holds "killed: it comes back" within another "$pid"
holds "and mail passes through it" within mail_passes
mkdir -p /run/systemd/system/tlswardend.service.d
printf '[Service]\nWatchdogSec=3\n' > /run/systemd/system/tlswardend.service.d/test.conf
systemctl daemon-reload
systemctl restart tlswardend
pid=$(prop MainPID)
[ "$pid" -gt 1 ] && kill -STOP "$pid"
holds "stalled: the watchdog brings it back" within another "$pid"
rm -r /run/systemd/system/tlswardend.service.d
systemctl daemon-reload
systemctl restart tlswardend

# --- upgrade
sums > before
cp /etc/tlswarden/policy.conf policy.before
pid=$(prop MainPID)
postfix_pid=$(cat /var/spool/postfix/pid/master.pid)
chmod 2770 $QUEUE
pid=$(prop MainPID)
holds "upgrade" install ./later.deb
holds "the new daemon runs" within another "$pid"
holds "the policy is the administrator's" cmp /etc/tlswarden/policy.conf policy.before
holds "Postfix's configuration is not touched" is "$(sums)" "$(cat before)"
holds "nor is it restarted" is "$(cat /var/spool/postfix/pid/master.pid)" "$postfix_pid"
holds "a directory that was changed stays as it is" is "$(stat -c %a $QUEUE)" 2770
holds "mail passes" within mail_passes

# --- removed
postconf -e milter_default_action=accept
postfix reload 2> /dev/null
pid=$(prop MainPID)
holds "remove" apt-get -q -y remove tlswarden
holds "the daemon is gone" test ! -e "/proc/$pid/exe"
holds "the socket is gone" test ! -e $QUEUE/tlswarden.sock
holds "the runtime directory is gone" test ! -e /run/tlswarden
holds "the policy stays" test -e /etc/tlswarden/policy.conf
holds "Postfix takes mail without it" within mail_passes

# --- and purged
holds "purge" apt-get -q -y purge tlswarden
holds "nothing of its own is left" is "$(find /etc/tlswarden /run/tlswarden \
    /var/lib/tlswarden $QUEUE /etc/apparmor.d/*tlswarden* 2> /dev/null)" ""
holds "nor a unit" fails systemctl -q cat tlswardend
holds "nor a link to one" is "$(find /etc/systemd -name 'tlswarden*')" ""
holds "the user stays, for its number is not to be another's" getent passwd tlswarden

# --- installed where Postfix runs, without systemd's hand
holds "install: beside a running Postfix" install ./first.deb
holds "the directory is there" is "$(stat -c '%a %U %G' $QUEUE)" "2750 tlswarden postfix"
holds "and the daemon runs" active
systemctl stop tlswardend
export SYSTEMCTL_SKIP_REDIRECT=1
init=/etc/init.d/tlswardend
holds "init script: start" $init start
holds "init script: status" $init status
holds "init script: it answers" tlswarden ping unix:/run/tlswarden/tlswarden.sock
holds "init script: reload" $init reload
holds "init script: stop" $init stop
holds "init script: it is stopped" fails $init status

# --- by OpenRC, whose script is not part of Debian's package
holds "OpenRC is installed" install openrc
cp /packages/tlswardend.initd /etc/init.d/warden-openrc
chmod 755 /etc/init.d/warden-openrc
mkdir -p /run/openrc && touch /run/openrc/softlevel
holds "OpenRC: start" rc-service -D warden-openrc start
holds "OpenRC: it answers" within tlswarden ping unix:/run/tlswarden/tlswarden.sock
holds "OpenRC: reload" rc-service -D warden-openrc reload
holds "OpenRC: stop" rc-service -D warden-openrc stop
holds "OpenRC: it is stopped" fails tlswarden ping unix:/run/tlswarden/tlswarden.sock
rm /etc/init.d/warden-openrc
holds "purge once more" apt-get -q -y purge tlswarden
echo "done"
