# common.sh owns what quickstart.sh and tests/run.sh share: getting Debian
# packages without a change to the machine's mail, and a copy of the source
# tree to build in.  To be sourced; it may not print results.

POLICY_RC=/usr/sbin/policy-rc.d
GUARDED=

die()
{
	echo "$0: $*" >&2
	exit 2
}

# Services of packages that come now shall not be started: a mail server that
# nobody configured has no business on the machine's ports.
guard_services()
{
	[ -e "$POLICY_RC" ] && return
	printf '#!/bin/sh\nexit 101\n' > "$POLICY_RC"
	chmod 755 "$POLICY_RC"
	GUARDED=yes
}

unguard_services()
{
	[ -n "$GUARDED" ] && rm -f "$POLICY_RC"
	GUARDED=
}

is_installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# install_packages PACKAGE...: those that are missing, and nothing else.
install_packages()
{
	missing=
	for package; do
		is_installed "$package" || missing="$missing $package"
	done
	[ -z "$missing" ] && return
	command -v apt-get > /dev/null ||
		die "these packages are needed, and there is no apt-get:$missing"
	case " $missing " in
	*" postfix "*)
		other=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' |
			awk '$1 == "installed" && / mail-transport-agent/ { print $2 }')
		[ -z "$other" ] ||
			die "$other is installed, and Debian's postfix would replace it;" \
			    "use another machine or a container"
		# No main.cf is made: the machine's mail stays as it is, without.
		echo "postfix postfix/main_mailer_type select No configuration" |
			debconf-set-selections
		;;
	esac
	echo "installing:$missing"
	log=$(mktemp)
	guard_services
	if ! { apt-get -q update && DEBIAN_FRONTEND=noninteractive \
	    apt-get -q -y --no-install-recommends install $missing; } \
	    > "$log" 2>&1 < /dev/null; then
		cat "$log" >&2
		rm -f "$log"
		unguard_services
		die "could not install:$missing"
	fi
	rm -f "$log"
	unguard_services
}

# copy_source FROM TO: the tree as it is, without what was built in it.
copy_source()
{
	mkdir -p "$2"
	(cd "$1" && tar -c --exclude=./.git --exclude=./autom4te.cache \
	    --exclude=./config.status --exclude=./config.log --exclude=./Makefile \
	    --exclude='./build*' --exclude=./coverage --exclude='*.o' --exclude='*.a' --exclude='*.log' \
	    --exclude='*.trs' --exclude=__pycache__ --exclude=.deps .) |
		tar -x -C "$2" --no-same-owner
}

BUILD_PACKAGES="gcc libc6-dev make autoconf automake pkg-config libmilter-dev
	libssl-dev libpcre2-dev zlib1g-dev liblzma-dev libzstd-dev"
POSTFIX_PACKAGES="postfix sasl2-bin libsasl2-modules libsasl2-modules-db openssl
	python3 iproute2 util-linux mount hostname"
# dpkg-buildpackage wants build-essential whatever debian/control says.
PACKAGE_PACKAGES="build-essential debhelper dpkg-dev dh-apparmor fakeroot libcmocka-dev
	mandoc openssl python3"
