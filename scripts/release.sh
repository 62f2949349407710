#!/usr/bin/env bash
# Makes a tarball that runs without Swift: the program with the Swift library linked in, sweeps, scripts and licence. Prints
# its SHA-256.
#
# usage: scripts/release.sh [FOLDER]
#
# FOLDER gets seedsweep-VERSION-linux-ARCHITECTURE.tar.gz; it is release/ of the checkout unless named. The same binary gives
# the same bytes.
set -euo pipefail
if [ $# -gt 1 ] || [[ "${1:-}" == -* ]]; then
  echo "usage: scripts/release.sh [FOLDER]" >&2
  exit 2
fi
folder=$(realpath -m "${1:-$(dirname "$0")/../release}")
cd "$(dirname "$0")/.."

scripts/install-dependencies.sh
options=(-c release --product seedsweep --static-swift-stdlib --scratch-path .build-static)
swift build "${options[@]}" >&2
program=$(swift build "${options[@]}" --show-bin-path)/seedsweep
if ldd "$program" | grep -E 'libswift|libFoundation|not found' >&2; then
  echo "release.sh: $program needs libraries that a machine without Swift lacks" >&2
  exit 1
fi

version=$("$program" --version | cut -d' ' -f2)
name=seedsweep-$version-linux-$(uname -m)
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/$name
mkdir -p "$root/bin" "$root/scripts"
cp "$program" "$root/bin/seedsweep"
strip "$root/bin/seedsweep"
cp -r sweeps hosts LICENSE README.md CHANGELOG.md "$root/"
cp -r scripts/cluster scripts/examples scripts/figures.py scripts/steps.py scripts/cures.py scripts/prepare-reactions.py \
  scripts/fetch-model.sh "$root/scripts/"
# Where README's links lead.
mkdir -p "$root/Sources/Programs/seedsweep"
cp -r Sources/Programs/seedsweep/seedsweep.docc "$root/Sources/Programs/seedsweep/"
# Files of one checkout have one time, so that the archive depends on contents only.
time=$(git log -1 --format=%ct 2>/dev/null || echo 0)
tar --create --directory "$work" --mode=u+rwX,go+rX,go-w --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" --format=gnu "$name" \
  | gzip --no-name > "$folder/$name.tar.gz"
cd "$folder"
sha256sum "$name.tar.gz"
