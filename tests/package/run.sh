#!/bin/bash
# run.sh: the Debian package, built twice, looked at by lintian, and installed,
# used, upgraded, removed and purged in a clean system that systemd boots.
#
#	sudo tests/package/run.sh
#
# Speaks TAP.  The clean system comes from debootstrap, once; it is kept in
# /var/cache/tlswarden-tests (TLSWARDEN_CACHE).

set -u
umask 022
export LC_ALL=C.UTF-8

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
. "$top/packaging/common.sh"
. "$top/tests/package/root.sh"
[ "$(id -u)" = 0 ] || die "run me as root: sudo tests/package/run.sh"
cache=${TLSWARDEN_CACHE:-/var/cache/tlswarden-tests}

work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-package.XXXXXX") || exit 2
clean()
{
	wait
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 2' HUP INT TERM

count=0
# result STATUS NAME LOG: one line of TAP; what was said when it failed.
result()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		tail -n 100 "$3" | sed 's/^/# /'
	fi
}

# step NAME COMMAND...
step()
{
	local name=$1 status
	shift
	"$@" > "$work/log" 2>&1 < /dev/null
	status=$?
	result "$status" "$name" "$work/log"
	return "$status"
}

build()
{
	DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" \
	    "$top/packaging/build-deb.sh" "$work/$1"
}

same()
{
	(cd "$work/first" && sha256sum ./*.deb) > "$work/sums" &&
	    cat "$work/sums" && cd "$work/second" && sha256sum -c "$work/sums"
}

# Nothing at all is to be said, down to the pedantic.
clean_of_tags()
{
	lintian --allow-root --pedantic -i -I -E --fail-on none \
	    "$work"/first/*.changes > "$work/lintian" 2>&1
	local status=$?
	cat "$work/lintian"
	[ "$status" = 0 ] && ! grep -q '^[A-Z]: ' "$work/lintian"
}

# The overrides that the package has: each is to be one of these.
overrides()
{
	lintian --allow-root --pedantic -I -E --show-overrides --fail-on none \
	    "$work"/first/*.changes | sed -n 's/^O: //p' > "$work/overridden"
	cat "$work/overridden"
	! grep -v ': initial-upload-closes-no-bugs ' "$work/overridden"
}

# exposure MOST DROP-IN...: what systemd-analyze makes of the unit.
exposure()
{
	local most=$1 unit=$work/unit/tlswardend.service
	shift
	mkdir -p "$work/unit"
	(cd "$top/packaging/systemd" && cat tlswardend.service "$@") > "$unit"
	systemd-analyze security --offline=true --no-pager \
	    --threshold="$most" "$unit"
}

# A later version with the same files, for the upgrade.
later()
{
	dpkg-deb -R "$work"/first/tlswarden_*.deb "$work/later" &&
	    sed -i 's/^Version: .*/&+later/' "$work/later/DEBIAN/control" &&
	    dpkg-deb --root-owner-group -b "$work/later" "$work/root/packages/later.deb"
}

# The system runs inside.sh as a service, and halts after it.
boot()
{
	local root=$work/root
	cp "$top/tests/package/inside.sh" "$top/packaging/debian/tests/postfix" \
	    "$top/packaging/openrc/tlswardend.initd" "$root/packages/" || return 1
	cat > "$root/etc/systemd/system/package-test.service" << 'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=20min
ExecStart=/bin/bash /packages/inside.sh
StandardOutput=append:/packages/tap
StandardError=append:/packages/log
ExecStopPost=/usr/bin/systemctl --no-block poweroff
[Install]
WantedBy=default.target
UNIT
	ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
	mkdir -p "$root/etc/systemd/system/default.target.wants"
	ln -s ../package-test.service "$root/etc/systemd/system/default.target.wants/"
	echo mail.example.org > "$root/etc/hostname"
	echo "127.0.0.1 localhost mail.example.org" > "$root/etc/hosts"
	: > "$root/packages/tap"
	timeout 1200 systemd-nspawn --quiet --register=no --keep-unit --console=pipe \
	    --private-network --link-journal=no -D "$root" -b
}

install_packages $BUILD_PACKAGES $PACKAGE_PACKAGES lintian debootstrap \
    systemd systemd-container > "$work/packages" 2>&1 ||
	{ cat "$work/packages" >&2; exit 2; }

unpack_root "$work/root" "$cache" > "$work/root.log" 2>&1 < /dev/null &
root=$!
step "the package is built" build first || { echo "1..$count"; exit 1; }
step "and once more, elsewhere" build second
step "both are the same" same
step "lintian has nothing to say" clean_of_tags
step "but what the overrides name with a reason" overrides
step "the unit is confined: 1.0 at most" exposure 10
step "and 1.5 at most with a socket on TCP" exposure 15 inet.conf
wait "$root"
result $? "a clean system" "$work/root.log"
mkdir -p "$work/root/packages"
cp "$work"/first/tlswarden_*.deb "$work/root/packages/first.deb"
step "a later version" later
boot > "$work/console" 2>&1 < /dev/null
while IFS= read -r line; do
	case $line in
	"ok - "*) count=$((count + 1)); echo "ok $count - ${line#ok - }" ;;
	"not ok - "*) count=$((count + 1)); echo "not ok $count - ${line#not ok - }" ;;
	*) echo "# $line" ;;
	esac
done < "$work/root/packages/tap"
grep -qx "done" "$work/root/packages/tap"
result $? "the system booted, did all of it, and halted" "$work/console"
echo "1..$count"
