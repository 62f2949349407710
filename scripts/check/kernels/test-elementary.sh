#!/usr/bin/env bash
# Compares the bits of the elementary functions and elementwise kernels across instruction sets: AVX2 and AVX-512 on this
# processor, and NEON under qemu-user, cross-compiled. Prints one line for each function; exits with 1 if one has two digests.
#
# usage: scripts/check/kernels/test-elementary.sh
#
# Needs Swift's clang on an x86 machine; NEON needs Debian's qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross and is
# left out, with a line that says so, without them.
set -euo pipefail
cd "$(dirname "$0")/../../.."
source scripts/check/kernels/building.sh

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sources=(-ISources/Base/C/CElementary/include -ISources/Base/C/CElementwise -ISources/Base/C/CElementwise/include
  scripts/check/kernels/elementary.c Sources/Base/C/CElementary/doubles.c
  Sources/Base/C/CElementwise/{plain,avx2,avx512}.c)
build "$folder/own" "${sources[@]}"
"$folder/own" > "$folder/digests"
if has_neon; then
  build_for_neon "$folder/arm" "${sources[@]}"
  qemu-aarch64 "$folder/arm" >> "$folder/digests"
fi

awk '
  { levels[$2] = levels[$2] " " $1; if (!($2 in first)) { order[count++] = $2; first[$2] = $3 } else if ($3 != first[$2]) differs[$2] = 1 }
  END {
    for (i = 0; i < count; i += 1) {
      name = order[i]
      print name ": " (name in differs ? "DIFFERS" : first[name]) " with" levels[name]
      if (name in differs) failed = 1
    }
    exit failed
  }' "$folder/digests"
