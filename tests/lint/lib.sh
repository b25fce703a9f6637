# lib.sh: what the lints share.  Sourced; speaks TAP.

: "${TOP_SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${TOP_BUILDDIR:=$TOP_SRCDIR}"
cd "$TOP_SRCDIR" || exit 99
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tlswarden-lint.XXXXXX") || exit 99
trap 'rm -rf "$scratch"' EXIT
echo 0 >"$scratch/count"

# none NAME: passes when nothing is on standard input; what is, is the fault.
# It ends a pipeline, and so counts in a file.
none()
{
	count=$(($(cat "$scratch/count") + 1))
	echo "$count" >"$scratch/count"
	faults=$(cat)
	if [ -z "$faults" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$faults" | sed 's/^/# /'
	fi
}

# Source files of the given folders.
sources()
{
	find "$@" -name '*.[ch]' 2>/dev/null | sort
}

done_testing()
{
	echo "1..$(cat "$scratch/count")"
}
