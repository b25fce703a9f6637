#!/bin/bash
# run.sh: everything there is to test, in one command, on a Debian machine.
#
#	sudo tests/run.sh [--all]
#
# Installs what is missing, builds copies of the tree with gcc, clang and
# sanitizers in a directory of its own, runs make check, make distcheck and the
# tests against real mail servers.  What fails shows its log.  The last line is
# "N passed, N failed"; the exit status is 0 when none failed.  With --all also
# what needs minutes: the packages are built, and Debian's is installed, used,
# upgraded and purged in a clean system.
#
# With KEEP=1 the directory stays, and its name is said.  Sendmail's packages
# are fetched once, into /var/cache/tlswarden-tests (TLSWARDEN_CACHE).

set -u
umask 022
# So many descriptors has a shell on Debian; who needs more, asks for more.
ulimit -Sn 1024
export LC_ALL=C.UTF-8
# What the tests need is installed: none may leave itself out for lack of it.
export TLSWARDEN_TESTS_ALL=1

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2
. "$top/packaging/common.sh"

[ "$(id -u)" = 0 ] || die "run me as root: sudo tests/run.sh"

all=
case $* in
'') ;;
--all) all=yes ;;
*) die "usage: tests/run.sh [--all]" ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-tests.XXXXXX") || exit 2
children=
clean()
{
	for child in $children; do
		kill -- "-$child" 2> /dev/null
	done
	wait
	unguard_services
	if [ -n "${KEEP:-}" ]; then
		echo "kept: $work"
	else
		chmod -R u+w "$work"	# distcheck's source is read-only
		rm -rf "$work"
	fi
}
trap clean EXIT
trap 'exit 2' HUP INT TERM

passed=0
failed=0
skipped=0
jobs=$(nproc)
begin=$SECONDS

say()
{
	printf '[%3ds] %s\n' $((SECONDS - begin)) "$*"
}

# step NAME COMMAND...: one result; what it said is shown when it failed.
step()
{
	local name=$1 log=$work/step.$((passed + failed)).log
	shift
	if "$@" > "$log" 2>&1 < /dev/null; then
		passed=$((passed + 1))
		say "ok: $name"
	else
		failed=$((failed + 1))
		say "FAILED: $name"
		tail -n 200 "$log"
		return 1
	fi
}

# count_tap NAME LOG: the results in a file of TAP output.
count_tap()
{
	local good bad skips
	skips=$(grep -c '^ok .*# SKIP' "$2")
	good=$(($(grep -c '^ok ' "$2") - skips))
	bad=$(grep -c '^not ok ' "$2")
	# A script that died has no plan, or not as many results as planned.
	if ! grep -q "^1\.\.$((good + bad + skips))\$" "$2"; then
		bad=$((bad + 1))
		echo "not ok - the script ended before its plan was done" >> "$2"
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
	skipped=$((skipped + skips))
	say "$1: $good passed, $bad failed"
	[ "$bad" = 0 ] && return
	# The results that failed, with what stands beneath them.
	awk '/^ok /{ show = 0 } /^not ok /{ show = 1 } show || /^#/' "$2" | head -n 400
}

# count_check NAME BUILDDIR: the results of make check.
count_check()
{
	local good=0 bad=0 skips=0 result trs
	while read -r _ result _; do
		case $result in
		PASS|XFAIL) good=$((good + 1)) ;;
		SKIP) skips=$((skips + 1)) ;;
		*) bad=$((bad + 1)) ;;
		esac
	done < <(find "$2" -name '*.trs' -exec grep -h '^:test-result:' {} +)
	passed=$((passed + good))
	failed=$((failed + bad))
	skipped=$((skipped + skips))
	say "$1: $good passed, $bad failed"
	[ "$bad" = 0 ] && return
	while read -r trs; do
		echo "--- ${trs%.trs}.log"
		tail -n 200 "${trs%.trs}.log"
	done < <(grep -lE '^:test-result: (FAIL|ERROR|XPASS)' $(find "$2" -name '*.trs'))
}

configure()
{
	mkdir -p "$1" && cd "$1" || return 1
	shift
	"$work/source/configure" -q --enable-werror --prefix="$work/installed" "$@"
}

in_build()
{
	local dir=$1
	shift
	cd "$dir" && "$@"
}

# check NAME BUILDDIR: make check, and its results.
check()
{
	(cd "$2" && make -k -j"$jobs" check) > "$2/check.log" 2>&1 < /dev/null
	if ! find "$2" -name '*.trs' | grep -q .; then
		failed=$((failed + 1))
		say "FAILED: $1: no results"
		tail -n 100 "$2/check.log"
		return
	fi
	count_check "$1" "$2"
}

# distcheck builds from the tarball and installs; the tests run elsewhere.
distcheck()
{
	cd "$work/gcc" && make -j"$jobs" distcheck TESTS=
}

install_and_look()
{
	local root=$work/destdir file
	cd "$work/gcc" && make -s install DESTDIR="$root" || return 1
	root=$root$work/installed
	for file in sbin/tlswardend bin/tlswarden etc/tlswarden/policy.conf \
	    share/man/man8/tlswardend.8 share/man/man7/tlswarden-security.7 \
	    share/man/man1/tlswarden.1 \
	    share/man/man1/tlswarden-audit.1 share/man/man5/tlswarden-policy.5 \
	    share/man/man5/tlswarden-log.5 share/bash-completion/completions/tlswarden \
	    share/zsh/site-functions/_tlswarden; do
		[ -s "$root/$file" ] || { echo "not installed: $file"; return 1; }
	done
	cmp "$root/etc/tlswarden/policy.conf" "$top/packaging/policy.conf"
}

