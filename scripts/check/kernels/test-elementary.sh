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

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sources=(scripts/check/kernels/elementary.c Sources/Base/C/CElementary/doubles.c
  Sources/Base/C/CElementwise/{plain,avx2,avx512}.c)
options=(-O2 -ISources/Base/C/CElementary/include -ISources/Base/C/CElementwise -ISources/Base/C/CElementwise/include)

clang "${options[@]}" "${sources[@]}" -lm -o "$folder/own"
"$folder/own" > "$folder/digests"
if command -v qemu-aarch64 > /dev/null && command -v aarch64-linux-gnu-gcc > /dev/null; then
  for source in "${sources[@]}"; do
    clang --target=aarch64-linux-gnu "${options[@]}" -I/usr/aarch64-linux-gnu/include -c "$source" \
      -o "$folder/$(basename "$source" .c).o"
  done
  aarch64-linux-gnu-gcc -static "$folder"/*.o -lm -o "$folder/cross"
  qemu-aarch64 "$folder/cross" >> "$folder/digests"
else
  echo "NEON is left out: qemu-aarch64 or aarch64-linux-gnu-gcc is not installed."
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
