#!/usr/bin/env bash
# Random attentions (Tests/Trainer/AttentionTrials) with every level of instructions of this processor, and with NEON and plain
# C under qemu where the packages qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross are: none may differ from the
# composition of scalar steps, and all levels must have the same digest of results.
# usage: scripts/check/kernels/test-attention.sh [COUNT, default 5000]
set -euo pipefail
cd "$(dirname "$0")/../../.."
count=${1:-5000}
source scripts/check/kernels/building.sh
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

sources=(-ITests/Trainer/ProductTrials -ISources/Base/C/CElementwise
  -I{Sources/Base/C/{CProducts,CElementwise,CAttention},Tests/Trainer/AttentionTrials}/include
  Sources/Base/C/{CProducts,CAttention}/*.c Tests/Trainer/AttentionTrials/*.c "$folder/main.c")
build "$folder/trials" "${sources[@]}"
"$folder/trials" "$count" | tee "$folder/results"
if has_neon; then
  build_for_neon "$folder/arm" "${sources[@]}"
  qemu-aarch64 "$folder/arm" "$count" | sed 's/^/aarch64 /' | tee -a "$folder/results"
fi
[ "$(sed 's/.*digest //' "$folder/results" | sort -u | wc -l)" = 1 ] || { echo "the digests differ"; exit 1; }
