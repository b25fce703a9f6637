#!/bin/sh
# sbom.sh: what a build is made of, as SPDX 2.3 in JSON, on standard output.
#
#	make sbom	writes tlswarden-VERSION.spdx.json
#
# It knows what configure found: the Makefile hands it over in the environment.
#	VERSION		of this package
#	LIBRARIES	"name version library" with commas between, as in
#			"pcre2 10.42 libpcre2-8"
#	TOOL		the compiler's first line on itself
#	TARBALL		the release it belongs to; may not exist
# The time is SOURCE_DATE_EPOCH's, where that is set.

set -eu
: "${VERSION:?}" "${LIBRARIES:?}" "${TOOL:?}"

# text STRING: a string of JSON.
text()
{
	printf '%s' "$1" | tr -d '\000-\037\177' | sed 's/[\\"]/\\&/g; s/^/"/; s/$/"/'
}

created()
{
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ 2> /dev/null ||
		    date -u -r "$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ
	else
		date -u +%Y-%m-%dT%H:%M:%SZ
	fi
}

checksum()
{
	[ -n "${TARBALL:-}" ] && [ -f "$TARBALL" ] || return 0
	printf '      "packageFileName": %s,\n' "$(text "$(basename "$TARBALL")")"
	printf '      "checksums": [{"algorithm": "SHA256", "checksumValue": "%s"}],\n' \
	    "$(sha256sum "$TARBALL" | cut -d ' ' -f 1)"
}

# package ID NAME VERSION COMMENT LICENCE
package()
{
	printf '      "SPDXID": "SPDXRef-%s",\n      "name": %s,\n' "$1" "$(text "$2")"
	printf '      "versionInfo": %s,\n' "$(text "$3")"
	printf '      "downloadLocation": "NOASSERTION",\n      "filesAnalyzed": false,\n'
	printf '      "licenseConcluded": "NOASSERTION",\n      "licenseDeclared": "%s",\n' "$5"
	printf '      "copyrightText": "NOASSERTION",\n      "comment": %s\n' "$(text "$4")"
}

at=$(created)
# Two builds of the same parts are one document.
unique=$(printf '%s\n' "$VERSION" "$LIBRARIES" "$TOOL" "$at" | sha256sum | cut -c 1-32)

cat << EOF
{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "tlswarden-$VERSION",
  "documentNamespace": "https://spdx.org/spdxdocs/tlswarden-$VERSION-$unique",
  "creationInfo": {
    "created": "$at",
    "creators": ["Tool: tlswarden-sbom.sh-$VERSION"]
  },
  "documentDescribes": ["SPDXRef-tlswarden"],
  "packages": [
    {
      "primaryPackagePurpose": "APPLICATION",
EOF
checksum
package tlswarden tlswarden "$VERSION" "tlswardend and tlswarden" ISC
relations='    {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-tlswarden"}'
printf '    },\n    {\n      "primaryPackagePurpose": "APPLICATION",\n'
package compiler "${TOOL%% *}" "$TOOL" "the compiler" NOASSERTION
relations="$relations,
    {\"spdxElementId\": \"SPDXRef-compiler\", \"relationshipType\": \"BUILD_TOOL_OF\", \"relatedSpdxElement\": \"SPDXRef-tlswarden\"}"
while read -r name version library; do
	[ -n "$name" ] || continue
	printf '    },\n    {\n      "primaryPackagePurpose": "LIBRARY",\n'
	printf '      "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", '
	printf '"referenceType": "purl", "referenceLocator": "pkg:generic/%s@%s"}],\n' \
	    "$name" "$version"
	package "$library" "$name" "$version" "$library, linked at run time" NOASSERTION
	relations="$relations,
    {\"spdxElementId\": \"SPDXRef-tlswarden\", \"relationshipType\": \"DYNAMIC_LINK\", \"relatedSpdxElement\": \"SPDXRef-$library\"}"
done << EOF
$(printf '%s\n' "$LIBRARIES" | tr ',' '\n')
EOF
printf '    }\n  ],\n  "relationships": [\n%s\n  ]\n}\n' "$relations"
