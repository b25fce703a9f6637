#!/bin/bash
# musl.sh: the tests with musl in place of glibc, where musl-gcc is all there is of it.
#
#	tests/analyse/musl.sh SOURCES DIRECTORY [TEST...]
#
# By hand: it takes a quarter of an hour.  SOURCES holds what
# "apt-get source openssl pcre2 sendmail zlib xz-utils libzstd cmocka" unpacks; these
# are built once, as static libraries, in DIRECTORY/prefix, and tlswarden in
# DIRECTORY/build.  Needs Debian's musl-tools, linux-libc-dev and what a build with
# gcc needs.  A TEST is named as in Makefile.am.  All are run but tests/lint/sbom.py,
# which wants shared libraries.  The exit status is that of make check.

set -eu
export LC_ALL=C.UTF-8

[ $# -ge 2 ] || { echo "usage: tests/analyse/musl.sh SOURCES DIRECTORY [TEST...]" >&2; exit 64; }
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
sources=$(CDPATH='' cd -- "$1" && pwd)
mkdir -p "$2/prefix/include" "$2/prefix/lib/pkgconfig" "$2/made" "$2/build"
dir=$(CDPATH='' cd -- "$2" && pwd)
shift 2
prefix=$dir/prefix
jobs=$(nproc)
export CC=musl-gcc CFLAGS="-O2 -g -fPIC -isystem $prefix/include"

# source_of NAME: its directory, of whatever version.
source_of()
{
	local found
	for found in "$sources/$1"-*/; do
		[ -d "$found" ] || { echo "musl.sh: no source of $1 in $sources" >&2; exit 2; }
		echo "${found%/}"
		return
	done
}

# The kernel's headers belong to no C library.
headers()
{
	ln -sfn /usr/include/linux "$prefix/include/linux"
	ln -sfn /usr/include/asm-generic "$prefix/include/asm-generic"
	ln -sfn "/usr/include/$(gcc -print-multiarch)/asm" "$prefix/include/asm"
}

make_openssl()
{
	cd "$(source_of openssl)"
	./Configure "linux-$(uname -m)" no-shared no-tests no-async no-engine no-afalgeng \
	    --prefix="$prefix" --libdir=lib --openssldir=/usr/lib/ssl
	make -j"$jobs" build_sw && make install_dev
}

make_pcre2()
{
	cd "$(source_of pcre2)"
	./configure --prefix="$prefix" --disable-shared --enable-jit
	make -j"$jobs" libpcre2-8.la && make install-libLTLIBRARIES \
	    install-nodist_includeHEADERS install-includeHEADERS install-pkgconfigDATA
}

make_zlib()
{
	cd "$(source_of zlib)"
	./configure --static --prefix="$prefix" && make libz.a && make install
}

make_xz()
{
	cd "$(source_of xz-utils)"
	./configure --prefix="$prefix" --disable-shared --disable-xz --disable-xzdec \
	    --disable-lzmadec --disable-lzmainfo --disable-scripts --disable-doc --disable-nls
	make -j"$jobs" -C src/liblzma install
}

make_libzstd()
{
	cd "$(source_of libzstd)/lib"
	make -j"$jobs" libzstd.a && make install-static install-includes install-pc PREFIX="$prefix"
}

make_cmocka()
{
	local source
	source=$(source_of cmocka)
	cd "$dir/made"
	# shellcheck disable=SC2086 # several words
	musl-gcc -c $CFLAGS -D_GNU_SOURCE -DHAVE_SIGNAL_H -DHAVE_STRINGS_H -DHAVE_UNISTD_H \
	    -DHAVE_INTTYPES_H -DHAVE_MALLOC_H -DHAVE_TIME_H -DHAVE_SYS_TYPES_H -DHAVE_STRSIGNAL \
	    -DHAVE_STRUCT_TIMESPEC -DHAVE_CLOCK_GETTIME -DHAVE_CLOCK_GETTIME_REALTIME \
	    -DHAVE_GCC_THREAD_LOCAL_STORAGE -I"$source/include" "$source/src/cmocka.c"
	ar cr "$prefix/lib/libcmocka.a" cmocka.o
	cp "$source"/include/cmocka*.h "$prefix/include"
	printf 'Name: cmocka\nDescription: tests\nVersion: 1.1\nLibs: -L%s -lcmocka\n' \
	    "$prefix/lib" > "$prefix/lib/pkgconfig/cmocka.pc"
}

# libmilter with Debian's pool of threads.  musl has neither sys/cdefs.h nor
# getipnodebyname(), and libmilter a copy of what it needs of Sendmail's library.
make_sendmail()
{
	local source file
	source=$(source_of sendmail)
	mkdir -p "$dir/made/milter" && cd "$dir/made/milter"
	sed '/SYS_CDEFS_H/d; /features\.h/d' "$source/include/sm/os/sm_os_linux.h" > sm_os.h
	for file in "$source"/libmilter/{main,engine,listener,worker,handler,comm,smfi}.c \
	    "$source"/libmilter/{signal,sm_gethost,monitor}.c "$source"/libsm/{errstring,strl}.c; do
		# shellcheck disable=SC2086
		musl-gcc -c $CFLAGS -w -D_GNU_SOURCE -D_REENTRANT -DSM_CONF_POLL=1 \
		    -D_FFR_WORKERS_POOL=1 -DNETINET6=1 -DNEEDSGETIPNODE=1 \
		    -DSM_CONF_SYS_CDEFS_H=0 -DSM_CONF_LDAP_MEMFREE=0 -DHASSTRERROR=1 \
		    -Dsm_snprintf=snprintf -I. -I"$source/include" -I"$source/sendmail" \
		    -I"$source/libmilter" "$file"
	done
	ar cr "$prefix/lib/libmilter.a" ./*.o
	mkdir -p "$prefix/include/libmilter"
	cp "$source"/include/libmilter/mf*.h "$prefix/include/libmilter"
}

# gcc's unwinder, which the tests of faults use, was built for glibc and asks it
# where a program's tables are.
make_unwinder()
{
	cd "$dir/made"
	cat > unwinder.c << 'C'
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>
struct found { unsigned long long flags; void *start, *end, *map, *tables; };
struct want { char *pc; struct found *found; };
static int
look(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct want *w = arg;
	void *tables = NULL;
	int i, here = 0;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		char *at = (char *)info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_GNU_EH_FRAME)
			tables = at;
		if (p->p_type != PT_LOAD || w->pc < at || w->pc >= at + p->p_memsz)
			continue;
		here = 1;
		w->found->start = at;
		w->found->end = at + p->p_memsz;
	}
	w->found->tables = tables;
	return here && tables != NULL;
}
int
_dl_find_object(void *pc, void *found)
{
	struct want w = { pc, found };

	w.found->flags = 0;
	w.found->map = NULL;
	return dl_iterate_phdr(look, &w) ? 0 : -1;
}
C
	# shellcheck disable=SC2086
	musl-gcc -c $CFLAGS unwinder.c
}

tests()
{
	make -s -f - print << 'MAKE'
include Makefile
print: ; @printf '%s\n' $(TESTS)
MAKE
}

headers
for what in openssl pcre2 zlib xz libzstd cmocka sendmail unwinder; do
	[ ! -e "$dir/made/$what.done" ] || continue
	echo "musl.sh: $what"
	# in the background: beside an "or" nothing would end at the first failure
	"make_$what" > "$dir/made/$what.log" 2>&1 &
	wait $! || { tail -n 20 "$dir/made/$what.log" >&2; exit 2; }
	touch "$dir/made/$what.done"
done

cd "$dir/build"
unset CFLAGS
PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig "$top/configure" -q --enable-werror CC=musl-gcc \
    CPPFLAGS="-isystem $prefix/include" LDFLAGS="-L$prefix/lib -Wl,--eh-frame-hdr"
last=LIBS=$dir/made/unwinder.o
make -s -j"$jobs" "$last"
if [ $# = 0 ]; then
	# shellcheck disable=SC2046 # several words
	set -- $(tests | grep -v '^tests/lint/sbom.py$')
fi
make -k -j"$jobs" check "$last" TESTS="$*"
