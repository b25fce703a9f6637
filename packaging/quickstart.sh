#!/bin/sh
# quickstart.sh: see tlswarden at work, in one command, on a Debian machine.
#
# Installs what is missing, builds in a directory of its own, starts a Postfix
# and a tlswardend that nobody else sees, sends one session of each kind, and
# shows for each what the client got and what was logged.  Everything but the
# installed packages is gone afterwards; the machine's mail is never touched.
#
# Exit status: 0 every verdict was the expected one, 1 one was not, 2 it could
# not be tried.

set -u
umask 022
LC_ALL=C.UTF-8
export LC_ALL

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2
. "$top/packaging/common.sh"

[ "$(id -u)" = 0 ] || die "run me as root: sudo packaging/quickstart.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-quickstart.XXXXXX") || exit 2
clean()
{
	unguard_services
	rm -rf "$work"
}
# The daemon, no longer root, looks whether there is a policy file in there.
chmod 755 "$work"
trap clean EXIT
trap 'exit 2' HUP INT TERM

install_packages $BUILD_PACKAGES $POSTFIX_PACKAGES

echo "building"
copy_source "$top" "$work/source"
mkdir "$work/build"
if ! { (cd "$work/source" && autoreconf -fi) && cd "$work/build" &&
    "$work/source/configure" -q --prefix="$work/installed" \
    && make -s -j"$(nproc)" milter/tlswardend; } > "$work/log" 2>&1 < /dev/null; then
	cat "$work/log" >&2
	die "could not build"
fi

cd "$top" || exit 2
TOP_BUILDDIR="$work/build" python3 -B "$top/packaging/quickstart.py" "$@" < /dev/null
