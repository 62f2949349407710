#!/usr/bin/env bash
# Random attentions (Tests/Trainer/AttentionTrials) with every level of instructions of this processor, and with NEON and plain
# C under qemu where the packages qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross are: none may differ from the
# composition of scalar steps, and all levels must have the same digest of results.
# usage: scripts/check/kernels/test-attention.sh [COUNT, default 5000]
set -euo pipefail
cd "$(dirname "$0")/../../.."
count=${1:-5000}
clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/main.c" <<'END'
#include <stdio.h>
#include <stdlib.h>

#include "attention_trials.h"
#include "products.h"

int main(int count, char **arguments) {
  if (count != 2) return 2;
  bool is_equal = true;
  for (cproducts_level level = cproducts_plain; level <= cproducts_avx512; level += 1) {
    if (!cproducts_use(level)) continue;
    uint64_t digest;
    const int64_t failures = attention_trials(0, atoll(arguments[1]), &digest);
    is_equal &= failures == 0;
    printf(
        "%s: %lld of %s attentions differ, digest %016llx\n", cproducts_level_name(level), (long long)failures,
        arguments[1], (unsigned long long)digest);
  }
  return is_equal ? 0 : 1;
}
END

# Compiles every C file for a machine, each into an object of its own.
compile() {
  local objects=$1 source
  shift
  mkdir "$objects"
  for source in Sources/Base/C/{CProducts,CAttention}/*.c Tests/Trainer/AttentionTrials/*.c "$folder/main.c"; do
    "$clang" "$@" -O2 -Wall -Wextra -Wno-unused-function -ITests/Trainer/ProductTrials -ISources/Base/C/CElementwise \
      -I{Sources/Base/C/{CProducts,CElementwise,CAttention},Tests/Trainer/AttentionTrials}/include \
      -c "$source" -o "$objects/$(tr / _ <<< "$source").o"
  done
}

compile "$folder/native"
"$clang" "$folder"/native/*.o -o "$folder/trials" -lm -lpthread
"$folder/trials" "$count" | tee "$folder/results"
if command -v qemu-aarch64 > /dev/null && command -v aarch64-linux-gnu-gcc > /dev/null; then
  compile "$folder/arm" --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include
  aarch64-linux-gnu-gcc -static "$folder"/arm/*.o -o "$folder/trials-arm" -lm -lpthread
  qemu-aarch64 "$folder/trials-arm" "$count" | sed 's/^/aarch64 /' | tee -a "$folder/results"
else
  echo "no qemu-aarch64 or aarch64-linux-gnu-gcc: NEON is not tried"
fi
[ "$(sed 's/.*digest //' "$folder/results" | sort -u | wc -l)" = 1 ] || { echo "the digests differ"; exit 1; }
