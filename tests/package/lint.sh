#!/bin/bash
# lint.sh: what can be said of the packaging without installing it.
#
#	TOP_BUILDDIR=... tests/package/lint.sh
#
# Speaks TAP.  The build directory is one that was made.

set -u
export LC_ALL=C.UTF-8

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
: "${TOP_BUILDDIR:=$top}"
cd "$top/packaging" || exit 2
work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-lint.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT

count=0
# step NAME COMMAND...
step()
{
	local name=$1
	shift
	count=$((count + 1))
	if "$@" > "$work/log" 2>&1 < /dev/null; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		tail -n 60 "$work/log" | sed 's/^/# /'
	fi
}

# SC1091: what they source lies elsewhere.  SC2034, SC2154: variables that the
# frame reads or sets.  SC2086: lists of packages are split on purpose.
scripts()
{
	shellcheck -s sh -e SC1091,SC2034,SC2154 openrc/* alpine/* \
	    freebsd/files/tlswardend.in debian/tlswarden.tlswardend.init \
	    debian/tlswarden.postinst debian/tlswarden.postrm &&
	    shellcheck -e SC1091,SC2086 build-deb.sh &&
	    shellcheck -e SC1091,SC2016,SC2034,SC2086,SC2317 "$top"/tests/package/*.sh
}

# versions: the release has one number, wherever it is written.
versions()
{
	local version
	version=$(sed -n 's/^AC_INIT(\[tlswarden\], \[\(.*\)\])$/\1/p' ../configure.ac)
	echo "configure.ac: $version"
	grep -n "^tlswarden ($version-1) " <(head -n 1 debian/changelog) &&
	    grep -n "^Version: *$version\$" rpm/tlswarden.spec &&
	    grep -n "^pkgver=$version\$" alpine/APKBUILD &&
	    grep -n "^DISTVERSION=	$version\$" freebsd/Makefile
}

spec()
{
	rpmspec -P rpm/tlswarden.spec && rpmlint rpm/tlswarden.spec > "$work/rpmlint"
	cat "$work/rpmlint"
	! grep ': E: ' "$work/rpmlint"
}

# On a clean system build-deb.sh installs all that dpkg-buildpackage asks for,
# which is what control names, and build-essential.
build_packages()
{
	(. ./common.sh && echo $BUILD_PACKAGES $PACKAGE_PACKAGES) | tr ' ' '\n' |
	    sort -u > "$work/installed"
	{ echo build-essential
	    sed -n '/^Build-Depends:/,/^[^ B]/{ /^Build-D\|^ /p; }' debian/control |
	    sed -e 's/^Build-Depends://' -e 's/[ ,]*$//' -e 's/^ *//' -e 's/ .*//' \
	    -e 's/^debhelper-compat$/debhelper/' \
	    -e 's/^dh-sequence-installsysusers$/debhelper/'; } | sort -u > "$work/wanted"
	[ "$(wc -l < "$work/wanted")" -gt 5 ] && comm -13 "$work/installed" "$work/wanted" |
	    tee "$work/lacking" && ! [ -s "$work/lacking" ]
}

# What make reads of the port, without the collection of ports around it.
port()
{
	mkdir -p "$work/mk" && : > "$work/mk/sys.mk" && : > "$work/mk/bsd.port.mk" || return 1
	[ "$(cd freebsd && bmake -m "$work/mk" -V PORTNAME -V USE_RC_SUBR |
	    tr '\n' ' ')" = "tlswarden tlswardend " ]
}

# The list of files is what an installation brings.
plist()
{
	make -s -C "$TOP_BUILDDIR" install DESTDIR="$work/root" > /dev/null || return 1
	local prefix
	prefix=$(sed -n 's/^prefix = //p' "$TOP_BUILDDIR/Makefile")
	(cd "$work/root$prefix" && find . -type f | sed -e 's|^\./||' \
	    -e '/^share\/man/s/$/.gz/' -e 's/policy\.conf$/&.sample/' | sort) > "$work/there"
	sed -e '/^@dir /d' -e 's/^@sample //' -e 's/^%%[A-Z]*%%//' freebsd/pkg-plist |
	    sort | diff "$work/there" -
}

# The unit, the user and the directories only where configure was told to.
by_default()
{
	make -s -C "$TOP_BUILDDIR" install DESTDIR="$work/root" > /dev/null &&
	    ! find "$work/root" | grep -E 'systemd|sysusers|tmpfiles|init\.d'
}

# Who reads logs has no network, and Sendmail, which posts the letter, has.
network()
{
	grep -x 'RestrictAddressFamilies=AF_UNIX' systemd/tlswarden-report.service &&
	    ! grep '^PrivateNetwork=' systemd/tlswarden-report.service
}

step "shellcheck" scripts
step "the port's and Alpine's scripts parse" sh -c \
    'for f in alpine/* openrc/* freebsd/files/*; do sh -n "$f" || exit 1; done'
step "one version everywhere" versions
step "all that a build of the package asks for is installed" build_packages
step "the AppArmor profile parses" apparmor_parser -QTK apparmor/usr.sbin.tlswardend
step "the RPM spec parses, and rpmlint finds no error" spec
step "the Makefile of the port parses" port
step "the port lists what is installed" plist
step "nothing is installed for an init that was not named" by_default
step "the report's reader has no network, its letter has" network
step "the unit is one" systemd-analyze verify --man=no --recursive-errors=no \
    "$PWD/systemd/tlswarden-report.service" "$PWD/systemd/tlswarden-report.timer"
echo "1..$count"
