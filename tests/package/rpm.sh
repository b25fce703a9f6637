#!/bin/bash
# rpm.sh: builds the RPM from a release, and looks at what is in it.
#
#	tests/package/rpm.sh TARBALL
#
# Speaks TAP.  Debian's rpm knows neither Fedora's packages nor the macros of
# systemd: the first are not asked for, the second are given.

set -u
umask 022
export LC_ALL=C.UTF-8

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 2
tarball=$(realpath "$1") || exit 2
work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-rpm.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT

build()
{
	rpmbuild --nodeps -bb --define "_topdir $work" \
	    --define "_sourcedir ${tarball%/*}" \
	    --define '_unitdir /usr/lib/systemd/system' \
	    --define '_sysusersdir /usr/lib/sysusers.d' \
	    --define '_tmpfilesdir /usr/lib/tmpfiles.d' \
	    "$top/packaging/rpm/tlswarden.spec"
}

count=0
result()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		tail -n 60 "$work/log" | sed 's/^/# /'
	fi
}

build > "$work/log" 2>&1 < /dev/null
result $? "the RPM is built"
rpm=$(find "$work/RPMS" -name 'tlswarden-[0-9]*.rpm' | head -n 1)
rpm -qp --qf '[%{FILENAMES} %{FILEFLAGS:fflags} %{FILEUSERNAME}\n]' "$rpm" > "$work/log" 2>&1
for file in /usr/sbin/tlswardend /usr/bin/tlswarden \
    /usr/lib/systemd/system/tlswardend.service /usr/lib/sysusers.d/tlswarden.conf \
    /usr/lib/tmpfiles.d/tlswarden.conf /usr/share/tlswarden/tlswarden-postfix.conf; do
	grep -q "^$file  *root\$" "$work/log"
	result $? "it has $file"
done
grep -q '^/etc/tlswarden/policy.conf cn root$' "$work/log"
result $? "the policy is a configuration file that is not replaced"
echo "1..$count"