# The numbers through node_exporter into Prometheus.
metrics()
{
	TOP_BUILDDIR=$work/gcc timeout --foreground 900 python3 -B \
	    "$work/source/tests/metrics/test_prometheus.py" \
	    > "$work/prometheus.tap" 2>&1 < /dev/null
	count_tap "Prometheus" "$work/prometheus.tap"
}

# lane FUNCTION...: beside all else, as a process group of its own, to be ended as
# one.  What it writes is counted when it is over.
lane()
{
	set -m
	"$@" &
	children="$children $!"
	set +m
}

# mta BUILDDIR NAME TEST...: tests against real servers, one after the other.
mta()
{
	local build=$1 name=$2 test
	shift 2
	set +m		# all that starts here stays in one process group
	for test; do
		(cd "$work" && TOP_BUILDDIR=$build timeout --foreground 600 \
		    python3 -B "$work/source/tests/mta/$test.py") \
		    > "$work/$name.$test.tap" 2>&1 < /dev/null
		touch "$work/$name.$test.done"
	done
}

# packaging NAME COMMAND...: a script that speaks TAP.
packaging()
{
	local tap=$work/packaging.$1.tap
	shift
	TOP_BUILDDIR=$work/gcc timeout --foreground 1200 "$@" > "$tap" 2>&1 < /dev/null
}

# last: what needs the builds, beside what is left.
last()
{
	mta "$work/sanitizers" sanitizers $SANITIZED
	packaging lint "$work/source/tests/package/lint.sh"
	[ -n "$all" ] || return
	packaging rpm "$work/source/tests/package/rpm.sh" "$work"/gcc/tlswarden-*.tar.xz
	packaging debian "$work/source/tests/package/run.sh"
}

# All at once, for later on several lanes would want to.
say "packages"
install_packages $BUILD_PACKAGES $POSTFIX_PACKAGES clang libcmocka-dev rsyslog \
    sslscan nmap testssl.sh dovecot-imapd dovecot-pop3d swaks libnet-ssleay-perl m4 mandoc systemd-journal-remote xz-utils diffutils procps zsh fail2ban python3-systemd rsyslog-relp \
    chromium fonts-dejavu-core systemd prometheus prometheus-node-exporter \
    shellcheck rpm rpmlint apparmor bmake
[ -z "$all" ] || install_packages cppcheck clang-tidy $PACKAGE_PACKAGES lintian debootstrap \
    systemd-container
install_packages "libclang-rt-$(clang -dumpversion | cut -d . -f 1)-dev"
# Not every release of Debian has it; the test says so where it is not.
[ -z "$(apt-cache search --names-only '^clickhouse-server$')" ] ||
    install_packages clickhouse-server clickhouse-client
# Sendmail is unpacked, not installed; what it is linked with is installed.
[ -n "$(apt-cache depends sendmail-bin 2> /dev/null)" ] || apt-get -q update > /dev/null
install_packages $(apt-cache depends --important sendmail-bin |
    awk '$1 == "Depends:" && $2 ~ /^lib/ { print $2 }')
copy_source "$top" "$work/source"
chmod 755 "$work"

step "autoreconf" in_build "$work/source" autoreconf -fi || exit 1
step "gcc: configure" configure "$work/gcc" CC=gcc &&
    step "gcc: build without a warning" in_build "$work/gcc" make -s -j"$jobs" ||
    { echo "$passed passed, $failed failed"; exit 1; }

# The servers mostly wait for each other: the compiler works meanwhile.
MTA_TESTS="test_table test_sessions test_actions test_clients test_hostile test_reload
	test_formats test_down test_killed test_syslog test_attach test_doctor test_audit test_audit_imap test_agree test_logs test_join test_central test_container test_recipes test_report
	test_replay"
if step "Sendmail's packages" python3 -B -c \
    "import sys; sys.path.insert(0, '$work/source/tests/mta'); import sendmail; sendmail.fetch()"
then
	lane mta "$work/gcc" gcc $MTA_TESTS
else
	MTA_TESTS=
fi

step "clang: configure" configure "$work/clang" CC=clang &&
    step "clang: build without a warning" \
	in_build "$work/clang" make -s -j"$jobs" check TESTS=
check "make check" "$work/gcc"
metrics
step "make install" install_and_look
step "make distcheck" distcheck
SANITIZED=
if step "sanitizers: configure" configure "$work/sanitizers" CC=gcc \
    --enable-sanitizers 'CFLAGS=-O1 -g' &&
    step "sanitizers: build" in_build "$work/sanitizers" make -s -j"$jobs"
then
	[ -z "$MTA_TESTS" ] || SANITIZED="test_sessions test_hostile"
	lane last
	check "make check with sanitizers" "$work/sanitizers"
else
	lane last
fi

# Chance has no place here: the corpora alone, under clang's sanitizers.
step "make fuzz" in_build "$work/clang" make fuzz TIME=0
[ -z "$all" ] || step "analysers" "$work/source/tests/analyse/run.sh"

wait $children
children=
for test in $MTA_TESTS; do
	count_tap "real servers: $test" "$work/gcc.$test.tap"
done
for test in $SANITIZED; do
	count_tap "real servers, sanitizers: $test" "$work/sanitizers.$test.tap"
done
for test in lint ${all:+rpm debian}; do
	count_tap "packaging: $test" "$work/packaging.$test.tap"
done

say "skipped: $skipped"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
