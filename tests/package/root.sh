# shellcheck shell=bash
# root.sh owns the clean Debian system that the package is tried in: made once
# by debootstrap, with the packages that the tests install waiting in it.  To be
# sourced after packaging/common.sh; it may not know the tests.

ROOT_PACKAGES="postfix python3 openssl libmilter1.0.1 libpcre2-8-0 libssl3 libzstd1
	liblzma5 zlib1g ssl-cert netbase openrc"

# debian_lines: the machine's own sources, those that are Debian's.
debian_lines()
{
	apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' \
	    'Created-By: Packages' 'Origin: Debian' | sort -u
}

# make_root DIRECTORY: from nothing; how the machine reaches Debian goes with it.
make_root()
{
	local codename lines uri
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME") || return 1
	lines=$(debian_lines)
	uri=$(echo "$lines" | awk -v c="$codename" '$3 == c && $4 == "main" { print $2; exit }')
	[ -n "$uri" ] || { echo "no source of $codename is known to apt"; return 1; }
	debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,lsb-base \
	    "$codename" "$1" "$uri" || return 1
	echo "$lines" > "$1/etc/apt/sources.list"
	apt-config dump Acquire > "$1/etc/apt/apt.conf.d/99machine"
	cp /etc/resolv.conf "$1/etc/resolv.conf"
	chroot "$1" apt-get -q update &&
	    DEBIAN_FRONTEND=noninteractive chroot "$1" apt-get -q -y --download-only \
		--no-install-recommends install $ROOT_PACKAGES
}

# unpack_root DIRECTORY CACHE: a fresh one; made when the cache has none.
unpack_root()
{
	local key tar
	# A machine whose lists were cleaned away knows its sources after this.
	[ -n "$(debian_lines)" ] || apt-get -q update || return 1
	key=$( (debian_lines; cat "${BASH_SOURCE[0]}") | sha256sum | cut -c 1-16)
	tar=$2/root-$key.tar
	if [ ! -e "$tar" ]; then
		mkdir -p "$2" && rm -f "$2"/root-*.tar &&
		    make_root "$1.new" && tar -C "$1.new" -cf "$tar.$$" . &&
		    mv "$tar.$$" "$tar" || return 1
		rm -rf "$1.new"
	fi
	mkdir -p "$1" && tar -C "$1" -xf "$tar"
}
