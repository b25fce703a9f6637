# lib.sh: what the tests of the command share.  Sourced; speaks TAP.
#
# The command runs in a directory of its own, without colour, in UTC.

: "${TOP_SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${TOP_BUILDDIR:=$TOP_SRCDIR}"
TLSWARDEN=$TOP_BUILDDIR/policy/cli/tlswarden
BUILTIN=$TOP_SRCDIR/packaging/policy.conf
TZ=UTC; export TZ
unset NO_COLOR
count=0

dir=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-cli.XXXXXX") || exit 99
trap 'cd / && rm -rf "$dir"' EXIT
cd "$dir" || exit 99

# ok NAME CONDITION...: the condition is a command
ok()
{
	name=$1; shift
	count=$((count + 1))
	if "$@" >/dev/null 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# out: /' out 2>/dev/null
		sed 's/^/# err: /' err 2>/dev/null
	fi
}

# is NAME GOT WANTED
is()
{
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" | sed 's/^/#     got: /'
		printf '%s\n' "$3" | sed 's/^/#  wanted: /'
	fi
}

# run ARGUMENT...: output in the files out and err, and $status
run()
{
	"$TLSWARDEN" "$@" >out 2>err
	status=$?
}

done_testing()
{
	echo "1..$count"
}
