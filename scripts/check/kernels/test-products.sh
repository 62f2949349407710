#!/usr/bin/env bash
# Compares random matrix products of our own kernels with the chain of fused multiply-adds that defines them, bit for bit,
# with every instruction set of this processor, in bfloat16 too; and with NEON, where Debian's qemu-user, gcc-aarch64-linux-gnu and
# libc6-dev-arm64-cross are installed. The results of all must be the same bytes.
#
# usage: scripts/check/kernels/test-products.sh [COUNT]
#
# COUNT is the number of products for each instruction set: 100,000 unless given, which take some minutes.
set -euo pipefail
cd "$(dirname "$0")/../../.."
count=${1:-100000}
[[ $count =~ ^[1-9][0-9]*$ ]] || { sed -n '/^# usage/,/^# COUNT/s/^# //p' "$0" >&2; exit 2; }
source scripts/check/kernels/building.sh
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

cat > "$folder/main.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "product_trials.h"
#include "products.h"

// Arguments: the name of a level, float32 or bfloat16, and a number of products. Exit codes: 0 for equal, 1 for different, 3
// for no such level on this processor.
int main(int count, char **words) {
  if (count != 4) return 2;
  cproducts_level level = cproducts_plain;
  while (level < cproducts_avx512 && strcmp(cproducts_level_name(level), words[1]) != 0) level += 1;
  if (!cproducts_use(level)) return 3;
  uint64_t digest;
  const long long failures = product_trials(0, atol(words[3]), strcmp(words[2], "bfloat16") == 0, &digest);
  printf("%s %s: %lld of %s products differ; digest of the results %016llx\n", words[1], words[2], failures, words[3],
      (unsigned long long)digest);
  return failures == 0 ? 0 : 1;
}
END

sources=(-I{Sources/Base/C/CProducts,Tests/Trainer/ProductTrials}/include "$folder/main.c"
  {Sources/Base/C/CProducts,Tests/Trainer/ProductTrials}/*.c)

# Arguments: a level, a precision, and the program with what runs it.
try() {
  local code=0 results=$folder/$1-$2.txt
  "${@:3}" "$1" "$2" "$count" > "$results" || code=$?
  # A level that this processor lacks leaves nothing behind.
  case $code in 0) ;; 3) rm "$results" ;; *) echo "$1 $2 ended with $code" >> "$results" ;; esac
}

build "$folder/native" "${sources[@]}"
for level in plain avx2 avx512 neon; do
  for precision in float32 bfloat16; do try $level $precision "$folder/native" & done
done
wait
if [ ! -e "$folder/neon-float32.txt" ] && has_neon; then
  build_for_neon "$folder/arm" "${sources[@]}"
  for precision in float32 bfloat16; do try neon $precision qemu-aarch64 "$folder/arm" & done
  wait
fi
cat "$folder"/*.txt
if grep -qvE ": 0 of [0-9]+ products differ; digest" "$folder"/*.txt; then exit 1; fi
for precision in float32 bfloat16; do
  digests=$(sed 's/.*digest/digest/' "$folder"/*-$precision.txt | sort -u | wc -l)
  [ "$digests" = 1 ] || { echo "the results of $precision differ" >&2; exit 1; }
done
