"""`make sbom' writes a document that SPDX 2.3 allows, and that names what the
programs are linked with, in the versions that are there.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "milter"))

from tap import test, run, same, holds  # noqa: E402

BUILD = os.environ.get("TOP_BUILDDIR", os.path.dirname(os.path.dirname(HERE)))
PROGRAMS = ("milter/tlswardend", "policy/cli/tlswarden")
# What every program of the system has, and no package of it is asked for.
SYSTEM = ("libc.so", "ld-linux", "libpthread", "ld-musl", "libasan", "libubsan", "libtsan",
          "libm.so", "libgcc_s", "libc.musl")


def make(path, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
    subprocess.run(["make", "-s", "-C", BUILD, "sbom", "SBOM=" + path], check=True, timeout=600,
                   env=dict(env, **more), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open(path, encoding="ascii") as f:
        return f.read()


DIRECTORY = tempfile.mkdtemp(prefix="tw-sbom-")
TEXT = make(DIRECTORY + "/a", SOURCE_DATE_EPOCH="1795219200")
SBOM = json.loads(TEXT)


@test
def document():
    """the fields that a document has to have"""
    same(SBOM["spdxVersion"], "SPDX-2.3")
    same(SBOM["dataLicense"], "CC0-1.0")
    same(SBOM["SPDXID"], "SPDXRef-DOCUMENT")
    holds(SBOM["name"], "a name")
    holds(re.fullmatch(r"https://[^#\s]+", SBOM["documentNamespace"]), "a namespace")
    same(SBOM["creationInfo"]["created"], "2026-11-21T00:00:00Z")
    for creator in SBOM["creationInfo"]["creators"]:
        holds(re.match(r"(Tool|Person|Organization): \S", creator), creator)


@test
def packages():
    """each package has its fields, and an identifier of its own"""
    seen = set()
    for package in SBOM["packages"]:
        for name in ("SPDXID", "name", "downloadLocation", "versionInfo"):
            holds(isinstance(package[name], str) and package[name], name)
        holds(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", package["SPDXID"]), package["SPDXID"])
        holds(package["SPDXID"] not in seen, "twice: " + package["SPDXID"])
        seen.add(package["SPDXID"])
        same(package["filesAnalyzed"], False)
        holds(package["primaryPackagePurpose"] in ("APPLICATION", "LIBRARY"), "a purpose")
        for reference in package.get("externalRefs", ()):
            same(reference["referenceCategory"], "PACKAGE-MANAGER")
            holds(re.fullmatch(r"pkg:generic/[a-z0-9.-]+@[\w.+~-]+",
                               reference["referenceLocator"]), reference)


@test
def relations():
    """relations are between things that are there"""
    known = {p["SPDXID"] for p in SBOM["packages"]} | {"SPDXRef-DOCUMENT"}
    for r in SBOM["relationships"]:
        holds({r["spdxElementId"], r["relatedSpdxElement"]} <= known, r)
        holds(r["relationshipType"] in ("DESCRIBES", "BUILD_TOOL_OF", "DYNAMIC_LINK"), r)
    same(SBOM["documentDescribes"], ["SPDXRef-tlswarden"])
    related = {r["spdxElementId"] for r in SBOM["relationships"]} | \
        {r["relatedSpdxElement"] for r in SBOM["relationships"]}
    same(known - related, set(), "without a relation")


@test
def libraries():
    """what the programs are linked with, and nothing else"""
    if not shutil.which("readelf"):
        return
    needed = set()
    for program in PROGRAMS:
        out = subprocess.run(["readelf", "-d", os.path.join(BUILD, program)], check=True,
                             stdout=subprocess.PIPE).stdout.decode()
        needed.update(re.findall(r"\(NEEDED\).*\[(.*)\]", out))
    needed = {re.sub(r"\.so.*", "", n) for n in needed if not n.startswith(SYSTEM)}
    same({p["SPDXID"][8:] for p in SBOM["packages"] if p["primaryPackagePurpose"] == "LIBRARY"},
         needed)


@test
def versions():
    """in the versions that pkg-config knows"""
    for module, library in (("libcrypto", "libcrypto"), ("libssl", "libssl"),
                            ("libpcre2-8", "libpcre2-8"), ("zlib", "libz"),
                            ("liblzma", "liblzma"), ("libzstd", "libzstd")):
        r = subprocess.run(["pkg-config", "--modversion", module], check=True,
                           stdout=subprocess.PIPE)
        same([p["versionInfo"] for p in SBOM["packages"] if p["SPDXID"] == "SPDXRef-" + library],
             [r.stdout.decode().strip()], library)
    milter = subprocess.run([os.path.join(BUILD, PROGRAMS[0]), "-V"], check=True,
                            stdout=subprocess.PIPE).stdout.decode()
    own = {p["SPDXID"]: p["versionInfo"] for p in SBOM["packages"]}
    same(re.match(r"tlswardend (\S+) \(libmilter (\S+)\)", milter).groups(),
         (own["SPDXRef-tlswarden"], own["SPDXRef-libmilter"]))


@test
def repeatable():
    """the same build gives the same document"""
    same(make(DIRECTORY + "/b", SOURCE_DATE_EPOCH="1795219200"), TEXT)


try:
    run()
finally:
    shutil.rmtree(DIRECTORY)
