#!/bin/sh
# The wire tests with a libmilter that has a thread for each session.
#
#	TOP_BUILDDIR=DIRECTORY tests/milter/other_libmilter.sh [TEST...]
#
# Debian builds libmilter with a pool of workers.  This fetches the source of its
# package, for which apt needs no entry of its own, and builds the library as
# upstream does: without the pool.  The daemon in TOP_BUILDDIR then runs with it.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
TOP_BUILDDIR=$(CDPATH='' cd -- "${TOP_BUILDDIR:-.}" && pwd)
TOP_SRCDIR=$(dirname -- "$(dirname -- "$here")")
export TOP_BUILDDIR TOP_SRCDIR
[ $# -gt 0 ] || set -- test_sessions test_policies test_hostile test_process \
    test_reloads test_crowd

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"	# the daemon's user loads the library

# The sources of the packages that this machine takes its packages from.
mkdir -p "$work/apt/parts" "$work/apt/lists/partial" "$work/apt/cache"
for file in /etc/apt/sources.list.d/*.sources; do
	[ ! -e "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" \
	    > "$work/apt/parts/${file##*/}"
done
sed -n 's/^deb /deb-src /p' /etc/apt/sources.list /dev/null 2> /dev/null \
    > "$work/apt/sources.list" || :
apt()
{
	apt-get -q -o Dir::Etc::SourceList="$work/apt/sources.list" \
	    -o Dir::Etc::SourceParts="$work/apt/parts" \
	    -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" \
	    -o APT::Sandbox::User=root "$@" > "$work/apt/log" 2>&1 ||
	    { cat "$work/apt/log"; exit 1; }
}
cd "$work"
apt update
apt source --download-only sendmail
dpkg-source --no-check -x sendmail_*.dsc source > /dev/null
cd source

mkdir "$work/include" "$work/lib"
cp include/sm/os/sm_os_linux.h "$work/include/sm_os.h"
files=
for file in main engine listener worker handler comm smfi signal sm_gethost monitor; do
	files="$files libmilter/$file.c"
done
"${CC:-cc}" -w -g -O2 -fPIC -shared -D_REENTRANT -DXP_MT -DNETINET6 -DSM_CONF_POLL=1 \
    -DNOT_SENDMAIL -Dsm_snprintf=snprintf -I "$work/include" -I include -I sendmail \
    -I libmilter $files libsm/errstring.c libsm/strl.c \
    -Wl,-soname,libmilter.so.1.0.1 -o "$work/lib/libmilter.so.1.0.1" -lpthread

status=0
export LD_LIBRARY_PATH="$work/lib"
cd "$work"
for test; do
	echo "# $test"
	python3 -B "$here/$test.py" || status=1
done
exit $status
