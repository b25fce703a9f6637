#!/bin/bash
# build-deb.sh: the Debian package of this tree.
#
#	sudo packaging/build-deb.sh [DIRECTORY]
#
# Installs what building needs, builds in a directory of its own, and puts the
# .deb, .changes and .buildinfo into DIRECTORY (here, when not given).  Built
# twice from the same tree they are the same, byte for byte.  As in every build
# of a package, DEB_BUILD_OPTIONS=nocheck leaves out the tests.

set -eu
umask 022
export LC_ALL=C.UTF-8

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$top/packaging/common.sh"
into=${1:-$PWD}
mkdir -p "$into"
into=$(cd "$into" && pwd)

if [ "$(id -u)" = 0 ]; then
	install_packages $BUILD_PACKAGES $PACKAGE_PACKAGES
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-deb.XXXXXX")
# Tests start a daemon that gives up root and then reads a policy in there.
chmod 755 "$work"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

version=$(dpkg-parsechangelog -l "$top/packaging/debian/changelog" -S Version)
source=$work/tlswarden-${version%-*}
copy_source "$top" "$source"
cp -R "$source/packaging/debian" "$source/debian"
(cd "$source" && dpkg-buildpackage -us -uc -b)
mv "$work"/tlswarden*.deb "$work"/tlswarden*.changes "$work"/tlswarden*.buildinfo "$into"
